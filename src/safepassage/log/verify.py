"""Whether a log is what it was: every line, every checkpoint, and everything kept elsewhere held against it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from safepassage.log import tree
from safepassage.log.contract import Log, Receipt, Row
from safepassage.log.note import Checkpoint, NoteRefused, Verifier
from safepassage.log.store import event_of, well_formed

Fault = Literal["missing", "altered", "not vouched for", "truncated", "not the same log", "foreign checkpoint"]

INSIDE, OUTSIDE = "in the log", "kept elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it was.

    `seq` and `id`: the first bad event; where only a root speaks, the first of those up to `until`, one of them bad.
    `seq` 0: a checkpoint in the log is bad, and no event is known to be.
    """

    fault: Fault
    why: str
    seq: int
    id: str = ""
    until: int = 0

    def __str__(self) -> str:
        if self.seq == 0:
            return self.why
        named = f"event {self.seq}" + (f" ({self.id})" if self.id else "")
        if self.until > self.seq:
            return f"first bad event: one of {self.seq} to {self.until}, at the earliest {named}: {self.why}"
        return f"first bad event: {named}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What `verify` found.

    `first` None: nothing is wrong. `size` and `root`: of the events read up to there. `vouched`: how many of them a
    checkpoint kept elsewhere speaks for. `key_here`: whether the log's key was there to judge each line.
    """

    size: int
    root: bytes
    first: Finding | None
    vouched: int
    key_here: bool

    @property
    def sound(self) -> bool:
        return self.first is None


def _line_fault(row: Row, seq: int, log: Log) -> Finding | None:
    """What is wrong with a line by itself, where line `seq` should be."""
    if row.seq != seq:
        why = f"it is missing: the line after it is event {row.seq} ({row.id})"
        return Finding(fault="missing", seq=seq, why=why)
    if tree.leaf_hash(row.content) != row.leaf:
        return Finding(fault="altered", seq=seq, id=row.id, why="its bytes are not those that were hashed")
    if log.vouched(seq, row.leaf, row.mac) is False:
        why = "the log's key did not write this line at this place: it was changed, put in or moved"
        return Finding(fault="not vouched for", seq=seq, id=row.id, why=why)
    if not well_formed(row.content):
        return Finding(fault="altered", seq=seq, id=row.id, why="its bytes are no line of a log")
    try:
        id = json.loads(event_of(row.content)).get("id")
    except (ValueError, AttributeError, RecursionError):
        id = None
    if id != row.id:
        return Finding(fault="altered", seq=seq, id=row.id, why=f"its id was changed: its bytes are those of {id}")
    return None


def verify(log: Log, kept: Iterable[Checkpoint | str] = (), receipts: Iterable[Receipt] = ()) -> Verdict:
    """Holds a log against itself, its own checkpoints, and checkpoints and receipts kept elsewhere.

    Without the latter, whoever has the log's key can rewrite it unseen: keep a checkpoint where they cannot reach.
    `kept`: checkpoints, or their notes. Raises LogUnavailable where the log cannot be read.
    """
    verifier = Verifier.read(log.verifier)
    found: list[Finding] = []
    outside = _read(kept, verifier, found, "a checkpoint kept elsewhere", seq=1)
    inside = _read(log.notes(), verifier, found, "a checkpoint in the log", seq=0)
    watched: dict[int, list[tuple[str, bytes]]] = {}
    for whose, checkpoints in ((OUTSIDE, outside), (INSIDE, inside)):
        for checkpoint in checkpoints:
            watched.setdefault(checkpoint.size, []).append((whose, checkpoint.root))
    expected = {receipt.seq: receipt for receipt in receipts if receipt.seq is not None}
    # Whoever has the key can sign checkpoints in the log as they like, so that only the others bound what they forged.
    good = {OUTSIDE: 0, INSIDE: 0}
    frontier, ids = tree.Frontier(), [""]
    rows = iter(log.rows())
    while True:
        size = frontier.size
        whose = next((whose for whose, root in watched.get(size, ()) if root != frontier.root), "")
        if whose:
            start = min(good[OUTSIDE] if whose == OUTSIDE else max(good.values()), size - 1) + 1
            why = f"the checkpoint {whose}, of {size} events, has another root: the log was rewritten, or forked"
            found.append(Finding(fault="not the same log", seq=start, id=ids[start], until=size, why=why))
            break
        good.update((whose, size) for whose, _ in watched.get(size, ()))
        row = next(rows, None)
        if row is None:
            found.extend(_truncated(size, max(watched, default=0), max(expected, default=0)))
            break
        ids.append(row.id)
        fault = _line_fault(row, size + 1, log) or _receipt_fault(row, expected.get(size + 1))
        if fault is not None:
            found.append(fault)
            break
        frontier.push(row.leaf)
    first = min(found, key=lambda finding: (finding.seq == 0, finding.seq, finding.until), default=None)
    if first is not None and first.fault == "foreign checkpoint" and first.seq:
        first = replace(first, id=ids[min(1, len(ids) - 1)], until=log.size)
    return Verdict(
        size=frontier.size,
        root=frontier.root,
        first=first,
        vouched=good[OUTSIDE] if first is None else 0,
        key_here=log.vouched(0, b"", b"") is not None,
    )


def _read(
    notes: Iterable[Checkpoint | str], verifier: Verifier, found: list[Finding], what: str, *, seq: int
) -> list[Checkpoint]:
    """The checkpoints that the log's key signed; the others are found."""
    good: list[Checkpoint] = []
    for note in notes:
        try:
            good.append(Checkpoint.read(note if isinstance(note, str) else note.note, verifier))
        except NoteRefused as error:
            found.append(Finding(fault="foreign checkpoint", seq=seq, why=f"{what} is not of this log: {error}"))
    return good


def _receipt_fault(row: Row, receipt: Receipt | None) -> Finding | None:
    if receipt is None or (receipt.leaf, receipt.id) == (row.leaf.hex(), row.id):
        return None
    why = f"the receipt kept for this place is of {receipt.id}, with other bytes"
    return Finding(fault="not the same log", seq=row.seq, id=row.id, why=why)


def _truncated(size: int, checkpointed: int, receipted: int) -> Iterator[Finding]:
    if max(checkpointed, receipted) > size:
        what = f"a checkpoint says {checkpointed}" if checkpointed > size else f"a receipt is of event {receipted}"
        why = f"it is missing, and all after it: the log ends at {size}, while {what}"
        yield Finding(fault="truncated", seq=size + 1, why=why)
