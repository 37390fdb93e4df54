"""The planner beside what tries every plan, on operations of half an hour; and on random ones, beside the check."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from planner.brute import Optimum, TooMany, optimum
from planner.tiny import brief, tiny
from safepassage.check import check_plan
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.planner import Planned, plan, recompute_bound, replan
from safepassage.planner.model import Model
from safepassage.planner.past import Past

BRIEF = range(24)
TINY = (0, 1, 2, 3, 5, 8, 9, 11)
"""Seeds whose search for a conflict, if any, is short."""
NEARLY_ALL = 0.9
"""The share of the brief operations of which the planner's little work has to find the optimum."""


@cache
def tried(seed: int) -> Optimum | None:
    """The optimum; None where there are too many plans to try each."""
    try:
        return optimum(brief(seed), plans_most=500)
    except TooMany:
        return None


@cache
def planned(seed: int) -> Planned:
    return plan(brief(seed), operation_hash="h", version="0", work=6)


def keeps(operation: Operation, timetable: Timetable) -> None:
    """Every rule and clause, and nobody lost: carried and left behind are those demanded."""
    assert check_plan(operation, timetable).findings == ()
    left = sum(one.people for one in timetable.left_behind)
    assert timetable.carried + left == operation.people


@pytest.mark.parametrize("seed", BRIEF)
def test_the_bound_is_below_the_optimum_and_no_plan_is(seed: int) -> None:
    best, found = tried(seed), planned(seed).timetable
    keeps(brief(seed), found)
    if best is None:
        return
    assert found.objective >= best.objective - 1e-9
    assert found.bound is None or found.bound <= best.objective + 1e-9
    everyone = sum(movement.total for movement in best.movements) == brief(seed).people
    assert not (everyone and found.outcome == "proven impossible")
    assert everyone or found.outcome != "everyone carried"


def test_the_optimum_is_found_on_nearly_all() -> None:
    known = [(best.objective, planned(seed).timetable.objective) for seed in BRIEF if (best := tried(seed)) is not None]
    met = sum(abs(found - best) < 1e-6 for best, found in known)
    assert len(known) > len(BRIEF) / 2 and met >= NEARLY_ALL * len(known)


@pytest.mark.parametrize("seed", BRIEF)
def test_no_duals_whatever_prove_more_than_the_optimum(seed: int) -> None:
    best = tried(seed)
    model = Model.of(brief(seed))
    if best is None or not model.patterns:
        return
    relaxation = model.relax(Past.nothing(brief(seed)))
    chance = np.random.default_rng(seed)
    certificate = planned(seed).certificate
    if certificate is not None:
        assert recompute_bound(brief(seed), certificate) == pytest.approx(certificate.value)
    for spread in (0.1, 1.0, 10.0):
        duals = chance.normal(0.0, spread, len(relaxation.row_lower))
        assert relaxation.certify(duals) <= best.objective + 1e-9


@pytest.mark.parametrize("seed", TINY)
def test_whatever_the_operation_the_plan_keeps_every_rule(seed: int) -> None:
    operation = tiny(seed)
    found = plan(operation, operation_hash="h", version="0", work=2).timetable
    keeps(operation, found)
    if not found.movements:
        return
    at = sorted(movement.loading.start for movement in found.movements)[len(found.movements) // 2]
    again = replan(operation, found, at=at, operation_hash="h", version="0", work=1).timetable
    keeps(operation, again)
    frozen = {movement.id for movement in found.movements if movement.loading.start < at}
    assert frozen <= {movement.id for movement in again.movements}
    assert again.objective <= 1.005 * found.objective + 1e-6


def test_the_same_seed_and_work_give_the_same_plan() -> None:
    for seed in (3, 5):
        first = plan(tiny(seed), operation_hash="h", version="0", work=2, seed=seed)
        second = plan(tiny(seed), operation_hash="h", version="0", work=2, seed=seed)
        assert first.timetable == second.timetable
