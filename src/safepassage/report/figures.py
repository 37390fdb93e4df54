"""What a plan's figures are made of: loads, use over time, margins of the clauses, consents by hour. Values only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from safepassage.agreement import Gate, Limit, Tally, Theatre
from safepassage.movement import Hop, Movement, Passage, Timetable, passages
from safepassage.operation import Operation
from safepassage.world import Span, merge, subtract

Curve = tuple[tuple[int, int], ...]
"""A count over time: (minute, value from that minute on), minutes rising."""

HOUR = 60


def curve(changes: Iterable[tuple[int, int]]) -> Curve:
    """The running sum of (minute, change), one point for each minute at which it changes."""
    by_minute: dict[int, int] = {}
    for minute, change in changes:
        by_minute[minute] = by_minute.get(minute, 0) + change
    value, points = 0, []
    for minute in sorted(by_minute):
        if by_minute[minute]:
            value += by_minute[minute]
            points.append((minute, value))
    return tuple(points)


def total_of(curves: Iterable[Curve]) -> Curve:
    """Several counts together."""
    return curve(change for points in curves for change in _changes(points))


def value_at(points: Curve, minute: int) -> int:
    """What a curve counts at a minute; 0 before its first point."""
    value = 0
    for at, here in points:
        if at > minute:
            break
        value = here
    return value


def peak(points: Curve) -> int:
    """The largest value of a curve; 0 where it has none."""
    return max((value for _, value in points), default=0)


def area(points: Curve, span: Span) -> int:
    """Value x minutes over a span."""
    total, value, since = 0, 0, span.start
    for minute, after in points:
        now = min(max(minute, span.start), span.end)
        total += value * (now - since)
        value, since = after, now
    return total + value * (span.end - since)


def minutes_within(spans: Iterable[Span], day: Span) -> int:
    """Minutes of a day that are in these spans, each span counted by itself."""
    return sum(max(0, min(span.end, day.end) - max(span.start, day.start)) for span in spans)


def active_span(timetable: Timetable) -> Span:
    """From the first loading or empty move to the end of the last unloading; (0, 0) where nothing moves."""
    moves = [(movement.loading.start, movement.ends) for movement in timetable.movements]
    moves += [(move.starts, move.ends) for move in timetable.empty_moves]
    if not moves:
        return Span(0, 0)
    return Span(min(start for start, _ in moves), max(end for _, end in moves))


def active_days(operation: Operation, timetable: Timetable) -> tuple[int, ...]:
    """The calendar days on which a movement is under way."""
    calendar = operation.calendar
    days: set[int] = set()
    for movement in timetable.movements:
        days.update(range(calendar.day(movement.loading.start), calendar.day(max(movement.ends - 1, 0)) + 1))
    return tuple(sorted(days))


def people_out(operation: Operation, timetable: Timetable, evacuation: str | None = None) -> Curve:
    """People handed over, of one evacuation or of all; those turned back later are taken off again."""
    named = operation.evacuations if evacuation is None else (evacuation,)
    tally = Tally(streams=frozenset(operation.theatre.streams(named)))
    return curve(tally.changes(passages(timetable.movements)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingLoad:
    """Lane-minutes of a crossing on one day: booked, and open (its hours less every closure)."""

    crossing: str
    day: int
    booked_minutes: int
    open_minutes: int

    @property
    def share(self) -> float:
        return self.booked_minutes / self.open_minutes if self.open_minutes else 0.0


def inspects(operation: Operation, crossing: str) -> tuple[Span, ...]:
    """When a crossing inspects: its hours less its own closures and those of the clauses."""
    return subtract(operation.open_spans(crossing), operation.clause_closed(crossing))


def crossing_loads(
    operation: Operation, timetable: Timetable, days: Sequence[int] | None = None
) -> tuple[CrossingLoad, ...]:
    """The load of every crossing on every day on which something moves (or the days given)."""
    days = active_days(operation, timetable) if days is None else days
    booked: dict[str, list[Span]] = {crossing: [] for crossing in operation.world.crossings}
    for movement in timetable.movements:
        for slot in movement.inspections:
            booked[slot.crossing].append(Span(slot.starts, slot.ends))
    loads = []
    for crossing in operation.world.crossings.values():
        open_spans = inspects(operation, crossing.id)
        for day in days:
            span = operation.calendar.day_span(day)
            loads.append(
                CrossingLoad(
                    crossing=crossing.id,
                    day=day,
                    booked_minutes=minutes_within(booked[crossing.id], span),
                    open_minutes=crossing.lanes * minutes_within(open_spans, span),
                )
            )
    return tuple(loads)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetUse:
    """Vehicles of a fleet (or escorts) over time: with people, empty on the road, and gone for good where one-way."""

    id: str
    vehicles: int
    carrying: Curve
    empty: Curve
    gone: Curve = ()

    @property
    def in_use(self) -> Curve:
        """Carrying, empty on the road or gone: what nobody else can have."""
        return total_of((self.carrying, self.empty, self.gone))

    @property
    def peak(self) -> int:
        return peak(self.in_use)

    def mean_share(self, spans: Iterable[Span]) -> float:
        """Vehicle-minutes in use over those there are, in these spans."""
        spans = tuple(spans)
        minutes = self.vehicles * sum(span.end - span.start for span in spans)
        return sum(area(self.in_use, span) for span in spans) / minutes if minutes else 0.0


def _changes(points: Curve) -> list[tuple[int, int]]:
    before = 0
    changes = []
    for minute, value in points:
        changes.append((minute, value - before))
        before = value
    return changes


def _busy(movement: Movement, end: int) -> Span:
    """When a movement has its vehicles and its escort: one that stands on the road keeps them."""
    return Span(movement.loading.start, end if movement.ending == "standing" else movement.ends)


def fleet_uses(operation: Operation, timetable: Timetable) -> tuple[FleetUse, ...]:
    """Every fleet, and the escorts (id `escorts`) where the operation has them."""
    end = operation.calendar.end
    uses = []
    for fleet in operation.fleets.values():
        trips = [(_busy(one, end), one.vehicles[fleet.id]) for one in timetable.movements if fleet.id in one.vehicles]
        empty = [(Span(one.starts, one.ends), one.vehicles.get(fleet.id, 0)) for one in timetable.empty_moves]
        gone = [(span.end, count) for span, count in trips] if fleet.one_way else []
        uses.append(
            FleetUse(id=fleet.id, vehicles=fleet.vehicles, carrying=_held(trips), empty=_held(empty), gone=curve(gone))
        )
    if operation.escorts is not None:
        trips = [(_busy(movement, end), 1) for movement in timetable.movements]
        empty = [(Span(move.starts, move.ends), move.escorts) for move in timetable.empty_moves]
        escorts = sum(operation.escorts.values())
        uses.append(FleetUse(id="escorts", vehicles=escorts, carrying=_held(trips), empty=_held(empty)))
    return tuple(uses)


def _held(trips: Iterable[tuple[Span, int]]) -> Curve:
    return curve(change for span, count in trips for change in ((span.start, count), (span.end, -count)))


def bays_in_use(operation: Operation, timetable: Timetable) -> dict[str, Curve]:
    """Movements loading at once, at every place where loading has so many bays."""
    return {
        place.id: _held((one.loading, 1) for one in timetable.movements if one.origin == place.id)
        for place in operation.world.places.values()
        if place.bays is not None and any(other.origin == place.id for other in operation.evacuations.values())
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Margin:
    """How close a plan comes to one limit, and when.

    A gate: `people` may still be handed over when it is tightest, `share` of what the limit allows (None where it
    allows nobody). A step: `minutes` between the moment it was passed and the first person who needed it (None where
    nobody did).
    """

    clause: str
    text: str
    at: int
    people: int | None = None
    share: float | None = None
    minutes: int | None = None


def margins(operation: Operation, timetable: Timetable) -> tuple[Margin, ...]:
    """The margin of every limit of the clauses in force; of the plan's own part where the start of it is past."""
    passed = passages(timetable.movements)
    found = (_margin(limit, passed, timetable.frozen_until) for limit in operation.limits)
    return tuple(margin for margin in found if margin is not None)


