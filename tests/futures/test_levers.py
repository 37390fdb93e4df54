"""What to ask for: each lever is what it says and saves what it must where that is known; designs and their leads."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
import worlds

from safepassage import control
from safepassage.check import check_plan
from safepassage.clauses.lockstep import Lockstep
from safepassage.control.futures import _best_driven
from safepassage.futures import Gain, alternative, designs, gain, held, levers, stress, together
from safepassage.futures.chance import Law
from safepassage.futures.levers import compared
from safepassage.futures.shocks import Block, Fire, OwnMeans, ShockModel, Shut, Struck, Withdrawal
from safepassage.people import Count
from safepassage.report.futures import levers_document
from safepassage.world import DAY

from .pairs import hazardous, planned
from .test_stress import HILL, HOUR, MODEL, NO, PLAN, RUBBLE

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
    assert found is not None
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
    found = gain(lever, BASE, planned(lever.operation))
    assert found is not None and found.planned_hours == pytest.approx(100)


def test_a_lever_that_is_stopped_brings_nothing() -> None:
    assert gain(KNOWN["guarantee:no"], BASE, PLAN, told=lambda number, part: False) is None
    gains, _ = control.levers(HILL, BASE, only=["guarantee:no"], stop=lambda: True)
    assert not gains


def test_two_levers_together_and_two_that_cannot_be() -> None:
    both = together(HILL, MODEL, KNOWN["lane:bridge"], KNOWN["guarantee:no"])
    assert both.operation.world.crossings["bridge"].lanes == 2 and both.model.shocks == (RUBBLE,)
    with pytest.raises(ValueError, match="change the same thing"):
        together(HILL, MODEL, KNOWN["tolerance:lockstep"], KNOWN["without:lockstep"])


def test_levers_are_ranked() -> None:
    gains, left_out = control.levers(HILL, BASE, most=2, seconds=1)
    saved = [one.person_hours[0] for one in gains]
    assert saved == sorted(saved, reverse=True) and left_out
    with pytest.raises(ValueError, match='Did you mean "lane:bridge"'):
        control.levers(HILL, BASE, only=["lane:bridg"])


def test_first_left_out_is_what_by_its_bound_saves_next_to_nothing() -> None:
    """The plan in hand is optimal, and neither a lane nor longer hours are in its way: only the lockstep is."""
    _, left_out = control.levers(HILL, BASE, most=2, seconds=1)
    proven = {one.lever: one.most_saved for one in left_out if one.most_saved is not None}
    assert set(proven) <= {"lane:bridge", "hours:+1", "night", "vehicles:buses"} and proven
    for id, most_saved in proven.items():
        saved = PLAN.objective - planned(KNOWN[id].operation).objective
        assert saved <= most_saved + 1e-6
    said = " ".join(levers_document(HILL, BASE, [nothing()], left_out).parts[0].sentences)
    assert "by their bound: proven" in said


def test_where_bounds_are_not_quick_the_quiet_plan_screens() -> None:
    gains, left_out = control.levers(HILL, BASE, most=2, seconds=1, bound_seconds=0.001)
    assert left_out and all(one.most_saved is None for one in left_out) and gains
    said = " ".join(levers_document(HILL, BASE, [nothing()], left_out).parts[0].sentences)
    assert "their quiet plan saved least" in said and "proven" not in said


def nothing() -> Gain:
    return compared(KNOWN["guarantee:no"], BASE, BASE)


SECOND_ROAD = """
[[place]]
id = "ford"
name = "Ford"
at = [36.18, 37.15]

[[road]]
between = ["bridge", "ford"]
minutes = 10

