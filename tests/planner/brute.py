"""The true optimum of operations of some minutes, by trying every set of movements. It knows nothing of the planner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product
from math import inf

from plans import Trip, plan, timed

from safepassage.agreement import limit_breaches
from safepassage.check import check_plan
from safepassage.movement import Movement, passages
from safepassage.operation import Operation
from safepassage.world import Span

ESCORTS = "escorts"
ALONE = ("rule 3", "rule 4", "rule 5", "rule 6", "rule 8", "handover")
"""The rules that a movement keeps or breaks by itself."""

Vehicle = tuple[str, str, int]
"""One vehicle, or escort: its fleet, its place, the minute from which it is free there."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """The least objective, and movements that reach it."""

    objective: float
    movements: tuple[Movement, ...]


def ways(operation: Operation, origin: str, to: Iterable[str], out_at: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every way that visits no place twice and passes exactly one `out_at`, where there are any."""
    stack: list[tuple[str, ...]] = [(origin,)]
    while stack:
        way = stack.pop()
        if way[-1] in to and (not out_at or sum(place in out_at for place in way) == 1):
            yield way
        stack += [(*way, there) for there, _ in operation.world.exits(way[-1]) if there not in way]


def shapes(operation: Operation) -> list[dict[str, int]]:
    """The agreed convoys; where none are, every number of vehicles of every fleet."""
    if operation.convoys:
        return [dict(convoy.vehicles) for convoy in operation.convoys]
    counts = product(*(range(fleet.vehicles + 1) for fleet in operation.fleets.values()))
    made = [{fleet: n for fleet, n in zip(operation.fleets, some, strict=True) if n} for some in counts]
    return [shape for shape in made if shape]


def loads(
    operation: Operation, evacuation: str, shape: dict[str, int], waiting: dict[str, int]
) -> list[dict[str, dict[str, int]]]:
    """Every way to seat some of those who wait, by fleet and group."""
    pairs = [(fleet, group) for fleet in shape for group in waiting if group in operation.fleets[fleet].carries]
    most = [min(operation.fleets[fleet].seats * shape[fleet], waiting[group]) for fleet, group in pairs]
    found = []
    for some in product(*(range(people + 1) for people in most)):
        people: dict[str, dict[str, int]] = {}
        for (fleet, group), count in zip(pairs, some, strict=True):
            if count:
                people.setdefault(fleet, {})[group] = count
        seated = all(
            sum(groups.values()) <= operation.fleets[fleet].seats * shape[fleet] for fleet, groups in people.items()
        )
        totals = [sum(groups.get(group, 0) for groups in people.values()) for group in waiting]
        aboard = {group for group, total in zip(waiting, totals, strict=True) if total}
        together = any(len(aboard & groups) > 1 for groups in operation.apart)
        if (
            people
            and seated
            and not together
            and all(total <= waiting[group] for group, total in zip(waiting, totals, strict=True))
        ):
            found.append(people)
    return found


class TooMany(RuntimeError):
    """There are more plans than may be tried."""


