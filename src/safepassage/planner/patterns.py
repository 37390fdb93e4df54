"""The ways a movement may be made: evacuation x route x convoy, with every instant fixed by its start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safepassage.fleet import Convoy
from safepassage.movement import Inspection, Leg, Movement
from safepassage.operation import Operation
from safepassage.people import Evacuation
from safepassage.world import DAY, Route, Span, routes

ROUTES_MOST = 4
SHAPE_SIZES = (1, 2, 5, 10, 20, 40)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pattern:
    """Movements of one evacuation by one route in one convoy shape; all times are minutes after the start of loading.

    `slots`: (crossing, from, to) of each inspection; `legs`: (road, from, to). `starts[t]`: it may start at minute t
    as far as hours, closures and time aboard go. `streams`: the groups it can carry, by fleet.
    """

    evacuation: str
    route: Route
    vehicles: dict[str, int]
    load: int
    legs: tuple[tuple[str, int, int], ...]
    slots: tuple[tuple[str, int, int], ...]
    handover: int
    arrival: int
    end: int
    starts: NDArray[np.bool_]
    carries: dict[str, tuple[str, ...]]
    seats: dict[str, int]

    @property
    def origin(self) -> str:
        return self.route.places[0]

    @property
    def destination(self) -> str:
        return self.route.places[-1]

    @property
    def capacity(self) -> int:
        """Seats that people of this evacuation can take."""
        return sum(self.seats[fleet] for fleet, groups in self.carries.items() if groups)

    def movement(self, id: str, start: int, people: dict[str, dict[str, int]]) -> Movement:
        """The movement of this pattern that starts loading at `start` with these people, by fleet and group."""
        places = self.route.places
        return Movement(
            id=id,
            evacuation=self.evacuation,
            origin=self.origin,
            destination=self.destination,
            vehicles=self.vehicles,
            people={fleet: groups for fleet, groups in people.items() if groups},
            loading=Span(start, start + self.load),
            legs=tuple(
                Leg(road=road, here=here, there=there, departs=start + first, arrives=start + last)
                for (road, first, last), here, there in zip(self.legs, places, places[1:], strict=False)
            ),
            inspections=tuple(
                Inspection(crossing=crossing, starts=start + first, ends=start + last)
                for crossing, first, last in self.slots
            ),
            handed_over=start + self.handover,
            arrived=start + self.arrival,
            unloading=Span(start + self.arrival, start + self.end),
        )


def find_patterns(operation: Operation) -> tuple[Pattern, ...]:
    """Every pattern that can start at least once, over the few fastest routes of each evacuation."""
    found: list[Pattern] = []
    ways: dict[tuple[str, str, tuple[str, ...]], tuple[Route, ...]] = {}
    free = _Free(operation)
    for evacuation in operation.evacuations.values():
        shapes = _shapes(operation, evacuation)
        if not shapes or not evacuation.total:
            continue
        for destination in evacuation.to:
            key = (evacuation.origin, destination, evacuation.out_at)
            if key not in ways:
                ways[key] = routes(
                    operation.world, evacuation.origin, destination, out_at=evacuation.out_at, most=ROUTES_MOST
                )
            for route in ways[key]:
                for vehicles in shapes:
                    found += _timed(operation, free, evacuation, route, vehicles)
    return tuple(found)


def restrictions(operation: Operation) -> tuple[str, ...]:
    """What plan and bound leave out of what the rules allow, in sentences; none for most operations."""
    found = []
    if not operation.convoys:
        sizes = ", ".join(str(size) for size in SHAPE_SIZES)
        found.append(
            f"The file lists no convoy shapes: plan and bound consider convoys of one fleet and {sizes} vehicles only."
        )
    more = [
        f"{evacuation.id} to {destination}"
        for evacuation in operation.evacuations.values()
        for destination in evacuation.to
        if len(
            routes(
                operation.world,
                evacuation.origin,
                destination,
                out_at=evacuation.out_at,
                most=ROUTES_MOST + 1,
            )
        )
        > ROUTES_MOST
    ]
    if more:
        said = ", ".join(more[:3]) + (f" and {len(more) - 3} more" if len(more) > 3 else "")
        found.append(f"Plan and bound consider the {ROUTES_MOST} fastest ways only of {said}.")
    return tuple(found)


def _shapes(operation: Operation, evacuation: Evacuation) -> list[dict[str, int]]:
    """The convoy shapes worth using for an evacuation: agreed (or of usual sizes), available, without idle fleets."""
    wanted = {group for group, people in evacuation.demand().items() if people}
    useful = {fleet.id for fleet in operation.fleets.values() if wanted & set(fleet.carries)}
    agreed: Sequence[Convoy] = operation.convoys or [
        Convoy(vehicles={fleet: size})
        for fleet in sorted(useful)
        for size in sorted({min(size, operation.fleets[fleet].vehicles) for size in SHAPE_SIZES} - {0})
    ]
    shapes = [
        dict(convoy.vehicles)
        for convoy in agreed
        if all(count <= operation.fleets[fleet].vehicles for fleet, count in convoy.vehicles.items())
        and useful & set(convoy.vehicles)
    ]
    return [
        shape
        for shape in shapes
        if set(shape) <= useful or {fleet: count for fleet, count in shape.items() if fleet in useful} not in shapes
    ]


class _Free:
    """For each road and crossing, the first minute after t at which a movement may not be on it."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._until: dict[str, NDArray[np.int64]] = {}

    def until(self, segment: str) -> NDArray[np.int64]:
        """`until[t]`: the end of the open stretch that minute t lies in; t itself where it is shut."""
        if segment not in self._until:
            operation = self._operation
            road = segment in operation.world.roads
            spans = operation.passable_spans(segment) if road else operation.open_spans(segment)
            size = operation.calendar.end + 1
            until = np.arange(size)
            shut = np.zeros(size, dtype=bool)
            for cut in operation.clause_closed(segment):
                shut[max(0, cut.start) : max(0, min(size, cut.end))] = True
            for span in spans:
                free = ~shut[span.start : span.end]
                stretch = np.flatnonzero(np.diff(np.concatenate(([False], free, [False])).astype(np.int8)))
                for first, last in zip(stretch[::2], stretch[1::2], strict=True):
                    until[span.start + first : span.start + last] = span.start + last
            self._until[segment] = until
        return self._until[segment]


