"""Why not everyone can be carried: a proof, a smallest set of clauses and facts that cannot all hold, in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from safepassage.agreement import Clause
from safepassage.operation import Operation
from safepassage.planner.bound import as_lp
from safepassage.planner.completion import SURE, must_leave
from safepassage.planner.model import Model
from safepassage.planner.past import Past
from safepassage.planner.windows import Effort, integrality, lower_bound
from safepassage.world import DAY, Span, World

COARSE_MINUTES = (60, 30, 15)
WHOLE_STARTS_MOST = 20_000
PLENTY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A smallest set of clauses and facts that cannot all hold while everyone is carried.

    `sentences` say the set, then the least loosening. `proven`: a certified relaxation (or, where `whole`, one with
    whole convoys) leaves people behind.
    """

    sentences: tuple[str, ...]
    clauses: tuple[str, ...]
    proven: bool
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something the operation states that could be otherwise: its words, and the operation without it."""

    id: str
    text: str
    lifted: Callable[[Operation], Operation]


def facts_of(operation: Operation) -> list[_Fact]:
    """The facts that may stand in the way, clauses first."""
    world = operation.world
    found = [
        _Fact(clause.id, clause.sentence(operation.theatre, "en"), _without(clause)) for clause in operation.binding
    ]
    for place in world.places.values():
        if place.capacity is not None or place.capacity_per_day is not None:
            said = [] if place.capacity is None else [f"{place.capacity:,} in all"]
            said += [] if place.capacity_per_day is None else [f"{place.capacity_per_day:,} a day"]
            text = f"{place.name} receives {' and '.join(said)}."
            found.append(
                _Fact(f"reception of {place.id}", text, _place(place.id, capacity=None, capacity_per_day=None))
            )
        if place.bays is not None:
            text = f"{place.name} has {place.bays} loading bays."
            found.append(_Fact(f"bays of {place.id}", text, _place(place.id, bays=None)))
    for crossing in world.crossings.values():
        name = operation.theatre.name(crossing.id, "en")
        text = f"{name} inspects {crossing.people_per_hour:,} people an hour in each of {crossing.lanes} lanes."
        found.append(_Fact(f"lanes of {crossing.id}", text, _crossing(crossing.id, lanes=PLENTY)))
        if crossing.closed:
            text = f"{name} is closed for {_hours(sum(span.end - span.start for span in crossing.closed))}."
            found.append(_Fact(f"closure of {crossing.id}", text, _crossing(crossing.id, closed=())))
    for road in world.roads.values():
        if road.closed or road.hours is not None:
            name = operation.theatre.name(road.id, "en")
            shut = _hours(sum(span.end - span.start for span in road.closed))
            text = f"The road {name} is open only at its hours, and closed for {shut}."
            found.append(_Fact(f"closure of {road.id}", text, _road(road.id, closed=(), hours=None)))
    for fleet in operation.fleets.values():
        text = f"There are {fleet.vehicles} {fleet.name or fleet.id} with {fleet.seats} seats each."
        more = {place: count * PLENTY for place, count in fleet.stands.items()}
        found.append(_Fact(f"fleet {fleet.id}", text, _fleet(fleet.id, stands=more)))
    if operation.escorts is not None:
        text = f"There are {sum(operation.escorts.values())} escorts."
        found.append(_Fact("escorts", text, lambda o: replace(o, escorts=None)))
    text = f"Crossings and loading keep to their hours on {operation.calendar.days} days."
    found.append(_Fact("days and hours", text, _longer))
    return found


def find_conflict(
    operation: Operation, seconds_left: Callable[[], float], *, past: Past | None = None
) -> Conflict | None:
    """The smallest set that provably cannot all hold while everyone is carried; None where nothing is proven.

    The relaxation is tried on ever finer grids, then with whole convoys. The set is shrunk by leaving out one fact
    after another while the proof still stands; what is left is needed, each one of it.
    """
    prove = next((proof for proof in _proofs() if proof(operation, seconds_left())), None)
    if prove is None:
        return None
    facts = facts_of(operation)
    kept: list[_Fact] = []
    # Facts of transport are tried first, so that clauses stay in the set where either would do: people agreed to those.
    for index, fact in reversed(list(enumerate(facts))):
        rest = [*facts[:index], *kept]
        if seconds_left() <= 0 or not prove(_lifted(operation, facts, rest), seconds_left()):
            kept.append(fact)
    kept.reverse()
    clauses = {clause.id: clause for clause in operation.binding}
    names = tuple(fact.id for fact in kept if fact.id in clauses)
    everyone = f"All {operation.people:,} people are carried."
    sentences = ["These cannot all hold:", everyone, *(fact.text for fact in kept)]
    for name in names:
        loosening = _loosening(operation, clauses[name], prove, seconds_left)
        if loosening:
            sentences.append(loosening)
    return Conflict(sentences=tuple(sentences), clauses=names, proven=True, whole=prove is _whole)


def _proofs() -> tuple[Callable[[Operation, float], bool], ...]:
    return (*(_fluid(grid) for grid in COARSE_MINUTES), _whole)


def _fluid(grid_minutes: int) -> Callable[[Operation, float], bool]:
    def proves(operation: Operation, seconds: float) -> bool:
        model = Model.of(operation)
        if not model.patterns:
            return operation.people > 0
        relaxation = model.relax(Past.nothing(operation), grid_minutes=grid_minutes)
        return must_leave(relaxation, seconds) > SURE

    return proves


def _whole(operation: Operation, seconds: float) -> bool:
    """Whether whole convoys leave somebody behind: a bound by search on a small model, not certified by duals."""
    model = Model.of(operation)
    relaxation = model.relax_whole(Past.nothing(operation))
    starts = len(relaxation.pattern)
    if starts > WHOLE_STARTS_MOST:
        return False
    lp = as_lp(replace(relaxation, cost=relaxation.people_left))
    whole = np.zeros(len(relaxation.cost), dtype=bool)
    whole[:starts] = True
    lp.integrality_ = integrality(whole)
    return lower_bound(lp, Effort(seconds=min(seconds, 20.0), nodes=2000, gap=0.5)) > 0.5


def _lifted(operation: Operation, facts: list[_Fact], kept: list[_Fact]) -> Operation:
    for fact in facts:
        if fact not in kept:
            operation = fact.lifted(operation)
    return operation


def _loosening(
    operation: Operation, clause: Clause, prove: Callable[[Operation, float], bool], seconds_left: Callable[[], float]
) -> str:
    """The least value of a clause's own figure for which the proof no longer stands."""
    figures = {"lockstep": ("tolerance", 1.0), "order": ("ahead", 1.0), "quota": ("most", float(operation.people))}
    if clause.kind not in figures:
        return ""
    key, loosest = figures[clause.kind]
    tight = getattr(clause, key)
    if tight is None:
        return ""

    def stands(value: float) -> bool:
        figure = math.ceil(value) if isinstance(tight, int) else round(value, 4)
        changes: dict[str, Any] = {key: figure}
        loosened = replace(clause, **changes)
        clauses = tuple(loosened if other is clause else other for other in operation.clauses)
        return prove(replace(operation, clauses=clauses), seconds_left())

    low, high = float(tight), loosest
    if stands(high):
        return f"No {key} of {clause.id} alone would do."
    for _ in range(12):
        if seconds_left() <= 0 or high - low < (0.5 if isinstance(tight, int) else 0.0005):
            break
        middle = (low + high) / 2
        low, high = (middle, high) if stands(middle) else (low, middle)
    figure = f"{math.ceil(low):,}" if isinstance(tight, int) else f"{low:.3f}"
    return f"With all else as it is, {clause.id} needs {key} above {figure} (now {tight}); less is proven not to do."


