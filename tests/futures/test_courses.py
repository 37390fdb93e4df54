"""A course: the timetable itself when nothing goes wrong; the reference and its compiled twin are one in any storm."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Literal

import pytest
import worlds
from planner.tiny import brief

from safepassage import control
from safepassage.clauses.consent import Consent
from safepassage.clauses.lockstep import Lockstep
from safepassage.formats.operation import parse_operation
from safepassage.futures.course import Policy, run
from safepassage.futures.network import Compiled
from safepassage.futures.shocks import Halted, LeftAlone, Lost, ShockModel, Shut, Slowed, Struck, TurnedUp
from safepassage.generate import generate
from safepassage.movement import Movement, Timetable
from safepassage.operation import Operation
from safepassage.world import Span

from .pairs import compiled, hazardous, judged, planned, same, storm

NAMED = {
    "hill and dale": worlds.hill_and_dale,
    "two villages": worlds.two_villages,
    "wounded first": worlds.wounded_first,
    "hub": worlds.hub,
    "night": worlds.night,
    "prisoners for villages": worlds.prisoners_for_villages,
}
KINDS: tuple[Literal["hold", "send"], ...] = ("hold", "send")
RANDOM = (101, 108, 118, 119, 120, 122, 129, 130, 133, 144)
"""Seeds of small random operations whose plans have two movements or more and whose clauses a course can keep."""
HASTY = Policy(patience_minutes=40, again_minutes=90)


@cache
def world(name: str) -> tuple[Operation, Timetable]:
    operation = hazardous(NAMED[name]())
    return operation, planned(operation)


def in_order(timetable: Timetable) -> tuple[Movement, ...]:
    return tuple(sorted(timetable.movements, key=lambda one: (one.loading.start, one.id)))


@pytest.mark.parametrize("name", NAMED)
def test_without_troubles_it_is_the_timetable_minute_by_minute(name: str) -> None:
    operation, timetable = world(name)
    for kind in KINDS:
        found = same(operation, timetable, ShockModel(), 0, Policy(kind=kind))
        assert found.movements == in_order(timetable)
        assert sorted(map(str, found.empty_moves)) == sorted(map(str, timetable.empty_moves))
        assert found.waited == {} and not any(found.standing_minutes.values())


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("kind", KINDS)
def test_in_a_storm_both_are_one_and_no_decision_breaks_a_limit(name: str, kind: Literal["hold", "send"]) -> None:
    """What cannot be never is, and limits on people hold at every instant."""
    operation, timetable = world(name)
    limits = {limit.clause for limit in operation.limits}
    for number in range(3):
        found = same(operation, timetable, storm(operation, number), number, replace(HASTY, kind=kind))
        report = judged(operation, found)
        assert not [finding for finding in report.findings if finding.severity == "error"]
        assert not [finding for finding in report.findings if finding.rule in limits]


def in_any_storm(operation: Operation, timetable: Timetable, seed: int) -> None:
    """Quiet it is the timetable; in a storm both ways of driving it are one, and no limit is broken."""
    Compiled(operation, timetable, ShockModel())
    assert same(operation, timetable, ShockModel(), 0, HASTY).movements == in_order(timetable)
    limits = {limit.clause for limit in operation.limits}
    for kind in KINDS:
        found = same(operation, timetable, storm(operation, seed), seed, replace(HASTY, kind=kind))
        wrong = [one for one in judged(operation, found).findings if one.severity == "error" or one.rule in limits]
        assert not wrong


@pytest.mark.parametrize("seed", RANDOM)
def test_random_operations_too(seed: int) -> None:
    operation = hazardous(brief(seed))
    timetable = planned(operation)
    assert len(timetable.movements) >= 2
    in_any_storm(operation, timetable, seed)


@pytest.mark.parametrize("seed", range(4))
def test_larger_random_operations_too(seed: int) -> None:
    text = generate(
        sites=3,
        destinations=2,
        people=1500,
        vehicles=8,
        escorts=4,
        crossings=2,
        tolerance=0.5,
        sizes=(2, 4),
        days=2,
        seed=seed,
    )
    operation, _ = parse_operation(text)
    assert operation is not None
    operation = hazardous(operation)
    timetable = planned(operation)
    assert len(timetable.movements) >= 8
    in_any_storm(operation, timetable, seed)


def test_people_are_conserved() -> None:
    operation, timetable = world("two villages")
    for number in range(5):
        model = ShockModel(
            shocks=tuple(one for one in storm(operation, number).shocks if one.id not in ("turnout", "own"))
        )
        found = same(operation, timetable, model, number, HASTY)
        arrived = sum(one.total for one in found.movements if one.ending == "arrived")
        assert arrived + sum(behind.people for behind in found.left_behind) == operation.people


# One trouble each, and what comes of it

HILL = worlds.hill_and_dale()
PLAN = planned(HILL)
FIRST, DALE, SECOND = in_order(PLAN)


def course(*troubles: object, kind: Literal["hold", "send"] = "hold") -> dict[str, Movement]:
    """The movements of a course of Hill and Dale, by id; both ways of driving it agree."""
    model = ShockModel(shocks=tuple(replace(STUB, id=id) for id in {one.shock for one in troubles}))  # type: ignore[attr-defined]
    found = run(HILL, PLAN, troubles, policy=Policy(kind=kind))  # type: ignore[arg-type]
    _, _, movements, _ = compiled(HILL, PLAN, model, troubles, Policy(kind=kind))  # type: ignore[arg-type]
    assert movements == found.movements
    return {one.id: one for one in found.movements}


STUB = storm(HILL, 0).shocks[0]


def at(clock: str) -> int:
    hours, minutes = map(int, clock.split(":"))
    return (hours - 6) * 60 + minutes


def test_a_shut_road_holds_whoever_has_not_begun_to_load() -> None:
    found = course(Shut(shock="x", span=Span(0, at("09:00")), on=("hill--bridge",)))
    assert found[FIRST.id].loading.start == at("09:00")
    assert found[DALE.id].handed_over is not None, "Dale goes on: its road is open"


def test_a_road_shut_beyond_handover_holds_a_convoy_and_never_turns_it_back() -> None:
    first = course(Shut(shock="x", span=Span(at("06:45"), at("12:00")), on=("bridge--city",)))[FIRST.id]
    assert (first.ending, first.handed_over, first.arrived) == ("arrived", at("07:00"), at("12:30"))


def test_a_crossing_shut_before_handover_turns_it_back() -> None:
    found = course(Shut(shock="x", span=Span(at("06:45"), at("12:00")), on=("bridge",)))
    first = found[FIRST.id]
    assert (first.ending, first.turned_back) == ("turned back", at("08:50")), "two hours after it came to the bridge"
    assert found[f"{FIRST.id}/2"].loading.start == at("12:00"), "and again once the bridge is open"


def test_the_other_side_waits_at_the_bridge_for_its_turn() -> None:
    """Dale's road is shut: Hill's second convoy may not go half ahead, stands loaded, and goes back after two hours."""
    found = course(Shut(shock="x", span=Span(0, at("15:00")), on=("dale--bridge",)))
    second = found[SECOND.id]
    assert second.ending == "turned back" and second.handed_over is None
    assert found[FIRST.id].handed_over == at("07:00")


def test_halted_evacuations_do_not_load() -> None:
    found = course(Halted(shock="x", span=Span(0, at("10:00")), evacuations=("hill-to-city",)))
    assert found[FIRST.id].loading.start == at("10:00") and found[DALE.id].loading == DALE.loading


def test_slow_roads_and_inspections_take_longer() -> None:
    found = course(Slowed(shock="x", span=Span(0, at("18:00")), on=("bridge",), factor=1.5))
    slot = found[FIRST.id].inspections[0]
    assert slot.ends - slot.starts == 15


def test_a_convoy_under_fire_turns_back_at_once() -> None:
    found = course(Struck(shock="x", movement=FIRST.id, leg=0, minutes=90))
    assert (found[FIRST.id].ending, found[FIRST.id].turned_back) == ("turned back", at("06:20"))
    assert found[f"{FIRST.id}/2"].loading.start == at("07:50"), "the road is shut for 90 minutes"


def test_a_block_that_ends_under_fire_is_over_once_the_fire_is() -> None:
    found = course(
        Struck(shock="fire", movement=FIRST.id, leg=0, minutes=90),
        Shut(shock="crowd", span=Span(at("06:25"), at("07:00")), on=("hill--bridge",)),
    )
    assert found[f"{FIRST.id}/2"].handed_over is not None


def test_of_two_fires_on_a_way_the_first_strikes() -> None:
    for order in (1, -1):
        fires = [Struck(shock="x", movement=FIRST.id, leg=leg, minutes=90) for leg in (0, 1)][::order]
        assert course(*fires)[FIRST.id].turned_back == at("06:20")


def test_lost_vehicles_are_missed() -> None:
    fleet = next(iter(FIRST.vehicles))
    found = course(Lost(shock="x", at=0, fleet=fleet, vehicles=1000))
    assert not found, "with no vehicle left nobody goes"


def test_fewer_people_than_counted_go_in_fewer_seats() -> None:
    found = course(TurnedUp(shock="x", evacuation="hill-to-city", group="civilian", people=120))
    assert [found[FIRST.id].total, found[SECOND.id].total] == [100, 20]


def test_more_people_than_counted_are_left_behind_where_no_convoy_was_planned_for_them() -> None:
    more = TurnedUp(shock="x", evacuation="hill-to-city", group="civilian", people=260)
    reference = run(HILL, PLAN, [more])
    assert [(one.evacuation, one.people) for one in reference.left_behind] == [("hill-to-city", 60)]
    model = ShockModel(shocks=(replace(STUB, id="x"),))
    _, sums, _, _ = compiled(HILL, PLAN, model, (more,), Policy())
    assert int(sums.left.sum()) == 60


def test_who_leaves_by_own_means_is_not_carried() -> None:
    found = course(LeftAlone(shock="x", at=0, evacuation="hill-to-city", people=150))
    assert found[FIRST.id].total == 50 and SECOND.id not in found


def test_a_clause_that_no_course_can_keep_is_refused_by_name() -> None:
    tie = Lockstep(id="by-arrival", of=("hill-to-city",), with_=("dale-to-town",), tolerance=0.5, counts="arrival")
    operation = replace(HILL, clauses=(tie,))
    for drive in (lambda: run(operation, PLAN, ()), lambda: Compiled(operation, PLAN, ShockModel())):
        with pytest.raises(ValueError, match="by-arrival ties two sides together by arrivals"):
            drive()


def test_a_consent_that_lapses_is_given_again_for_each_departure() -> None:
    """Hill's convoys leave the bridge 40 minutes after they depart, and the city road 70 after."""
    operation = replace(HILL, clauses=(*HILL.clauses, Consent(id="hourly", lapses_hours=1.5)))
    found = same(operation, PLAN, ShockModel(), 0, Policy())
    assert found.movements == in_order(PLAN) and found.waited == {}


def test_a_consent_that_lapses_on_the_way_is_refused_by_name() -> None:
    operation = replace(HILL, clauses=(*HILL.clauses, Consent(id="hasty", lapses_hours=0.5)))
    for drive in (lambda: run(operation, PLAN, ()), lambda: Compiled(operation, PLAN, ShockModel())):
        with pytest.raises(ValueError, match="clause hasty lets a consent lapse after 30 minutes"):
            drive()


def test_the_plan_of_the_tests_is_the_one_of_the_file() -> None:
    assert control.read("tiny") == HILL
    assert [FIRST.loading.start, DALE.loading.start, SECOND.loading.start] == [0, at("07:00"), at("07:10")]
