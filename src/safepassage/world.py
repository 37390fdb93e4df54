"""Where and when: the days of an operation, its places, roads, crossings, and the ways between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from heapq import heappop, heappush
from itertools import count
from types import MappingProxyType
from typing import NamedTuple

DAY = 24 * 60
YEARS = range(1970, 2201)
"""Years that anything of an operation can be of."""


class Span(NamedTuple):
    """A half-open stretch of minutes: `start` belongs to it, `end` does not."""

    start: int
    end: int

    def touches(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same minutes as sorted spans that neither touch nor overlap."""
    merged: list[Span] = []
    for span in sorted(span for span in spans if span.start < span.end):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """The minutes of `spans` that are in none of `taken`."""
    left = list(merge(spans))
    for cut in merge(taken):
        left = [
            part
            for span in left
            for part in (Span(span.start, min(span.end, cut.start)), Span(max(span.start, cut.end), span.end))
            if part.start < part.end
        ]
    return tuple(left)


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days of an operation. Minutes count from `starts`; a day is a calendar day in its fixed offset."""

    starts: datetime
    days: int

    def __post_init__(self) -> None:
        if self.starts.utcoffset() is None:
            raise ValueError("starts needs an offset, such as 2016-12-15T06:00:00+02:00")
        if self.starts.second or self.starts.microsecond:
            raise ValueError("starts is in whole minutes: leave the seconds at 00")
        if self.days < 1:
            raise ValueError(f"days = {self.days}: an operation lasts at least 1 day")

    @cached_property
    def start_of_day(self) -> int:
        """Minute at which the first calendar day began, zero or less."""
        return -(self.starts.hour * 60 + self.starts.minute)

    @cached_property
    def end(self) -> int:
        """Minute of the midnight that ends the last day: nothing happens after it."""
        return self.start_of_day + self.days * DAY

    def day(self, minute: int) -> int:
        """Calendar day of a minute, the first day being 0."""
        return (minute - self.start_of_day) // DAY

    def day_span(self, day: int) -> Span:
        start = self.start_of_day + day * DAY
        return Span(start, start + DAY)

    def time_of_day(self, minute: int) -> int:
        """Minutes since that day's midnight."""
        return (minute - self.start_of_day) % DAY

    def minute(self, when: datetime) -> int:
        """Whole minutes from `starts` to `when`, a time with an offset (rounded down)."""
        return int((when - self.starts) // timedelta(minutes=1))

    def when(self, minute: int) -> datetime:
        return self.starts + timedelta(minutes=minute)

    def instant(self, text: str) -> datetime:
        """A time as it is written, ISO 8601; local where it names no offset. Raises ValueError with an example."""
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            when = None
        if when is None or when.year not in YEARS:
            raise ValueError(f'{text!r} is no time: write one such as "{self.starts:%Y-%m-%d} 12:00"')
        return when if when.utcoffset() is not None else when.replace(tzinfo=self.starts.tzinfo)

    def clock(self, minute: int) -> str:
        """A minute as people say it: `day 2 (16 Dec) 10:00`."""
        when = self.when(minute)
        return f"day {self.day(minute) + 1} ({when.day} {when:%b}) {when:%H:%M}"

    def daily(self, hours: Iterable[Span]) -> tuple[Span, ...]:
        """Hours of each day, in minutes of the day, as spans over the whole operation."""
        hours = tuple(hours)
        spans = (
            Span(max(0, start + span.start), min(self.end, start + span.end))
            for start in range(self.start_of_day, self.end, DAY)
            for span in hours
        )
        return merge(spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A site, a crossing's place, a reception place, a depot or a waypoint. `at` is (latitude, longitude), WGS84."""

    id: str
    name: str
    name_ar: str = ""
    aliases: tuple[str, ...] = ()
    at: tuple[float, float] | None = None
    held_by: str = ""
    bays: int | None = None
    capacity: int | None = None
    capacity_per_day: int | None = None
    population: int | None = None

    def __post_init__(self) -> None:
        for key in ("bays", "capacity", "capacity_per_day", "population"):
            value = getattr(self, key)
            if value is not None and value < 0:
                raise ValueError(f"{key} = {value}: give zero or more, or leave it out")
        if self.at is not None and not (-90 <= self.at[0] <= 90 and -180 <= self.at[1] <= 180):
            raise ValueError(f"at = {list(self.at)}: give [latitude, longitude] in degrees")


class Pace(NamedTuple):
    """A road's minutes for those who enter it in these hours of the day (minutes of the day)."""

    hours: Span
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """A segment between two places, both ways unless `one_way`.

    `consent`: the parties who must agree to passage. `hazard`: the chance of an incident per movement. `hours`: when it
    may be used, in minutes of the day (None: always). `closed`: spans in minutes of the operation. `paces`: other
    minutes at some hours of the day, by the instant of entering.
    """

    between: tuple[str, str]
    minutes: int
    km: float | None = None
    consent: tuple[str, ...] = ()
    hazard: float = 0.0
    one_way: bool = False
    hours: tuple[Span, ...] | None = None
    closed: tuple[Span, ...] = ()
    paces: tuple[Pace, ...] = ()

    def __post_init__(self) -> None:
        if self.between[0] == self.between[1]:
            raise ValueError(f"between = {list(self.between)}: a road joins two different places")
        if self.minutes < 1:
            raise ValueError(f"minutes = {self.minutes}: a road takes at least 1 minute")
        if not 0 <= self.hazard <= 1:
            raise ValueError(f"hazard = {self.hazard}: a chance lies between 0 and 1")
        if self.km is not None and self.km < 0:
            raise ValueError(f"km = {self.km}: give zero or more")

    @property
    def id(self) -> str:
        return "--".join(self.between)

    def minutes_at(self, time_of_day: int) -> int:
        """Minutes it takes one who enters at this minute of the day."""
        for pace in self.paces:
            if pace.hours.start <= time_of_day < pace.hours.end:
                return pace.minutes
        return self.minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """An inspection at a place. `people_per_hour` is per lane; `hours` None means the operation's hours."""

    at: str
    people_per_hour: int
    lanes: int = 1
    consent: tuple[str, ...] = ()
    hours: tuple[Span, ...] | None = None
    closed: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        if self.people_per_hour < 1:
            raise ValueError(
                f"people_per_hour = {self.people_per_hour}: give 1 or more; use `closed` for a shut crossing"
            )
        if self.lanes < 1:
            raise ValueError(f"lanes = {self.lanes}: give 1 or more; use `closed` for a shut crossing")

    @property
    def id(self) -> str:
        return self.at

    def slot(self, seats: int, slot_minutes: int) -> int:
        """Minutes of one lane that a convoy of so many seats books, a multiple of `slot_minutes`."""
        unit = self.people_per_hour * slot_minutes
        return -(-seats * 60 // unit) * slot_minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyLink:
    """What empty vehicles take between two places, both ways, and the roads it goes by (none: nothing binds it)."""

    between: tuple[str, str]
    minutes: int
    via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.minutes < 1:
            raise ValueError(f"minutes = {self.minutes}: an empty move takes at least 1 minute")


@dataclass(frozen=True, kw_only=True)
class World:
    """Places, roads, crossings and empty links, with look-ups by id."""

    places: Mapping[str, Place]
    roads: Mapping[str, Road]
    crossings: Mapping[str, Crossing]
    empty_links: tuple[EmptyLink, ...] = ()
    _exits: Mapping[str, tuple[tuple[str, Road], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        exits: dict[str, list[tuple[str, Road]]] = {place: [] for place in self.places}
        for road in self.roads.values():
            here, there = road.between
            exits[here].append((there, road))
            if not road.one_way:
                exits[there].append((here, road))
        frozen = {place: tuple(roads) for place, roads in exits.items()}
        object.__setattr__(self, "_exits", MappingProxyType(frozen))

    def __getstate__(self) -> dict[str, object]:
        return {key: getattr(self, key) for key in ("places", "roads", "crossings", "empty_links")}

    def __setstate__(self, state: Mapping[str, object]) -> None:
        for key, value in state.items():
            object.__setattr__(self, key, value)
        self.__post_init__()

    def exits(self, place: str) -> tuple[tuple[str, Road], ...]:
        """The roads that lead out of a place, each with the place it leads to."""
        return self._exits[place]

    def road(self, here: str, there: str) -> Road | None:
        """The road one may take from `here` to `there`, if there is one."""
        for place, road in self._exits.get(here, ()):
            if place == there:
                return road
        return None

    @cached_property
    def graph(self) -> _Graph:
        """Its roads by number, for searches; built once."""
        return _Graph(self)

    @cached_property
    def links(self) -> Mapping[str, Mapping[str, EmptyLink]]:
        """The empty links from each place, by the place they lead to; the shorter where two join a pair."""
        found: dict[str, dict[str, EmptyLink]] = {}
        for link in sorted(self.empty_links, key=lambda link: -link.minutes):
            for here, there in (link.between, link.between[::-1]):
                found.setdefault(here, {})[there] = link
        return found

    def segment_consent(self, segment: str) -> tuple[str, ...]:
        """The parties whose consent a road or crossing needs."""
        held: Road | Crossing = self.roads[segment] if segment in self.roads else self.crossings[segment]
        return held.consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A way over the roads: its places, origin first, and the road between each two of them."""

    places: tuple[str, ...]
    roads: tuple[str, ...]


class EmptyHop(NamedTuple):
    """One stretch that empty vehicles take: a road, or an empty link with the roads it goes by (none: unbound)."""

    here: str
    there: str
    minutes: int
    roads: tuple[str, ...]


class SearchTooLong(RuntimeError):
    """The work allowed ran out before it was known whether any way exists."""


ROUTE_WORK_MOST = 10_000_000
"""Steps that `routes` takes at most after its first look at the map; some tens of seconds."""


def routes(
    world: World,
    origin: str,
    destination: str,
    *,
    out_at: tuple[str, ...] = (),
    most: int = 8,
    work: int = ROUTE_WORK_MOST,
) -> tuple[Route, ...]:
    """The `most` shortest ways that visit no place twice, shortest first, by the roads' `minutes`.

    With `out_at` they pass exactly one of these places; origin and destination count. Paces, hours, closures and slots
    do not count. Where one-way roads and `out_at` make the search hard, it stops after `work` steps and returns the
    ways found so far, which are the shortest; with none found it raises SearchTooLong, for () means that no way exists.
    Raises ValueError on a place that is not there.
    """
    search = _RouteSearch(world, origin, destination, out_at, work)
    found: list[Route] = []
    try:
        for route in search.in_order():
            found.append(route)
            if len(found) >= most:
                break
    except SearchTooLong:
        if not found:
            raise
    return tuple(found) if most > 0 else ()


Arc = tuple[int, int, str]
"""A road from a place: the number of the place it leads to, its minutes, its id."""


class _Graph:
    """The roads of a world by the numbers of places, so that searches handle no text."""

    def __init__(self, world: World) -> None:
        self.places = tuple(world.places)
        self.number = {place: number for number, place in enumerate(self.places)}
        self.out: list[list[Arc]] = [[] for _ in self.places]
        one_way = any(road.one_way for road in world.roads.values())
        self.into: list[list[Arc]] = [[] for _ in self.places] if one_way else self.out
        for id, road in world.roads.items():
            here, there = self.number[road.between[0]], self.number[road.between[1]]
            for start, end in [(here, there)] if road.one_way else [(here, there), (there, here)]:
                self.out[start].append((end, road.minutes, id))
                if one_way:
                    self.into[end].append((start, road.minutes, id))

    def of(self, place: str) -> int:
        if place not in self.number:
            raise ValueError(f"{place!r} is no place of this world: name one of its {len(self.places)} places")
        return self.number[place]


@dataclass(frozen=True, slots=True)
class _Walk:
    """Places by number, the roads between them, the state at each place, and the minutes up to each."""

    places: tuple[int, ...]
    roads: tuple[str, ...]
    states: tuple[int, ...]
    minutes: tuple[int, ...]

    def repeated(self, layer: int) -> int | None:
        """The place on it twice that lies nearest to its `out_at` place; None where no place is on it twice."""
        last: dict[int, int] = {}
        nearest: tuple[int, int] | None = None
        turn = next((index for index, state in enumerate(self.states) if state < layer), 0)
        for index, place in enumerate(self.places):
            if place in last:
                distance = min(index - turn, turn - last[place])
                nearest = min(nearest or (distance, place), (distance, place))
            last[place] = index
        return None if nearest is None else nearest[1]


class _RouteSearch:
    """Ways in order of minutes, by Yen's partition as Lawler improved it, each part searched only when its turn comes.

    A state is a place before its `out_at` (number + places) or after it (number). Minutes to the destination from a
    search backwards guide every search forwards. Before and after `out_at` a walk could use the same place; then one
    of the two uses is forbidden, both cases in order of their minutes, until the walk is a way.
    """

    def __init__(self, world: World, origin: str, destination: str, out_at: Iterable[str], work: int) -> None:
        self.graph = world.graph
        self.work = work
        self.gates = frozenset(self.graph.of(place) for place in out_at)
        self.layer = len(self.graph.places)
        self.goal = self.graph.of(destination)
        start = self.graph.of(origin)
        self.start = start if not self.gates or start in self.gates else start + self.layer
        self.left, self.radius = self._minutes_left()

    def _minutes_left(self) -> tuple[dict[int, int], int]:
        """Minutes from each state to the destination, as far as the origin; every state not in it takes the radius."""
        into, gates, layer = self.graph.into, self.gates, self.layer
        left: dict[int, int] = {}
        queue = [(0, self.goal)]
        while queue:
            minutes, state = heappop(queue)
            if state in left:
                continue
            left[state] = minutes
            if state == self.start:
                return left, minutes
            before = state >= layer
            place = state - layer if before else state
            enters = not before and place in gates
            for other, takes, _ in into[place]:
                if (before or enters) and other in gates:
                    continue
                came_from = other + layer if before or enters else other
                if came_from not in left:
                    heappush(queue, (minutes + takes, came_from))
        return left, -1

    def in_order(self) -> Iterator[Route]:
        if self.radius < 0 or self.start not in self.left:
            return
        whole = _Walk((self.start % self.layer,), (), (self.start,), (0,))
        turn = count()
        queue: list[tuple[int, int, _Walk, int, frozenset[str], bool]] = [
            (self.left[self.start], next(turn), whole, 0, frozenset(), False)
        ]
        while queue:
            _, _, walk, kept, excluded, found = heappop(queue)
            if not found:
                shortest = self._shortest(walk, kept, excluded)
                if shortest is not None:
                    heappush(queue, (shortest.minutes[-1], next(turn), shortest, kept, excluded, True))
                continue
            names = self.graph.places
            yield Route(places=tuple(names[place] for place in walk.places), roads=walk.roads)
            seen = set(walk.places[:kept])
            for index in range(kept, len(walk.roads)):
                seen.add(walk.places[index])
                shut = frozenset({walk.roads[index]}) | (excluded if index == kept else frozenset())
                least = self._least(walk, index, shut, seen)
                if least is not None:
                    heappush(queue, (least, next(turn), walk, index, shut, False))

    def _least(self, walk: _Walk, kept: int, excluded: frozenset[str], seen: set[int]) -> int | None:
        """A lower limit on the minutes of ways that keep a walk up to a place and leave it by no excluded road."""
        state, minutes = walk.states[kept], walk.minutes[kept]
        least: int | None = None
        for place, takes, road in self.graph.out[walk.places[kept]]:
            onward = self._next(state, place)
            if onward is not None and place not in seen and road not in excluded:
                reach = minutes + takes + self.left.get(onward, self.radius)
                least = reach if least is None or reach < least else least
        return least

    def _next(self, state: int, place: int) -> int | None:
        """The state at a place reached from a state; None where that would be a second `out_at`."""
        if place in self.gates:
            return place if state >= self.layer else None
        return place + self.layer if state >= self.layer else place

    def _shortest(self, walk: _Walk, kept: int, excluded: frozenset[str]) -> _Walk | None:
        """The shortest way that keeps a walk up to a place and leaves it by no excluded road."""
        first = self._search(walk, kept, excluded, frozenset())
        turn = count()
        queue = [] if first is None else [(first.minutes[-1], next(turn), first, frozenset[int]())]
        while queue:
            _, _, shortest, forbidden = heappop(queue)
            repeated = shortest.repeated(self.layer)
            if repeated is None:
                return shortest
            for state in (repeated, repeated + self.layer):
                other = self._search(walk, kept, excluded, forbidden | {state})
                if other is not None:
                    heappush(queue, (other.minutes[-1], next(turn), other, forbidden | {state}))
        return None

    def _search(self, walk: _Walk, kept: int, excluded: frozenset[str], forbidden: frozenset[int]) -> _Walk | None:
        """The shortest continuation that avoids the kept places and forbidden states; before and after may overlap."""
        out, left, radius, layer = self.graph.out, self.left, self.radius, self.layer
        start = walk.states[kept]
        blocked = set(walk.places[: kept + 1])
        came: dict[int, tuple[int, str]] = {}
        minutes = {start: walk.minutes[kept]}
        settled: set[int] = set()
        queue = [(walk.minutes[kept] + left.get(start, radius), left.get(start, radius), start)]
        while queue:
            _, _, state = heappop(queue)
            if state in settled:
                continue
            settled.add(state)
            self.work -= 1
            if self.work < 0:
                raise SearchTooLong("no way was found in the work allowed, and none was ruled out: allow more `work`")
            if state == self.goal:
                return self._traced(walk, kept, came, minutes)
            so_far = minutes[state]
            for place, takes, road in out[state - layer if state >= layer else state]:
                if place in blocked or (state == start and road in excluded):
                    continue
                onward = self._next(state, place)
                if onward is None or onward in settled or onward in forbidden:
                    continue
                reached = so_far + takes
                if onward not in minutes or reached < minutes[onward]:
                    minutes[onward] = reached
                    came[onward] = (state, road)
                    still = left.get(onward, radius)
                    heappush(queue, (reached + still, still, onward))
        return None

    def _traced(self, walk: _Walk, kept: int, came: Mapping[int, tuple[int, str]], minutes: Mapping[int, int]) -> _Walk:
        states, roads = [self.goal], list[str]()
        while states[-1] != walk.states[kept]:
            state, road = came[states[-1]]
            states.append(state)
            roads.append(road)
        states.reverse()
        return _Walk(
            places=(*walk.places[:kept], *(state % self.layer for state in states)),
            roads=(*walk.roads[:kept], *reversed(roads)),
            states=(*walk.states[:kept], *states),
            minutes=(*walk.minutes[:kept], *(minutes[state] for state in states)),
        )


def _nowhere_blocked(segment: str) -> tuple[Span, ...]:
    return ()


def fastest(
    world: World,
    origin: str,
    destination: str,
    *,
    departs: int,
    calendar: Calendar,
    blocked: Callable[[str], Iterable[Span]] = _nowhere_blocked,
) -> tuple[Route, tuple[int, ...]] | None:
    """The fastest way for one who leaves at a minute and never waits, and the instants at its places; None: none found.

    A leg takes the minutes of the hour it is entered, lies within the road's hours and the operation, and touches
    neither the road's closures nor what is `blocked` there, such as clauses close. Crossings take no time. The way can
    always be driven as said. It is the earliest arrival as long as reaching a place earlier is never worse; where a
    later start overtakes (a pace that drops by more than the minutes gone by) or finds a road open again, a way that
    loses time first may be faster, or be the only one, and is not found. Raises ValueError on a place that is not
    there or a minute outside the operation.
    """
    graph = world.graph
    start, goal = graph.of(origin), graph.of(destination)
    if not 0 <= departs <= calendar.end:
        raise ValueError(f"departs = {departs}: give a minute of the operation, 0 to {calendar.end}")
    shut: dict[str, tuple[Span, ...]] = {}
    reached = {start: departs}
    came: dict[int, tuple[int, str]] = {}
    settled: set[int] = set()
    queue = [(departs, start)]
    while queue:
        now, here = heappop(queue)
        if here in settled:
            continue
        settled.add(here)
        if here == goal:
            ways, roads = [goal], list[str]()
            while ways[-1] != start:
                place, road = came[ways[-1]]
                ways.append(place)
                roads.append(road)
            ways.reverse()
            route = Route(places=tuple(graph.places[place] for place in ways), roads=tuple(reversed(roads)))
            return route, tuple(reached[place] for place in ways)
        for there, minutes, road in graph.out[here]:
            way = world.roads[road]
            end = now + (way.minutes_at(calendar.time_of_day(now)) if way.paces else minutes)
            if end > calendar.end or (there in reached and reached[there] <= end):
                continue
            if road not in shut:
                outside = () if way.hours is None else subtract((Span(0, calendar.end),), calendar.daily(way.hours))
                shut[road] = merge((*way.closed, *blocked(road), *outside))
            if shut[road] and any(span.touches(Span(now, end)) for span in shut[road]):
                continue
            reached[there] = end
            came[there] = (here, road)
            heappush(queue, (end, there))
    return None


def empty_way(world: World, here: str, there: str) -> tuple[tuple[EmptyHop, ...], int] | None:
    """The shortest chain of hops for empty vehicles and its minutes; None where there is none.

    Hops are roads (both ways unless `one_way`) and empty links; a link overrides the road of its pair. Paces and
    closures do not count. Raises ValueError on a place that is not there.
    """
    graph, links = world.graph, world.links
    start, goal = graph.of(here), graph.of(there)
    reached = {start: 0}
    came: dict[int, EmptyHop] = {}
    settled: set[int] = set()
    queue = [(0, start)]
    while queue:
        minutes, place = heappop(queue)
        if place in settled:
            continue
        settled.add(place)
        if place == goal:
            hops: list[EmptyHop] = []
            while place != start:
                hops.append(came[place])
                place = graph.number[came[place].here]
            return tuple(reversed(hops)), minutes
        name = graph.places[place]
        linked = links.get(name, {})
        onward = [EmptyHop(name, other, link.minutes, link.via) for other, link in linked.items()]
        for number, takes, road in graph.out[place]:
            if (other := graph.places[number]) not in linked:
                onward.append(EmptyHop(name, other, takes, (road,)))
        for hop in onward:
            number, sum_ = graph.number[hop.there], minutes + hop.minutes
            if number not in reached or sum_ < reached[number]:
                reached[number] = sum_
                came[number] = hop
                heappush(queue, (sum_, number))
    return None
