"""The bound: a time-indexed relaxation of the rules of movement, and a certificate that needs no solver to check.

Time is cut into periods of `grid_minutes`. One family of columns counts the movements of each pattern that start in
each period; everything that depends on when a movement starts within its period is taken at the end that favours it, so
every timetable that keeps the rules is a point of the relaxation that costs no more. See docs/mathematics.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array

from safepassage.agreement import Gate, Step, Tally
from safepassage.movement import passages
from safepassage.operation import Operation
from safepassage.planner.empties import NEVER, EmptyTravel
from safepassage.planner.past import ESCORT, Past
from safepassage.planner.patterns import Pattern
from safepassage.world import Span

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOOSE = 1e-4
"""How far below its point's cost a certified value may lie, as a share, before the duals are sought anew."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """A block of rows with a meaning: what is limited, and the minute each row speaks of (-1: none)."""

    name: str
    first: int
    minutes: Ints


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxation:
    """minimise cost·v with row_lower <= A v <= row_upper and 0 <= v <= upper (or free slack), A by columns.

    The first `starts` columns count movements: of pattern `pattern[j]`, starting in period `period[j]`.
    """

    grid_minutes: int
    cost: Floats
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    start: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Floats
    pattern: Ints
    period: Ints
    rows: tuple[Rows, ...]
    left: Ints
    """The columns of people left behind."""
    people: tuple[dict[str, tuple[Ints, float]], ...]
    """By pattern and group: the columns that carry people, in the order of its starts, and how many each unit is."""
    demand_rows: dict[tuple[str, str], int]
    """By evacuation and group: the row of the people demanded."""

    @property
    def people_left(self) -> Floats:
        """The cost that counts nothing but people left behind."""
        cost = np.zeros(len(self.cost))
        cost[self.left] = 1.0
        return cost

    def times(self, duals: Floats) -> Floats:
        """duals·A, for every column."""
        products = self.value * duals[self.index]
        return np.add.reduceat(np.append(products, 0.0), self.start[:-1]) * (np.diff(self.start) > 0)

    def certify(self, duals: Floats) -> float:
        """A lower bound from any duals: signs projected, each column at its cheapest end. No solver is involved."""
        projected = np.where(np.isinf(self.row_lower), np.minimum(duals, 0), duals)
        projected = np.where(np.isinf(self.row_upper), np.maximum(projected, 0), projected)
        projected[~np.isfinite(projected)] = 0.0
        ends = np.where(projected > 0, self.row_lower, self.row_upper)
        rows = np.where(projected == 0, 0.0, projected * np.where(projected == 0, 0.0, ends))
        reduced = self.cost - self.times(projected)
        ends = np.where(reduced > 0, self.lower, self.upper)
        if np.any(np.isinf(ends) & (np.abs(reduced) > 0)):
            return -np.inf
        columns = np.where(reduced == 0, 0.0, reduced * np.where(np.isinf(ends), 0.0, ends))
        return float(np.sum(np.sort(rows)) + np.sum(np.sort(columns)))


