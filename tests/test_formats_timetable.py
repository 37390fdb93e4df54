"""The timetable file: what is written is read back; what was made of it otherwise is said with path and line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from safepassage.formats.operation import operation_hash
from safepassage.formats.timetable import parse_timetable, read_timetable, write_timetable
from safepassage.movement import EmptyMove, Hop, Inspection, LeftBehind, Leg, Movement, Timetable
from safepassage.world import Span


def timetable() -> Timetable:
    """Both buses bring 100 people out of the village of `one_road` and come back empty; 20 stay."""
    operation = worlds.one_road()
    return Timetable(
        operation=operation.name,
        operation_hash=operation_hash(operation),
        version="0.1.0",
        seed=7,
        movements=(
            Movement(
                id="m1",
                evacuation="village-to-city",
                origin="village",
                destination="city",
                vehicles={"buses": 2},
                people={"buses": {"civilian": 100}},
                loading=Span(0, 30),
                legs=(
                    Leg(road="village--gate", here="village", there="gate", departs=30, arrives=60),
                    Leg(road="gate--city", here="gate", there="city", departs=70, arrives=130),
                ),
                inspections=(Inspection(crossing="gate", starts=60, ends=70),),
                handed_over=70,
                arrived=130,
                unloading=Span(130, 150),
            ),
        ),
        empty_moves=(
            EmptyMove(
                vehicles={"buses": 2},
                escorts=0,
                hops=(
                    Hop(here="city", there="gate", departs=150, arrives=210),
                    Hop(here="gate", there="village", departs=210, arrives=240),
                ),
            ),
        ),
        left_behind=(LeftBehind(evacuation="village-to-city", group="civilian", people=20, why="a test"),),
        outcome="people left behind",
        objective=970.0,
        person_hours=250.0,
        exposure=0.0,
        bound=900.5,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "timetable.json"
    write_timetable(timetable(), path, worlds.one_road().calendar)
    return path


def test_what_is_written_is_read_back(file: Path) -> None:
    assert read_timetable(file, worlds.one_road()) == (timetable(), ())


def test_times_stand_in_minutes_and_in_local_time(file: Path) -> None:
    movement = json.loads(file.read_text())["movements"][0]
    assert movement["loading"] == [0, 30]
    assert movement["loading_at"] == ["2016-12-15T06:00+02:00", "2016-12-15T06:30+02:00"]
    assert movement["handed_over_at"] == "2016-12-15T07:10+02:00"
    assert movement["legs"][0]["departs_at"] == "2016-12-15T06:30+02:00"


def test_the_gap_stands_beside_objective_and_bound(file: Path) -> None:
    written = json.loads(file.read_text())
    assert written["gap"] == pytest.approx((970 - 900.5) / 900.5)
    assert written["carried"] == 100
    assert written["ends"] == 150


def test_writing_replaces_the_file_whole(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(ValueError, match="Out of range float"):
        write_timetable(replace(timetable(), objective=float("nan")), file, worlds.one_road().calendar)
    assert file.read_bytes() == before
    write_timetable(replace(timetable(), seed=8), file, worlds.one_road().calendar)
    again, _ = read_timetable(file)
    assert again is not None
    assert again.seed == 8
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_timetable_of_another_operation_is_refused_and_both_are_named(file: Path) -> None:
    operation = worlds.hub()
    found, (problem,) = read_timetable(file, operation)
    assert found is None
    assert "One road" in problem.what
    assert "Hub" in problem.what
    assert timetable().operation_hash[:12] in problem.what
    assert operation_hash(operation)[:12] in problem.what
    assert problem.line == line_of(file.read_text(), '"operation_hash"')


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "said", "at"),
    [
        ('"seed": 7', '"seed": "7"', 'seed is "7". It should be integer', '"seed"'),
        ('"seed": 7', '"sead": 7', "seed is missing", "{"),
        ('"seed": 7', '"seed": 7, "sead": 7', "sead is unknown", '"sead"'),
        ('"format": 1', '"format": 2', "format 2 cannot be read here. Use a newer version", '"format"'),
        ('"departs": 30', '"departs": 30.5', "movements[0].legs[0].departs is 30.5", '"departs": 30.5'),
        ('"road": "village--gate"', '"road": "village-gate"', 'Did you mean "village--gate"?', '"village-gate"'),
        ('"civilian": 100', '"soldier": 100', 'unknown group "soldier"', '"soldier"'),
        ('"outcome": "people left behind"', '"outcome": "fine"', 'outcome is "fine"', '"outcome"'),
        ('"objective": 970.0', '"objective": NaN', "objective is nan", '"objective"'),
        ('"empty_moves": [', '"empty_moves": {', "this is not JSON", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_path_and_line(file: Path, old: str, new: str, said: str, at: str) -> None:
    text = file.read_text()
    assert old in text
    text = text.replace(old, new, 1)
    file.write_text(text)
    found, problems = read_timetable(file, worlds.one_road())
    assert found is None
    fitting = [problem for problem in problems if said in str(problem)]
    assert fitting, "\n".join(map(str, problems))
    if at:
        assert fitting[0].line == line_of(text, at)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 100_000, b'{"format": 1e999}'])
def test_any_content_has_problems_and_raises_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "timetable.json"
    path.write_bytes(content)
    found, problems = read_timetable(path, worlds.one_road())
    assert found is None
    assert problems


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    assert "no such file" in read_timetable(tmp_path / "none.json")[1][0].what
    assert "directory" in read_timetable(tmp_path)[1][0].what


MINUTES = st.integers(-1000, 20_000)
IDS = st.sampled_from(["village", "gate", "city", "قرية"])
COUNTS = st.dictionaries(st.sampled_from(["buses", "vans"]), st.integers(0, 99), max_size=2)
LEGS = st.builds(Leg, road=IDS, here=IDS, there=IDS, departs=MINUTES, arrives=MINUTES)
MOVEMENTS = st.builds(
    Movement,
    id=st.text(st.characters(codec="utf-8"), max_size=5),
    evacuation=IDS,
    origin=IDS,
    destination=IDS,
    vehicles=COUNTS,
    people=st.dictionaries(IDS, COUNTS, max_size=2),
    loading=st.builds(Span, MINUTES, MINUTES),
    legs=st.lists(LEGS, max_size=2).map(tuple),
    inspections=st.lists(st.builds(Inspection, crossing=IDS, starts=MINUTES, ends=MINUTES), max_size=2).map(tuple),
    handed_over=st.none() | MINUTES,
    arrived=st.none() | MINUTES,
    unloading=st.none() | st.builds(Span, MINUTES, MINUTES),
    ending=st.sampled_from(["arrived", "turned back", "standing"]),
    turned_back=st.none() | MINUTES,
)
HOPS = st.builds(Hop, here=IDS, there=IDS, departs=MINUTES, arrives=MINUTES)
EMPTY_MOVES = st.builds(
    EmptyMove, vehicles=COUNTS, escorts=st.integers(0, 9), hops=st.lists(HOPS, min_size=1, max_size=2).map(tuple)
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=50)
@given(
    movements=st.lists(MOVEMENTS, max_size=3).map(tuple),
    empty_moves=st.lists(EMPTY_MOVES, max_size=3).map(tuple),
    objective=FLOATS,
    bound=st.none() | FLOATS,
    frozen_until=st.none() | MINUTES,
)
def test_any_timetable_is_read_back(tmp_path_factory: pytest.TempPathFactory, **fields: Any) -> None:
    made = replace(timetable(), **fields)
    path = tmp_path_factory.mktemp("timetable") / "timetable.json"
    write_timetable(made, path, worlds.one_road().calendar)
    assert read_timetable(path) == (made, ())


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_mutated_timetable_is_read_or_its_problems_are_said(data: st.DataObject) -> None:
    value: Any = json.loads(WRITTEN)
    holder, key = value, "movements"
    for _ in range(data.draw(st.integers(0, 6))):
        inner = holder[key]
        if not inner or not isinstance(inner, (dict, list)):
            break
        holder, key = inner, data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
    if data.draw(st.booleans()):
        del holder[key]
    else:
        holder[key] = data.draw(
            st.none() | st.integers() | st.text(max_size=3) | st.floats() | st.just([]) | st.just({})
        )
    text = json.dumps(value, indent=1)
    found, problems = parse_timetable(text, operation=worlds.one_road())
    assert (found is None) == bool(problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in problems)


def _written() -> str:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "timetable.json"
        write_timetable(timetable(), path, worlds.one_road().calendar)
        return path.read_text()


WRITTEN = _written()
