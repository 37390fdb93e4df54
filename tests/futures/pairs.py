"""The reference and the compiled course of the same timetable and troubles, held against each other."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from safepassage import control
from safepassage.check import Report, check_history
from safepassage.futures import kernel
from safepassage.futures.chance import Law
from safepassage.futures.course import Course, Policy, run
from safepassage.futures.history import history, summed
from safepassage.futures.kernel import Courses
from safepassage.futures.network import Compiled
from safepassage.futures.shocks import (
    Block,
    Demand,
    Fire,
    Full,
    OwnMeans,
    ShockModel,
    Slow,
    Trouble,
    Turnout,
    VehiclesLost,
    Withdrawal,
)
from safepassage.movement import EmptyMove, Movement, Timetable
from safepassage.operation import Operation
from safepassage.world import Span

TRACE = 20_000


def planned(operation: Operation) -> Timetable:
    return control.plan(operation, work=2).timetable


def storm(operation: Operation, seed: int) -> ShockModel:
    """Everything that can go wrong in an operation, several times a day."""
    chance, minutes = Random(seed), Law(shape="lognormal", median=60, p90=300)
    roads, crossings = list(operation.world.roads), list(operation.world.crossings)
    evacuation = chance.choice(list(operation.evacuations))
    asked = [(party, one) for one in (*roads, *crossings) for party in operation.world.segment_consent(one)]
    shocks = [
        Block(id="block", basis="test", on=(chance.choice(roads),), per_day=4, minutes=minutes),
        Block(id="closed", basis="test", on=(chance.choice(crossings or roads),), per_day=3, minutes=minutes),
        Demand(id="demand", basis="test", evacuations=(evacuation,), per_day=3, minutes=minutes),
        Full(id="full", basis="test", place=operation.evacuations[evacuation].to[0], per_day=1, minutes=minutes),
        Slow(id="slow", basis="test", on=(*roads, *crossings), factor=1.7, per_day=2, minutes=minutes),
        Slow(id="night", basis="test", on=tuple(roads), factor=2, hours=(Span(0, 300),)),
        Fire(id="fire", basis="test", minutes=minutes, hazard_times=chance.choice((0, 1, 20))),
        Fire(id="more fire", basis="test", minutes=minutes, hazard_times=chance.choice((0, 3))),
        VehiclesLost(
            id="lost", basis="test", fleet=chance.choice(list(operation.fleets)), per_day=1, vehicles=Law.fixed(1)
        ),
    ]
    if chance.random() < 0.5:
        share = Law(shape="uniform", low=0.3, high=1.2)
        shocks.append(Turnout(id="turnout", basis="test", evacuations=(evacuation,), share=share))
    if chance.random() < 0.5:
        shocks.append(OwnMeans(id="own", basis="test", evacuation=evacuation, per_day=2, people=Law.fixed(7)))
    if asked:
        party, segment = chance.choice(asked)
        shocks.append(Withdrawal(id="withdrawal", basis="test", party=party, on=(segment,), per_day=3, minutes=minutes))
    return ShockModel(name="storm", shocks=tuple(shocks))


def hazardous(operation: Operation) -> Operation:
    """The same with some hazard on every road."""
    roads = {id: replace(road, hazard=0.05) for id, road in operation.world.roads.items()}
    return replace(operation, world=replace(operation.world, roads=roads))


def compiled(
    operation: Operation, timetable: Timetable, model: ShockModel, troubles: tuple[Trouble, ...], policy: Policy
) -> tuple[Compiled, Courses, tuple[Movement, ...], tuple[EmptyMove, ...]]:
    ready = Compiled(operation, timetable, model)
    sums, (trace,) = kernel.run(ready, ready.troubles([troubles]), policy, trace=TRACE)
    return ready, sums, *history(ready, trace)


def same(operation: Operation, timetable: Timetable, model: ShockModel, number: int, policy: Policy) -> Course:
    """Drives both through the same troubles, asserts that nothing differs, and gives the reference."""
    troubles = model.troubles(operation, timetable, 7, number)
    reference = run(operation, timetable, troubles, policy=policy)
    ready, sums, movements, empty_moves = compiled(operation, timetable, model, troubles, policy)
    assert movements == reference.movements
    assert sorted(map(str, empty_moves)) == sorted(map(str, reference.empty_moves))
    waited = {cause: int(minutes) for cause, minutes in zip(ready.causes, sums.waited[0], strict=True) if minutes}
    assert waited == {cause: minutes for cause, minutes in reference.waited.items() if minutes}
    assert int(sums.left.sum()) == sum(behind.people for behind in reference.left_behind)
    theirs = summed(ready, reference)
    for key, column in sums.arrays().items():
        assert np.allclose(column, theirs.arrays()[key], rtol=0, atol=1e-9), key
    return reference


def judged(operation: Operation, found: Course) -> Report:
    return check_history(operation, found.movements, found.empty_moves)
