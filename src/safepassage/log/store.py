"""The log in a database: the one implementation of the contract, over SQLAlchemy Core."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from weakref import finalize

import psycopg
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from safepassage.log import tree
from safepassage.log.contract import (
    CONTENT_BYTES_MAX,
    Entry,
    LogUnavailable,
    Receipt,
    Row,
    Submission,
    Waiting,
)
from safepassage.log.note import Checkpoint, NoteRefused, Signer, Verifier
from safepassage.log.tables import Following, Line, Sealed, checkpoints, entries, logs, shelf

HEAD = "1"
"""The migration that this version of the tables is."""

CHUNK = 500
"""How many ids a question names, and how many lines are read, at once."""

ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._:-]{0,127}")
OPENING, MIDDLE, CLOSING = b'{"event":', b',"received":"', b'"}'
TIME_BYTES = 27
"""An instant in the log is always as long: 2016-12-16T07:00:00.000000Z."""
TAIL = len(MIDDLE) + TIME_BYTES + len(CLOSING)


class Database(Protocol):
    """What differs between databases."""

    name: str
    engine: Engine

    def serialise(self, connection: Connection) -> None:
        """Makes a write alone, from before it reads."""
        ...

    def extend(self, following: Following) -> bool:
        """Writes the lines that follow so many, in one transaction, straight through the driver. Raises its errors.

        False, and nothing done: an id or place of theirs is taken, or there is something on the shelf.
        """
        ...

    def fix(self, error: BaseException | None) -> str:
        """What is wrong by an error of the driver, and what to do about it, in words."""
        ...

    def backup(self, path: Path) -> None:
        """Writes a copy by the database's own online backup."""
        ...


def written_time(instant: datetime) -> str:
    """An instant as the log writes it; raises ValueError for one without an offset."""
    if instant.utcoffset() is None:
        raise ValueError("received needs an offset, such as 2016-12-16T09:00:00+02:00")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def event_of(line: bytes) -> bytes:
    """The event's own bytes in a line."""
    return line[len(OPENING) : -TAIL]


def well_formed(line: bytes) -> bool:
    """Whether bytes have the frame of a line."""
    return line.startswith(OPENING) and line.endswith(CLOSING) and line[-TAIL : -TAIL + len(MIDDLE)] == MIDDLE


def received_in(line: bytes) -> datetime:
    """When the event of a line was received; raises ValueError where the line is malformed."""
    return datetime.fromisoformat(line[-TAIL + len(MIDDLE) : -len(CLOSING)].decode())


def fault(item: Submission, bytes_max: int) -> str:
    """Why a submission cannot be taken, empty if it can."""
    if not ID.fullmatch(item.id):
        return "its id is malformed: letters, digits, '.', '_', ':' and '-', at most 128"
    content = item.content
    if len(content) > bytes_max:
        return f"it is {len(content):,} bytes long, more than {bytes_max:,}: shorten it"
    if (
        content[:1] != b"{"
        or content[-1:] != b"}"
        or b"\n" in content
        or b'"id":"%b"' % item.id.encode() not in content
    ):
        return "its bytes are not those of the event with this id: send it again"
    if item.id in item.parents:
        return "it waits for itself: name another event"
    for parent in item.parents:
        if not ID.fullmatch(parent):
            return f"it waits for {parent[:40]!r}, which is no id: correct it"
    return ""


def made(signer: Signer, items: Iterable[Submission], size: int, received: str) -> list[Line]:
    """The lines that events become after so many others."""
    closing = MIDDLE + received.encode() + CLOSING
    lines: list[Line] = []
    for seq, item in enumerate(items, size + 1):
        content = OPENING + item.content + closing
        leaf = tree.leaf_hash(content)
        lines.append((seq, item.id, content, leaf, signer.mac(seq, leaf)))
    return lines


