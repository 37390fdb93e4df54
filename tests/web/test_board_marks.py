"""The marks of the time slider: how it stood at each instant, with hindsight or as known then."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import worlds
from reports import Desk

from safepassage import control
from safepassage.events import Arrived, EventRetracted, OperationSuspended
from safepassage.situation import fold
from safepassage.web.board_marks import HALTS_MOST, marks
from safepassage.web.board_shape import Marks

TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
TRIP = DESK.trip("m1", "hill-to-city", 100, "06:00", "06:20", "07:00", "07:30")


@cache
def aleppo(then: bool = False) -> Marks:
    record = control.open_record("aleppo-2016")
    return marks(record.operation, record.events, then=then)


def motions(found: Marks) -> dict[str, str]:
    return {datetime.fromisoformat(halt.at).strftime("%d %H:%M"): halt.motion for halt in found.halts}


def test_each_halt_says_what_the_board_of_its_instant_says() -> None:
    found = marks(TINY, TRIP)
    for halt in found.halts:
        situation = fold(TINY, TRIP, as_of=datetime.fromisoformat(halt.at))
        assert halt.motion == situation.headline.motion
        assert halt.out == sum(one.out.best for one in situation.people.values())
    assert [halt.motion for halt in found.halts] == ["moving", "moving", "moving", "not known"]
    assert found.halts[-1].out == 100


def test_hindsight_and_what_was_known_then_differ_where_news_came_late() -> None:
    late = DESK.at("06:30", OperationSuspended(), known="09:00")
    hindsight, then = (marks(TINY, [*TRIP, late], then=then) for then in (False, True))
    assert {halt.motion for halt in hindsight.halts if halt.at[11:16] == "06:30"} == {"suspended"}
    assert [halt.at[11:16] for halt in then.halts if halt.motion == "suspended"] == ["09:00"]


def test_the_trail_of_a_convoy_leaves_out_what_was_taken_back() -> None:
    wrong = DESK.at("07:10", Arrived(movement="m1", at="town"))
    back = DESK.at("07:12", EventRetracted(why="heard wrong"), corrects=wrong.id)
    (trail,) = marks(TINY, [*TRIP, wrong, back]).trails
    assert trail.evacuation == "hill-to-city"
    assert trail.stops == (
        (0, "hill", "formed", False), (0, "hill", "boarding", True), (20, "hill", "on the way", True),
        (60, "bridge", "handed over", True), (90, "city", "arrived", False),
    )  # fmt: skip


def test_the_record_of_aleppo_stood_suspended_on_the_17th_in_hindsight() -> None:
    found = aleppo()
    assert len(found.minutes) == len(found.weights) == len(control.open_record("aleppo-2016").events)
    assert motions(found)["16 09:00"] == "suspended"
    assert min(found.minutes) == 0 and len(found.halts) <= HALTS_MOST


def test_a_record_without_events_has_a_time_to_show_all_the_same() -> None:
    found = marks(TINY, [])
    assert (found.halts, found.minutes) == ((), ())
    assert found.starts < found.ends