[[road]]
between = ["ford", "city"]
minutes = 10
"""


@pytest.fixture
def by_the_ford(tmp_path: Path) -> Path:
    path = tmp_path / "by-the-ford.toml"
    shipped = (files("safepassage") / "examples" / "tiny.toml").read_text(encoding="utf-8")
    path.write_text(shipped + SECOND_ROAD, encoding="utf-8")
    return path


def test_a_second_corridor_comes_as_another_operation_file(by_the_ford: Path) -> None:
    """It is ten minutes shorter, and goes round the road for which a party withdraws its consent."""
    lever = alternative(HILL, MODEL, control.read(by_the_ford), "by-the-ford")
    gains, _ = control.levers(HILL, BASE, only=["guarantee:no"], others=[lever], seconds=1)
    found = {one.lever: one for one in gains}
    assert set(found) == {"guarantee:no", "with:by-the-ford"}
    assert found["with:by-the-ford"].planned_hours == pytest.approx(200 * 10 / 60)
    assert found["with:by-the-ford"].person_hours[1] > 0
    both = together(HILL, MODEL, KNOWN["lane:bridge"], lever).operation.world
    assert both.roads == lever.operation.world.roads and both.crossings["bridge"].lanes == 2
    assert together(HILL, MODEL, lever, KNOWN["without:lockstep"]).operation.world == lever.operation.world


def test_levers_on_different_things_of_one_kind_go_together() -> None:
    """A guarantee against one shock and one against another; whatever is in neither stays as it is."""
    both = together(HILL, MODEL, KNOWN["guarantee:no"], KNOWN["guarantee:rubble"])
    assert both.model.shocks == () and both.operation == HILL
    with pytest.raises(ValueError, match="change the same thing"):
        together(HILL, MODEL, KNOWN["hours:+1"], KNOWN["night"])


def test_a_looser_rule_never_loses_by_its_plan() -> None:
    """The plan in hand is a candidate too, and the better one is taken by courses of other draws."""
    lever = KNOWN["hours:+1"]
    worse = replace(PLAN, movements=PLAN.movements[:1], objective=0)
    best = _best_driven(lever, (worse, PLAN), BASE)
    assert best == PLAN


def test_an_observer_at_a_crossing_makes_its_roads_safer() -> None:
    fire = Fire(id="fire", basis="test", minutes=HOUR)
    (lever,) = (one for one in levers(hazardous(HILL), ShockModel(shocks=(fire,))) if one.id == "observer:bridge")
    assert not lever.replans and {road.hazard for road in lever.operation.world.roads.values()} == {0.025}


def test_under_another_timetable_the_same_convoys_meet_the_same_fire() -> None:
    """Without Dale's convoy, Hill's first and second are struck in the same courses, at the same leg, for as long."""
    fire, risky = Fire(id="fire", basis="test", minutes=HOUR, hazard_times=8), hazardous(HILL)
    hill = [one for one in PLAN.movements if one.evacuation == "hill-to-city"]
    without = replace(PLAN, movements=tuple(hill))
    struck = 0
    for course in range(50):
        both = [list(fire.troubles(risky, plan, 4, course)) for plan in (PLAN, without)]
        ids = {movement.id for movement in hill}
        ours = [one for one in both[0] if isinstance(one, Struck) and one.movement in ids]
        assert ours == both[1]
        struck += len(ours)
    assert struck > 10


def test_what_cannot_be_compared_is_refused_with_the_reason(by_the_ford: Path) -> None:
    longer = replace(HILL, calendar=replace(HILL.calendar, days=9))
    with pytest.raises(ValueError, match="give both the same days"):
        alternative(HILL, MODEL, longer, "longer")
    one = HILL.evacuations["hill-to-city"]
    more = replace(one, people={group: Count.exactly(1 + count.best) for group, count in one.people.items()})
    with pytest.raises(ValueError, match="give both the same people"):
        alternative(HILL, MODEL, replace(HILL, evacuations={**HILL.evacuations, one.id: more}), "more")
    flood = Block(id="flood", basis="test", on=("bridge--ford",), per_day=1, minutes=Law.fixed(60))
    with pytest.raises(ValueError, match="shock flood does not fit without-ford"):
        alternative(control.read(by_the_ford), ShockModel(shocks=(flood,)), HILL, "without-ford")
    with pytest.raises(ValueError, match="is the operation itself"):
        alternative(HILL, MODEL, HILL, "the-same")


def test_consents_for_a_day_put_the_first_withdrawal_off_by_a_day() -> None:
    """And each later one too, counted from when the consent is given again."""
    lever = KNOWN["consents:day"]
    (then,) = (one for one in lever.model.shocks if one.id == NO.id)
    assert isinstance(then, Withdrawal) and then.valid_minutes == DAY and not lever.replans
    often = replace(then, per_day=50, minutes=Law.fixed(10))
    long = replace(HILL, calendar=replace(HILL.calendar, days=9))
    for course in range(20):
        spans = [one.span for one in often.troubles(long, PLAN, 1, course) if isinstance(one, Shut)]
        assert spans and spans[0].start >= DAY
        assert all(after.start - before.end >= DAY - 1 for before, after in pairwise(spans))


def test_private_cars_are_a_lever_where_there_are_some() -> None:
    own = OwnMeans(id="own", basis="test", evacuation="hill-to-city", per_day=2, people=Law.fixed(7))
    (lever,) = (one for one in levers(HILL, ShockModel(shocks=(own,))) if one.id == "own-means:own")
    assert lever.model.shocks == (replace(own, per_day=4),)
    aleppo = control.read("aleppo-2016")
    cars = next(one for one in levers(aleppo, ShockModel()) if one.id == "cars:private")
    assert cars.operation.fleets["private"].stands == {"amiriyah": 2 * 1231}
    assert cars.text == "twice as many private cars and pickups let through"


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
    found = {one.text: one_held for one in asked if (one_held := held(one, BASE, PAIR, planned(one.operation)))}
    assert set(found) == wanted
    assert found["all of Hill to the city first"].first_lead == 1
    assert found["as agreed"].worst_lead <= 0.5 + 1e-9
    assert found["not tied"].quiet_end <= min(one.quiet_end for one in found.values())
    for one in found.values():
        low, high = one.people_left[1:]
        assert low <= one.people_left[0] <= high


def test_a_design_is_measured_with_the_draws_of_the_base() -> None:
    agreed = next(one for one in designs(HILL, *PAIR) if one.text == "as agreed")
    found = held(agreed, BASE, PAIR, PLAN)
    assert found is not None and found.person_hours[0] == pytest.approx(float(BASE.courses.person_minutes.mean()) / 60)


def test_the_linked_pair_is_found() -> None:
    assert control.linked(HILL) == PAIR
    assert control.linked(control.read("aleppo-2016")) == ("aleppo-to-idlib", "foua-kefraya-to-aleppo")
    with pytest.raises(ValueError, match="no clause ties two evacuations"):
        control.linked(worlds.hub())


@pytest.mark.parametrize("name", ["tiny", "aleppo-2016", "aleppo-as-run"])
def test_every_kind_of_lever_is_in_the_guide(name: str) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")
    operation = control.read(name)
    own = OwnMeans(id="own", basis="test", evacuation=next(iter(operation.evacuations)), per_day=1, people=Law.fixed(1))
    shocks = (*control.shocks_beside(name, operation).shocks, own)
    for lever in levers(operation, ShockModel(shocks=shocks)):
        kind, _, of = lever.id.partition(":")
        assert f"`{lever.id}`" in guide or (of and re.search(rf"`{kind}:[A-Z]+`", guide)), lever.id


def test_a_withdrawal_lever_names_who_and_where() -> None:
    assert KNOWN["guarantee:no"].text == (
        "a guarantee, kept, that Council of Dale does not withdraw its consent for Bridge – City"
    )
    assert NO.party == "dale-council"
