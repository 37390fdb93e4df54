"""Bundles: two posts converge, and a bundle that was tampered with, or comes from a stranger, is refused."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from log.events import RECEIVED, Place, event, events
from safepassage.log import BundleRefused, Log, bundled, merge, open_log, read_bundle, verify, write_bundle
from safepassage.log.store import event_of

LATER = RECEIVED + timedelta(hours=2)


def after(content: bytes) -> tuple[str, ...]:
    return tuple(json.loads(content).get("after", ()))


def carry(source: Log, target: Log, *, start: int = 0) -> list[str]:
    bundle = read_bundle(bundled(source, start), [source.verifier])
    return [receipt.answer for receipt in merge(target, bundle, LATER, after)]


def said(log: Log) -> set[bytes]:
    return {event_of(entry.content) for entry in log.entries()}


def test_two_posts_end_with_the_same_events(new_place: Callable[[], Place]) -> None:
    one = new_place().filled([*events(5), event("only-one")], origin="example.org/one")
    two = new_place().filled([*events(3, start=3), event("only-two")], origin="example.org/two")
    assert carry(one, two) == ["accepted"] * 2 + ["duplicate"] * 3 + ["accepted"]
    assert carry(two, one) == ["duplicate"] * 3 + ["accepted"] + ["duplicate"] * 3
    assert said(one) == said(two) and one.size == two.size == 7
    assert set(carry(one, two)) == {"duplicate"}
    assert verify(one).sound and verify(two).sound


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 12)), max_size=12))
def test_any_two_posts_converge(tmp_path_factory: pytest.TempPathFactory, heard: list[tuple[int, int]]) -> None:
    folder = tmp_path_factory.mktemp("posts")
    posts = [open_log(folder / f"{number}.log") for number in range(2)]
    for post, number in heard:
        parents = (f"e{number - 1}",) if number % 3 else ()
        posts[post].append([event(f"e{number}", *parents, after=list(parents))], RECEIVED)
    for _ in range(2):
        carry(posts[0], posts[1])
        carry(posts[1], posts[0])
    assert said(posts[0]) == said(posts[1])
    assert all(verify(log).sound for log in posts)


def test_the_rest_of_a_log_is_a_bundle_too(place: Place, tmp_path: Path) -> None:
    log = place.filled(events(11))
    other = open_log(tmp_path / "other.log")
    other.append(events(7), RECEIVED)
    assert carry(log, other, start=7) == ["accepted"] * 4
    assert said(log) == said(other)
    assert carry(log, other, start=11) == []


def test_an_event_whose_parent_is_not_in_the_bundle_waits(tmp_path: Path) -> None:
    one, two = open_log(tmp_path / "1.log"), open_log(tmp_path / "2.log")
    one.append([event("e1"), event("e2", "e1", after=["e1"])], RECEIVED)
    assert carry(one, two, start=1) == ["pending"]
    assert carry(one, two) == ["accepted", "duplicate"]


def test_two_events_under_one_id_are_kept_apart_and_said(tmp_path: Path) -> None:
    one, two = open_log(tmp_path / "1.log"), open_log(tmp_path / "2.log")
    one.append([event("e1", people=800)], RECEIVED)
    two.append([event("e1", people=8)], RECEIVED)
    assert carry(one, two) == ["rejected"]
    assert two.size == 1


def test_a_bundle_file_is_written_whole_for_its_owner(tmp_path: Path) -> None:
    log = open_log(tmp_path / "a.log")
    log.append(events(3), RECEIVED)
    path = tmp_path / "a.bundle"
    write_bundle(log, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open("rb") as lines:
        bundle = read_bundle(lines, [log.verifier])
    assert list(bundle.events) == ["e1", "e2", "e3"] and bundle.checkpoint.size == 3
    with pytest.raises(ValueError, match="the log has 3 events"):
        write_bundle(log, tmp_path / "b.bundle", after=4)
    assert sorted(one.name for one in tmp_path.iterdir() if "bundle" in one.name) == ["a.bundle"]


def test_a_strangers_bundle_is_refused_and_its_key_named(tmp_path: Path) -> None:
    log = open_log(tmp_path / "a.log")
    log.append(events(3), RECEIVED)
    with pytest.raises(BundleRefused, match="not trusted here") as refused:
        read_bundle(bundled(log), [])
    assert log.verifier in str(refused.value)


def changed(lines: list[bytes], how: str) -> list[bytes]:
    header, footer = lines[0], lines[-1]
    return {
        "a byte": [*lines[:2], lines[2].replace(b"e2", b"f2"), *lines[3:]],
        "one event less": [*lines[:2], *lines[3:]],
        "one event more": [*lines[:3], lines[2].replace(b"e2", b"e9"), *lines[3:]],
        "two changed places": [lines[0], lines[2], lines[1], *lines[3:]],
        "cut short": lines[:-1],
        "cut in a line": [*lines[:-1], footer[:-40]],
        "no header": lines[1:],
        "another beginning": [header.replace(b'"after": 0', b'"after": 1'), *lines[1:]],
        "no number": [header.replace(b'"after": 0', b'"after": "x"'), *lines[1:]],
        "another size": [*lines[:-1], footer.replace(b"\\n4\\n", b"\\n5\\n")],
        "one event twice": [*lines[:3], lines[2], *lines[3:]],
        "not a line of a log": [*lines[:2], b"[]\n", *lines[3:]],
        "nothing": [],
        "no bundle": [b"%PDF-1.7\n", b"\xff\xfe\n"],
    }[how]


@pytest.mark.parametrize(
    "how",
    ["a byte", "one event less", "one event more", "two changed places", "cut short", "cut in a line", "no header",
     "another beginning", "no number", "another size", "one event twice", "not a line of a log", "nothing",
     "no bundle"],
)  # fmt: skip
def test_a_bundle_that_is_not_as_it_was_signed_is_refused(how: str, tmp_path: Path) -> None:
    log = open_log(tmp_path / "a.log")
    log.append(events(4), RECEIVED)
    lines = list(bundled(log))
    assert read_bundle(lines, [log.verifier]).checkpoint.size == 4
    with pytest.raises(BundleRefused, match=r"export it again|copy|was changed"):
        read_bundle(changed(lines, how), [log.verifier])
