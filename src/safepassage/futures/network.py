"""An operation, its timetable and the troubles of a course as the arrays that the compiled course reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from safepassage.agreement import Gate, Limit
from safepassage.futures.course import not_simulated
from safepassage.futures.shocks import Halted, LeftAlone, Lost, ShockModel, Shut, Slowed, Struck, Trouble, TurnedUp
from safepassage.movement import Hop, Timetable
from safepassage.operation import Operation
from safepassage.world import DAY, Span, subtract

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
NEVER = 1 << 40
"""Later than any minute, more than any number of people."""
OTHER_CAUSES = ("hours", "lanes", "vehicles", "bays", "notice", "pause")
HOURS, LANES, VEHICLES, BAYS, NOTICE, PAUSE = range(6)
"""What stops movements where no shock and no limit does; shocks and clauses follow."""

# Rows of `trip` (its columns are the movements): what is fixed, then what changes in a course
LEGS, GATE, LOAD, UNLOAD, DUE, PLANNED_OUT, EVACUATION, STAY, NIGHT, ORIGIN, DESTINATION, TEMPLATE, PLANNED = range(13)
PHASE, TRIES, EARLIEST, AGAIN, BLOCKED, LOADS, UNTIL, SINCE, AT, SLOT_DONE, OUT, ARRIVED = range(13, 25)
WILL_OUT, WILL_ARRIVE, HEADS, STOOD, CAUSE = range(25, 30)
# Of `way`, by trip and place: the road from it (-1: none), whether it leads back, its crossing and slot, its booking
ROAD, BACK, CROSSING, SLOT, FROM, TO = range(6)
# Of `seat`, by trip and entry; of `empty`; of `hop` (its roads follow)
STREAM, MEANT, ABOARD = range(3)
HOPS, EMPTY_FROM, EMPTY_TO, EMPTY_DUE, EMPTY_PHASE, EMPTY_AT, EMPTY_UNTIL = range(7)
HOP_MINUTES = 0
# Of `table`, by segment, over the minutes: until when movements and empty moves may use it (-1: shut), minutes it takes
OPEN, EMPTY_OPEN, MINUTES = range(3)
# Of `site`: room, and how many there are
BAYS_MOST, CAPACITY, PER_DAY, LOADING_NOW, RECEIVED = range(5)
# Of `limit` and `term`
FIRST, LAST, STEP, MOST, REACHED, START, END, CLAUSE, ONE_SIDED = range(9)
COEFFICIENT, USES, AT_ARRIVAL, SINCE_MINUTE, COUNTED, AFTER = range(6)


class Network(NamedTuple):
    """What is the same in every course. Columns have names above; rows of `trip` stand in the planned order.

    `order` is the timetable's: rows of `trip`, and of `empty` with their bits turned (~row), by the minute each is
    `due`; `place_of` is where a row of `trip` stands in it.
    """

    end: int
    start_of_day: int
    days: int
    pause: int
    notice: int
    trip: Ints
    way: Ints
    seat: Ints
    empty: Ints
    hop: Ints
    order: Ints
    due: Ints
    place_of: Ints
    needs: Ints
    empty_needs: Ints
    table: Ints
    lanes: Ints
    ends: Ints
    starts: Ints
    steady: Flags
    stands: Ints
    one_way: Flags
    site: Ints
    there: Ints
    evacuation_of: Ints
    limit: Ints
    term: Ints
    counted: Flags
    pair_side: Ints
    pair_demand: Ints


class Troubles(NamedTuple):
    """The troubles of courses, or of one: times and causes, and what each of them is on. Minute -1: none."""

    shut: Ints
    shut_on: Flags
    halted: Ints
    halted_of: Flags
    slowed: Ints
    slowed_on: Flags
    factor: Floats
    strike: Ints
    lost: Ints
    left: Ints
    there: Ints


class Compiled:
    """A timetable made ready for many courses. Raises ValueError, naming the clause, where no course can keep one."""

    def __init__(self, operation: Operation, timetable: Timetable, model: ShockModel) -> None:
        if problem := not_simulated(operation, timetable):
            raise ValueError(problem)
        self.operation = operation
        self.shocks = tuple(shock.id for shock in model.shocks)
        self.clauses = tuple(dict.fromkeys(limit.clause for limit in operation.limits))
        self.causes = (*OTHER_CAUSES, *self.shocks, *self.clauses)
        self.pairs = tuple(
            (clause.id, sides[0], sides[1]) for clause in operation.binding if (sides := clause.sides()) is not None
        )
        self.trips = sorted(timetable.movements, key=lambda one: (one.loading.start, one.id))
        self.empties = sorted(timetable.empty_moves, key=lambda one: one.starts)
        self.places = _numbered(operation.world.places)
        self.segments = _numbered((*operation.world.roads, *operation.world.crossings))
        self.fleets = _numbered(operation.fleets)
        self.evacuations = _numbered(operation.evacuations)
        self.streams = {
            stream: number
            for number, stream in enumerate(
                (one.id, group) for one in operation.evacuations.values() for group in one.people
            )
        }
        self.rows = {one.id: row for row, one in enumerate(self.trips)}
        self.network = self._network()

    def troubles(self, courses: Sequence[Sequence[Trouble]]) -> Troubles:
        """What goes wrong in courses, as arrays whose first axis is the course."""
        parts = [self._troubles(troubles) for troubles in courses]
        return Troubles(*(_side_by_side(part) for part in zip(*parts, strict=True)))

    def _troubles(self, troubles: Sequence[Trouble]) -> Troubles:
        cause = {id: len(OTHER_CAUSES) + number for number, id in enumerate(self.shocks)}
        shut = [one for one in troubles if isinstance(one, Shut)]
        halted = [one for one in troubles if isinstance(one, Halted)]
        slowed = [one for one in troubles if isinstance(one, Slowed)]
        strike = np.full((len(self.trips), 3), -1, dtype=np.int64)
        there = self.network.there.copy()
        for one in troubles:
            if isinstance(one, Struck):
                row = self.rows[one.movement]
                if strike[row, 0] < 0 or one.leg <= strike[row, 0]:
                    strike[row] = (one.leg, one.minutes, cause[one.shock])
            elif isinstance(one, TurnedUp):
                stream = self.streams[one.evacuation, one.group]
                there[stream] = one.people
        lost = [(one.at, self.fleets[one.fleet], one.vehicles) for one in troubles if isinstance(one, Lost)]
        left = [
            (one.at, self.evacuations[one.evacuation], one.people) for one in troubles if isinstance(one, LeftAlone)
        ]
        return Troubles(
            shut=_rows([(*one.span, cause[one.shock]) for one in shut], 3),
            shut_on=_flags([one.on for one in shut], self.segments),
            halted=_rows([(*one.span, cause[one.shock]) for one in halted], 3),
            halted_of=_flags([one.evacuations for one in halted], self.evacuations),
            slowed=_rows([one.span for one in slowed], 2),
            slowed_on=_flags([one.on for one in slowed], self.segments),
            factor=np.array([one.factor for one in slowed], dtype=np.float64),
            strike=strike,
            lost=_rows(lost, 3),
            left=_rows(left, 3),
            there=there,
        )

    def _network(self) -> Network:
        operation = self.operation
        calendar, binding = operation.calendar, operation.binding
        table = self._table()
        trip, way = self._trips()
        templates: dict[tuple[int, ...], int] = {}
        for row in range(len(self.trips)):
            key = (*way[row, :, [ROAD, CROSSING, SLOT]].ravel(), *trip[row, [LEGS, LOAD, UNLOAD, STAY, NIGHT]])
            trip[row, TEMPLATE] = templates.setdefault(tuple(map(int, key)), len(templates))
        shown = [int(np.argmax(trip[:, TEMPLATE] == number)) for number in range(len(templates))]
        ends = np.array([_way_ends(trip[row], way[row], table) for row in shown], dtype=np.int64)
        load_open = _minutes_in(operation.load_spans, calendar.end)
        stands = np.zeros((len(self.fleets) + 1, len(self.places)), dtype=np.int64)
        for number, fleet in enumerate(operation.fleets.values()):
            for at, vehicles in fleet.stands.items():
                stands[number, self.places[at]] = vehicles
        for at, escorts in (operation.escorts or {}).items():
            stands[-1, self.places[at]] = escorts
        empty, hop = self._empties()
        limit, term, counted = self._limits()
        due = [*trip[:, DUE].tolist(), *empty[:, EMPTY_DUE].tolist()]
        order = np.argsort(due, kind="stable")
        world = operation.world
        site = [
            (*(NEVER if most is None else most for most in (one.bays, one.capacity, one.capacity_per_day)), 0, 0)
            for one in world.places.values()
        ]
        pair_side = np.full((len(self.pairs), len(self.streams)), -1, dtype=np.int64)
        pair_demand = np.ones((len(self.pairs), 2), dtype=np.int64)
        for row, (_, *sides) in enumerate(self.pairs):
            for side, names in enumerate(sides):
                streams = operation.theatre.streams(names)
                pair_side[row, [self.streams[stream] for stream in streams]] = side
                pair_demand[row, side] = max(1, operation.theatre.demand(streams))
        demand = [operation.evacuations[id].people[group].best for id, group in self.streams]
        return Network(
            end=calendar.end,
            start_of_day=calendar.start_of_day,
            days=calendar.days,
            pause=max((clause.pause_minutes() for clause in binding), default=0),
            notice=max((clause.notice_minutes() for clause in binding), default=0),
            trip=np.ascontiguousarray(trip.T),
            way=way,
            seat=self._seats(),
            empty=empty,
            hop=hop,
            order=np.where(order < len(trip), order, ~(order - len(trip))),
            due=np.array(due, dtype=np.int64)[order],
            place_of=np.argsort(order)[: len(trip)],
            needs=self._needs([(one.vehicles, int(operation.escorts is not None)) for one in self.trips]),
            empty_needs=self._needs([(one.vehicles, one.escorts) for one in self.empties]),
            table=table,
            lanes=np.array(
                [world.crossings[id].lanes if id in world.crossings else 0 for id in self.segments], dtype=np.int64
            ),
            ends=ends.reshape(len(shown), calendar.end + 1),
            starts=np.array(
                [
                    _starts(trip[row], ends[number], load_open, calendar.start_of_day)
                    for number, row in enumerate(shown)
                ],
                dtype=np.int64,
            ).reshape(len(shown), calendar.end + 2),
            steady=np.array([_is_steady(way[row], table) for row in shown], dtype=np.bool_),
            stands=stands,
            one_way=np.array([*(fleet.one_way for fleet in operation.fleets.values()), False]),
            site=_rows(site, 5),
            there=np.array(demand, dtype=np.int64),
            evacuation_of=np.array([self.evacuations[id] for id, _ in self.streams], dtype=np.int64),
            limit=limit,
            term=term,
            counted=counted,
            pair_side=pair_side,
            pair_demand=pair_demand,
        )

    def _table(self) -> Ints:
        operation, calendar = self.operation, self.operation.calendar
        end = calendar.end
        table = np.full((len(self.segments), 3, end + 1), -1, dtype=np.int64)
        time_of_day = (np.arange(end + 1) - calendar.start_of_day) % DAY
        for id, row in self.segments.items():
            road = operation.world.roads.get(id)
            spans = operation.passable_spans(id) if road is not None else operation.open_spans(id)
            shut = [closure for closure in operation.closures if closure.segment == id]
            closed = [*(road.closed if road is not None else ()), *(one.span for one in shut if one.binds_empty)]
            for span in subtract(spans, [one.span for one in shut]):
                table[row, OPEN, max(0, span.start) : max(0, span.end)] = span.end
            for span in subtract([Span(0, NEVER)], closed):
                table[row, EMPTY_OPEN, span.start : min(span.end, end + 1)] = span.end
            if road is not None:
                by_minute = np.array([road.minutes_at(minute) for minute in range(DAY)])
                table[row, MINUTES] = by_minute[time_of_day]
        return table

    def _trips(self) -> tuple[Ints, Ints]:
        operation, world = self.operation, self.operation.world
        most = max((len(one.legs) for one in self.trips), default=0)
        trip = np.zeros((len(self.trips), CAUSE + 1), dtype=np.int64)
        way = np.full((len(self.trips), most + 1, TO + 1), -1, dtype=np.int64)
        way[:, :, [SLOT, FROM, TO]] = 0
        for row, one in enumerate(self.trips):
            gates, stay = operation.evacuations[one.evacuation].out_at, operation.stay(one.evacuation)
            fixed = {
                LEGS: len(one.legs),
                GATE: next((n for n, id in enumerate(one.places) if id in gates), len(one.legs)),
                LOAD: one.loading.end - one.loading.start,
                UNLOAD: operation.unload_minutes(one.vehicles),
                DUE: one.loading.start,
                PLANNED_OUT: one.handed_over or 0,
                EVACUATION: self.evacuations[one.evacuation],
                STAY: NEVER if stay.minutes is None else stay.minutes,
                NIGHT: int(stay.overnight),
                ORIGIN: self.places[one.origin],
                DESTINATION: self.places[one.destination],
                PLANNED: one.total,
                EARLIEST: one.loading.start,
                **dict.fromkeys((BLOCKED, UNTIL, OUT, ARRIVED, CAUSE), -1),
            }
            trip[row, list(fixed)] = list(fixed.values())
            slots = {slot.crossing: slot.ends - slot.starts for slot in one.inspections}
            for number, place in enumerate(one.places):
                if place in slots:
                    way[row, number, [CROSSING, SLOT]] = self.segments[place], slots[place]
                if number < len(one.legs):
                    leg = one.legs[number]
                    back = world.road(leg.there, leg.here) is not None
                    way[row, number, [ROAD, BACK]] = self.segments[leg.road], back
        return trip, way

    def _seats(self) -> Ints:
        entries = [
            [
                (self.streams[one.evacuation, group], people)
                for groups in one.people.values()
                for group, people in groups.items()
            ]
            for one in self.trips
        ]
        seat = np.zeros((len(self.trips), max(map(len, entries), default=0) + 1, 3), dtype=np.int64)
        for row, said in enumerate(entries):
            for number, (stream, people) in enumerate(said):
                seat[row, number, [STREAM, MEANT]] = stream, people
        return seat

    def _needs(self, moved: Sequence[tuple[Mapping[str, int], int]]) -> Ints:
        needs = np.zeros((len(moved), len(self.fleets) + 1), dtype=np.int64)
        for row, (vehicles, escorts) in enumerate(moved):
            for fleet, count in vehicles.items():
                needs[row, self.fleets[fleet]] = count
            needs[row, -1] = escorts
        return needs

    def _empties(self) -> tuple[Ints, Ints]:
        ways = [[self._hop(hop) for hop in one.hops] for one in self.empties]
        hops = max(map(len, ways), default=0)
        roads = max((len(roads) for way in ways for roads, _ in way), default=0)
        empty = np.zeros((len(self.empties), EMPTY_UNTIL + 1), dtype=np.int64)
        hop = np.full((len(self.empties), hops + 1, roads + 2), -1, dtype=np.int64)
        for row, one in enumerate(self.empties):
            empty[row, :EMPTY_PHASE] = len(one.hops), self.places[one.origin], self.places[one.destination], one.starts
            empty[row, EMPTY_UNTIL] = -1
            for number, (by, minutes) in enumerate(ways[row]):
                hop[row, number, HOP_MINUTES] = minutes
                hop[row, number, 1 : 1 + len(by)] = [self.segments[road] for road in by]
        return empty, hop

    def _hop(self, hop: Hop) -> tuple[tuple[str, ...], int]:
        """The roads of an empty hop, and its minutes where a link states them (-1: the road's own)."""
        world = self.operation.world
        link, road = world.links.get(hop.here, {}).get(hop.there), world.road(hop.here, hop.there)
        if road is None or (link is not None and link.minutes == hop.arrives - hop.departs):
            assert link is not None, f"neither a road nor an empty link leads from {hop.here} to {hop.there}"
            return link.via, link.minutes
        return (road.id,), -1

    def _limits(self) -> tuple[Ints, Ints, Flags]:
        cause = {id: len(OTHER_CAUSES) + len(self.shocks) + number for number, id in enumerate(self.clauses)}
        limits: list[tuple[int, ...]] = []
        terms: list[tuple[int, ...]] = []
        counted: list[Flags] = []
        for limit in self.operation.limits:
            uses = _uses_room(limit)
            for number, tally in enumerate(limit.tallies):
                worth = limit.terms[number].coefficient if isinstance(limit, Gate) else 0
                since = -NEVER if tally.since is None else tally.since
                terms.append((worth, int(uses[number]), int(tally.counts == "arrival"), since, 0, 0))
                counted.append(
                    _flags(
                        [
                            [str(self.streams[stream]) for stream in tally.streams if stream[0] == one.evacuation]
                            if not tally.to or one.destination in tally.to
                            else []
                            for one in self.trips
                        ],
                        {str(number): number for number in self.streams.values()},
                    )
                )
            step, reached = (0, 0) if isinstance(limit, Gate) else (1, limit.reached)
            first, last = len(terms) - len(uses), len(terms)
            limits.append((first, last, step, limit.most, reached, *limit.span, cause[limit.clause], int(all(uses))))
        flags = np.array(counted, dtype=np.bool_).reshape(len(terms), len(self.trips), len(self.streams))
        return _rows(limits, 9), _rows(terms, 6), flags


def _uses_room(limit: Limit) -> tuple[bool, ...]:
    return tuple(term.coefficient > 0 for term in limit.terms) if isinstance(limit, Gate) else (True, False)


def _numbered(ids: Iterable[str]) -> dict[str, int]:
    return {id: number for number, id in enumerate(ids)}


def _rows(rows: Sequence[Sequence[int]], width: int) -> Ints:
    return np.array(rows, dtype=np.int64).reshape(len(rows), width)


def _flags(rows: Sequence[Sequence[str]], number: Mapping[str, int]) -> Flags:
    flags = np.zeros(len(rows) * len(number), dtype=np.bool_)
    flags[[row * len(number) + number[id] for row, ids in enumerate(rows) for id in ids]] = True
    return flags.reshape(len(rows), len(number))


def _side_by_side(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """As one array; shorter ones are filled with -1 (flags: False)."""
    fill = False if parts[0].dtype == np.bool_ else -1
    joined = np.full((len(parts), max(map(len, parts)), *parts[0].shape[1:]), fill, dtype=parts[0].dtype)
    for row, part in enumerate(parts):
        joined[row, : len(part)] = part
    return joined


def _minutes_in(spans: Iterable[Span], end: int) -> Flags:
    inside = np.zeros(end + 1, dtype=np.bool_)
    for span in spans:
        inside[max(0, span.start) : max(0, span.end)] = True
    return inside


def _way_ends(trip: Ints, way: Ints, table: Ints) -> Ints:
    """By the minute of departure, when unloading would end; -1 where hours or the end of the operation forbid it."""
    end = table.shape[2] - 1
    now = np.arange(end + 1)
    able = np.ones(end + 1, dtype=np.bool_)
    for number in range(int(trip[LEGS]) + 1):
        for segment in way[number, [CROSSING, ROAD]]:
            if segment < 0:
                continue
            able &= now <= end
            now = np.minimum(now, end)
            takes = table[segment, MINUTES, now] if segment == way[number, ROAD] else way[number, SLOT]
            able &= table[segment, OPEN, now] >= now + takes
            now = now + takes
    now = now + trip[UNLOAD]
    return np.where(able & (now <= end), now, -1)


def _is_steady(way: Ints, table: Ints) -> bool:
    """Whether all its roads take the same at any hour."""
    roads = way[way[:, ROAD] >= 0, ROAD]
    return bool((table[roads, MINUTES] == table[roads, MINUTES, :1]).all())


def _starts(trip: Ints, ends: Ints, load_open: Flags, start_of_day: int) -> Ints:
    """By the minute, the first one from it on at which loading may start if nothing else is in the way."""
    last = len(ends) - 1
    loads = np.arange(last + 1)
    departs = loads + trip[LOAD]
    until = np.where(departs <= last, ends[np.minimum(departs, last)], -1)
    midnight = loads - (loads - start_of_day) % DAY + DAY
    able = load_open & (until >= 0) & (until - loads <= trip[STAY]) & ((trip[NIGHT] == 1) | (until <= midnight))
    first = np.where(able, loads, last + 1)
    return np.append(np.minimum.accumulate(first[::-1])[::-1], last + 1)