class Brute:
    """One search over all sets of movements, in the order in which they start, of so many plans at most."""

    def __init__(self, operation: Operation, plans_most: int) -> None:
        self.plans_left = plans_most
        self.operation = operation
        self.end = operation.calendar.end
        self.best = Optimum(self.cost_left(self.demand()), ())
        self.trips = sorted(self._trips(), key=lambda movement: movement.loading.start)
        self.arrives = cache(self._arrives)

    def demand(self) -> dict[tuple[str, str], int]:
        return {(e.id, group): n for e in self.operation.evacuations.values() for group, n in e.demand().items() if n}

    def cost_left(self, waiting: dict[tuple[str, str], int]) -> float:
        return sum(self.operation.groups[group].weight * n * 2 * self.end / 60 for (_, group), n in waiting.items())

    def _trips(self) -> Iterator[Movement]:
        """Every movement that keeps the rules by itself, with one person aboard."""
        operation = self.operation
        fleets = operation.fleets
        for evacuation in operation.evacuations.values():
            routes = list(ways(operation, evacuation.origin, evacuation.to, evacuation.out_at))
            wanted = [group for group, people in evacuation.demand().items() if people]
            for way, shape, start in product(routes, shapes(operation), range(self.end)):
                seats = [(fleet, group) for fleet in shape for group in wanted if group in fleets[fleet].carries]
                if not seats or any(n > fleets[fleet].vehicles for fleet, n in shape.items()):
                    continue
                people = {seats[0][0]: {seats[0][1]: 1}}
                trip = Trip(id="m", evacuation=evacuation.id, way=way, vehicles=shape, people=people, starts=start)
                movement = timed(operation, trip)
                alone = replace(
                    operation, clauses=tuple(c for c in operation.clauses if not c.limits(operation.theatre))
                )
                findings = check_plan(alone, plan(alone, [movement])).findings
                if movement.ends <= self.end and not any(f.rule in ALONE or f.rule in self._closing for f in findings):
                    yield movement

    @property
    def _closing(self) -> set[str]:
        return {clause.id for clause in self.operation.clauses}

    def _arrives(self, fleet: str, here: str, there: str, free: int) -> float:
        """The earliest minute at which an empty vehicle is there; it may wait on the way."""
        operation, world = self.operation, self.operation.world
        if here == there or (fleet != ESCORTS and operation.fleets[fleet].one_way):
            return free if here == there else inf
        reached = {here}
        hops = sorted({(a, b) for road in world.roads.values() for a, b in (road.between, road.between[::-1])})
        hops += [pair for link in world.empty_links for pair in (link.between, link.between[::-1])]
        arrivals: dict[int, set[str]] = {free: {here}}
        for minute in range(free, self.end + 1):
            reached |= arrivals.get(minute, set())
            if there in reached:
                return minute
            for a, b in hops:
                if a in reached:
                    for minutes, roads in self._hop(a, b, minute):
                        stretch = Span(minute, minute + minutes)
                        shut = [cut for road in roads for cut in self._shut(road)]
                        if not any(cut.touches(stretch) for cut in shut):
                            arrivals.setdefault(stretch.end, set()).add(b)
        return inf

    def _hop(self, here: str, there: str, minute: int) -> list[tuple[int, tuple[str, ...]]]:
        world = self.operation.world
        links = [(link.minutes, link.via) for link in world.empty_links if set(link.between) == {here, there}]
        road = world.road(here, there)
        if links or road is None:
            return links
        return [(road.minutes_at(self.operation.calendar.time_of_day(minute)), (road.id,))]

    def _shut(self, road: str) -> list[Span]:
        return [*self.operation.world.roads[road].closed, *self.operation.clause_closed(road, empty=True)]

    def search(self) -> Optimum:
        operation = self.operation
        vehicles = [
            (fleet.id, place, 0)
            for fleet in operation.fleets.values()
            for place, n in fleet.stands.items()
            for _ in range(n)
        ]
        if operation.escorts is not None:
            vehicles += [(ESCORTS, place, 0) for place, n in operation.escorts.items() for _ in range(n)]
        self._extend(0, tuple(sorted(vehicles)), self.demand(), (), 0.0)
        return self.best

    def _extend(
        self,
        first: int,
        vehicles: tuple[Vehicle, ...],
        waiting: dict[tuple[str, str], int],
        chosen: tuple[Movement, ...],
        cost: float,
    ) -> None:
        """Every plan that goes on with trips from `first` on."""
        self.plans_left -= 1
        if self.plans_left < 0:
            raise TooMany(f"{self.operation.name}: too many plans to try each")
        total = cost + self.cost_left(waiting)
        if total < self.best.objective - 1e-9 and self._keeps_limits(chosen):
            self.best = Optimum(total, chosen)
        for index in range(first, len(self.trips)):
            trip = self.trips[index]
            least = min((other.ends for other in self.trips[index:]), default=0) / 60
            rest = sum(self.operation.groups[group].weight * n for (_, group), n in waiting.items())
            if cost + rest * least >= self.best.objective - 1e-9:
                return
            mine = {group: n for (evacuation, group), n in waiting.items() if evacuation == trip.evacuation and n}
            if not mine or not self._room(trip, chosen):
                continue
            for left in set(self._taken(trip, vehicles)):
                for people in loads(self.operation, trip.evacuation, dict(trip.vehicles), mine):
                    movement = replace(trip, id=f"m{len(chosen) + 1}", people=people)
                    after = dict(waiting)
                    for group, n in movement.people_by_group.items():
                        after[trip.evacuation, group] -= n
                    hours = movement.ends / 60
                    weighted = sum(self.operation.groups[g].weight * n for g, n in movement.people_by_group.items())
                    self._extend(index, left, after, (*chosen, movement), cost + weighted * hours)

    def _room(self, trip: Movement, chosen: tuple[Movement, ...]) -> bool:
        """Whether there is a lane at each of its crossings, and a bay, all along."""
        world = self.operation.world
        for slot in trip.inspections:
            taken = [Span(o.starts, o.ends) for m in chosen for o in m.inspections if o.crossing == slot.crossing]
            if not _fits(Span(slot.starts, slot.ends), taken, world.crossings[slot.crossing].lanes):
                return False
        bays = world.places[trip.origin].bays
        return bays is None or _fits(trip.loading, [m.loading for m in chosen if m.origin == trip.origin], bays)

    def _taken(self, trip: Movement, vehicles: tuple[Vehicle, ...]) -> Iterator[tuple[Vehicle, ...]]:
        """What is where after this trip, for every choice of vehicles that can be there in time."""
        needs = dict(trip.vehicles) if self.operation.escorts is None else {**trip.vehicles, ESCORTS: 1}
        choices = []
        for fleet, need in needs.items():
            start = trip.loading.start
            near = [v for v in vehicles if v[0] == fleet and self.arrives(fleet, v[1], trip.origin, v[2]) <= start]
            choices.append(list(combinations(near, need)))
        for some in product(*choices):
            left = list(vehicles)
            for vehicle in (one for group in some for one in group):
                left.remove(vehicle)
            for fleet, need in needs.items():
                if fleet == ESCORTS or not self.operation.fleets[fleet].one_way:
                    left += [(fleet, trip.destination, trip.ends)] * need
            yield tuple(sorted(left))

    def _keeps_limits(self, chosen: tuple[Movement, ...]) -> bool:
        """Whether clauses and places that receive are kept by the whole plan."""
        passed = passages(chosen)
        if any(next(limit_breaches(limit, passed), None) for limit in self.operation.limits):
            return False
        for place in self.operation.world.places.values():
            received = sum(movement.total for movement in chosen if movement.destination == place.id)
            most = [capacity for capacity in (place.capacity, place.capacity_per_day) if capacity is not None]
            if received > min(most, default=received):
                return False
        return True


def _fits(span: Span, taken: Sequence[Span], most: int) -> bool:
    return all(
        sum(other.start <= minute < other.end for other in taken) < most for minute in range(span.start, span.end)
    )


def optimum(operation: Operation, *, plans_most: int = 20_000) -> Optimum:
    """The least objective of any plan of an operation that lasts one day at most. Raises TooMany."""
    assert operation.calendar.days == 1, "receptions by day are summed over one day"
    return Brute(operation, plans_most).search()