def _timed(
    operation: Operation, free: _Free, evacuation: Evacuation, route: Route, vehicles: dict[str, int]
) -> list[Pattern]:
    """The patterns of one route and shape: one, or one for each pace of its roads."""
    calendar, world = operation.calendar, operation.world
    end = calendar.end
    load = operation.load_minutes(vehicles)
    seats_booked = operation.seats(vehicles)
    start = np.arange(end)
    allowed = np.zeros(end, dtype=bool)
    for span in operation.load_spans:
        allowed[span.start : span.end] = True
    now = start + load
    offsets: list[NDArray[np.int64]] = []
    kinds: list[tuple[str, str]] = []

    def take(kind: str, segment: str, minutes: NDArray[np.int64]) -> None:
        nonlocal now
        until = free.until(segment)
        allowed[:] &= until[np.minimum(now, end)] >= now + minutes
        offsets.extend((now - start, now + minutes - start))
        kinds.append((kind, segment))
        now = now + minutes

    for position, place in enumerate(route.places):
        if place in world.crossings:
            slot = world.crossings[place].slot(seats_booked, operation.slot_minutes)
            take("slot", place, np.full(end, slot))
        if position < len(route.roads):
            road = world.roads[route.roads[position]]
            if road.paces:
                times = (now - calendar.start_of_day) % DAY
                minutes = np.array([road.minutes_at(time) for time in range(DAY)])[times]
            else:
                minutes = np.full(end, road.minutes)
            take("leg", road.id, minutes)
    arrival = now - start
    done = now + operation.unload_minutes(vehicles)
    allowed &= done <= end
    stay = operation.stay(evacuation.id)
    if stay.minutes is not None:
        allowed &= done - start <= stay.minutes
    if not stay.overnight:
        allowed &= (start - calendar.start_of_day) // DAY == (done - 1 - calendar.start_of_day) // DAY
    demand = evacuation.demand()
    carries = {
        fleet: tuple(group for group in demand if demand[group] and group in operation.fleets[fleet].carries)
        for fleet in vehicles
    }
    table = np.column_stack([*offsets, arrival])
    patterns = []
    if not allowed.any():
        return []
    varies = any(world.roads[road].paces for road in route.roads)
    for row in np.unique(table[allowed], axis=0) if varies else table[allowed][:1]:
        these = allowed & (table == row).all(axis=1) if varies else allowed
        marks = [int(value) for value in row]
        steps = [(kind, segment, marks[2 * i], marks[2 * i + 1]) for i, (kind, segment) in enumerate(kinds)]
        slots = tuple((segment, first, last) for kind, segment, first, last in steps if kind == "slot")
        out = next((last for segment, _, last in slots if segment in evacuation.out_at), marks[-1])
        patterns.append(
            Pattern(
                evacuation=evacuation.id,
                route=route,
                vehicles=vehicles,
                load=load,
                legs=tuple((segment, first, last) for kind, segment, first, last in steps if kind == "leg"),
                slots=slots,
                handover=out,
                arrival=marks[-1],
                end=marks[-1] + operation.unload_minutes(vehicles),
                starts=these,
                carries=carries,
                seats={fleet: operation.fleets[fleet].seats * count for fleet, count in vehicles.items()},
            )
        )
    return patterns