@dataclass
class _Builder:
    """Collects columns, rows and entries."""

    cost: list[Floats] = field(default_factory=list)
    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    row_lower: list[Floats] = field(default_factory=list)
    row_upper: list[Floats] = field(default_factory=list)
    entries: list[tuple[Ints, Ints, Floats]] = field(default_factory=list)
    blocks: list[Rows] = field(default_factory=list)
    columns: int = 0
    rows: int = 0

    def add_columns(self, count: int, cost: float | Floats, lower: float | Floats, upper: float | Floats) -> Ints:
        self.cost.append(np.broadcast_to(np.asarray(cost, float), count))
        self.lower.append(np.broadcast_to(np.asarray(lower, float), count))
        self.upper.append(np.broadcast_to(np.asarray(upper, float), count))
        self.columns += count
        return np.arange(self.columns - count, self.columns)

    def add_rows(self, name: str, minutes: Sequence[int] | Ints, lower: float | Floats, upper: float | Floats) -> Ints:
        count = len(minutes)
        self.row_lower.append(np.broadcast_to(np.asarray(lower, float), count))
        self.row_upper.append(np.broadcast_to(np.asarray(upper, float), count))
        self.blocks.append(Rows(name=name, first=self.rows, minutes=np.asarray(minutes, dtype=np.int64)))
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def add(self, rows: Ints, columns: Ints, values: float | Floats) -> None:
        self.entries.append((rows, columns, np.broadcast_to(np.asarray(values, float), len(rows))))

    def finish(
        self,
        grid_minutes: int,
        pattern: Ints,
        period: Ints,
        left: Ints,
        people: Sequence[dict[str, tuple[Ints, float]]],
        demand_rows: dict[tuple[str, str], int],
    ) -> Relaxation:
        rows = np.concatenate([entry[0] for entry in self.entries])
        columns = np.concatenate([entry[1] for entry in self.entries])
        values = np.concatenate([entry[2] for entry in self.entries])
        matrix = coo_array((values, (rows, columns)), shape=(self.rows, self.columns)).tocsc()
        matrix.sum_duplicates()
        return Relaxation(
            grid_minutes=grid_minutes,
            cost=np.concatenate(self.cost),
            lower=np.concatenate(self.lower),
            upper=np.concatenate(self.upper),
            row_lower=np.concatenate(self.row_lower),
            row_upper=np.concatenate(self.row_upper),
            start=matrix.indptr.astype(np.int32),
            index=matrix.indices.astype(np.int32),
            value=matrix.data,
            pattern=pattern,
            period=period,
            rows=tuple(self.blocks),
            left=left,
            people=tuple(people),
            demand_rows=demand_rows,
        )


def relax(
    operation: Operation,
    patterns: Sequence[Pattern],
    travel: EmptyTravel,
    grid_minutes: int,
    *,
    past: Past | None = None,
    ends_by: int | None = None,
    scaled: bool = True,
) -> Relaxation:
    """The relaxation on a grid, after a past where there is one; the objective then counts what is still to be moved.

    `ends_by`: every unloading ends by then (for the bound on the completion time).

    `scaled`: a half-empty movement may count as half a movement where that is a relaxation; it makes a smaller model,
    and one that knows no half-empty whole movements.
    """
    past = past or Past.nothing(operation)
    return _Relaxing(operation, patterns, travel, grid_minutes, past, ends_by, scaled).relaxation