class _Batch:
    """One append under way: what is in the log by now, what waits, and the lines to be written."""

    def __init__(self, connection: Connection, signer: Signer, received: str) -> None:
        self.connection, self.signer, self.received = connection, signer, received
        size, shelved = connection.execute(SIZE_AND_SHELF).one()
        self.size: int = size or 0
        self.shelved = bool(shelved)
        self.known: dict[str, tuple[int, bytes, bytes]] = {}
        self.waiting: dict[str, Submission] = {}
        self.children: dict[str, list[str]] = {}
        self.lines: list[Line] = []

    def look_up(self, ids: Iterable[str]) -> None:
        """Learns which of these are in the log."""
        wanted = sorted(set(ids) - self.known.keys())
        for start in range(0, len(wanted), CHUNK):
            found = self.connection.execute(KNOWN, {"ids": wanted[start : start + CHUNK]})
            self.known.update({id: (seq, content, leaf) for id, seq, content, leaf in found})

    def shelved_among(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Those of these ids that wait on the shelf, with their bytes."""
        found: dict[str, bytes] = {}
        for start in range(0, len(ids) if self.shelved else 0, CHUNK):
            asked = select(shelf.c.id, shelf.c.content).where(shelf.c.id.in_(ids[start : start + CHUNK]))
            found.update((id, content) for id, content in self.connection.execute(asked))
        return found

    def missing(self, item: Submission) -> str | None:
        """The first event that an item waits for."""
        return next((parent for parent in item.parents if parent not in self.known), None)

    def take(self, item: Submission) -> None:
        """Appends an item, or lets it wait; then appends those of this batch that waited for it."""
        ready = [item]
        while ready:
            item = ready.pop()
            missing = self.missing(item)
            if missing is not None:
                self.waiting[item.id] = item
                self.children.setdefault(missing, []).append(item.id)
                continue
            self.waiting.pop(item.id, None)
            self.write(item)
            ready.extend(self.waiting[id] for id in self.children.pop(item.id, ()))

    def write(self, item: Submission) -> None:
        (line,) = made(self.signer, [item], self.size, self.received)
        self.size += 1
        self.known[item.id] = (line[0], line[2], line[3])
        self.lines.append(line)

    def flush(self) -> None:
        if self.lines:
            self.connection.execute(entries.insert(), [dict(zip(COLUMNS, line, strict=True)) for line in self.lines])
            self.lines.clear()

    def finish(self) -> None:
        """Writes it all down, and with it whatever on the shelf no longer waits."""
        self.flush()
        while self.shelved and (ready := self.connection.execute(READY).all()):
            self.look_up(parent for row in ready for parent in row.parents.split())
            for row in ready:
                item = Submission(id=row.id, content=row.content, parents=tuple(row.parents.split()))
                missing = self.missing(item)
                if missing is not None:
                    self.connection.execute(shelf.update().where(shelf.c.id == item.id).values(missing=missing))
                    continue
                self.connection.execute(shelf.delete().where(shelf.c.id == item.id))
                self.take(item)
            self.flush()
        if self.waiting:
            rows = [
                {
                    "id": item.id,
                    "content": item.content,
                    "parents": " ".join(item.parents),
                    "missing": self.missing(item),
                    "received": self.received,
                }
                for item in self.waiting.values()
            ]
            self.connection.execute(shelf.insert(), rows)


SEALED = ("size", "note", "frontier")
COLUMNS = ("seq", "id", "content", "leaf", "mac")
SIZE_AND_SHELF = select(
    select(sa.func.max(entries.c.seq)).scalar_subquery(), sa.exists(select(shelf.c.id)).label("shelved")
)
READY = select(shelf).where(shelf.c.missing.in_(select(entries.c.id))).order_by(shelf.c.id)
KNOWN = select(entries.c.id, entries.c.seq, entries.c.content, entries.c.leaf).where(
    entries.c.id.in_(sa.bindparam("ids", expanding=True))
)


LINES = sa.text("SELECT seq, id, content, leaf, mac FROM entries WHERE seq > :after ORDER BY seq LIMIT :most")
LEAVES = sa.text("SELECT leaf FROM entries WHERE seq > :start ORDER BY seq")
LOWEST = -(2**63)


def _raw(value: object) -> bytes:
    """A value as bytes, whatever a forger put there: SQLite lets a column hold anything."""
    return value if isinstance(value, bytes) else str(value).encode()


class Store:
    """A log in a database. `signer` None: the key is not here, and the log can only be read."""

    def __init__(
        self,
        database: Database,
        verifier: Verifier,
        signer: Signer | None,
        *,
        checkpoint_every: int,
        content_bytes_max: int = CONTENT_BYTES_MAX,
    ) -> None:
        if checkpoint_every < 1:
            raise ValueError("checkpoint_every is at least 1")
        self._database, self._verifier, self._signer = database, verifier, signer
        self._checkpoint_every, self._content_bytes_max = checkpoint_every, content_bytes_max
        self._writer = Lock()
        self._grown: tree.Frontier | None = None
        """The tree as this process left the log; None where that has to be looked up."""
        self._left_at = 0
        self._closing = finalize(self, database.engine.dispose)

    @property
    def origin(self) -> str:
        return self._verifier.name

    @property
    def verifier(self) -> str:
        return str(self._verifier)

    @property
    def size(self) -> int:
        with reading(self._database) as connection:
            return connection.execute(select(sa.func.max(entries.c.seq))).scalar() or 0

    @property
    def left_at(self) -> int:
        return self._left_at

    def append(self, batch: Sequence[Submission], received: datetime) -> tuple[Receipt, ...]:
        signer, time = self._key(), written_time(received)
        faults = [fault(item, self._content_bytes_max) for item in batch]
        fit = [item for item, why in zip(batch, faults, strict=True) if not why]
        written: list[Line] = []
        grown: tree.Frontier | None = None
        sealed = False

        def following(size: int) -> tuple[list[Line], Sealed | None]:
            nonlocal grown, sealed
            written[:] = made(signer, fit, size, time)
            grown, self._grown = self._grown if size else tree.Frontier(), None
            if grown is None or grown.size != size:
                grown = None
                return written, None
            grown.extend(line[3] for line in written)
            sealed = self._due(size, grown.size)
            return written, _seal(signer, grown)[1] if sealed else None

        with self._writer:
            plain = not any(item.parents for item in fit) and len({item.id for item in fit}) == len(fit)
            with _explained(self._database):
                done = not fit or (plain and self._database.extend(following))
            if done:
                self._grown = grown
                receipts, size = _receipts(batch, faults, written, received.astimezone(UTC))
            else:
                sealed = False
                receipts, size = self._looked_up(batch, faults, signer, time)
            self._left_at = max(self._left_at, size)
        accepted = sum(receipt.answer == "accepted" for receipt in receipts)
        if not sealed and self._due(size - accepted, size):
            self.checkpoint()
        return receipts

    def _due(self, before: int, after: int) -> bool:
        """Whether a checkpoint is due between two sizes."""
        return after // self._checkpoint_every > before // self._checkpoint_every

    def _looked_up(
        self, batch: Sequence[Submission], faults: Sequence[str], signer: Signer, time: str
    ) -> tuple[tuple[Receipt, ...], int]:
        """Takes in what has parents, is here already, or is waited for; gives the answers and the log's size."""
        fit = [item for item, why in zip(batch, faults, strict=True) if not why]
        with writing(self._database) as connection:
            work = _Batch(connection, signer, time)
            work.look_up(id for item in fit for id in (item.id, *item.parents))
            on_shelf = work.shelved_among([item.id for item in fit])
            fresh: set[int] = set()
            for place, item in enumerate(batch):
                if faults[place] or item.id in work.known or item.id in work.waiting or item.id in on_shelf:
                    continue
                fresh.add(place)
                work.take(item)
            work.finish()
        receipts = tuple(
            Receipt(id=item.id, answer="rejected", why=faults[place])
            if faults[place]
            else _receipt(item, work, on_shelf, fresh=place in fresh)
            for place, item in enumerate(batch)
        )
        return receipts, work.size

    def entries(self, after: int = 0) -> Iterator[Entry]:
        for row in self._lines(after):
            if not isinstance(row.content, bytes) or not isinstance(row.leaf, bytes) or not well_formed(row.content):
                raise LogUnavailable(
                    f"{self._database.name}: event {row.seq} is damaged: run verify, put a backup back"
                )
            yield Entry(
                seq=row.seq, id=row.id, received=received_in(row.content), content=row.content, leaf=row.leaf.hex()
            )

    def rows(self) -> Iterator[Row]:
        for row in self._lines(LOWEST):
            yield Row(seq=row.seq, id=row.id, content=_raw(row.content), leaf=_raw(row.leaf), mac=_raw(row.mac))

    def _lines(self, after: int) -> Iterator[sa.Row[Any]]:
        """Short reads, one after the other: lines never change, so that no long one is needed."""
        while True:
            with reading(self._database) as connection:
                found = connection.execute(LINES, {"after": after, "most": CHUNK}).all()
            yield from found
            if len(found) < CHUNK:
                return
            after = found[-1].seq

    def pending(self) -> tuple[Waiting, ...]:
        with reading(self._database) as connection:
            found = connection.execute(select(shelf).order_by(shelf.c.received, shelf.c.id)).all()
            parents = {parent for row in found for parent in row.parents.split()}
            here: set[str] = set()
            for start in range(0, len(parents), CHUNK):
                some = sorted(parents)[start : start + CHUNK]
                here.update(connection.execute(select(entries.c.id).where(entries.c.id.in_(some))).scalars())
        return tuple(
            Waiting(
                id=row.id,
                received=datetime.fromisoformat(row.received),
                content=row.content,
                missing=tuple(parent for parent in row.parents.split() if parent not in here),
            )
            for row in found
        )

    def checkpoint(self) -> Checkpoint:
        signer = self._key()
        with self._writer, writing(self._database) as connection:
            size = connection.execute(select(sa.func.max(entries.c.seq))).scalar() or 0
            kept = connection.execute(select(checkpoints.c.note).where(checkpoints.c.size == size)).scalar()
            if kept is not None:
                return Checkpoint.read(kept, signer.verifier)
            self._grown = _grown(connection, size)
            checkpoint, sealed = _seal(signer, self._grown)
            connection.execute(checkpoints.insert(), dict(zip(SEALED, sealed, strict=True)))
        return checkpoint

    def checkpoints(self) -> tuple[Checkpoint, ...]:
        return tuple(Checkpoint.read(note, self._verifier) for note in self.notes())

    def notes(self) -> tuple[str, ...]:
        with reading(self._database) as connection:
            return tuple(connection.execute(select(checkpoints.c.note).order_by(checkpoints.c.size)).scalars())

    def inclusion(self, seq: int, size: int) -> tuple[bytes, ...]:
        return tree.inclusion(self._leaves(size), seq - 1)

    def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        return tree.consistency(self._leaves(second), first)

    def _leaves(self, size: int) -> list[bytes]:
        with reading(self._database) as connection:
            asked = select(entries.c.leaf).where(entries.c.seq <= size).order_by(entries.c.seq)
            leaves = list(connection.execute(asked).scalars())
        if len(leaves) != size:
            raise ValueError(f"the log has {len(leaves)} of the {size} events asked for: ask for fewer")
        return leaves

    def backup(self, path: Path) -> None:
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError as error:
            raise FileExistsError(f"{path} is there already: name a new file") from error
        except OSError as error:
            raise LogUnavailable(f"{path}: the backup cannot be written: {error.strerror}") from error
        try:
            self._database.backup(path)
        except (sqlite3.Error, OSError) as error:
            path.unlink()
            raise LogUnavailable(f"{path}: there is no backup: {error}") from error

    def vouched(self, seq: int, leaf: bytes, mac: bytes) -> bool | None:
        return None if self._signer is None else self._signer.mac(seq, leaf) == mac

    def close(self) -> None:
        self._closing()

    def _key(self) -> Signer:
        if self._signer is None:
            raise LogUnavailable(f"{self._database.name}: the log's key is not here; put its file back, then try again")
        return self._signer


def _receipts(
    batch: Sequence[Submission], faults: Sequence[str], written: Sequence[Line], received: datetime
) -> tuple[tuple[Receipt, ...], int]:
    """The answers where all that could be taken was, and the log's size (0 where nothing was)."""
    lines = iter(written)
    receipts = [
        Receipt(item.id, "rejected", why)
        if why
        else Receipt(item.id, "accepted", "", (line := next(lines))[0], line[3].hex(), received)
        for item, why in zip(batch, faults, strict=True)
    ]
    return tuple(receipts), written[-1][0] if written else 0


def _receipt(item: Submission, work: _Batch, on_shelf: dict[str, bytes], *, fresh: bool) -> Receipt:
    if item.id in work.known:
        seq, line, leaf = work.known[item.id]
        if event_of(line) != item.content:
            return Receipt(id=item.id, answer="rejected", why="another event has this id: give it a new one")
        return Receipt(
            id=item.id,
            answer="accepted" if fresh else "duplicate",
            seq=seq,
            leaf=leaf.hex(),
            received=received_in(line),
        )
    waiting = work.waiting.get(item.id)
    if (on_shelf[item.id] if waiting is None else waiting.content) != item.content:
        return Receipt(id=item.id, answer="rejected", why="another event with this id waits: give it a new one")
    missing = [parent for parent in item.parents if parent not in work.known]
    return Receipt(id=item.id, answer="pending", why="waits for " + ", ".join(missing))


def _seal(signer: Signer, frontier: tree.Frontier) -> tuple[Checkpoint, Sealed]:
    """Signs the log as it stands."""
    checkpoint = Checkpoint.signed(signer, frontier.size, frontier.root)
    return checkpoint, (checkpoint.size, checkpoint.note, b"".join(frontier.subtrees))


def _grown(connection: Connection, size: int) -> tree.Frontier:
    """The tree at the log's size, from the last checkpoint on."""
    last = connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).one_or_none()
    packed = b"" if last is None else last.frontier
    subtrees = [packed[place : place + 32] for place in range(0, len(packed), 32)]
    frontier = tree.Frontier(0 if last is None else last.size, subtrees)
    frontier.extend(leaf for (leaf,) in connection.execute(LEAVES, {"start": frontier.size}))
    if frontier.size != size:
        raise LogUnavailable("the log has fewer events than its checkpoints say: run verify, put a backup back")
    return frontier


