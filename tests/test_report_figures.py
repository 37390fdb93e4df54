"""The figures of a plan, against the valley's timetable counted by hand (its times stand in plans.py)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from plans import M1, M2, clock, emptied, one_after_another, plan, timed, valley

from safepassage.agreement import Clause
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.quota import Quota
from safepassage.clauses.tranches import Tranches
from safepassage.report import figures
from safepassage.world import Span

LOCKSTEP = Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.60)


def test_people_count_as_out_from_their_handover() -> None:
    operation = valley()
    timetable = one_after_another(operation)
    assert figures.people_out(operation, timetable) == ((clock("07:00"), 200), (clock("11:01"), 258))
    assert figures.people_out(operation, timetable, "over") == ((clock("07:00"), 100),)


def test_people_turned_back_are_not_out() -> None:
    operation = valley()
    turned = replace(timed(operation, M1), ending="turned back", turned_back=clock("07:30"), unloading=None)
    assert figures.people_out(operation, plan(operation, [turned])) == ((clock("07:00"), 100), (clock("07:30"), 0))


def test_a_crossing_is_loaded_by_its_slots_over_its_open_lane_minutes() -> None:
    operation = valley()
    gate, ford = figures.crossing_loads(operation, one_after_another(operation))
    assert (gate.crossing, gate.day, gate.booked_minutes, gate.open_minutes) == ("gate", 0, 10 + 6, 12 * 60)
    assert (ford.booked_minutes, ford.open_minutes) == (10, 2 * 11 * 60)  # two lanes, an hour closed at noon
    assert gate.share == pytest.approx(16 / 720)


def test_a_fleet_is_in_use_from_loading_to_unloading_and_on_empty_moves() -> None:
    operation = valley()
    uses = {use.id: use for use in figures.fleet_uses(operation, one_after_another(operation))}
    assert uses["buses"].carrying == (
        (clock("06:00"), 2),
        (clock("06:10"), 4),
        (clock("08:00"), 2),
        (clock("08:20"), 0),
        (clock("10:00"), 1),
        (clock("12:26"), 0),
    )
    assert uses["buses"].empty == ((clock("08:20"), 2), (clock("09:50"), 0))
    assert uses["buses"].peak == 4
    assert uses["escorts"].vehicles == 2 and uses["escorts"].peak == 2
    # Escorts: 140 + 110 + 90 + 146 of the 2 x 386 minutes from 06:00 to 12:26.
    assert uses["escorts"].mean_share([Span(clock("06:00"), clock("12:26"))]) == pytest.approx(486 / 772)


def test_cars_that_go_one_way_are_gone_when_they_have_unloaded() -> None:
    operation = valley()
    movement = timed(operation, replace(M2, vehicles={"cars": 10}, people={"cars": {"civilian": 50}}))
    cars = next(use for use in figures.fleet_uses(operation, plan(operation, [movement])) if use.id == "cars")
    assert cars.gone == ((movement.ends, 10),)
    assert figures.value_at(cars.in_use, clock("23:00")) == 10


def test_bays_are_taken_while_movements_load() -> None:
    operation = valley()
    bays = figures.bays_in_use(operation, one_after_another(operation))
    assert bays == {"town": ((360, 1), (380, 0), (600, 1), (625, 0))}


def test_the_balance_of_two_evacuations_and_its_closest_instant() -> None:
    operation = valley(LOCKSTEP)
    (balance,) = figures.balances(operation, one_after_another(operation))
    # At 07:00 m1 and m2 leave together: 100 of 158 against 100 of 100.
    assert [one[0] for one in balance.shares if one[0] > 0] == [clock("07:00"), clock("11:01")]
    assert balance.most == pytest.approx(0.60, abs=1e-3) and balance.least == pytest.approx(-0.60, abs=1e-3)
    at, difference = balance.closest
    assert at == clock("07:00")
    assert abs(difference) == pytest.approx(1 - 100 / 158)


@pytest.mark.parametrize(
    ("clause", "people", "at"),
    [
        (LOCKSTEP, None, "07:00"),
        (Quota(id="quota", of=("*",), most=300, per="operation"), 300 - 258, "11:01"),
        (Quota(id="quota", of=("over",), most=90, per="operation"), -10, "07:00"),
    ],
)
def test_the_margin_of_a_limit_is_the_room_left_when_it_is_tightest(
    clause: Clause, people: int | None, at: str
) -> None:
    operation = valley(clause)
    tightest = figures.closest(figures.margins(operation, one_after_another(operation)))
    assert tightest is not None
    assert tightest.at == clock(at)
    if people is not None:
        assert tightest.people == people


def test_the_margin_of_a_step_is_the_time_from_passing_it_to_needing_it() -> None:
    operation = valley(Tranches(id="first", first=("over",), then=("out/lying",), first_steps=(100,), then_steps=(8,)))
    (margin,) = figures.margins(operation, one_after_another(operation))
    assert margin.people is None
    assert margin.minutes == clock("11:01") - clock("07:00")


def test_consents_are_needed_for_every_clock_hour_that_something_passes() -> None:
    operation = valley()
    needed = {
        (one.segment, one.party, one.hour): (one.movements, one.empty_moves)
        for one in figures.consents(operation, one_after_another(operation))
    }
    # m1 is on the town's road 06:20 to 06:50, m3 10:25 to 10:55; the empty move 09:20 to 09:50.
    road = "town--gate"
    for party in ("government", "opposition"):
        assert needed[road, party, clock("06:00")] == (("m1",), 0)
        assert needed[road, party, clock("09:00")] == ((), 1)
        assert needed[road, party, clock("10:00")] == (("m3",), 0)
    # m3's slot at the gate, 10:55 to 11:01, touches two hours; m1's ends at 07:00 and does not touch the next.
    gate = {hour: value for (segment, _, hour), value in needed.items() if segment == "gate"}
    assert gate == {clock("06:00"): (("m1",), 0), clock("10:00"): (("m3",), 0), clock("11:00"): (("m3",), 0)}
    assert needed["ford--city", "opposition", clock("07:00")] == (("m2",), 0)
    assert len(needed) == 2 * 3 + 3 + 1


def test_an_empty_move_by_a_link_needs_the_consents_of_the_roads_it_goes_by() -> None:
    operation = valley()
    move = emptied(operation, ("city", "village"), clock("08:30"), {"buses": 2})
    needed = figures.consents(operation, plan(operation, [], [move]))
    assert [(one.segment, one.hour, one.empty_moves) for one in needed] == [
        ("ford--city", clock("08:00"), 1),
        ("ford--city", clock("09:00"), 1),
    ]


def test_flows_sum_people_by_road_and_direction() -> None:
    found = {
        (flow.evacuation, flow.here, flow.there): flow.people for flow in figures.flows(one_after_another(valley()))
    }
    assert found == {
        ("out", "town", "gate"): 158,
        ("out", "gate", "city"): 158,
        ("over", "village", "ford"): 100,
        ("over", "ford", "city"): 100,
    }


def test_what_binds_names_the_most_loaded_crossing_and_the_busiest_fleet() -> None:
    operation = valley(LOCKSTEP)
    found = figures.binding(operation, one_after_another(operation))
    assert found.crossing is not None and found.crossing.crossing == "gate"
    assert found.fleet is not None and found.fleet.id == "escorts"
    assert found.margin is not None and found.margin.clause == "step"


def test_movements_share_a_lane_only_one_after_another() -> None:
    operation = valley()
    lanes = figures.movement_lanes(one_after_another(operation).movements)
    assert [[movement.id for movement in lane] for lane in lanes] == [["m1", "m3"], ["m2"]]
    first = timed(operation, M1)
    for starts, count in ((first.ends, 1), (first.ends - 1, 2)):
        assert len(figures.movement_lanes([first, timed(operation, replace(M1, id="next", starts=starts))])) == count


def test_nothing_moving_has_no_figures_and_no_errors() -> None:
    operation = valley(LOCKSTEP)
    empty = plan(operation, [])
    assert figures.active_days(operation, empty) == ()
    assert figures.crossing_loads(operation, empty) == ()
    assert figures.consents(operation, empty) == ()
    assert all(use.peak == 0 for use in figures.fleet_uses(operation, empty))
    assert figures.binding(operation, empty).crossing is None


@pytest.mark.parametrize("minute", range(0, 60, 7))
def test_the_area_under_a_curve_is_the_sum_of_its_minutes(minute: int) -> None:
    points = figures.curve([(10, 3), (20, 2), (45, -5)])
    span = Span(minute, minute + 31)
    assert figures.area(points, span) == sum(figures.value_at(points, at) for at in range(span.start, span.end))


def test_movements_are_numbered_as_their_ids_are_or_by_their_loading() -> None:
    operation = valley()
    timetable = one_after_another(operation)
    assert figures.numbered(timetable) == {"m1": 1, "m2": 2, "m3": 3}
    clash = plan(operation, [timed(operation, replace(M2, id="b1")), timed(operation, replace(M1, id="a1"))])
    assert figures.numbered(clash) == {"a1": 1, "b1": 2}