class _Relaxing:
    def __init__(
        self,
        operation: Operation,
        patterns: Sequence[Pattern],
        travel: EmptyTravel,
        grid_minutes: int,
        past: Past,
        ends_by: int | None,
        scaled: bool,
    ) -> None:
        self.past, self.scaled = past, scaled
        self.passages = passages(past.movements)
        self.operation, self.patterns, self.travel, self.h = operation, patterns, travel, grid_minutes
        self.builder = _Builder()
        self.escorts = operation.escorts
        self.vehicles = {fleet.id: fleet.vehicles for fleet in operation.fleets.values()}
        if self.escorts is not None:
            self.vehicles[ESCORT] = sum(self.escorts.values())
        self._starts(ends_by)
        self._people()
        self._coverage()
        self._fleets()
        self._limits()
        self._reception()
        rows = {stream: int(row) for stream, row in self.stream_row.items()}
        self.relaxation = self.builder.finish(grid_minutes, self.pattern, self.period, self.left, self.people, rows)

    def _starts(self, ends_by: int | None) -> None:
        """Columns of movements: pattern, period, first and last minute of the period at which it may start."""
        nothing = np.zeros(0, dtype=np.int64)
        parts: list[tuple[Ints, Ints, Ints, Ints]] = [(nothing, nothing, nothing, nothing)]
        for number, pattern in enumerate(self.patterns):
            minutes = np.flatnonzero(pattern.starts)
            minutes = minutes[minutes >= self.past.now]
            if ends_by is not None:
                minutes = minutes[minutes + pattern.end <= ends_by]
            periods, firsts, counts = np.unique(minutes // self.h, return_index=True, return_counts=True)
            parts.append((np.full(len(periods), number), periods, minutes[firsts], minutes[firsts + counts - 1]))
        self.pattern, self.period, self.first, self.last = (np.concatenate(part) for part in zip(*parts, strict=True))
        most = np.array(
            [
                min(self.vehicles[fleet] // need for fleet, need in self.needs(pattern).items()) * self._rounds(pattern)
                for pattern in self.patterns
            ]
        )
        self.columns = self.builder.add_columns(len(self.pattern), 0.0, 0.0, most[self.pattern].astype(float))

    def needs(self, pattern: Pattern) -> dict[str, int]:
        """What one movement takes of each fleet, and of escorts."""
        return pattern.vehicles if self.escorts is None else {**pattern.vehicles, ESCORT: 1}

    def _rounds(self, pattern: Pattern) -> int:
        """How often one vehicle may set out within a period with movements as long as this one."""
        return 1 + (self.h - 1) // max(1, pattern.end)

    def of(self, number: int) -> slice:
        """The columns of one pattern."""
        first, last = np.searchsorted(self.pattern, [number, number + 1])
        return slice(int(first), int(last))

    def _people(self) -> None:
        """People on each movement, who is left behind, and the demand. `carried`: (columns, coefficient) by stream."""
        operation, builder = self.operation, self.builder
        demand = {
            (evacuation.id, group): people
            for evacuation in operation.evacuations.values()
            for group, people in evacuation.demand().items()
            if people
        }
        for movement in self.past.movements:
            if movement.ending == "arrived":
                for group, people in movement.people_by_group.items():
                    demand[movement.evacuation, group] -= people
        streams = list(demand)
        self.people: list[dict[str, tuple[Ints, float]]] = []
        cost = np.zeros(len(self.columns))
        for number, pattern in enumerate(self.patterns):
            where = self.of(number)
            columns = self.columns[where]
            hours = (self.first[where] + pattern.end) / 60
            groups = list(dict.fromkeys(group for fleet in pattern.carries.values() for group in fleet))
            weights = [operation.groups[group].weight for group in groups]
            if len(groups) == 1 and self._may_scale(pattern):
                self.people.append({groups[0]: (columns, float(pattern.capacity))})
                cost[where] = weights[0] * hours * pattern.capacity
                continue
            held: dict[str, tuple[Ints, float]] = {}
            for group, weight in zip(groups, weights, strict=True):
                most = sum(pattern.seats[fleet] for fleet, carried in pattern.carries.items() if group in carried)
                upper = np.minimum(demand[pattern.evacuation, group], most * np.concatenate(builder.upper)[columns])
                held[group] = (builder.add_columns(len(columns), weight * hours, 0.0, upper), 1.0)
            fleets = [fleet for fleet, carried in pattern.carries.items() if carried]
            for size in range(1, len(fleets) + 1):
                for some in combinations(fleets, size):
                    inside = [
                        group
                        for group in groups
                        if all(fleet in some for fleet in fleets if group in pattern.carries[fleet])
                    ]
                    if inside:
                        rows = builder.add_rows("seats", np.full(len(columns), -1), -np.inf, 0.0)
                        for group in inside:
                            builder.add(rows, held[group][0], 1.0)
                        builder.add(rows, columns, -float(sum(pattern.seats[fleet] for fleet in some)))
            self.people.append(held)
        builder.cost[0] = cost
        rows = builder.add_rows(
            "people demanded", np.full(len(streams), -1), *(2 * [np.array(list(demand.values()), float)])
        )
        self.demand = demand
        self.stream_row = dict(zip(streams, rows, strict=True))
        weights_left = [operation.groups[group].weight * operation.left_behind_hours for _, group in streams]
        left = builder.add_columns(len(streams), np.array(weights_left), 0.0, np.array(list(demand.values()), float))
        builder.add(rows, left, 1.0)
        self.left = left
        for number, pattern in enumerate(self.patterns):
            for group, (columns, unit) in self.people[number].items():
                builder.add(np.full(len(columns), self.stream_row[pattern.evacuation, group]), columns, unit)

    def _may_scale(self, pattern: Pattern) -> bool:
        """Whether a half-empty movement may count as half a movement: if its vehicles could as well have come empty.

        Scaling leaves the empty part of the convoy where it was; that is a relaxation only when empty vehicles are as
        quick over the same stretch as the movement, whenever it starts.
        """
        if not self.scaled or any(self.operation.fleets[fleet].one_way for fleet in pattern.vehicles):
            return False
        travel = self.travel
        if pattern.origin not in travel.sources or pattern.destination not in travel.sources:
            return False
        if pattern.destination not in travel.targets:
            return False
        row, column = travel.sources.index(pattern.origin), travel.targets.index(pattern.destination)
        if not travel.varies:
            return int(travel.minutes[row, column]) <= pattern.end
        minutes = np.flatnonzero(pattern.starts)
        return bool(np.all(travel.arrival[row, column][minutes] <= minutes + pattern.end))

    def _coverage(self) -> None:
        """Lanes of crossings and bays of places, sampled at the last minute of each period."""
        uses: dict[tuple[str, str, int], list[tuple[Ints, Ints]]] = {}
        for number, pattern in enumerate(self.patterns):
            where = self.of(number)
            stretches = [("lanes of", crossing, first, last) for crossing, first, last in pattern.slots]
            if self.operation.world.places[pattern.origin].bays is not None:
                stretches.append(("bays of", pattern.origin, 0, pattern.load))
            for kind, place, begin, end in stretches:
                world = self.operation.world
                most = world.crossings[place].lanes if kind == "lanes of" else world.places[place].bays or 0
                lowest = (self.last[where] + begin) // self.h
                highest = (self.first[where] + end) // self.h - 1
                counts = np.maximum(highest - lowest + 1, 0)
                columns = np.repeat(self.columns[where], counts)
                steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
                uses.setdefault((kind, place, most), []).append((np.repeat(lowest, counts) + steps, columns))
        for (kind, place, most), parts in uses.items():
            samples = np.concatenate([part[0] for part in parts])
            columns = np.concatenate([part[1] for part in parts])
            periods, inverse = np.unique(samples, return_inverse=True)
            taken = self._taken(kind, place, periods * self.h + self.h - 1)
            rows = self.builder.add_rows(f"{kind} {place}", periods * self.h, -np.inf, np.maximum(0, most - taken))
            self.builder.add(rows[inverse], columns, 1.0)

    def _taken(self, kind: str, place: str, minutes: Ints) -> Floats:
        """Lanes or bays that the past takes at these minutes."""
        spans = [
            span
            for movement in self.past.movements
            for span in (
                [Span(slot.starts, slot.ends) for slot in movement.inspections if slot.crossing == place]
                if kind == "lanes of"
                else [movement.loading] * (movement.origin == place)
            )
        ]
        taken = np.zeros(len(minutes))
        for span in spans:
            taken[(minutes >= span.start) & (minutes < span.end)] += 1
        return taken

    def _fleets(self) -> None:
        """Vehicles and escorts: where movements end they wait, from there they come empty to where they are needed."""
        operation, builder, travel, h = self.operation, self.builder, self.travel, self.h
        end = operation.calendar.end
        for fleet, total in self.vehicles.items():
            users = [number for number, pattern in enumerate(self.patterns) if fleet in self.needs(pattern)]
            if not users or not total:
                continue
            stands: dict[str, dict[int, int]] = {}
            for place, free, count in self.past.stands[fleet]:
                at = stands.setdefault(place, {})
                at[free // h] = at.get(free // h, 0) + count
            returns = fleet == ESCORT or not operation.fleets[fleet].one_way
            rounds = max(self._rounds(self.patterns[number]) for number in users)
            ends = {self.patterns[number].destination for number in users} if returns else set()
            name = "escorts" if fleet == ESCORT else fleet
            inflow: dict[str, list[tuple[Ints, Ints, Floats]]] = {place: [] for place in sorted(set(stands) | ends)}
            outflow: dict[str, list[tuple[Ints, Ints]]] = {place: [] for place in inflow}
            wanted: dict[str, list[int]] = {}
            for number in users:
                pattern, where = self.patterns[number], self.of(number)
                wanted.setdefault(pattern.origin, []).append(number)
                if returns:
                    need = np.full(len(self.columns[where]), float(self.needs(pattern)[fleet]))
                    arrived = (self.first[where] + pattern.end) // h
                    inflow[pattern.destination].append((arrived, self.columns[where], need))
            for origin, numbers in wanted.items():
                periods, inverse = np.unique(
                    np.concatenate([self.period[self.of(number)] for number in numbers]), return_inverse=True
                )
                rows = builder.add_rows(f"{name} at {origin}", periods * h, 0.0, 0.0)
                columns = np.concatenate([self.columns[self.of(number)] for number in numbers])
                needs = np.concatenate(
                    [
                        np.full(len(self.columns[self.of(number)]), -float(self.needs(self.patterns[number])[fleet]))
                        for number in numbers
                    ]
                )
                builder.add(rows[inverse], columns, needs)
                for place in inflow if returns else {origin} & set(inflow):  # one-way vehicles make no empty moves
                    row, column = travel.sources.index(place), travel.targets.index(origin)
                    by = np.minimum(periods * h + h - 1, end)
                    if travel.varies:
                        leaves = np.searchsorted(travel.arrival[row, column], by, side="right") - 1
                    else:
                        leaves = by - travel.minutes[row, column]
                    possible = leaves >= 0
                    moves = builder.add_columns(int(possible.sum()), 0.0, 0.0, float(total * rounds))
                    builder.add(rows[possible], moves, 1.0)
                    outflow[place].append((leaves[possible] // h, moves))
            for place, arriving in inflow.items():
                if not outflow[place]:
                    continue
                into = [part[0] for part in arriving]
                out = [part[0] for part in outflow[place]]
                supplied = np.array(sorted(stands.get(place, {})), dtype=np.int64)
                periods = np.unique(np.concatenate([*into, *out, supplied]))
                rows = builder.add_rows(f"{name} waiting in {place}", periods * h, 0.0, 0.0)
                supply = np.array([float(stands.get(place, {}).get(int(period), 0)) for period in periods])
                builder.row_lower[-1] = builder.row_upper[-1] = supply
                waiting = builder.add_columns(len(periods), 0.0, 0.0, float(total))
                builder.add(rows, waiting, 1.0)
                builder.add(rows[1:], waiting[:-1], -1.0)
                for when, columns, need in arriving:
                    builder.add(rows[np.searchsorted(periods, when)], columns, -need)
                for when, moves in outflow[place]:
                    builder.add(rows[np.searchsorted(periods, when)], moves, 1.0)

    def _counted(self, tally: Tally, favour: str) -> list[tuple[Ints, Ints, float]]:
        """(periods, columns, people) that a tally counts, at the end of each period; late or early as it favours."""
        found = []
        for number, pattern in enumerate(self.patterns):
            where = self.of(number)
            offset = pattern.handover if tally.counts == "handover" else pattern.arrival
            minutes = (self.last[where] if favour == "late" else self.first[where]) + offset
            for group, (columns, people) in self.people[number].items():
                stream = (pattern.evacuation, group)
                if stream not in tally.streams or (tally.to and pattern.destination not in tally.to):
                    continue
                since = -NEVER if tally.since is None else tally.since
                sure = (self.first[where] + offset if favour == "late" else self.last[where] + offset) >= since
                found.append((minutes[sure] // self.h, columns[sure], people))
        return found

    def _limits(self) -> None:
        """Each gate, and each step as the gate it implies, as a slack that may not fall below zero."""
        for limit in self.operation.limits:
            gate = limit
            if isinstance(limit, Step):
                relaxed = limit.relaxed(self._demanded(limit.then))
                if relaxed is None:
                    continue
                gate = relaxed
            assert isinstance(gate, Gate)
            self._gate(gate)

    def _demanded(self, tally: Tally) -> int:
        """All that a tally may ever count."""
        return sum(self.operation.evacuations[evacuation].people[group].best for evacuation, group in tally.streams)

    def _gate(self, gate: Gate) -> None:
        builder, h = self.builder, self.h
        parts = [
            (periods, columns, term.coefficient * people / gate.scale)
            for term in gate.terms
            for periods, columns, people in self._counted(term.tally, "late" if term.coefficient > 0 else "early")
        ]
        if not parts:
            return
        span = gate.span
        checks = np.arange(
            max(0, -(-(span.start - h + 1) // h)), max(0, (min(span.end, self.operation.calendar.end) - h) // h + 1)
        )
        counted: dict[int, float] = {}
        for term in gate.terms:
            for when, people in term.tally.changes(self.passages):
                period = max(when, self.past.now) // h
                counted[period] = counted.get(period, 0.0) + term.coefficient * people / gate.scale
        before = np.array(sorted(counted), dtype=np.int64)
        events = np.unique(np.concatenate([*(part[0] for part in parts), before]))
        periods = np.unique(np.concatenate([events, checks[:1]]))
        if not len(periods):
            return
        inside = np.isin(periods, checks)
        rows = builder.add_rows(gate.clause, periods * h, 0.0, 0.0)
        most = gate.most / gate.scale
        given = np.array([-counted.get(int(period), 0.0) for period in periods])
        given[0] += most
        builder.row_lower[-1] = builder.row_upper[-1] = given
        # What the past has broken may not grow: no slack falls below the least that the past alone leaves.
        worst = min(0.0, float(np.min(np.cumsum(given))))
        room = most + sum(
            -term.coefficient / gate.scale * self._demanded(term.tally) for term in gate.terms if term.coefficient < 0
        )
        floor = -sum(
            term.coefficient / gate.scale * self._demanded(term.tally) for term in gate.terms if term.coefficient > 0
        )
        slack = builder.add_columns(
            len(periods), 0.0, np.where(inside, worst, min(worst, most + floor)), max(room, 0.0)
        )
        builder.add(rows, slack, 1.0)
        builder.add(rows[1:], slack[:-1], -1.0)
        for part, columns, value in parts:
            builder.add(rows[np.searchsorted(periods, part)], columns, value)

    def _reception(self) -> None:
        """What a place can receive, in all and by day of arrival."""
        calendar = self.operation.calendar
        for place in self.operation.world.places.values():
            arriving = [
                (number, columns, people)
                for number, pattern in enumerate(self.patterns)
                if pattern.destination == place.id
                for columns, people in self.people[number].values()
            ]
            if place.capacity is not None and arriving:
                here = [movement for movement in self.past.movements if movement.destination == place.id]
                free = place.capacity - sum(movement.total for movement in here if movement.ending == "arrived")
                (row,) = self.builder.add_rows(f"reception in {place.id}", [-1], -np.inf, float(max(0, free)))
                for _, columns, people in arriving:
                    self.builder.add(np.full(len(columns), row), columns, people)
            if place.capacity_per_day is not None and arriving:
                days = [calendar.day_span(day) for day in range(calendar.days)]
                most = np.full(calendar.days, float(place.capacity_per_day))
                for movement in self.past.movements:
                    if (
                        movement.destination == place.id
                        and movement.arrived is not None
                        and movement.ending == "arrived"
                    ):
                        most[calendar.day(movement.arrived)] -= movement.total
                rows = self.builder.add_rows(
                    f"reception in {place.id}", [max(0, day.start) for day in days], -np.inf, np.maximum(0, most)
                )
                for number, columns, people in arriving:
                    where, offset = self.of(number), self.patterns[number].arrival
                    day = (self.first[where] + offset - calendar.start_of_day) // 1440
                    same = day == (self.last[where] + offset - calendar.start_of_day) // 1440
                    self.builder.add(rows[day[same]], columns[same], people)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Certificate:
    """A proven lower bound on the objective: the duals of the relaxation on a grid, from which it can be recomputed."""

    grid_minutes: int
    value: float
    duals: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxed:
    """What a solver said of a relaxation: its certified value and its point."""

    value: float
    duals: Floats
    point: Floats
    solved: bool


def solve(relaxation: Relaxation, *, seconds: float = np.inf, crossover: bool = False, method: str = "ipm") -> Relaxed:
    """Solve a relaxation and certify its value, which holds even where the time ran out (`solved` is false then)."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("solver", method)
    model.setOptionValue("run_crossover", "on" if crossover else "off")
    if np.isfinite(seconds):
        model.setOptionValue("time_limit", max(0.0, seconds))
    model.passModel(as_lp(relaxation))
    model.run()
    solution = model.getSolution()
    rows, columns = len(relaxation.row_lower), len(relaxation.cost)
    duals = np.array(solution.row_dual) if len(solution.row_dual) == rows else np.zeros(rows)
    point = np.array(solution.col_value) if len(solution.col_value) == columns else np.zeros(columns)
    status = model.getModelStatus()
    value = relaxation.certify(duals)
    if method == "ipm" and value < point @ relaxation.cost - LOOSE * max(1.0, abs(value)):
        # The interior point stopped short of usable duals; the simplex method takes longer and does not.
        left = seconds - model.getRunTime()
        corner = solve(relaxation, seconds=left, method="simplex") if left > 0 else None
        if corner is not None and corner.value > value:
            return corner
    solved = status in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnknown)
    return Relaxed(value=value, duals=duals, point=point, solved=solved)


def as_lp(relaxation: Relaxation) -> highspy.HighsLp:
    """The relaxation in the solver's own form."""
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(relaxation.cost), len(relaxation.row_lower)
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = relaxation.cost, relaxation.lower, relaxation.upper
    lp.row_lower_, lp.row_upper_ = relaxation.row_lower, relaxation.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = relaxation.start, relaxation.index, relaxation.value
    return lp