def _counts(tallies: Sequence[Tally], passed: Sequence[Passage], span: Span) -> list[tuple[int, tuple[int, ...]]]:
    """What tallies count at the start of a span and at every change within it."""
    curves = [curve(tally.changes(passed)) for tally in tallies]
    instants = {span.start, *(minute for points in curves for minute, _ in points if span.start < minute < span.end)}
    return [(instant, tuple(value_at(points, instant) for points in curves)) for instant in sorted(instants)]


def _margin(limit: Limit, passed: Sequence[Passage], frozen_until: int | None) -> Margin | None:
    span = Span(max(limit.span.start, frozen_until or limit.span.start), limit.span.end)
    if span.start >= span.end:
        return None
    counts = _counts(limit.tallies, passed, span)
    if isinstance(limit, Gate):
        at, excess = max(
            ((instant, limit.excess(count)) for instant, count in counts), key=lambda one: (one[1], -one[0])
        )
        share = -excess / limit.most if limit.most > 0 else None
        return Margin(clause=limit.clause, text=limit.text, at=at, people=-excess // limit.scale, share=share)
    reached = next((instant for instant, (_, first) in counts if first >= limit.reached), None)
    needed = next((instant for instant, (then, _) in counts if then > limit.most), None)
    waited = None if needed is None or reached is None else needed - reached
    return Margin(clause=limit.clause, text=limit.text, at=needed or reached or span.start, minutes=waited)


def closest(found: Iterable[Margin]) -> Margin | None:
    """The limit on counts of which the smallest share is left; the earliest of equals."""
    gates = [margin for margin in found if margin.share is not None]
    return min(gates, key=lambda margin: (margin.share or 0.0, margin.at), default=None)


@dataclass(frozen=True, kw_only=True)
class Balance:
    """Two linked counts as shares of the people demanded, and how far the first may be ahead of the second.

    `shares`: (minute, first's share, second's share). The difference stays at most `most` and, where the clause holds
    the other way round too, at least `least`.
    """

    clause: str
    first: Tally
    second: Tally
    shares: tuple[tuple[int, float, float], ...]
    most: float
    least: float | None
    span: Span

    @cached_property
    def closest(self) -> tuple[int, float]:
        """The instant at which the least room is left, and the difference then."""

        def room(one: tuple[int, float, float]) -> float:
            difference = one[1] - one[2]
            return min(
                self.most - difference, difference - self.least if self.least is not None else self.most - difference
            )

        inside = [one for one in self.shares if self.span.start <= one[0] < self.span.end]
        at, first, second = min(inside, key=room)
        return at, first - second


def balances(operation: Operation, timetable: Timetable) -> tuple[Balance, ...]:
    """Every gate in force that ties the share of one count to that of another; a mirrored pair makes one."""
    passed = passages(timetable.movements)
    theatre = operation.theatre
    found: dict[tuple[str, Tally, Tally], Balance] = {}
    for limit in operation.limits:
        if not isinstance(limit, Gate) or len(limit.terms) != 2:
            continue
        one, other = sorted(limit.terms, key=lambda term: -term.coefficient)
        demands = [theatre.demand(term.tally.streams) for term in (one, other)]
        unit = one.coefficient * demands[0]
        if one.coefficient <= 0 or unit <= 0 or unit != -other.coefficient * demands[1]:
            continue
        most = limit.most / unit
        mirrored = found.get((limit.clause, other.tally, one.tally))
        if mirrored is not None and mirrored.least is None:
            found[limit.clause, other.tally, one.tally] = Balance(
                clause=limit.clause,
                first=mirrored.first,
                second=mirrored.second,
                shares=mirrored.shares,
                most=mirrored.most,
                least=-most,
                span=mirrored.span,
            )
            continue
        whole = Span(min(0, limit.span.start), operation.calendar.end + 1)
        found[limit.clause, one.tally, other.tally] = Balance(
            clause=limit.clause,
            first=one.tally,
            second=other.tally,
            shares=tuple(
                (instant, first / demands[0], second / demands[1])
                for instant, (first, second) in _counts((one.tally, other.tally), passed, whole)
            ),
            most=most,
            least=None,
            span=limit.span,
        )
    return tuple(found.values())


def tally_name(theatre: Theatre, tally: Tally) -> str:
    """A count in words: an evacuation where all its groups are in it, else the groups."""
    names: list[str] = []
    for evacuation in theatre.evacuations.values():
        members = [group for group in evacuation.people if (evacuation.id, group) in tally.streams]
        whole = evacuation_name(theatre, evacuation.id)
        if len(members) == len(evacuation.people):
            names.append(whole)
        elif members:
            names.append(f"{', '.join(theatre.groups[group].name for group in members)} of {whole}")
    to = f" to {', '.join(theatre.world.places[place].name for place in sorted(tally.to))}" if tally.to else ""
    return " and ".join(names) + to


def evacuation_name(theatre: Theatre, evacuation: str) -> str:
    """An evacuation's name, or where it goes from and to."""
    stream, places = theatre.evacuations[evacuation], theatre.world.places
    return stream.name or f"{places[stream.origin].name} to {' or '.join(places[to].name for to in stream.to)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentHour:
    """A consent to be had: `party` for `segment` in the clock hour that begins at minute `hour`."""

    segment: str
    party: str
    hour: int
    movements: tuple[str, ...]
    empty_moves: int


def segments_of(operation: Operation, hop: Hop) -> tuple[str, ...]:
    """The roads that a hop of an empty move goes by: those of an empty link's `via` where one joins the two places.

    Of several links the first that takes as long as the hop.
    """
    links = [link for link in operation.world.empty_links if set(link.between) == {hop.here, hop.there}]
    if links:
        return next((link for link in links if link.minutes == hop.arrives - hop.departs), links[0]).via
    road = operation.world.road(hop.here, hop.there)
    return () if road is None else (road.id,)


def consents(operation: Operation, timetable: Timetable) -> tuple[ConsentHour, ...]:
    """Consents to be had, by segment, party and clock hour.

    An empty move by a link counts on each road of it for the whole of the move: where on it the vehicles are, is
    not said.
    """
    first = operation.calendar.start_of_day
    moving: dict[tuple[str, int], list[str]] = {}
    empty: dict[tuple[str, int], int] = {}

    def hours(start: int, end: int) -> range:
        last = max(start, end - 1)
        return range(start - (start - first) % HOUR, last + 1, HOUR)

    for movement in timetable.movements:
        used = [(leg.road, leg.departs, leg.arrives) for leg in movement.legs]
        used += [(slot.crossing, slot.starts, slot.ends) for slot in movement.inspections]
        for segment, start, end in used:
            for hour in hours(start, end):
                if movement.id not in moving.setdefault((segment, hour), []):
                    moving[segment, hour].append(movement.id)
    for move in timetable.empty_moves:
        seen = {
            (segment, hour)
            for hop in move.hops
            for segment in segments_of(operation, hop)
            for hour in hours(hop.departs, hop.arrives)
        }
        for key in seen:
            empty[key] = empty.get(key, 0) + 1
    return tuple(
        ConsentHour(
            segment=segment,
            party=party,
            hour=hour,
            movements=tuple(moving.get((segment, hour), ())),
            empty_moves=empty.get((segment, hour), 0),
        )
        for segment in (*operation.world.roads, *operation.world.crossings)
        for party in operation.world.segment_consent(segment)
        for hour in sorted({at for other, at in (*moving, *empty) if other == segment})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """People and movements of one evacuation over one road in one direction."""

    evacuation: str
    here: str
    there: str
    people: int
    movements: int


def flows(timetable: Timetable) -> tuple[Flow, ...]:
    """What the plan carries over each road, in the order of first use."""
    people: dict[tuple[str, str, str], list[int]] = {}
    for movement in timetable.movements:
        for leg in movement.legs:
            if leg.here != leg.there:
                people.setdefault((movement.evacuation, leg.here, leg.there), []).append(movement.total)
    return tuple(
        Flow(evacuation=evacuation, here=here, there=there, people=sum(counts), movements=len(counts))
        for (evacuation, here, there), counts in people.items()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What binds: the most loaded crossing day, the fleet (or escorts) most in use, the limit closest to its bound."""

    crossing: CrossingLoad | None
    fleet: FleetUse | None
    fleet_share: float
    margin: Margin | None


def binding(operation: Operation, timetable: Timetable) -> Binding:
    """What binds a plan most; empty of fleet and margin where nothing moves."""
    spans = working_spans(operation, timetable)
    uses = {use: use.mean_share(spans) for use in fleet_uses(operation, timetable)}
    fleet = max(uses, key=lambda use: uses[use], default=None) if timetable.movements else None
    return Binding(
        crossing=max(crossing_loads(operation, timetable), key=lambda load: load.share, default=None),
        fleet=fleet,
        fleet_share=uses[fleet] if fleet is not None else 0.0,
        margin=closest(margins(operation, timetable)) if timetable.movements else None,
    )


def nights(operation: Operation) -> tuple[Span, ...]:
    """When no crossing keeps its hours and no loading may start: the hours of the plan's rest."""
    calendar = operation.calendar
    awake: list[Span] = list(operation.load_spans)
    awake += [span for crossing in operation.world.crossings for span in operation.open_spans(crossing)]
    dark = subtract((Span(0, calendar.end),), awake)
    return merge(span for span in dark if span.end - span.start > 2 * HOUR)


def working_spans(operation: Operation, timetable: Timetable) -> tuple[Span, ...]:
    """The time a plan takes less its nights."""
    return subtract((active_span(timetable),), nights(operation))


def movement_lanes(movements: Iterable[Movement]) -> list[list[Movement]]:
    """Movements in as few lanes as possible, none overlapping another in its lane, in order of loading."""
    lanes: list[list[Movement]] = []
    for movement in sorted(movements, key=lambda one: (one.loading.start, one.ends, one.id)):
        for lane in lanes:
            if lane[-1].ends <= movement.loading.start:
                lane.append(movement)
                break
        else:
            lanes.append([movement])
    return lanes


def numbered(timetable: Timetable) -> Mapping[str, int]:
    """A number for every movement, for pictures that have no room for ids: the id's own (`m012` is 12) where all
    differ.

    Otherwise from 1 in order of loading.
    """
    own = {movement.id: re.search(r"\d+$", movement.id) for movement in timetable.movements}
    numbers = {id: int(found[0]) for id, found in own.items() if found is not None}
    if len(set(numbers.values())) == len(own):
        return numbers
    ordered = sorted(timetable.movements, key=lambda one: (one.loading.start, one.id))
    return {movement.id: number for number, movement in enumerate(ordered, start=1)}
