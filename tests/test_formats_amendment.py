"""A fact added to an operation file: the rest of the text stays as its author wrote it."""

from __future__ import annotations

import pytest
import worlds

from safepassage import control
from safepassage.formats.amendment import with_closure, with_consent_withheld
from safepassage.formats.operation import parse_operation
from safepassage.operation import Operation
from safepassage.world import Span

SHUT = Span(120, 240)


def read(text: str) -> Operation:
    operation, problems = parse_operation(text)
    assert operation is not None, problems
    return operation


@pytest.mark.parametrize("segment", ["village--gate", "gate--city", "gate"])
def test_a_closed_segment_is_closed_and_nothing_else_is_changed(segment: str) -> None:
    amended = with_closure(worlds.ONE_ROAD, read(worlds.ONE_ROAD), segment, SHUT)
    assert [line for line in amended.split("\n") if "closed" not in line] == worlds.ONE_ROAD.split("\n")
    world = read(amended).world
    closed = {id: road.closed for id, road in world.roads.items()} | {
        id: crossing.closed for id, crossing in world.crossings.items()
    }
    assert closed == {id: (SHUT,) if id == segment else () for id in closed}


@pytest.mark.parametrize(
    "written",
    [
        "closed = []",
        "closed = [{ from = 2016-12-15T12:00:00, until = 2016-12-15T13:00:00 }]  # by night [source]",
        "closed = [  # weekly [source]\n    { from = 2016-12-15T12:00:00, until = 2016-12-15T13:00:00 },  # noon\n]",
        '"closed"=[{ from = 2016-12-15T12:00:00, until = 2016-12-15T13:00:00 }]',
    ],
)
def test_a_closure_joins_those_that_are_there_with_their_comments(written: str) -> None:
    text = worlds.ONE_ROAD.replace("minutes = 60", f"minutes = 60\n{written}")
    amended = with_closure(text, read(text), "gate--city", SHUT)
    before = read(text).world.roads["gate--city"].closed
    assert read(amended).world.roads["gate--city"].closed == tuple(sorted((*before, SHUT)))
    assert amended.count("#") == text.count("#")


def test_what_cannot_be_edited_safely_is_refused_with_what_to_write() -> None:
    tables = (
        '[[road]]\nbetween = ["village", "gate"]\nminutes = 30\n\n[[road]]\nbetween = ["gate", "city"]\nminutes = 60\n'
    )
    inline = 'road = [{ between = ["village", "gate"], minutes = 30 }, { between = ["gate", "city"], minutes = 60 }]\n'
    assert tables in worlds.ONE_ROAD
    text = inline + worlds.ONE_ROAD.replace(tables, "")
    with pytest.raises(ValueError, match=r"closed = \[\{ from = 2016-12-15T08:00:00, until = 2016-12-15T10:00:00 \}\]"):
        with_closure(text, read(text), "gate--city", SHUT)


def test_a_withheld_consent_closes_its_segment_for_a_while() -> None:
    text = worlds.PRISONERS_FOR_VILLAGES
    amended = with_consent_withheld(text, read(text), "opposition", "village--line", SHUT)
    amended = with_consent_withheld(amended, read(amended), "government", "line", SHUT)
    assert amended.startswith(text.rstrip("\n"))
    now = read(amended)
    assert now.clause_closed("village--line") == now.clause_closed("line", empty=True) == (SHUT,)
    assert now.clause_closed("prison--line") == ()


def test_a_consent_that_is_not_needed_cannot_be_withheld() -> None:
    operation = read(worlds.PRISONERS_FOR_VILLAGES)
    with pytest.raises(ValueError, match="it needs that of opposition"):
        with_consent_withheld(worlds.PRISONERS_FOR_VILLAGES, operation, "government", "village--line", SHUT)


def test_every_road_and_crossing_of_every_example_can_be_closed() -> None:
    for example in control.examples():
        text = control.locate(example).read_text(encoding="utf-8")
        operation = read(text)
        span = Span(operation.calendar.end - 60, operation.calendar.end)
        for segment in (*operation.world.roads, *operation.world.crossings):
            now = read(with_closure(text, operation, segment, span)).world
            ways = now.roads if segment in now.roads else now.crossings
            assert any(closed.holds(span) for closed in ways[segment].closed), (example, segment)


def test_several_facts_are_added_at_once_and_a_road_may_be_named_from_either_end() -> None:
    text, now = control.amend(
        worlds.PRISONERS_FOR_VILLAGES,
        span=SHUT,
        closed=["line--prison", "line"],
        withdrawn=[("opposition", "line--village"), ("opposition", "line")],
    )
    assert read(text) == now
    assert now.world.roads["prison--line"].closed == now.world.crossings["line"].closed == (SHUT,)
    assert now.clause_closed("village--line") == now.clause_closed("line") == (SHUT,)
