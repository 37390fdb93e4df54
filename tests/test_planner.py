"""The planner against the verifier: plans that keep every rule, bounds no plan undercuts, reasons that are true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import worlds

import safepassage
from safepassage.check import check_plan
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.quota import Quota
from safepassage.formats.operation import read_operation
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.planner import Planned, plan, recompute_bound, replan
from safepassage.planner.bound import solve
from safepassage.planner.model import Model
from safepassage.planner.past import Past
from safepassage.world import Span, World

WORLDS = {world.__name__: world for world in worlds.ALL}
EXAMPLES = Path(str(safepassage.__file__)).parent / "examples"


def planned(operation: Operation, *, work: int = 3, seed: int = 0) -> Planned:
    return plan(operation, operation_hash="h", version="0", work=work, seed=seed)


def findings(operation: Operation, timetable: Timetable) -> list[str]:
    return [f"{finding.rule}: {finding.text}" for finding in check_plan(operation, timetable).findings]


@pytest.mark.parametrize("name", WORLDS)
def test_a_plan_carries_everyone_keeps_every_rule_and_stays_above_its_bound(name: str) -> None:
    operation = WORLDS[name]()
    found = planned(operation)
    assert findings(operation, found.timetable) == []
    assert found.timetable.outcome == "everyone carried"
    assert found.timetable.carried == operation.people
    assert found.timetable.bound is not None
    assert found.timetable.bound <= found.timetable.objective * (1 + 1e-9)


@pytest.mark.parametrize("name", WORLDS)
def test_any_duals_certify_no_more_than_a_plan_costs(name: str) -> None:
    operation = WORLDS[name]()
    best = planned(operation).timetable.objective
    relaxation = Model.of(operation).relax(Past.nothing(operation))
    duals = solve(relaxation).duals
    generator = np.random.default_rng(7)
    for _ in range(40):
        noise = generator.normal(size=len(duals)) * generator.choice([0.01, 1.0, 100.0])
        for tried in (duals + noise, noise, duals * generator.uniform(0, 2)):
            assert relaxation.certify(tried) <= best * (1 + 1e-9)


def test_the_bound_is_recomputed_from_its_duals_and_from_no_others() -> None:
    operation = worlds.two_villages()
    certificate = planned(operation).certificate
    assert certificate is not None
    assert recompute_bound(operation, certificate) == pytest.approx(certificate.value, rel=1e-12)
    with pytest.raises(ValueError, match="another operation"):
        recompute_bound(worlds.one_road(), certificate)


def test_the_same_file_seed_and_work_give_the_same_plan() -> None:
    operation = worlds.hub()
    assert planned(operation, seed=5).timetable == planned(operation, seed=5).timetable


def test_villages_that_must_leave_at_the_same_instant_leave_together() -> None:
    operation = worlds.two_villages()
    tight = tuple(replace(c, tolerance=0.0) if isinstance(c, Lockstep) else c for c in operation.clauses)
    operation = replace(operation, clauses=tight)
    found = planned(operation).timetable
    assert findings(operation, found) == []
    assert found.outcome == "everyone carried"


def test_a_quota_below_the_demand_is_proven_to_be_in_the_way_and_how_far_to_loosen_it() -> None:
    operation = worlds.one_road()
    quota = Quota(id="quota", of=("*",), most=operation.people // 2, per="operation")
    operation = replace(operation, clauses=(*operation.clauses, quota))
    found = planned(operation)
    assert found.timetable.outcome == "proven impossible"
    assert found.timetable.carried == operation.people // 2
    assert found.conflict is not None
    assert found.conflict.proven
    assert found.conflict.clauses == ("quota",)
    assert f"needs most above {operation.people - 1}" in found.conflict.sentences[-1]
    assert findings(operation, found.timetable) == []


def test_a_closed_road_turns_back_who_is_on_it_and_the_rest_is_planned_anew() -> None:
    operation = worlds.one_road()
    before = planned(operation).timetable
    caught = before.movements[0]
    leg = caught.legs[-1]
    at = (leg.departs + leg.arrives) // 2
    roads = dict(operation.world.roads)
    roads[leg.road] = replace(roads[leg.road], closed=(Span(at, at + 120),))
    world = operation.world
    closed = World(places=world.places, roads=roads, crossings=world.crossings, empty_links=world.empty_links)
    changed = replace(operation, world=closed)
    after = replan(changed, before, at=at, operation_hash="h", version="0", work=3).timetable
    assert findings(changed, after) == []
    assert {movement.ending for movement in after.movements if movement.id == caught.id} == {"turned back"}
    assert after.frozen_until == at
    assert after.outcome == "everyone carried"
    assert any("turned back" in note for note in after.notes)


def test_nothing_changed_nothing_replanned() -> None:
    operation = worlds.hub()
    before = planned(operation).timetable
    at = before.movements[len(before.movements) // 2].loading.start
    after = replan(operation, before, at=at, operation_hash="h", version="0", work=2).timetable
    assert findings(operation, after) == []
    assert after.objective <= before.objective * 1.005


def test_the_bound_of_the_eve_is_met_again() -> None:
    operation, _ = read_operation(EXAMPLES / "aleppo-eve.toml")
    assert operation is not None
    relaxed = solve(Model.of(operation).relax(Past.nothing(operation), grid_minutes=5))
    assert relaxed.value == pytest.approx(1_815_147.27, abs=0.5)
