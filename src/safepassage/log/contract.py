"""What a log promises: what goes in, what is answered, what comes out, and the one way in which it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from safepassage.log.note import Checkpoint

Answer = Literal["accepted", "duplicate", "pending", "rejected"]

CONTENT_BYTES_MAX = 8_000_000
"""The longest event that is taken: a plan of some thousand movements. A report is words and counts, not pictures."""


class LogUnavailable(Exception):
    """The log could not be read or written, and nothing was acknowledged. The message names the fix.

    Send the same again: what did get through is then a duplicate, with its receipt.
    """


class Submission(NamedTuple):
    """An event on its way in. `content`: its RFC 8785 bytes, an object with this `id`; `parents`: what it waits for.

    The store trusts its caller for the form: it checks length, id and frame, and never reads what an event says.
    """

    id: str
    content: bytes
    parents: tuple[str, ...] = ()


class Receipt(NamedTuple):
    """What became of a submission. `seq`, `leaf` (hex) and `received` stand once it is in the log, else None and empty.

    Whoever keeps the receipt can later hold it against the log (`verify`).
    """

    id: str
    answer: Answer
    why: str = ""
    seq: int | None = None
    leaf: str = ""
    received: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the log, counted from 1. `content`: the bytes stored and hashed, `{"event":...,"received":"..."}`."""

    seq: int
    id: str
    received: datetime
    content: bytes
    leaf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An event on the shelf: it came in, and waits for `missing`, which nobody has sent yet."""

    id: str
    received: datetime
    content: bytes
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line as the database holds it, believed by nobody: what `verify` judges."""

    seq: int
    id: str
    content: bytes
    leaf: bytes
    mac: bytes


class Log(Protocol):
    """An append-only log of events, as bytes. It knows ids and parents, never what an event means.

    Every method raises LogUnavailable where the database cannot be had.
    """

    @property
    def origin(self) -> str:
        """The log's name, as its checkpoints give it."""
        ...

    @property
    def verifier(self) -> str:
        """The public key that its checkpoints are signed with, as one line to hand to others."""
        ...

    @property
    def size(self) -> int:
        """How many events are in the log."""
        ...

    @property
    def left_at(self) -> int:
        """How many events were in the log when this process last appended to it; 0 where it never did."""
        ...

    def append(self, batch: Sequence[Submission], received: datetime) -> tuple[Receipt, ...]:
        """Takes events in, all in one transaction, and answers each; once it answers, they are on the disk."""
        ...

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """The events beyond `after`, in the order in which they came in."""
        ...

    def pending(self) -> tuple[Waiting, ...]:
        """The events that wait for others."""
        ...

    def checkpoint(self) -> Checkpoint:
        """Signs the log as it is now, and keeps and returns that; an empty log has a checkpoint too."""
        ...

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The checkpoints kept in the log, smallest first."""
        ...

    def notes(self) -> tuple[str, ...]:
        """The notes of those checkpoints as the database holds them, believed by nobody."""
        ...

    def inclusion(self, seq: int, size: int) -> tuple[bytes, ...]:
        """The proof that an event is in the log of that size (RFC 9162, 2.1.3)."""
        ...

    def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        """The proof that the log of the second size extends that of the first (RFC 9162, 2.1.4)."""
        ...

    def backup(self, path: Path) -> None:
        """Writes a copy to a new file, by the database's own online backup, while others go on writing.

        Raises FileExistsError where the file is there.
        """
        ...

    def rows(self) -> Iterator[Row]:
        """Every line as the database holds it."""
        ...

    def vouched(self, seq: int, leaf: bytes, mac: bytes) -> bool | None:
        """Whether the log's key vouches for this leaf at this place; None where the key is not here."""
        ...

    def close(self) -> None:
        """Lets go of the database."""
        ...
