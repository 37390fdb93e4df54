"""Seven ways to tamper with a log of 20,000 events, each caught, and the first bad event named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import servers
import sqlalchemy as sa

from log.events import RECEIVED, Place, event, events, stored
from safepassage.log import Checkpoint, Log, LogUnavailable, Receipt, Submission, Verdict, tree, verify

SIZE = 20_000
BATCH = 2_000
KEPT = 12_000
"""A checkpoint kept elsewhere is of this size, another of the whole log."""


def fill(log: Log, batch: list[Submission]) -> list[Receipt]:
    return [
        receipt
        for start in range(0, len(batch), BATCH)
        for receipt in log.append(batch[start : start + BATCH], RECEIVED)
    ]


@dataclass
class Kept:
    """A log, and what was kept of it where no forger reaches."""

    place: Place
    checkpoints: list[Checkpoint]
    receipts: list[Receipt]

    def verdict(self, place: Place, **more: list[Receipt]) -> Verdict:
        return verify(place.open(origin=""), self.checkpoints, **more)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("kept")
    address = (
        str(folder / "whole.log") if request.param == "sqlite" else request.getfixturevalue("server").new_database()
    )
    place = Place(address=address, key=folder / "whole.key")
    log = place.open()
    receipts = fill(log, events(KEPT, note="n"))
    checkpoints = [log.checkpoint()]
    receipts += fill(log, events(SIZE - KEPT, start=KEPT + 1, note="n"))
    checkpoints.append(log.checkpoint())
    log.close()
    return Kept(place, checkpoints, receipts)


@pytest.fixture
def copied(kept: Kept, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The same log once more, to be tampered with; its key is where it was."""
    if "://" not in kept.place.address:
        shutil.copy(kept.place.address, tmp_path / "copy.log")
        yield Place(address=str(tmp_path / "copy.log"), key=kept.place.key)
        return
    server: servers.Server = request.getfixturevalue("server")
    old, new = str(sa.make_url(kept.place.address).database), f"copy_{uuid4().hex}"
    with psycopg.connect(server.conninfo("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {new} TEMPLATE {old}".encode())
        yield Place(address=kept.place.address.replace(old, new), key=kept.place.key)
        connection.execute(f"DROP DATABASE {new} WITH (FORCE)".encode())


@pytest.fixture
def elsewhere(kept: Kept, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Place]:
    """An empty place of the same kind."""

    def new() -> Place:
        if "://" not in kept.place.address:
            return Place(address=str(tmp_path / "else.log"), key=tmp_path / "else.key")
        return Place(address=request.getfixturevalue("server").new_database(), key=tmp_path / "else.key")

    return new


def forged(seq: int, said: Submission) -> dict[str, object]:
    """A line with the right hash, made without the log's key."""
    content = stored(said.content)
    return {"seq": seq, "id": said.id, "content": content, "leaf": tree.leaf_hash(content), "mac": b"m" * 32}


LINE = "(seq, id, content, leaf, mac) VALUES (:seq, :id, :content, :leaf, :mac)"


def shift(connection: sa.Connection, first: int, by: int) -> None:
    """Renumbers the lines from `first` on; in two steps, since no two may have one number meanwhile."""
    connection.execute(sa.text("UPDATE entries SET seq = -seq WHERE seq >= :first"), {"first": first})
    connection.execute(sa.text("UPDATE entries SET seq = -seq + :by WHERE seq < 0"), {"by": by})


def first(verdict: Verdict) -> tuple[int, str]:
    assert verdict.first is not None
    assert f"event {verdict.first.seq}" in str(verdict.first) and str(verdict.first).startswith("first bad event: ")
    return verdict.first.seq, verdict.first.id


def test_a_log_that_was_left_alone_is_sound(kept: Kept) -> None:
    verdict = kept.verdict(kept.place, receipts=kept.receipts)
    assert (verdict.first, verdict.size, verdict.vouched, verdict.key_here) == (None, SIZE, SIZE, True)
    assert verdict.root == kept.checkpoints[1].root


# Flip


@pytest.mark.parametrize("seq", [1, KEPT, 15_001, SIZE])
def test_a_flipped_byte(kept: Kept, copied: Place, seq: int) -> None:
    with copied.behind_its_back() as connection:
        content = connection.execute(sa.text("SELECT content FROM entries WHERE seq = :seq"), {"seq": seq}).scalar()
        flipped = bytes(content).replace(b'"n"', b'"m"')
        connection.execute(
            sa.text("UPDATE entries SET content = :content WHERE seq = :seq"), {"content": flipped, "seq": seq}
        )
    assert first(kept.verdict(copied)) == (seq, f"e{seq}")


def test_a_changed_event_whose_hash_was_made_anew(kept: Kept, copied: Place, tmp_path: Path) -> None:
    with copied.behind_its_back() as connection:
        line = forged(15_000, event("e15000", note="another"))
        connection.execute(
            sa.text("UPDATE entries SET content = :content, leaf = :leaf WHERE seq = :seq"),
            {name: line[name] for name in ("content", "leaf", "seq")},
        )
    assert first(kept.verdict(copied)) == (15_000, "e15000")
    # Without the log's key, the kept checkpoints still say between which of them it is, and a kept receipt which it is.
    keyless = Place(address=copied.address, key=tmp_path / "nowhere.key")
    verdict = kept.verdict(keyless)
    assert verdict.first is not None and not verdict.key_here
    assert verdict.first.seq <= 15_000 <= verdict.first.until and verdict.first.until - verdict.first.seq < BATCH
    assert first(kept.verdict(keyless, receipts=kept.receipts)) == (15_000, "e15000")


def test_a_changed_id(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        connection.execute(sa.text("UPDATE entries SET id = 'x' WHERE seq = 15000"))
    verdict = kept.verdict(copied)
    assert first(verdict) == (15_000, "x") and "those of e15000" in str(verdict.first)


def test_a_line_that_is_no_bytes(kept: Kept, copied: Place) -> None:
    if "://" in copied.address:
        return  # PostgreSQL lets no column hold anything else
    with copied.behind_its_back() as connection:
        connection.execute(sa.text("UPDATE entries SET content = 'words', leaf = 7 WHERE seq = 15000"))
    assert first(kept.verdict(copied)) == (15_000, "e15000")
    with pytest.raises(LogUnavailable, match="event 15000 is damaged: run verify"):
        list(copied.open().entries())


# Delete


@pytest.mark.parametrize("seq", [1, 15_000])
def test_a_deleted_event(kept: Kept, copied: Place, seq: int) -> None:
    with copied.behind_its_back() as connection:
        connection.execute(sa.text("DELETE FROM entries WHERE seq = :seq"), {"seq": seq})
    verdict = kept.verdict(copied)
    assert first(verdict)[0] == seq and f"event {seq + 1} (e{seq + 1})" in str(verdict.first)


def test_a_deleted_event_whose_gap_was_closed(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        connection.execute(sa.text("DELETE FROM entries WHERE seq = 15000"))
        shift(connection, 15_001, -1)
    assert first(kept.verdict(copied)) == (15_000, "e15001")


# Insert


def test_an_inserted_event(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        shift(connection, 15_000, 1)
        connection.execute(sa.text(f"INSERT INTO entries {LINE}"), forged(15_000, event("forged")))
    assert first(kept.verdict(copied)) == (15_000, "forged")


def test_an_event_put_at_the_end(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        connection.execute(sa.text(f"INSERT INTO entries {LINE}"), forged(SIZE + 1, event("forged")))
    assert first(kept.verdict(copied)) == (SIZE + 1, "forged")


# Reorder


def test_two_events_in_each_others_place(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        for old, new in ((15_000, -1), (15_001, 15_000), (-1, 15_001)):
            connection.execute(sa.text("UPDATE entries SET seq = :new WHERE seq = :old"), {"old": old, "new": new})
    assert first(kept.verdict(copied)) == (15_000, "e15001")


# Truncate


@pytest.mark.parametrize("size", [0, 11_000, KEPT, SIZE - 1])
def test_a_log_cut_short(kept: Kept, copied: Place, size: int) -> None:
    with copied.behind_its_back() as connection:
        for deletion in ("DELETE FROM entries WHERE seq > :size", "DELETE FROM checkpoints WHERE size > :size"):
            connection.execute(sa.text(deletion), {"size": size})
    verdict = kept.verdict(copied)
    assert first(verdict)[0] == size + 1
    assert f"the log ends at {size}, while a checkpoint says {SIZE}" in str(verdict.first)
    assert verify(copied.open()).sound, "without anything kept elsewhere nobody can tell"
    assert first(verify(copied.open(), receipts=kept.receipts[-1:]))[0] == size + 1


# Fork: another history from one event on


def test_a_fork_made_without_the_key(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        connection.execute(sa.text("DELETE FROM entries WHERE seq >= 15000"))
        connection.execute(sa.text("DELETE FROM checkpoints WHERE size >= 15000"))
        lines = [forged(seq, event(f"f{seq}")) for seq in range(15_000, SIZE + 1)]
        connection.execute(sa.text(f"INSERT INTO entries {LINE}"), lines)
    assert first(kept.verdict(copied)) == (15_000, "f15000")


def test_a_fork_made_with_the_key(kept: Kept, elsewhere: Callable[[], Place]) -> None:
    place = Place(address=elsewhere().address, key=kept.place.key)
    log = place.open()
    fill(log, events(14_999, note="n"))
    fill(log, events(SIZE - 14_999, start=15_000, note="another"))
    assert verify(log).sound, "the key's owner can forge everything that is not kept elsewhere"
    verdict = kept.verdict(place)
    assert first(verdict) == (KEPT + 1, f"e{KEPT + 1}")
    assert verdict.first is not None and verdict.first.until == SIZE
    assert first(kept.verdict(place, receipts=kept.receipts)) == (15_000, "e15000")


# The whole rewritten


def test_a_whole_rewrite_with_the_key(kept: Kept, elsewhere: Callable[[], Place]) -> None:
    place = Place(address=elsewhere().address, key=kept.place.key)
    log = place.open()
    fill(log, events(SIZE, note="another"))
    log.checkpoint()
    verdict = kept.verdict(place)
    assert first(verdict) == (1, "e1") and "the log was rewritten, or forked" in str(verdict.first)


def test_a_whole_rewrite_with_a_new_key(kept: Kept, elsewhere: Callable[[], Place]) -> None:
    place = elsewhere()
    log = place.open()
    fill(log, events(SIZE, note="another"))
    verdict = kept.verdict(place)
    assert first(verdict) == (1, "e1") and "not signed by" in str(verdict.first)
    assert verdict.vouched == 0


# Checkpoints in the log, and nonsense kept


def test_a_forged_checkpoint_in_the_log_is_said(kept: Kept, copied: Place) -> None:
    with copied.behind_its_back() as connection:
        connection.execute(
            sa.text("UPDATE checkpoints SET note = replace(note, :old, :new)"), {"old": "\n20000\n", "new": "\n2\n"}
        )
    verdict = kept.verdict(copied)
    assert verdict.first is not None and verdict.first.seq == 0
    assert str(verdict.first).startswith("a checkpoint in the log is not of this log") and not verdict.sound


def test_a_kept_note_that_is_none_is_said(place: Place) -> None:
    log = place.filled(events(3))
    verdict = verify(log, ["what somebody wrote on paper"])
    assert verdict.first is not None and "this is no signed note" in str(verdict.first)


def test_an_empty_log_is_sound(place: Place) -> None:
    log = place.open()
    assert verify(log, [log.checkpoint()]).sound
