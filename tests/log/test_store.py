"""What every log keeps, in SQLite and in PostgreSQL: what goes in, what is answered, what comes out."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
import rfc8785
import sqlalchemy as sa

from log.events import RECEIVED, DatabaseError, Place, event, events
from safepassage.log import LogUnavailable, Receipt, Submission, open_log, tree, verify
from safepassage.log.store import event_of


def answers(receipts: tuple[Receipt, ...]) -> list[str]:
    return [receipt.answer for receipt in receipts]


def test_what_goes_in_comes_out_byte_for_byte(place: Place) -> None:
    said = event("e1", note="خرجت القافلة", people=50_000, share=0.1)
    with_offset = RECEIVED.astimezone(timezone(timedelta(hours=2)))
    (receipt,) = place.open().append([said], with_offset)
    (entry,) = place.open().entries()
    assert entry.content == b'{"event":' + said.content + b',"received":"2016-12-16T07:30:00.000000Z"}'
    assert entry.content == rfc8785.dumps(json.loads(entry.content))
    assert event_of(entry.content) == said.content
    assert (entry.seq, entry.id, entry.received) == (1, "e1", RECEIVED)
    assert entry.leaf == tree.leaf_hash(entry.content).hex()
    assert receipt == Receipt(id="e1", answer="accepted", seq=1, leaf=entry.leaf, received=RECEIVED)


def test_a_log_knows_how_it_left_itself(place: Place) -> None:
    log, other = place.open(), place.open()
    assert log.left_at == 0
    log.append(events(3), RECEIVED)
    other.append([event("e4"), event("e5")], RECEIVED)
    assert (log.left_at, other.left_at) == (3, 5)
    log.append([event("e1", note="")], RECEIVED)
    assert log.left_at == log.size == 5


def test_an_event_sent_again_gets_the_same_receipt(place: Place) -> None:
    log = place.filled(events(3))
    first = next(log.entries(1))
    (again,) = log.append([event("e2", note="")], RECEIVED + timedelta(hours=1))
    assert again == Receipt(id="e2", answer="duplicate", seq=2, leaf=first.leaf, received=RECEIVED)
    assert log.size == 3


def test_another_event_under_a_taken_id_is_rejected(place: Place) -> None:
    log = place.filled([event("e1", people=50)])
    (answer,) = log.append([event("e1", people=5)], RECEIVED)
    assert (answer.answer, answer.seq) == ("rejected", None) and "another event has this id" in answer.why
    assert log.size == 1


def test_twice_in_one_batch_is_once_in_the_log(place: Place) -> None:
    log = place.open()
    assert answers(log.append([event("e1"), event("e1"), event("e1", x=1)], RECEIVED)) == [
        "accepted",
        "duplicate",
        "rejected",
    ]
    assert log.size == 1


def test_one_bad_event_never_blocks_the_rest(place: Place) -> None:
    log = place.open(content_bytes_max=1000)
    batch = [event("e1"), event("e2", note="x" * 10_000), event("e3", "e9"), event("e4")]
    receipts = log.append(batch, RECEIVED)
    assert answers(receipts) == ["accepted", "rejected", "pending", "accepted"]
    assert "shorten it" in receipts[1].why and receipts[2].why == "waits for e9"
    assert [entry.id for entry in log.entries()] == ["e1", "e4"]


def test_a_field_of_ten_megabytes_is_rejected(place: Place) -> None:
    (receipt,) = place.open().append([event("e1", note="x" * 10_000_000)], RECEIVED)
    assert receipt.answer == "rejected" and "more than 8,000,000" in receipt.why


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"id":"e2"}', b'{"id":"e1",\n"people":5}', b"\xff\xfe"])
def test_bytes_that_are_not_those_of_this_event_are_rejected(content: bytes, tmp_path: Path) -> None:
    log = open_log(tmp_path / "a.log")
    (receipt,) = log.append([Submission(id="e1", content=content)], RECEIVED)
    assert receipt.answer == "rejected" and "send it again" in receipt.why
    assert log.size == 0


@pytest.mark.parametrize("id", ["", " e1", "e1\n", "e1'; DROP TABLE entries; --", "e\u202e1", "x" * 129])
def test_a_malformed_id_is_rejected(id: str, tmp_path: Path) -> None:
    log = open_log(tmp_path / "a.log")
    (receipt,) = log.append([event(id)], RECEIVED)
    assert receipt.answer == "rejected" and "its id is malformed" in receipt.why
    (receipt,) = log.append([event("e1", id)], RECEIVED)
    assert receipt.answer == "rejected" and "which is no id" in receipt.why


def test_an_event_that_waits_for_itself_is_rejected(place: Place) -> None:
    (receipt,) = place.open().append([event("e1", "e1")], RECEIVED)
    assert receipt.answer == "rejected" and "waits for itself" in receipt.why


def test_every_way_in_gives_the_same_line(new_place: Callable[[], Place]) -> None:
    """With parents or without, first or again, alone or in company: the bytes and their hash are the same."""
    one = new_place().filled(events(4))
    two = new_place().open()
    two.append([event("e2", "e1", note="")], RECEIVED)
    two.append([event("e1", note="")], RECEIVED)
    two.append([event("e4", "e3", note=""), event("e3", note="")], RECEIVED)
    assert {(entry.content, entry.leaf) for entry in one.entries()} == {
        (entry.content, entry.leaf) for entry in two.entries()
    }


# The shelf


def test_an_event_waits_on_disk_until_its_parent_comes(place: Place) -> None:
    place.open().append([event("e2", "e1"), event("e3", "e2", "e1")], RECEIVED)
    log = place.open()
    assert [(one.id, one.missing) for one in log.pending()] == [("e2", ("e1",)), ("e3", ("e2", "e1"))]
    assert log.size == 0
    later = RECEIVED + timedelta(minutes=5)
    assert answers(log.append([event("e1")], later)) == ["accepted"]
    assert [(entry.id, entry.received) for entry in log.entries()] == [("e1", later), ("e2", later), ("e3", later)]
    assert log.left_at == log.size == 3
    assert log.pending() == ()


def test_a_batch_in_any_order_is_taken_whole(place: Place) -> None:
    log = place.open()
    receipts = log.append([event("e3", "e2", "e1"), event("e2", "e1"), event("e1")], RECEIVED)
    assert answers(receipts) == ["accepted"] * 3
    assert [entry.id for entry in log.entries()] == ["e1", "e2", "e3"]


def test_an_event_that_waits_for_two_waits_for_both(place: Place) -> None:
    log = place.open()
    assert answers(log.append([event("e3", "e1", "e2")], RECEIVED)) == ["pending"]
    assert answers(log.append([event("e1")], RECEIVED)) == ["accepted"]
    assert [one.missing for one in log.pending()] == [("e2",)]
    assert answers(log.append([event("e2")], RECEIVED)) == ["accepted"]
    assert [entry.id for entry in log.entries()] == ["e1", "e2", "e3"]


def test_a_waiting_event_sent_again_waits_and_another_under_its_id_is_rejected(place: Place) -> None:
    log = place.open()
    log.append([event("e2", "e1")], RECEIVED)
    receipts = log.append([event("e2", "e1"), event("e2", "e1", people=3)], RECEIVED)
    assert answers(receipts) == ["pending", "rejected"]
    assert len(log.pending()) == 1
    assert answers(log.append([event("e1"), event("e2", "e1")], RECEIVED)) == ["accepted", "duplicate"]
    assert (log.size, log.pending()) == (2, ())


def test_those_who_wait_for_each_other_wait_and_block_nobody(place: Place) -> None:
    log = place.open()
    assert answers(log.append([event("e1", "e2"), event("e2", "e1"), event("e3")], RECEIVED)) == [
        "pending",
        "pending",
        "accepted",
    ]


def test_more_events_than_one_question_can_name(place: Place) -> None:
    log = place.open()
    chain = [event(f"e{number}", f"e{number - 1}") for number in range(2, 1502)]
    assert set(answers(log.append(chain, RECEIVED))) == {"pending"}
    assert answers(log.append([event("e1")], RECEIVED)) == ["accepted"]
    assert [entry.id for entry in log.entries()] == [f"e{number}" for number in range(1, 1502)]


def test_what_a_lost_race_left_on_the_shelf_is_taken_with_the_next(place: Place) -> None:
    log = place.open()
    log.append([event("e2", "e1")], RECEIVED)
    with place.behind_its_back() as connection:
        connection.execute(sa.text("UPDATE shelf SET missing = 'e3'"))
    log.append([event("e1")], RECEIVED)
    assert [one.id for one in log.pending()] == ["e2"]
    with place.behind_its_back() as connection:
        connection.execute(sa.text("UPDATE shelf SET missing = 'e1'"))
    assert answers(log.append([event("e4")], RECEIVED)) == ["accepted"]
    assert log.pending() == () and [entry.id for entry in log.entries()] == ["e1", "e4", "e2"]


# Reading, proving, keeping


def test_entries_are_read_from_anywhere(place: Place) -> None:
    log = place.filled(events(1203))
    assert [entry.seq for entry in log.entries(1000)] == list(range(1001, 1204))
    assert list(log.entries(1203)) == []


def test_the_log_only_grows(place: Place) -> None:
    log = place.filled(events(2))
    log.checkpoint()
    engine = log._database.engine  # type: ignore[attr-defined]
    for change in ("UPDATE entries SET id = 'x'", "DELETE FROM entries", "DELETE FROM checkpoints", "DELETE FROM logs"):
        with pytest.raises(DatabaseError, match="the log only grows"), engine.begin() as connection:
            connection.execute(sa.text(change))
    assert verify(log).sound and log.size == 2


def test_checkpoints_are_signed_on_demand_and_now_and_then(place: Place) -> None:
    log = place.open(checkpoint_every=10)
    empty = log.checkpoint()
    assert (empty.size, empty.root) == (0, tree.EMPTY)
    for start in range(1, 26, 5):
        log.append(events(5, start=start), RECEIVED)
    assert [checkpoint.size for checkpoint in log.checkpoints()] == [0, 10, 20]
    last = log.checkpoint()
    assert last == log.checkpoint() and last.size == 25
    assert last.root == tree.root(bytes.fromhex(entry.leaf) for entry in log.entries())


def test_proofs_hold_against_checkpoints(place: Place) -> None:
    log = place.open(checkpoint_every=7)
    log.append(events(7), RECEIVED)
    log.append(events(6, start=8), RECEIVED)
    first, last = log.checkpoints()[0], log.checkpoint()
    assert tree.consistent(first.size, first.root, last.size, last.root, log.consistency(first.size, last.size))
    entry = next(log.entries(4))
    assert tree.included(bytes.fromhex(entry.leaf), 4, last.size, log.inclusion(5, last.size), last.root)
    with pytest.raises(ValueError, match="13 of the 14"):
        log.inclusion(1, 14)


def test_two_control_rooms_write_one_log(place: Place) -> None:
    one, two = place.open(), place.open()
    for start in range(1, 20, 2):
        one.append([event(f"e{start}")], RECEIVED)
        two.append([event(f"e{start + 1}")], RECEIVED)
    assert [entry.id for entry in one.entries()] == [f"e{number}" for number in range(1, 21)]
    assert verify(two, [one.checkpoint()]).sound


def test_two_control_rooms_that_write_at_once_neither_fork_the_log_nor_lose_an_event(place: Place) -> None:
    """Some of each one's events wait for the other's; some are sent by both."""
    place.open().close()

    def write(mine: int) -> list[str]:
        log, said = place.open(), []
        for number in range(mine, 120, 2):
            parents = [f"e{number - 1}"] if number % 3 == 1 else []
            said += answers(log.append([event(f"e{number}", *parents), event(f"both-{number // 2}")], RECEIVED))
        log.close()
        return said

    with ThreadPoolExecutor() as rooms:
        said = [answer for room in rooms.map(write, (0, 1)) for answer in room]
    log = place.open(checkpoint_every=10)
    assert "rejected" not in said and said.count("duplicate") >= 60
    log.append([event("last")], RECEIVED)
    assert sorted(entry.id for entry in log.entries()) == sorted(
        ["last", *(f"e{number}" for number in range(120)), *(f"both-{number}" for number in range(60))]
    )
    assert log.pending() == () and verify(log, [log.checkpoint()]).sound


def test_a_backup_is_made_while_the_log_is_open(place: Place, tmp_path: Path) -> None:
    log = place.filled(events(50))
    copy = tmp_path / "copy"
    log.backup(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError, match="name a new file"):
        log.backup(copy)
    with pytest.raises(LogUnavailable, match="backup cannot be written"):
        log.backup(tmp_path / "nowhere" / "copy")
    log.append(events(5, start=51), RECEIVED)
    if "://" not in place.address:
        again = open_log(copy, key=place.key, create=False)
        assert again.size == 50 and verify(again).sound
    else:
        assert copy.read_bytes().startswith(b"PGDMP")


# Whose log it is


def test_a_log_is_found_again_with_its_name_and_key(place: Place) -> None:
    log = place.filled(events(1))
    again = place.open(origin="")
    assert (again.origin, again.verifier, again.size) == ("example.org/log", log.verifier, 1)


def test_a_log_under_another_name_is_refused(place: Place) -> None:
    place.filled(events(1))
    with pytest.raises(LogUnavailable, match=r"is the log example.org/log, not example.org/other"):
        place.open(origin="example.org/other")


def test_without_its_key_a_log_is_read_and_not_written(place: Place, tmp_path: Path) -> None:
    place.filled(events(3))
    log = place.open(key=tmp_path / "nowhere.key")
    assert [entry.id for entry in log.entries()] == ["e1", "e2", "e3"]
    assert verify(log).sound and not verify(log).key_here
    with pytest.raises(LogUnavailable, match="key is not here"):
        log.append(events(1, start=4), RECEIVED)
    assert not (tmp_path / "nowhere.key").exists()


def test_another_logs_key_is_refused(new_place: Callable[[], Place]) -> None:
    one, two = new_place(), new_place()
    one.filled(events(1))
    two.filled(events(1))
    with pytest.raises(LogUnavailable, match="not the key of the log"):
        one.open(key=two.key)


def test_a_log_is_for_its_owner_alone(tmp_path: Path) -> None:
    log = open_log(tmp_path / "a.log")
    log.append(events(1), RECEIVED)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_no_log_is_made_where_one_should_be(place: Place) -> None:
    with pytest.raises(LogUnavailable, match="there is no log here"):
        place.open(create=False)
    assert not place.key.exists()


@pytest.mark.parametrize("address", ["mysql://a/b", "postgresql://host", "sqlite://", "://", "http://example.org/x"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(LogUnavailable, match=r"use postgresql://|name a file"):
        open_log(address)


def test_a_clock_needs_an_offset(place: Place) -> None:
    with pytest.raises(ValueError, match="offset"):
        place.open().append(events(1), datetime(2016, 12, 16))
