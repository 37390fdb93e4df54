"""Replanning: what the past and a changed operation leave of a timetable, before the search goes on from there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from safepassage.movement import Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.planner.build import served, word_from
from safepassage.planner.model import Model
from safepassage.planner.past import Past
from safepassage.planner.windows import Start
from safepassage.world import Span, fastest


def caught(operation: Operation, movement: Movement, at: int) -> str:
    """The road or crossing still ahead of a movement at `at` that it may not use then; empty where all is open."""
    for leg in movement.legs:
        ahead = Span(max(at, leg.departs), leg.arrives)
        if leg.arrives > at and not _open(operation.passable_spans(leg.road), operation.clause_closed(leg.road), ahead):
            return leg.road
    for slot in movement.inspections:
        ahead = Span(max(at, slot.starts), slot.ends)
        shut = operation.clause_closed(slot.crossing)
        if slot.ends > at and not _open(operation.open_spans(slot.crossing), shut, ahead):
            return slot.crossing
    return ""


def _open(spans: Sequence[Span], shut: Sequence[Span], ahead: Span) -> bool:
    return any(span.holds(ahead) for span in spans) and not any(cut.touches(ahead) for cut in shut)


def turned_back(operation: Operation, movement: Movement, at: int, segment: str) -> Movement:
    """A movement caught by a closure: back to its origin by the shortest open way, or standing where it is.

    It turns at once; on a road it goes back to where it entered it, unless the road is one way. Crossings on the way
    back take no slot.
    """
    unload = operation.unload_minutes(movement.vehicles)
    because = f"{operation.theatre.name(segment, 'en')} is closed"
    clock = operation.calendar.clock(at)
    past = [leg for leg in movement.legs if leg.arrives <= at]
    slots = tuple(replace(slot, ends=min(slot.ends, at)) for slot in movement.inspections if slot.starts < at)
    handed = movement.handed_over if movement.handed_over is not None and movement.handed_over <= at else None
    now, here = at, movement.places[len(past)]
    on_road = next((leg for leg in movement.legs if leg.departs < at < leg.arrives), None)
    way_back: list[Leg] = []
    free = True
    if on_road is not None:
        free = not operation.world.roads[on_road.road].one_way
        now = at + (at - on_road.departs)
        way_back.append(Leg(road=on_road.road, here=here, there=here, departs=on_road.departs, arrives=now))
    found = None
    if free and now + unload <= operation.calendar.end:
        found = fastest(
            operation.world,
            here,
            movement.origin,
            departs=now,
            calendar=operation.calendar,
            blocked=operation.clause_closed,
        )
    if found is None:
        stopped = [
            Leg(road=leg.road, here=leg.here, there=leg.here, departs=leg.departs, arrives=at)
            for leg in [on_road]
            if leg
        ]
        return replace(
            movement,
            destination=here,
            legs=(*past, *stopped),
            inspections=slots,
            handed_over=handed,
            arrived=None,
            unloading=None,
            ending="standing",
            note=f"ALARM: stands at {operation.theatre.name(here, 'en')} since {clock}: {because}, no way back is open",
        )
    route, times = found
    way_back += [
        Leg(road=road, here=a, there=b, departs=first, arrives=last)
        for road, a, b, first, last in zip(route.roads, route.places, route.places[1:], times, times[1:], strict=False)
    ]
    back = way_back[-1].arrives if way_back else max(now, movement.loading.start)
    loading = Span(movement.loading.start, min(movement.loading.end, back))
    return replace(
        movement,
        destination=movement.origin,
        loading=loading,
        legs=(*past, *way_back),
        inspections=slots,
        handed_over=handed,
        arrived=back,
        unloading=Span(back, back + unload),
        ending="turned back",
        turned_back=at,
        note=f"turned back at {clock}: {because}; its people wait again",
    )


def past_of(operation: Operation, timetable: Timetable, at: int) -> Past:
    """The past at `at` under the changed operation: movements that started loading, those caught turned back."""
    started = []
    for movement in timetable.movements:
        if movement.loading.start < at:
            segment = caught(operation, movement, at) if movement.ending == "arrived" else ""
            started.append(turned_back(operation, movement, at, segment) if segment else movement)
    return Past.of(operation, started, timetable.empty_moves, at)


def _way(movement: Movement) -> tuple[str, tuple[str, ...], tuple[tuple[str, int], ...]]:
    return movement.evacuation, movement.places, tuple(sorted(movement.vehicles.items()))


def repaired(model: Model, timetable: Timetable, past: Past) -> NDArray[np.int64]:
    """The word of what the timetable still had in mind after the past: the same movements, not earlier than planned."""
    by_way: dict[object, int] = {}
    for number, pattern in enumerate(model.patterns):
        vehicles = tuple(sorted(pattern.vehicles.items()))
        by_way.setdefault((pattern.evacuation, pattern.route.places, vehicles), number)
    gone = {movement.id for movement in past.movements}
    starts = [
        Start(by_way[_way(movement)], movement.loading.start, movement.people_by_group)
        for movement in timetable.movements
        if movement.id not in gone and _way(movement) in by_way
    ]
    with suppress(ValueError):  # the change keeps vehicles from where they were to be: the decoder finds others, later
        starts = served(model.operation, model.patterns, model.travel, starts, past.stands)
    return word_from(starts, model.patterns, model.codes)


def changes(before: Timetable, movements: Sequence[Movement], past: Past) -> str:
    """How a replanned timetable differs from the old one, in one sentence."""
    gone = {movement.id for movement in past.movements}
    old = Counter((*_way(movement), movement.loading.start) for movement in before.movements if movement.id not in gone)
    new = Counter((*_way(movement), movement.loading.start) for movement in movements)
    kept = (old & new).total()
    turned = sum(movement.ending == "turned back" for movement in past.movements)
    standing = sum(movement.ending == "standing" for movement in past.movements)
    return (
        f"{len(gone)} movements are past ({turned} turned back, {standing} standing); of the {old.total()} planned "
        f"after them {kept} are unchanged, {old.total() - kept} moved or dropped, {new.total() - kept} new"
    )