@contextmanager
def _explained(database: Database) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise LogUnavailable(f"{database.name}: {database.fix(cause)}. Nothing was acknowledged") from error


@contextmanager
def reading(database: Database) -> Iterator[Connection]:
    """A short read, of one moment."""
    with _explained(database), database.engine.begin() as connection:
        yield connection


@contextmanager
def writing(database: Database) -> Iterator[Connection]:
    """A write that no other overlaps; all of it is done, or none."""
    with _explained(database), database.engine.connect() as raw:
        connection = raw.execution_options(writes=True)
        with connection.begin():
            database.serialise(connection)
            yield connection


def version(connection: Connection) -> str | None:
    """The migration that the tables are at; None where there are none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()


def migrated(database: Database, *, create: bool) -> None:
    """Brings the tables to this version; raises LogUnavailable where there are none to bring, or newer ones."""
    with reading(database) as connection:
        found = version(connection)
        taken = found is None and bool(sa.inspect(connection).get_table_names())
    if found == HEAD:
        return
    if taken:
        raise LogUnavailable(f"{database.name}: it holds the tables of another program; name a new one")
    if found is None and not create:
        raise LogUnavailable(f"{database.name}: there is no log here; check the name, or record a first event")
    if found is not None and found > HEAD:
        raise LogUnavailable(f"{database.name}: written by a newer safepassage; install that one")
    with writing(database) as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)


def opened(
    database: Database,
    origin: str,
    key: Path,
    *,
    default_origin: str,
    create: bool,
    checkpoint_every: int,
    content_bytes_max: int,
) -> Store:
    """The log in a database, made if it may be. `origin` empty: whatever it is; `default_origin` where it is made."""
    migrated(database, create=create)
    try:
        signer = Signer.read(key) if key.exists() else None
    except (OSError, NoteRefused) as error:
        raise LogUnavailable(f"{key}: the log's key cannot be read: {error}") from error
    with reading(database) as connection:
        owner = connection.execute(select(logs)).one_or_none()
    if owner is None:
        signer = _owned(database, origin, default_origin, key, signer)
        verifier = signer.verifier
    else:
        verifier = Verifier.read(owner.verifier)
        if origin and origin != verifier.name:
            raise LogUnavailable(f"{database.name}: this is the log {verifier.name}, not {origin}; name the right one")
        if signer is not None and signer.verifier != verifier:
            raise LogUnavailable(f"{key}: this is not the key of the log {verifier.name}; put the right file there")
    return Store(database, verifier, signer, checkpoint_every=checkpoint_every, content_bytes_max=content_bytes_max)


def _owned(database: Database, origin: str, default_origin: str, key: Path, signer: Signer | None) -> Signer:
    """Says whose log this is, once; makes the key if there is none yet."""
    with writing(database) as connection:
        if signer is None:
            signer = Signer.made(origin or default_origin)
            try:
                key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                signer.write(key)
            except FileExistsError:
                signer = Signer.read(key)
            except OSError as error:
                raise LogUnavailable(f"{key}: the log's key cannot be kept here: {error}") from error
        if origin and signer.verifier.name != origin:
            raise LogUnavailable(
                f"{key}: this is the key of {signer.verifier.name}, not of {origin}; name another file"
            )
        owner = connection.execute(select(logs)).one_or_none()
        if owner is None:
            connection.execute(logs.insert(), {"origin": signer.verifier.name, "verifier": str(signer.verifier)})
        elif owner.verifier != str(signer.verifier):
            raise LogUnavailable(f"{key}: this is not the key of the log {owner.origin}; put the right file there")
    return signer
