"""The log against the bare database, which writes the same bytes with no product code, in one run, as a ratio."""

from __future__ import annotations

import gc
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import servers
import worlds
from log.events import RECEIVED, event, stored

from safepassage.events import Arrived, Boarded, ConvoyFormed, Departed, Event, HandedOver, What, When
from safepassage.formats.operation import operation_hash
from safepassage.log import Log, Submission, open_log, tree, verify
from safepassage.people import Count
from safepassage.situation import Fold

SIZES = {"small": (60, 1_200, 2_000), "large": (6_000, 60_000, 100_000)}
"""Events appended one by one, events appended in batches, and events folded."""
BATCH = 100
ROUNDS = 12
AIM = 1.5
FOLD_SECONDS, REFRESH_MILLISECONDS = 1.0, 5.0
MORE = 50
NOTE = "The convoy of 20 buses left the crossing; the count is of the escort, not of the people aboard. " * 4

OPERATION = worlds.world(re.sub(r"(people = \{ civilian = )\d+", r"\g<1>100000", worlds.TWO_VILLAGES))
"""Enough people for every convoy to carry one."""

Line = tuple[int, str, bytes, bytes, bytes]
COLUMNS = "(seq BIGINT PRIMARY KEY, id VARCHAR(128) NOT NULL UNIQUE, content {blob} NOT NULL, leaf {blob}, mac {blob})"


def submissions(first: int, count: int) -> list[Submission]:
    """Events of about half a kilobyte."""
    return [event(f"0193d0c4-7e5a-7c3b-8f00-{number:012x}", note=NOTE) for number in range(first, first + count)]


def lines(first: int, count: int) -> list[Line]:
    """The same bytes as the log stores."""
    made = []
    for seq, one in enumerate(submissions(first, count), first):
        content = stored(one.content)
        made.append((seq, one.id, content, tree.leaf_hash(content), bytes(32)))
    return made