def _without(clause: Clause) -> Callable[[Operation], Operation]:
    return lambda operation: replace(
        operation, clauses=tuple(other for other in operation.clauses if other.id != clause.id)
    )


def _place(id: str, **changes: Any) -> Callable[[Operation], Operation]:
    def lift(operation: Operation) -> Operation:
        places = {**operation.world.places, id: replace(operation.world.places[id], **changes)}
        return replace(operation, world=_world(operation.world, places=places))

    return lift


def _crossing(id: str, **changes: Any) -> Callable[[Operation], Operation]:
    def lift(operation: Operation) -> Operation:
        crossing = replace(operation.world.crossings[id], **changes)
        return replace(operation, world=_world(operation.world, crossings={**operation.world.crossings, id: crossing}))

    return lift


def _road(id: str, **changes: Any) -> Callable[[Operation], Operation]:
    def lift(operation: Operation) -> Operation:
        road = replace(operation.world.roads[id], **changes)
        return replace(operation, world=_world(operation.world, roads={**operation.world.roads, id: road}))

    return lift


def _fleet(id: str, **changes: Any) -> Callable[[Operation], Operation]:
    def lift(operation: Operation) -> Operation:
        fleet = replace(operation.fleets[id], **changes)
        return replace(operation, fleets={**operation.fleets, id: fleet})

    return lift


def _world(world: World, **changes: Any) -> World:
    parts: dict[str, Any] = {
        "places": world.places,
        "roads": world.roads,
        "crossings": world.crossings,
        "empty_links": world.empty_links,
    }
    return World(**{**parts, **changes})


def _longer(operation: Operation) -> Operation:
    """The operation with twice the days, at all hours."""
    always = (Span(0, DAY),)
    crossings = {id: replace(crossing, hours=None) for id, crossing in operation.world.crossings.items()}
    return replace(
        operation,
        calendar=replace(operation.calendar, days=2 * operation.calendar.days),
        hours=always,
        load_from=0,
        load_until=DAY,
        world=_world(operation.world, crossings=crossings),
    )


def _hours(minutes: int) -> str:
    return f"{minutes / 60:g} hours"
