"""Courses in which the rest is planned anew: what the planner is told, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
import worlds

from futures.pairs import TRACE, judged, planned, storm
from safepassage import control
from safepassage.control.futures import Replanning
from safepassage.futures import kernel
from safepassage.futures.course import Course, Policy, run
from safepassage.futures.network import Compiled
from safepassage.futures.shocks import Shut, Trouble
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.situation import Situation
from safepassage.world import Span

TINY = worlds.hill_and_dale()
VILLAGES = worlds.two_villages()
REPLAN = Policy(kind="replan", replan_minutes=30)


def shut(road: str, start: int, end: int) -> Shut:
    return Shut(shock="crowd", span=Span(start, end), on=(road,))


@dataclass
class Asked:
    """A planner that remembers what it was told."""

    told: list[Situation] = field(default_factory=list)

    def __call__(self, situation: Situation) -> Timetable | None:
        self.told.append(situation)
        return Replanning(seed=1, work=3)(situation)


def driven(troubles: tuple[Trouble, ...], asked: Asked | None = None) -> Course:
    return run(TINY, planned(TINY), troubles, policy=REPLAN, replan=asked or Asked())


def test_where_nothing_goes_wrong_nobody_is_asked_and_it_is_the_timetable() -> None:
    asked = Asked()
    found = driven((), asked)
    assert not asked.told and found.replans == ()
    assert [one.loading for one in found.movements] == [one.loading for one in planned(TINY).movements]


def test_after_a_block_the_rest_is_planned_anew_and_no_fewer_are_out_than_by_holding_on() -> None:
    troubles = (shut("hill--bridge", 10, 240),)
    hold = run(TINY, planned(TINY), troubles)
    found = driven(troubles)
    assert found.replans and all(happened for _, happened in found.replans)
    assert sum(one.people for one in found.left_behind) <= sum(one.people for one in hold.left_behind)
    assert found.person_minutes <= hold.person_minutes


@pytest.mark.parametrize("start", [165, 310])
@pytest.mark.parametrize("road", list(worlds.hub().world.roads))
def test_a_road_shut_for_a_day_leaves_no_more_people_behind_than_holding_on(road: str, start: int) -> None:
    """From before the empty buses set out, too: the planner is told where they stand, and not where they should."""
    hub = worlds.hub()
    plan, troubles = planned(hub), (shut(road, start, start + 1440),)
    hold = run(hub, plan, troubles)
    found = run(hub, plan, troubles, policy=Policy(kind="replan"), replan=Replanning(seed=1, work=2))
    assert found.replans
    assert sum(one.people for one in found.left_behind) <= sum(one.people for one in hold.left_behind)
    assert not [finding for finding in judged(hub, found).findings if finding.severity == "error"]


@pytest.mark.parametrize("start", [10, 40, 70])
@pytest.mark.parametrize("road", ["hill--bridge", "dale--bridge", "bridge--city"])
def test_nobody_is_lost_and_no_decision_breaks_a_clause(road: str, start: int) -> None:
    found = driven((shut(road, start, start + 200),))
    out = sum(one.total for one in found.movements if one.ending == "arrived")
    assert out + sum(one.people for one in found.left_behind) == 300
    report = judged(TINY, found)
    assert not [finding for finding in report.findings if finding.severity == "error"]
    assert not {finding.rule for finding in report.findings} & {clause.id for clause in TINY.clauses if clause.sides()}


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("operation", [VILLAGES, worlds.hub()], ids=lambda one: one.name)
def test_in_a_storm_no_plan_that_is_made_breaks_a_clause(operation: Operation, number: int) -> None:
    plan = planned(operation)
    troubles = storm(operation, number).troubles(operation, plan, 7, number)
    found = run(operation, plan, troubles, policy=Policy(kind="replan"), replan=Replanning(seed=1, work=2))
    findings = judged(operation, found).findings
    assert found.replans and not [finding for finding in findings if finding.severity == "error"]
    assert not {finding.rule for finding in findings} & {limit.clause for limit in operation.limits}


def test_the_planner_is_told_what_is_known_then_and_nothing_of_what_is_to_come() -> None:
    first = shut("hill--bridge", 10, 100)
    before, after = Asked(), Asked()
    driven((first,), before)
    driven((first, shut("dale--bridge", 101, 700)), after)
    instant = before.told[0].as_of
    assert instant == after.told[0].as_of == TINY.calendar.when(100)
    assert [event.what for event in before.told[0].events] == [event.what for event in after.told[0].events]
    assert all(event.known <= told.as_of for told in after.told for event in told.events)


def test_where_no_plan_is_found_whoever_can_go_goes_and_the_course_says_so() -> None:
    hub = worlds.hub()
    plan = planned(hub)
    troubles = storm(hub, 3).troubles(hub, plan, 7, 0)
    found = run(hub, plan, troubles, policy=REPLAN, replan=lambda situation: None)
    hold, send = run(hub, plan, troubles), run(hub, plan, troubles, policy=Policy(kind="send"))
    assert found.replans and not any(happened for _, happened in found.replans)
    assert found.movements == send.movements != hold.movements


def test_it_ends_whatever_is_planned() -> None:
    """Every road is shut by turns: the course comes to its end, and what it did is a history that can be."""
    roads = list(VILLAGES.world.roads)
    troubles = tuple(shut(roads[n % len(roads)], 30 + 90 * n, 100 + 90 * n) for n in range(8))
    found = run(VILLAGES, planned(VILLAGES), troubles, policy=REPLAN, replan=Asked())
    assert not [one for one in judged(VILLAGES, found).findings if one.severity == "error"]


def test_the_compiled_course_refuses_by_name_and_a_policy_needs_its_planner() -> None:
    plan = planned(TINY)
    ready = Compiled(TINY, plan, control.shocks_beside("tiny", TINY))
    with pytest.raises(ValueError, match="policy replan"):
        kernel.run(ready, ready.troubles([()]), REPLAN, trace=TRACE)
    with pytest.raises(ValueError, match="needs a planner"):
        run(TINY, plan, (), policy=REPLAN)


def test_the_same_seed_and_work_give_the_same_courses() -> None:
    model = control.shocks_beside("tiny", TINY)
    once, again = (
        control.stress(TINY, planned(TINY), model, courses=4, policy=REPLAN, checked=2, workers=workers)
        for workers in (1, 2)
    )
    assert (once.courses.person_minutes == again.courses.person_minutes).all()
    assert once.checked.courses == 2 and not once.checked.errors
