"""What to ask for: each lever is what it says and saves what it must where that is known; designs and their leads."""

from __future__ import annotations

import pytest
import worlds

from safepassage import control
from safepassage.check import check_plan
from safepassage.clauses.lockstep import Lockstep
from safepassage.futures import designs, gain, held, levers, stress, together
from safepassage.futures.levers import compared
from safepassage.futures.shocks import ShockModel

from .pairs import planned
from .test_stress import HILL, MODEL, NO, PLAN, RUBBLE

BASE = stress(HILL, PLAN, MODEL, courses=120, seed=4, checked=0)
KNOWN = {lever.id: lever for lever in levers(HILL, MODEL)}
PAIR = ("hill-to-city", "dale-to-town")


def test_the_levers_of_hill_and_dale() -> None:
    of_operation = {"lane:bridge", "hours:+1", "night", "tolerance:lockstep", "without:lockstep"}
    assert set(KNOWN) >= of_operation | {"guarantee:no", "guarantee:rubble"}
    assert KNOWN["lane:bridge"].operation.world.crossings["bridge"].lanes == 2
    assert KNOWN["guarantee:no"].model.shocks == (RUBBLE,) and not KNOWN["guarantee:no"].replans


@pytest.mark.parametrize("id", KNOWN)
def test_the_plan_in_hand_holds_under_every_lever(id: str) -> None:
    """A lever takes nothing away: whatever was allowed still is."""
    assert check_plan(KNOWN[id].operation, PLAN).ok


def test_a_guarantee_can_only_help_and_is_compared_course_by_course() -> None:
    found = gain(KNOWN["guarantee:no"], BASE, PLAN)
    then = stress(HILL, PLAN, ShockModel(shocks=(RUBBLE,)), courses=BASE.count, seed=4, checked=0)
    assert found == compared(KNOWN["guarantee:no"], BASE, then)
    mean, low, high = found.person_hours
    assert low <= mean <= high and mean > 0
    saved = (BASE.courses.person_minutes - then.courses.person_minutes) / 60
    assert mean == pytest.approx(float(saved.mean()))


def test_the_same_operation_saves_nothing() -> None:
    nothing = compared(KNOWN["guarantee:no"], BASE, BASE)
    assert nothing.person_hours == nothing.hours_sooner == nothing.people_more == (0, 0, 0)


def test_without_the_lockstep_the_quiet_plan_saves_what_the_clause_costs() -> None:
    """By the example's own arithmetic the clause costs 100 person-hours."""
    lever = KNOWN["without:lockstep"]
    assert gain(lever, BASE, planned(lever.operation)).planned_hours == pytest.approx(100)


def test_two_levers_together_and_two_that_cannot_be() -> None:
    both = together(HILL, MODEL, "lane:bridge", "guarantee:no")
    assert both.operation.world.crossings["bridge"].lanes == 2 and both.model.shocks == (RUBBLE,)
    with pytest.raises(ValueError, match="change the same thing"):
        together(HILL, MODEL, "tolerance:lockstep", "without:lockstep")
    with pytest.raises(ValueError, match="there is no lever 'lanes'"):
        together(HILL, MODEL, "lanes", "guarantee:no")


def test_levers_are_ranked() -> None:
    gains, left_out = control.levers(HILL, BASE, most=2, seconds=1)
    saved = [one.person_hours[0] for one in gains]
    assert saved == sorted(saved, reverse=True) and left_out
    with pytest.raises(ValueError, match='Did you mean "lane:bridge"'):
        control.levers(HILL, BASE, only=["lane:bridg"])


def test_designs_tie_the_two_and_keep_the_rest() -> None:
    found = {one.text: one.operation for one in designs(HILL, *PAIR)}
    others = [clause for clause in HILL.clauses if not isinstance(clause, Lockstep)]
    assert [*found["not tied"].clauses] == others
    assert found["as agreed"] == HILL and {"2 tranches each", "lockstep, 10%"} <= set(found)
    with pytest.raises(ValueError, match="'nobody' is no evacuation"):
        designs(HILL, "nobody", "hill-to-city")


def test_a_tie_bounds_the_lead_and_costs_time() -> None:
    """All of one side first lets it lead by everything; a lockstep by its tolerance; not tied nothing is waited for."""
    wanted = {"as agreed", "not tied", "all of Hill to the city first"}
    asked = [one for one in designs(HILL, *PAIR) if one.text in wanted]
    found = {one.text: held(one, BASE, PAIR, planned(one.operation)) for one in asked}
    assert found["all of Hill to the city first"].first_lead == 1
    assert found["as agreed"].worst_lead <= 0.5 + 1e-9
    assert found["not tied"].quiet_end <= min(one.quiet_end for one in found.values())
    for one in found.values():
        low, high = one.people_left[1:]
        assert low <= one.people_left[0] <= high


def test_a_design_is_measured_with_the_draws_of_the_base() -> None:
    agreed = next(one for one in designs(HILL, *PAIR) if one.text == "as agreed")
    found = held(agreed, BASE, PAIR, PLAN)
    assert found.person_hours[0] == pytest.approx(float(BASE.courses.person_minutes.mean()) / 60)


def test_the_linked_pair_is_found() -> None:
    assert control.linked(HILL) == PAIR
    assert control.linked(control.read("aleppo-2016")) == ("aleppo-to-idlib", "foua-kefraya-to-aleppo")
    with pytest.raises(ValueError, match="no clause ties two evacuations"):
        control.linked(worlds.hub())


def test_a_withdrawal_lever_names_who_and_where() -> None:
    assert KNOWN["guarantee:no"].text == (
        "a guarantee, kept, that Council of Dale does not withdraw its consent for Bridge – City"
    )
    assert NO.party == "dale-council"
