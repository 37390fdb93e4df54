"""The check on whole plans and on histories, and against a plain reading of the rules minute by minute."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from plans import (
    CROSSINGS,
    DAY,
    M1,
    M2,
    M3,
    PLACES,
    ROADS,
    clock,
    emptied,
    hours,
    one_after_another,
    plan,
    timed,
    valley,
)

from safepassage.agreement import Breach, Clause, Theatre
from safepassage.check import Finding, check_history, check_plan
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.apart import Apart
from safepassage.clauses.consent import Consent
from safepassage.clauses.escort import Escort
from safepassage.clauses.inspection import Inspection
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.notice import Notice
from safepassage.clauses.observer import Observer
from safepassage.clauses.pause import Pause
from safepassage.clauses.quota import Quota
from safepassage.clauses.window import Window
from safepassage.movement import EmptyMove, LeftBehind, Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.world import Pace, Span

IN_STEP = Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.4)


def said(findings: tuple[Finding, ...]) -> list[str]:
    return [f"{finding.rule}, {finding.severity}: {finding.text}" for finding in findings]


def shifted(movement: Movement, by: int) -> Movement:
    """The same movement, every instant later by so many minutes."""
    assert movement.arrived is not None and movement.unloading is not None
    return replace(
        movement,
        loading=Span(movement.loading.start + by, movement.loading.end + by),
        legs=tuple(replace(leg, departs=leg.departs + by, arrives=leg.arrives + by) for leg in movement.legs),
        inspections=tuple(replace(slot, starts=slot.starts + by, ends=slot.ends + by) for slot in movement.inspections),
        handed_over=None if movement.handed_over is None else movement.handed_over + by,
        arrived=movement.arrived + by,
        unloading=Span(movement.unloading.start + by, movement.unloading.end + by),
    )


# What it says


def test_a_finding_says_what_where_and_when_in_figures() -> None:
    operation = valley(
        places=tuple(replace(place, bays=None) for place in PLACES),
        fleets={**valley().fleets, "buses": replace(valley().fleets["buses"], stands={"town": 3, "village": 2})},
        escorts={"town": 2, "village": 1},
    )
    report = check_plan(operation, one_after_another(operation, replace(M3, starts=clock("05:57"))))
    assert said(report.findings) == ["rule 5, error: gate: 2 movements in its 1 lane at day 1 (15 Dec) 06:52: m1, m3"]
    finding = report.findings[0]
    assert (finding.at, finding.movements) == (clock("06:52"), ("m1", "m3"))
    assert not report.ok


def test_vehicles_that_are_missing_are_told_with_how_many_stand_there() -> None:
    report = check_plan(valley(), one_after_another(valley(), replace(M3, starts=clock("09:45"))))
    assert said(report.findings) == [
        "rule 7, error: town: 1 buses leave at day 1 (15 Dec) 09:45, but 0 stand there: m3",
        "rule 7, error: town: 1 escorts leave at day 1 (15 Dec) 09:45, but 0 stand there: m3",
    ]


def test_a_sentence_names_eight_movements_and_says_how_many_more() -> None:
    operation = valley()
    m1 = timed(operation, M1)
    texts = [
        check_history(operation, [replace(m1, id=f"m{n}") for n in range(1, count + 1)], ()).findings
        for count in (8, 9)
    ]
    eight, nine = ([f.text for f in findings if f.text.startswith("town: ") and "bay" in f.text] for findings in texts)
    at = "at day 1 (15 Dec) 06:00: m1, m2, m3, m4, m5, m6, m7, m8"
    assert eight == [f"town: 8 movements load at its 1 bay {at}"]
    assert nine == [f"town: 9 movements load at its 1 bay {at} and 1 more"]


def test_vehicles_that_are_missing_once_are_told_once() -> None:
    operation = valley(
        fleets={**valley().fleets, "buses": replace(valley().fleets["buses"], stands={"town": 1, "village": 2})}
    )
    report = check_plan(operation, one_after_another(operation))
    assert [finding.movements for finding in report.findings] == [("m1",)]


def test_a_clause_is_told_with_how_far_beyond_it_they_are() -> None:
    operation = valley(Quota(id="few", of=("*",), most=200))
    report = check_plan(operation, one_after_another(operation))
    assert said(report.findings) == [
        "few, error: all evacuations: at most 200 in all, 58 people beyond it at day 1 (15 Dec) 11:01: m3"
    ]


def test_what_cannot_be_judged_from_movements_is_said_and_never_taken_as_kept() -> None:
    clauses: tuple[Clause, ...] = (
        Escort(id="red", teams=("government",)),
        Observer(id="seen", parties=("government",)),
        Notice(id="told", hours=6),
        Pause(id="rest", hours=2),
        Inspection(id="search"),
        Consent(id="yes"),
        Observer(id="maybe", parties=("opposition",), state="proposed"),
        Window(id="open", hours=hours("06:00-18:00")),
        Apart(id="apart", groups=("fighter", "lying")),
    )
    operation = valley(*clauses)
    report = check_plan(operation, one_after_another(operation))
    assert report.ok
    assert [sentence.partition(":")[0] for sentence in report.not_checkable] == [
        "red", "seen", "told", "rest", "search", "yes"
    ]  # fmt: skip


def test_it_says_how_much_it_looked_at() -> None:
    report = check_plan(valley(IN_STEP), one_after_another(valley()))
    assert report.checked == {
        "movements": 3,
        "empty moves": 1,
        "people": 258,
        "legs": 6,
        "inspections": 3,
        "clauses": 1,
        "limits": 2,
        "closures": 0,
    }


# The figures of a plan


@pytest.mark.parametrize(
    ("figure", "fields"),
    [
        ("objective", {"objective": 2000.0}),
        ("person-hours", {"person_hours": 2300.0}),
        ("exposure", {"exposure": 0.0}),
        ("bound", {"bound": 2800.0}),
        ("outcome", {"outcome": "people left behind"}),
    ],
)
def test_a_figure_that_its_movements_do_not_make_is_an_error(figure: str, fields: Mapping[str, Any]) -> None:
    timetable = one_after_another(valley())
    assert [finding.rule for finding in check_plan(valley(), replace(timetable, **fields)).findings] == [figure]


def test_the_figures_by_hand() -> None:
    """100 people at 08:20, 100 at 08:00, 50 and 8 of weight 4 at 12:26; two hazardous roads."""
    timetable = replace(
        one_after_another(valley()),
        person_hours=100 * 8 + 100 / 3 + 100 * 8 + 58 * (12 + 26 / 60),
        objective=100 * 8 + 100 / 3 + 100 * 8 + (50 + 4 * 8) * (12 + 26 / 60),
        exposure=158 * 0.01 + 100 * 0.02,
        bound=2652.8,
    )
    assert check_plan(valley(), timetable).ok


def test_a_person_left_behind_counts_twice_the_length_of_the_operation() -> None:
    one_less = replace(M3, people={"buses": {"civilian": 50}, "ambulances": {"lying": 7}})
    timetable = one_after_another(valley(), one_less)
    assert check_plan(valley(), timetable).ok
    assert timetable.objective == pytest.approx(one_after_another(valley()).objective + 4 * (2 * 48 - (12 + 26 / 60)))
    assert [
        f.rule for f in check_plan(valley(), replace(timetable, objective=timetable.objective - 4 * 48)).findings
    ] == ["objective"]


@pytest.mark.parametrize(
    "left_behind",
    [
        (),
        (LeftBehind(evacuation="out", group="lying", people=2, why=""),),
        (LeftBehind(evacuation="over", group="civilian", people=1, why=""),),
        (
            LeftBehind(evacuation="out", group="lying", people=1, why=""),
            LeftBehind(evacuation="out", group="fighter", people=1, why=""),
        ),
        (
            LeftBehind(evacuation="out", group="lying", people=2, why=""),
            LeftBehind(evacuation="out", group="lying", people=-1, why=""),
        ),
    ],
    ids=["nobody listed", "one too many", "of another evacuation", "whom nobody demanded", "fewer than none"],
)
def test_everyone_is_carried_or_listed_as_left_behind(left_behind: tuple[LeftBehind, ...]) -> None:
    one_less = replace(M3, people={"buses": {"civilian": 50}, "ambulances": {"lying": 7}})
    timetable = replace(one_after_another(valley(), one_less), left_behind=left_behind)
    rules = {finding.rule for finding in check_plan(valley(), timetable).findings}
    assert "rule 1" in rules


def test_nobody_may_be_listed_as_left_behind() -> None:
    timetable = one_after_another(valley())
    nobody = (LeftBehind(evacuation="out", group="lying", people=0, why=""),)
    assert check_plan(valley(), replace(timetable, left_behind=nobody)).ok


def test_two_movements_of_one_id_are_an_error() -> None:
    timetable = one_after_another(valley())
    renamed = tuple(
        replace(movement, id="m2" if movement.id == "m3" else movement.id) for movement in timetable.movements
    )
    report = check_plan(valley(), replace(timetable, movements=renamed))
    assert said(report.findings) == ["movement ids, error: m2: 2 movements bear this id"]


# Histories


def history(*movements: Movement, operation: Operation | None = None, empty: tuple[EmptyMove, ...] = ()) -> list[str]:
    report = check_history(operation or valley(), movements, empty)
    return [f"{finding.rule} {finding.severity} {finding.at}" for finding in report.findings]


def test_a_history_as_planned_is_kept() -> None:
    timetable = one_after_another(valley())
    assert check_history(valley(), timetable.movements, timetable.empty_moves).ok


def test_standing_loaded_at_a_road_block_is_a_breach_with_its_instant() -> None:
    """m1 stands for 200 minutes at the gate: aboard too long, waiting, and nothing that cannot be."""
    m1 = timed(valley(), M1)
    late = replace(shifted(m1, 200), loading=m1.loading, legs=(m1.legs[0], shifted(m1, 200).legs[1]))
    operation = valley(Aboard(id="stay", minutes=180))
    assert history(late, operation=operation) == [
        f"rule 6 breach {clock('06:50')}",
        f"stay breach {clock('09:00')}",
    ]


def test_slow_roads_and_slots_are_breaches() -> None:
    m2 = timed(valley(), M2)
    slow = replace(shifted(m2, 10), loading=m2.loading, legs=(
        replace(m2.legs[0], arrives=m2.legs[0].arrives + 10), shifted(m2, 10).legs[1]))  # fmt: skip
    assert history(slow) == [f"rule 4 breach {clock('06:30')}"]


def test_a_clause_not_kept_is_a_breach() -> None:
    assert history(timed(valley(), M1), operation=valley(IN_STEP)) == [f"step breach {clock('07:00')}"]


def test_fewer_carried_than_demanded_is_no_fault_of_a_history() -> None:
    assert history(timed(valley(), M2)) == []


@pytest.mark.parametrize(
    "movements",
    [
        (timed(valley(), M1), timed(valley(), replace(M3, starts=clock("11:00")))),
        (timed(valley(), replace(M1, people={"buses": {"civilian": 101}})),),
        (replace(timed(valley(), M2), people={"buses": {"fighter": 5}}),),
    ],
    ids=["rule 7: the same buses twice", "rule 2: more people than seats", "rule 1: people nobody demanded"],
)
def test_what_cannot_be_is_an_error_in_a_history(movements: tuple[Movement, ...], request: Any) -> None:
    rule = request.node.callspec.id.partition(":")[0]
    report = check_history(valley(), movements, ())
    assert {(finding.rule, finding.severity) for finding in report.findings} == {(rule, "error")}


def test_a_convoy_cannot_jump_or_go_back_in_time() -> None:
    m1 = timed(valley(), M1)
    jumps = replace(m1, legs=(m1.legs[0], replace(m1.legs[1], here="ford", road="ford--city", departs=clock("07:20"))))
    assert f"rule 7 error {clock('07:20')}" in history(jumps)
    early = replace(m1, legs=(m1.legs[0], replace(m1.legs[1], departs=clock("06:58"))))
    assert f"rule 6 error {clock('06:58')}" in history(early)


def test_a_movement_still_on_its_way_breaks_nothing() -> None:
    m1 = timed(valley(), M1)
    boarding = replace(m1, legs=(), inspections=(), handed_over=None, arrived=None, unloading=None)
    at_the_gate = replace(m1, legs=m1.legs[:1], inspections=(), handed_over=None, arrived=None, unloading=None)
    beyond = replace(m1, arrived=None, unloading=None)
    assert [history(m) for m in (boarding, at_the_gate, beyond)] == [[], [], []]


def turned_back(movement: Movement) -> Movement:
    """Stopped ten minutes out of the town, it turns on the road and unloads where it loaded."""
    leaves = movement.loading.end
    turn = Leg(road="town--gate", here="town", there="town", departs=leaves, arrives=leaves + 20)
    return replace(
        movement,
        legs=(turn,),
        inspections=(),
        handed_over=None,
        arrived=leaves + 20,
        unloading=Span(leaves + 20, leaves + 40),
        ending="turned back",
        turned_back=leaves + 10,
    )


def standing(movement: Movement) -> Movement:
    """Caught at the gate, with no way open."""
    return replace(
        movement,
        legs=movement.legs[:1],
        inspections=(),
        handed_over=None,
        arrived=None,
        unloading=None,
        ending="standing",
    )


def test_those_who_turned_back_are_free_to_go_again_from_where_they_were() -> None:
    m1 = timed(valley(), M1)
    again = replace(timed(valley(), replace(M1, starts=clock("07:00"))), id="again")
    assert history(turned_back(m1), again) == []
    too_early = replace(timed(valley(), replace(M1, starts=clock("06:59"))), id="again")
    assert history(turned_back(m1), too_early) == [f"rule 7 error {clock('06:59')}"] * 2


def test_private_cars_that_turned_back_may_go_again() -> None:
    cars = replace(M2, vehicles={"cars": 10}, people={"cars": {"civilian": 50}}, starts=clock("06:00"))
    first = timed(valley(), cars)
    turn = Leg(road="village--ford", here="village", there="village", departs=first.loading.end, arrives=clock("07:30"))
    back = replace(first, legs=(turn,), inspections=(), handed_over=None, arrived=turn.arrives, ending="turned back",
                   unloading=Span(turn.arrives, turn.arrives + 60), turned_back=turn.departs + 5)  # fmt: skip
    again = replace(timed(valley(), replace(cars, starts=clock("08:30"))), id="again")
    assert history(back, again) == []


def test_a_convoy_stopped_at_a_crossing_turns_back_uninspected_and_ends_where_it_loaded() -> None:
    m1 = timed(valley(), M1)
    home = Leg(road="town--gate", here="gate", there="town", departs=clock("06:50"), arrives=clock("07:20"))
    back = replace(m1, legs=(m1.legs[0], home), inspections=(), handed_over=None, arrived=home.arrives,
                   unloading=Span(home.arrives, home.arrives + 20), ending="turned back",
                   turned_back=clock("06:50"))  # fmt: skip
    assert history(back) == []
    slow = replace(
        back, legs=(replace(m1.legs[0], departs=clock("06:15")), home), loading=Span(clock("05:55"), clock("06:15"))
    )
    assert history(slow) == [f"rule 4 breach {clock('06:15')}"]
    assert history(replace(back, legs=m1.legs[:1])) == [f"rule 7 error {clock('07:40')}"]


@pytest.mark.parametrize(("minutes", "severity"), [(0, "breach"), (-1, "error")])
def test_what_takes_no_time_went_wrong_and_what_ends_before_it_starts_cannot_be(minutes: int, severity: str) -> None:
    m1 = timed(valley(), M1)
    leg, slot = m1.legs[0], m1.inspections[0]
    assert m1.unloading is not None
    for edited, rule, at in (
        (replace(m1, loading=Span(m1.loading.start, m1.loading.start + minutes)), "rule 3", m1.loading.start),
        (replace(m1, unloading=Span(m1.unloading.start, m1.unloading.start + minutes)), "rule 3", m1.unloading.start),
        (replace(m1, legs=(replace(leg, arrives=leg.departs + minutes), m1.legs[1])), "rule 4", leg.departs),
        (replace(m1, inspections=(replace(slot, ends=slot.starts + minutes),)), "rule 5", slot.starts),
    ):
        assert f"{rule} {severity} {at}" in history(edited)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotBeforeSeven(Clause):
    """A clause that judges movements itself."""

    kind: ClassVar[str] = "not-before-seven"

    def breaches(self, theatre: Theatre, movements: Sequence[Movement]) -> Iterator[Breach]:
        for movement in movements:
            if movement.loading.start < clock("07:00"):
                yield Breach(clause=self.id, at=movement.loading.start, text="too early", movements=(movement.id,))


def test_what_a_clause_finds_itself_is_told_unless_it_is_past() -> None:
    operation = valley(NotBeforeSeven(id="seven"))
    timetable = one_after_another(operation)
    assert said(check_plan(operation, timetable).findings) == [
        "seven, error: too early at day 1 (15 Dec) 06:00: m1",
        "seven, error: too early at day 1 (15 Dec) 06:10: m2",
    ]
    assert replanned(timetable, operation, at=clock("06:05")) == [f"seven {clock('06:10')}"]


def test_those_who_stand_keep_their_vehicles_and_their_escort() -> None:
    m1 = timed(valley(), M1)
    again = replace(timed(valley(), replace(M1, starts=clock("11:00"))), id="again")
    assert history(standing(m1)) == []
    assert history(standing(m1), again) == [f"rule 7 error {clock('11:00')}"] * 2


def test_a_late_empty_move_is_a_breach_and_one_over_no_road_an_error() -> None:
    m1 = timed(valley(), M1)
    back = emptied(valley(), ("city", "gate", "town"), clock("08:20"), {"buses": 2})
    late = replace(back, hops=(back.hops[0], replace(back.hops[1], arrives=clock("10:30"))))
    assert history(m1, empty=(late,)) == [f"rule 7 breach {clock('09:20')}"]
    nowhere = replace(back, hops=(replace(back.hops[0], there="town"),))
    assert history(m1, empty=(nowhere,)) == [f"rule 7 error {clock('08:20')}"]


# Replanned: what started before is past

NINE = clock("09:00")


def replanned(timetable: Timetable, operation: Operation, at: int = NINE) -> list[str]:
    again = plan(operation, timetable.movements, timetable.empty_moves, frozen_until=at)
    return [f"{finding.rule} {finding.at}" for finding in check_plan(operation, again).findings]


def test_what_starts_at_the_instant_of_replanning_is_the_plans() -> None:
    operation = valley(load_from=clock("10:30"))
    assert replanned(one_after_another(operation), operation, at=clock("10:00")) == [f"rule 3 {clock('10:00')}"]
    assert replanned(one_after_another(operation), operation, at=clock("10:01")) == []


@pytest.mark.parametrize(
    "operation",
    [
        valley(load_from=clock("06:30")),
        valley(places=tuple(replace(place, bays=0 if place.id == "village" else None) for place in PLACES)),
        valley(roads=tuple(replace(road, minutes=22) if road.id == "village--ford" else road for road in ROADS)),
        valley(crossings=tuple(replace(post, hours=hours("10:00-18:00")) for post in CROSSINGS)),
        valley(
            crossings=tuple(replace(post, people_per_hour=700) if post.at == "ford" else post for post in CROSSINGS)
        ),
        valley(Aboard(id="stay", minutes=100, of=("over",))),
        valley(Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.2, until=clock("09:00"))),
        valley(Window(id="late", hours=hours("10:00-18:00"))),
    ],
    ids=["loading", "bays", "roads", "hours", "slots", "aboard", "limits", "closures"],
)
def test_what_the_past_alone_broke_is_not_the_plans_error(operation: Operation) -> None:
    timetable = one_after_another(valley())
    assert replanned(timetable, operation) == []
    assert replanned(timetable, operation, at=0) != []


def test_people_and_vehicles_of_the_past_still_have_to_add_up() -> None:
    timetable = one_after_another(valley(), back=clock("07:59"))
    assert replanned(timetable, valley()) == [f"rule 7 {clock('07:59')}"] * 2
    twice = one_after_another(valley(), replace(M2, people={"buses": {"civilian": 101}}))
    assert "rule 1 None" in replanned(twice, valley())


def test_what_is_not_known_of_the_past_or_was_too_much_is_not_the_plans_error() -> None:
    """Seats overfilled, a count not reported, places left out of a way, empty vehicles of which nobody reports."""
    timetable = one_after_another(valley())
    m1, m2, m3 = timetable.movements
    narrow = valley(fleets={**valley().fleets, "buses": replace(valley().fleets["buses"], seats=48)})
    assert {found for found in replanned(timetable, narrow) if "rule 2" in found} == {f"rule 2 {clock('10:00')}"}
    assert replanned(replace(timetable, movements=(replace(m1, legs=m1.legs[1:]), m2, m3)), valley()) == []
    assert replanned(replace(timetable, movements=(m1, replace(m2, people={}), m3)), valley()) == []
    assert replanned(replace(timetable, movements=(replace(m1, legs=m1.legs[:1]), m2, m3)), valley()) == []
    (back,) = timetable.empty_moves
    somehow = replace(back, hops=(replace(back.hops[0], there="town", arrives=back.ends),))
    assert replanned(replace(timetable, empty_moves=(somehow,)), valley()) == []


def test_what_the_plan_adds_to_a_lane_or_a_place_is_its_error() -> None:
    """The past alone fills the city; whoever still comes is too many."""
    full = valley(places=tuple(replace(place, capacity=150) if place.id == "city" else place for place in PLACES))
    assert replanned(one_after_another(valley()), full) == [f"rule 9 {clock('12:01')}"]


def test_the_excess_of_the_past_may_not_grow() -> None:
    """100 of 158 are out, and of the village all (58 more of the town mend it) or 40 of 100 (they make it worse)."""
    half = replace(M2, people={"buses": {"civilian": 40}})
    operation = valley(Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.2))
    assert replanned(one_after_another(operation), operation) == []
    assert replanned(one_after_another(operation, half), operation) == [f"step {clock('11:01')}"]


def test_a_limit_that_starts_later_is_the_plans_where_the_plan_moved_people_before() -> None:
    few = Quota(id="few", of=("out",), most=120, from_=clock("11:30"))
    assert replanned(one_after_another(valley()), valley(few)) == [f"few {clock('11:30')}"]
    assert replanned(one_after_another(valley()), valley(few), at=clock("10:01")) == []


def test_a_convoy_that_was_turned_back_goes_again_and_its_people_count_once() -> None:
    operation = valley()
    m1, m2, m3 = one_after_another(operation).movements
    again = shifted(replace(m1, id="again"), 60)
    back = emptied(operation, ("city", "gate", "town"), clock("09:20"), {"buses": 2})
    timetable = plan(operation, (turned_back(m1), m2, again, shifted(m3, 60)), (back,), frozen_until=clock("06:45"))
    assert check_plan(operation, timetable).findings == ()


def test_a_convoy_that_stands_leaves_its_people_behind() -> None:
    operation = valley(escorts={"town": 2, "village": 1}, fleets={
        **valley().fleets, "buses": replace(valley().fleets["buses"], stands={"town": 3, "village": 2})})  # fmt: skip
    m1, m2, m3 = one_after_another(operation).movements
    timetable = plan(operation, (standing(m1), m2, m3), frozen_until=clock("06:45"))
    assert check_plan(operation, timetable).findings == ()
    assert [behind.people for behind in timetable.left_behind] == [100]


def test_only_the_past_may_turn_back_or_stand() -> None:
    operation = valley()
    m1, m2, _ = one_after_another(operation).movements
    timetable = plan(operation, (standing(m1), m2))
    assert [finding.rule for finding in check_plan(operation, timetable).findings] == ["rule 4"]


# Against a plain reading, minute by minute


def is_open(hours_of_day: tuple[Span, ...], closed: tuple[Span, ...], minute: int) -> bool:
    by_hours = any(hour.start <= minute % DAY < hour.end for hour in hours_of_day)
    return by_hours and not any(shut.start <= minute < shut.end for shut in closed)


def read_plainly(operation: Operation, timetable: Timetable) -> set[str]:
    """The rules that a plan whose people and ways are right breaks by its times, found minute by minute."""
    broken: set[str] = set()
    world, end, moves = operation.world, operation.calendar.end, timetable.empty_moves
    always = (Span(0, DAY),)
    for m in timetable.movements:
        assert m.arrived is not None and m.unloading is not None
        if not operation.load_from <= m.loading.start % DAY < operation.load_until or not 0 <= m.loading.start < end:
            broken.add("rule 3")
        if m.loading.start < 0 or m.unloading.end > end or any(move.starts < 0 or move.ends > end for move in moves):
            broken.add("rule 7")
        chain = [m.loading.start, m.loading.end]
        steps = sorted([(x.departs, x.arrives) for x in m.legs] + [(x.starts, x.ends) for x in m.inspections])
        for starts, ends in [*steps, (m.arrived, m.arrived), m.unloading]:
            if starts != chain[-1]:
                broken.add("rule 6")
            chain.append(ends)
        for x in m.legs:
            road = world.roads[x.road]
            pace = [pace.minutes for pace in road.paces if pace.hours.start <= x.departs % DAY < pace.hours.end]
            if x.arrives - x.departs != (pace or [road.minutes])[0]:
                broken.add("rule 4")
            for minute in range(x.departs, x.arrives):
                if not is_open(road.hours or always, road.closed, minute) or not 0 <= minute < end:
                    broken.add("rule 4")
        for slot in m.inspections:
            post = world.crossings[slot.crossing]
            for minute in range(slot.starts, slot.ends):
                if not is_open(post.hours or operation.hours, post.closed, minute) or not 0 <= minute < end:
                    broken.add("rule 5")
        if any(m.loading.start < midnight < m.unloading.end for midnight in range(0, end + DAY, DAY)):
            broken.add("rule 8")
    for move in moves:
        for hop in move.hops:
            links = [link for link in world.empty_links if {hop.here, hop.there} == set(link.between)]
            roads = [road for road in world.roads.values() if {hop.here, hop.there} == set(road.between)]
            pace = [p.minutes for road in roads for p in road.paces if p.hours.start <= hop.departs % DAY < p.hours.end]
            takes = [link.minutes for link in links] or pace or [road.minutes for road in roads]
            via = [world.roads[road] for link in links for road in link.via] or roads
            if hop.arrives - hop.departs != takes[0]:
                broken.add("rule 7")
            for minute in range(hop.departs, hop.arrives):
                if any(shut.start <= minute < shut.end for road in via for shut in road.closed):
                    broken.add("rule 7")
    first = [m.loading.start for m in timetable.movements] + [move.starts for move in moves]
    last = [m.ends for m in timetable.movements] + [move.ends for move in moves]
    for minute in range(min(first), max(last) + 1):
        broken |= _at(operation, timetable, minute)
    for day in range(operation.calendar.days):
        arrived = Counter[str]()
        for m in timetable.movements:
            if m.arrived is not None and m.arrived // DAY == day:
                arrived[m.destination] += m.total
        if any(arrived[p.id] > p.capacity_per_day for p in world.places.values() if p.capacity_per_day is not None):
            broken.add("rule 9")
    return broken


def _at(operation: Operation, timetable: Timetable, minute: int) -> set[str]:
    """What is wrong at one minute: lanes, bays, vehicles by place, shares in step."""
    broken: set[str] = set()
    lanes, bays, stands = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    for fleet in operation.fleets.values():
        stands.update({(fleet.id, place): vehicles for place, vehicles in fleet.stands.items()})
    stands.update({("escorts", place): escorts for place, escorts in (operation.escorts or {}).items()})
    out = Counter[str]()
    for m in timetable.movements:
        assert m.unloading is not None and m.handed_over is not None
        lanes.update(slot.crossing for slot in m.inspections if slot.starts <= minute < slot.ends)
        bays.update([m.origin] if m.loading.start <= minute < m.loading.end else [])
        for thing, count in {**m.vehicles, "escorts": 1}.items():
            stands[thing, m.origin] -= count if m.loading.start <= minute else 0
            stands[thing, m.destination] += count if m.unloading.end <= minute else 0
        out[m.evacuation] += m.total if m.handed_over <= minute else 0
    for move in timetable.empty_moves:
        for thing, count in {**move.vehicles, "escorts": move.escorts}.items():
            stands[thing, move.origin] -= count if move.starts <= minute else 0
            stands[thing, move.destination] += count if move.ends <= minute else 0
    if any(lanes[post.at] > post.lanes for post in operation.world.crossings.values()):
        broken.add("rule 5")
    if any(bays[place.id] > place.bays for place in operation.world.places.values() if place.bays is not None):
        broken.add("rule 3")
    if any(count < 0 for count in stands.values()):
        broken.add("rule 7")
    if abs(Fraction(out["out"], 158) - Fraction(out["over"], 100)) > Fraction(9, 10):
        broken.add("step")
    return broken


def busy(bays: int, lanes: int) -> Operation:
    """The valley with buses for two movements from the town at once, a slow hour, a closed hour and a lockstep."""
    fleets = {**valley().fleets, "buses": replace(valley().fleets["buses"], stands={"town": 3, "village": 2})}
    return valley(
        Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.9),
        fleets=fleets,
        escorts={"town": 2, "village": 1},
        places=tuple(replace(p, bays=bays if p.id == "town" else p.bays, capacity_per_day=258) for p in PLACES),
        roads=tuple(
            replace(road, paces=(Pace(hours("07:00-07:30")[0], 45),)) if road.id == "town--gate" else road
            for road in ROADS
        ),
        crossings=tuple(replace(post, lanes=lanes) if post.at == "gate" else post for post in CROSSINGS),
    )


minutes_off = st.one_of(st.just(0), st.integers(-12, 12), st.integers(-90, 90), st.integers(-400, 2400))


@settings(max_examples=100, deadline=None)
@given(
    offs=st.tuples(minutes_off, minutes_off, minutes_off, minutes_off),
    soon=st.booleans(),
    bays=st.integers(1, 2),
    lanes=st.integers(1, 2),
)
def test_a_plan_with_shifted_times_is_judged_as_a_plain_reading_judges_it(
    offs: tuple[int, int, int, int], soon: bool, bays: int, lanes: int
) -> None:
    operation = busy(bays, lanes)
    moved = one_after_another(operation, replace(M3, starts=clock("06:05" if soon else "10:00")))
    movements = tuple(shifted(movement, off) for movement, off in zip(moved.movements, offs[:3], strict=True))
    back = moved.empty_moves[0]
    hops = tuple(replace(hop, departs=hop.departs + offs[3], arrives=hop.arrives + offs[3]) for hop in back.hops)
    timetable = plan(operation, movements, (replace(back, hops=hops),))
    broken = read_plainly(operation, timetable)
    event("kept" if not broken else "broken")
    report = check_plan(operation, timetable)
    assert {finding.rule for finding in report.findings} == broken, said(report.findings)


@settings(max_examples=60, deadline=None)
@given(which=st.integers(0, 2), step=st.integers(0, 4), by=st.integers(-3, 3), at_end=st.booleans())
def test_one_instant_moved_is_always_found(which: int, step: int, by: int, at_end: bool) -> None:
    """Of one movement, the start or the end of one leg or slot is moved by a few minutes, all else left."""
    timetable = one_after_another(valley())
    movement = timetable.movements[which]
    legs, slots = list(movement.legs), list(movement.inspections)
    if step < len(legs):
        leg = legs[step]
        legs[step] = replace(leg, arrives=leg.arrives + by) if at_end else replace(leg, departs=leg.departs + by)
    else:
        slot = slots[0]
        slots[0] = replace(slot, ends=slot.ends + by) if at_end else replace(slot, starts=slot.starts + by)
    edited = replace(movement, legs=tuple(legs), inspections=tuple(slots))
    movements = tuple(edited if m.id == movement.id else m for m in timetable.movements)
    report = check_plan(valley(), plan(valley(), movements, timetable.empty_moves))
    assert report.ok == (by == 0)


# Speed


def test_a_large_timetable_is_checked_at_once() -> None:
    """1,400 movements and as many empty moves over 14 hours, with limits by day and a lockstep."""
    operation = valley(
        Lockstep(id="step", of=("out",), with_=("over",), tolerance=1.0),
        *(Quota(id=f"quota-{n}", of=("out",), most=140_000, per="day") for n in range(20)),
        places=tuple(replace(place, bays=None, capacity=None, capacity_per_day=None) for place in PLACES),
        roads=tuple(replace(road, hours=None, closed=(), paces=()) for road in ROADS),
        crossings=tuple(replace(post, lanes=700) for post in CROSSINGS),
        escorts={"town": 1400},
        fleets={**valley().fleets, "buses": replace(valley().fleets["buses"], stands={"town": 2800})},
        evacuations={
            "out": replace(valley().evacuations["out"], people={"civilian": Count.exactly(140_000)}),
            "over": replace(valley().evacuations["over"], people={"civilian": Count.exactly(0)}),
        },
    )
    trips = [replace(M1, id=f"m{n:04}", starts=clock("05:10") + n // 2) for n in range(1400)]
    movements = [timed(operation, trip) for trip in trips]
    empty = [emptied(operation, ("city", "gate", "town"), movement.ends, {"buses": 2}) for movement in movements]
    timetable = plan(operation, movements, empty)
    started = time.perf_counter()
    report = check_plan(operation, timetable)
    seconds = time.perf_counter() - started
    assert report.ok, said(report.findings[:5])
    assert seconds < 1.0, f"{seconds:.2f} seconds for 1,400 movements"