class BareSQLite:
    """The standard library's module, with the settings of the log."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("CREATE TABLE entries " + COLUMNS.format(blob="BLOB"))

    def write(self, batch: Sequence[Line]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?)", batch)
        self.connection.execute("COMMIT")

    def read(self) -> Iterator[tuple[object, ...]]:
        return self.connection.execute("SELECT * FROM entries ORDER BY seq")


class BarePostgreSQL:
    """Psycopg alone."""

    def __init__(self, address: str) -> None:
        self.connection = psycopg.connect(address)
        self.connection.execute("CREATE TABLE entries " + COLUMNS.format(blob="BYTEA"))
        self.connection.commit()

    def write(self, batch: Sequence[Line]) -> None:
        with self.connection.cursor() as cursor:
            cursor.executemany("INSERT INTO entries VALUES (%s, %s, %s, %s, %s)", batch)
        self.connection.commit()

    def read(self) -> Iterator[tuple[object, ...]]:
        return iter(self.connection.execute("SELECT * FROM entries ORDER BY seq"))


@dataclass
class Pace:
    """How long a piece of work took, by the log and bare, round by round."""

    what: str
    count: int
    log: list[float]
    bare: list[float]

    def __str__(self) -> str:
        ratio = statistics.median(mine / plain for mine, plain in zip(self.log, self.bare, strict=True))
        mine, plain = (self.count / statistics.median(times) for times in (self.log, self.bare))
        return f"  {self.what:<28} {mine:>9,.0f} a second, bare {plain:>9,.0f}: {ratio:.2f} x the bare time"


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def appends(log: Log, bare: BareSQLite | BarePostgreSQL, what: str, count: int, batch: int, start: int) -> Pace:
    """Writes the same events both ways, round about."""
    each = max(batch, count // ROUNDS // batch * batch)
    pace = Pace(what, each, [], [])
    for turn in range(ROUNDS):
        first = start + turn * each
        mine = submissions(first, each)
        plain = lines(first, each)

        def by_log(mine: list[Submission] = mine) -> None:
            for place in range(0, len(mine), batch):
                receipts = log.append(mine[place : place + batch], RECEIVED)
                assert all(receipt.answer == "accepted" for receipt in receipts)

        def by_bare(plain: list[Line] = plain) -> None:
            for place in range(0, len(plain), batch):
                bare.write(plain[place : place + batch])

        for times, work in ((pace.log, by_log), (pace.bare, by_bare))[:: 1 if turn % 2 else -1]:
            times.append(timed(work))
    return pace


def verification(log: Log, bare: BareSQLite | BarePostgreSQL) -> Pace:
    """Reads every line, against `verify`."""
    pace = Pace("verification", log.size, [], [])
    kept = log.checkpoint()
    for _ in range(ROUNDS):
        pace.log.append(timed(lambda: verify(log, [kept])))
        pace.bare.append(timed(lambda: sum(1 for _ in bare.read())))
    assert verify(log, [kept]).sound
    return pace


def convoys(count: int) -> list[Event]:
    """So many events: convoys that form, board, leave, are handed over and arrive, two minutes apart."""
    operation = OPERATION
    named, made = operation_hash(operation), []
    streams = list(operation.evacuations.values())
    for number in range(count // 5 + 1):
        stream, trip = streams[number % 2], f"m{number}"
        starts = operation.calendar.starts + timedelta(hours=6, minutes=2 * (number % 300))
        crossing, people = (stream.out_at or stream.to)[0], {"civilian": Count.exactly(1)}
        steps: list[tuple[int, What]] = [
            (0, ConvoyFormed(movement=trip, at=stream.origin, evacuation=stream.id, destination=stream.to[0])),
            (10, Boarded(movement=trip, at=stream.origin, people=people)),
            (20, Departed(movement=trip, at=stream.origin)),
            (35, HandedOver(movement=trip, at=crossing, people=people)),
            (50, Arrived(movement=trip, at=stream.to[0], people=people)),
        ]
        for minutes, what in steps:
            at = starts + timedelta(minutes=minutes)
            id = f"{trip}-{minutes}"
            made.append(Event(id=id, operation=named, what=what, happened=When.at(at), noticed=at, author="desk"))
    return made[:count]


def folding(count: int) -> None:
    """Folds events, then one more at a time, each with its situation; and reads all that is told of the movements."""
    events = convoys(count + MORE)
    first, more = sorted(events[:count], key=lambda one: one.order), events[count:]
    as_of = max(event.noticed for event in events)
    fold = Fold(OPERATION)

    def whole() -> None:
        for one in first:
            fold.take(one)
        fold.situation(as_of)

    def read() -> None:
        seen = fold.situation(as_of)
        assert len([*seen.movements.values()]) == len(seen.books)
        assert all((seen.postings, seen.passages, seen.reconciled))

    def one_more(one: Event) -> Callable[[], object]:
        def taken() -> None:
            fold.take(one)
            fold.situation(as_of)

        return taken

    print(f"Fold (aim: 100,000 events within {FOLD_SECONDS:.0f} s, one more within {REFRESH_MILLISECONDS:.0f} ms)")
    gc.collect()  # what the making of the events left behind is not the fold's
    print(f"  {count:,} events of {count // 5:,} convoys and the situation: {timed(whole):.2f} s")
    milliseconds = statistics.median(timed(one_more(one)) for one in more) * 1e3
    print(f"  one event more and the situation: {milliseconds:.2f} ms")
    print(f"  all that is told of the movements, asked for once: {timed(read):.2f} s, again: {timed(read):.2f} s")


def main() -> None:
    """Prints the ratios; the aim is said, not enforced, since others may be using the machine."""
    single, batched, folded = SIZES[sys.argv[1] if len(sys.argv) > 1 else "small"]
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        address = server.new_database()
        for title, log, bare in (
            ("SQLite", open_log(folder / "a.log"), BareSQLite(folder / "bare")),
            (
                "PostgreSQL",
                open_log(address, key=folder / "p.key"),
                BarePostgreSQL(server.new_database()),
            ),
        ):
            print(f"{title} (aim: appends within {AIM} x)")
            print(appends(log, bare, "appends, one by one", single, 1, 1))
            print(
                appends(log, bare, "appends, 100 at a time", batched, BATCH, 1 + max(ROUNDS, single // ROUNDS * ROUNDS))
            )
            print(verification(log, bare))
            log.close()
            bare.connection.close()
    folding(folded)


if __name__ == "__main__":
    main()
