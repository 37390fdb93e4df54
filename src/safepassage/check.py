"""The verifier: the rules of movement and the clauses, judged on any movements at every instant, exactly in minutes.

It shares no code with the planner, so that neither can hide a mistake of the other.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from itertools import groupby, pairwise
from math import isclose
from typing import Literal

from safepassage.agreement import Breach, Closure, Limit, Stream, limit_breaches
from safepassage.movement import EmptyMove, Inspection, LeftBehind, Leg, Movement, Passage, Timetable, passages
from safepassage.operation import Operation
from safepassage.world import Span

Severity = Literal["error", "breach"]

NAMED_MOST = 8
"""Movements named in a sentence before it says how many more there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule or clause not kept. `rule`: such as `rule 5`, the clause's id, or the figure that is wrong.

    `severity`: an error cannot be (or, in a plan, may not be); a breach happened and went against the rule at `at`.
    """

    rule: str
    severity: Severity
    at: int | None
    movements: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a check found, what it could not judge, and how much it looked at."""

    findings: tuple[Finding, ...]
    not_checkable: tuple[str, ...]
    checked: Mapping[str, int]

    @property
    def ok(self) -> bool:
        """Whether every rule and clause that can be judged from movements was kept."""
        return not self.findings


def check_plan(operation: Operation, timetable: Timetable) -> Report:
    """Judge a plan: every rule not kept is an error. What started before `frozen_until` is past, and only counted."""
    case = _Case(
        operation=operation,
        movements=timetable.movements,
        empty_moves=timetable.empty_moves,
        left_behind=timetable.left_behind,
        frozen_until=timetable.frozen_until,
        planned=True,
    )
    return _report(case, (*_rules(case), *_figures(case, timetable)))


def check_history(operation: Operation, movements: Iterable[Movement], empty_moves: Iterable[EmptyMove]) -> Report:
    """Judge what happened, or a simulated course: errors are what cannot be, breaches what went wrong.

    A movement without an arrival is taken as still on its way.
    """
    case = _Case(operation=operation, movements=tuple(movements), empty_moves=tuple(empty_moves), planned=False)
    return _report(case, _rules(case))


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What is judged, and in which tense."""

    operation: Operation
    movements: tuple[Movement, ...]
    empty_moves: tuple[EmptyMove, ...]
    left_behind: tuple[LeftBehind, ...] = ()
    frozen_until: int | None = None
    planned: bool

    def found(
        self, rule: str, at: int | None, movements: Iterable[str], text: str, *, cannot_be: bool = False
    ) -> Finding:
        """`cannot_be`: no course of events could show this, so it is an error in a history too."""
        severity: Severity = "error" if self.planned or cannot_be else "breach"
        return Finding(rule=rule, severity=severity, at=at, movements=tuple(movements), text=text)

    def clock(self, minute: int) -> str:
        return self.operation.calendar.clock(minute)

    def past(self, minute: int) -> bool:
        """Whether what started at this minute is no longer the plan's doing."""
        return self.frozen_until is not None and minute < self.frozen_until

    @cached_property
    def past_ids(self) -> frozenset[str]:
        return frozenset(movement.id for movement in self.movements if self.past(movement.loading.start))

    @cached_property
    def sound(self) -> tuple[Movement, ...]:
        """Movements of known evacuations with vehicles of known fleets: rules 1 and 2 tell of the others."""
        return tuple(
            movement
            for movement in self.movements
            if movement.evacuation in self.operation.evacuations and not self._unknown_vehicles(movement)
        )

    @cached_property
    def judged(self) -> tuple[Movement, ...]:
        """Those whose times and way are judged: not the past, and in a plan only what arrives."""
        return tuple(
            movement
            for movement in self.sound
            if not self.past(movement.loading.start) and (movement.ending == "arrived" or not self.planned)
        )

    def _unknown_vehicles(self, movement: Movement) -> bool:
        fleets = self.operation.fleets
        return not movement.vehicles or any(
            fleet not in fleets or count < 1 for fleet, count in movement.vehicles.items()
        )

    @cached_property
    def open_spans(self) -> Mapping[str, tuple[Span, ...]]:
        return {crossing: self.operation.open_spans(crossing) for crossing in self.operation.world.crossings}

    @cached_property
    def passable_spans(self) -> Mapping[str, tuple[Span, ...]]:
        return {road: self.operation.passable_spans(road) for road in self.operation.world.roads}

    @cached_property
    def closures(self) -> Mapping[str, tuple[Closure, ...]]:
        """What clauses close, by road or crossing."""
        found: dict[str, list[Closure]] = {}
        for closure in self.operation.closures:
            found.setdefault(closure.segment, []).append(closure)
        return {segment: tuple(closures) for segment, closures in found.items()}

    def finished(self, movement: Movement) -> bool:
        """Whether it went, or has to go, all the way."""
        return movement.ending == "arrived" and (self.planned or movement.arrived is not None)


def _report(case: _Case, findings: Iterable[Finding]) -> Report:
    operation = case.operation
    ordered = sorted(findings, key=lambda finding: (finding.at is not None, finding.at or 0, finding.rule))
    return Report(
        findings=tuple(ordered),
        not_checkable=tuple(f"{clause.id}: {text}" for clause in operation.binding if (text := clause.not_checkable())),
        checked={
            "movements": len(case.movements),
            "empty moves": len(case.empty_moves),
            "people": sum(movement.total for movement in case.movements),
            "legs": sum(len(movement.legs) for movement in case.movements),
            "inspections": sum(len(movement.inspections) for movement in case.movements),
            "clauses": len(operation.binding),
            "limits": len(operation.limits),
            "closures": len(operation.closures),
        },
    )


def _rules(case: _Case) -> Iterator[Finding]:
    yield from _ids(case)
    yield from _people(case)
    yield from _seats(case)
    yield from _loading(case)
    for movement in case.judged:
        yield from _route(case, movement)
        yield from _way(case, movement)
    yield from _lanes(case)
    yield from _vehicles(case)
    yield from _empty_moves(case)
    yield from _days(case)
    yield from _aboard(case)
    yield from _reception(case)
    yield from _clauses(case)


def _named(ids: Iterable[str]) -> str:
    names = tuple(dict.fromkeys(ids))
    more = f" and {len(names) - NAMED_MOST} more" if len(names) > NAMED_MOST else ""
    return ", ".join(names[:NAMED_MOST]) + more


def _ids(case: _Case) -> Iterator[Finding]:
    for id, times in Counter(movement.id for movement in case.movements).items():
        if times > 1:
            yield case.found("movement ids", None, (id,), f"{id}: {times} movements bear this id", cannot_be=True)


# Rule 1: people


def _people(case: _Case) -> Iterator[Finding]:
    demand: dict[Stream, int] = {
        (evacuation.id, group): people
        for evacuation in case.operation.evacuations.values()
        for group, people in evacuation.demand().items()
    }
    carried: Counter[Stream] = Counter()
    for movement in case.movements:
        if movement.total < 1 and not case.past(movement.loading.start):  # a count not reported is not zero
            yield _no_people(case, movement, f"{movement.id} carries nobody")
        for group, people in movement.people_by_group.items():
            stream = (movement.evacuation, group)
            if stream not in demand:
                who = f"{movement.evacuation}/{group}"
                yield _no_people(case, movement, f"{movement.id} carries {people:,} of {who}, who are not demanded")
            elif movement.ending == "arrived":
                carried[stream] += people
    left: Counter[Stream] = Counter()
    for behind in case.left_behind:
        stream = (behind.evacuation, behind.group)
        if stream not in demand or behind.people < 0:
            who = f"{behind.evacuation}/{behind.group}"
            yield case.found("rule 1", None, (), f"{who}: {behind.people:,} left behind, but nobody demanded")
        else:
            left[stream] += behind.people
    for stream, wanted in demand.items():
        brought, behind_people = carried[stream], left[stream]
        too_many = brought > wanted
        if too_many or (case.planned and brought + behind_people != wanted):
            who = "/".join(stream)
            text = f"{who}: {brought:,} carried and {behind_people:,} left behind, but {wanted:,} demanded"
            if not case.planned:
                text = f"{who}: {brought:,} carried, but {wanted:,} demanded"
            yield case.found("rule 1", None, (), text, cannot_be=True)


def _no_people(case: _Case, movement: Movement, text: str) -> Finding:
    return case.found("rule 1", movement.loading.start, (movement.id,), text, cannot_be=True)


# Rule 2: seats


def _seats(case: _Case) -> Iterator[Finding]:
    for movement in case.movements:
        if case.past(movement.loading.start):
            continue
        for text in _seat_errors(case.operation, movement):
            yield case.found("rule 2", movement.loading.start, (movement.id,), f"{movement.id}: {text}", cannot_be=True)
        shapes = [dict(convoy.vehicles) for convoy in case.operation.convoys]
        if shapes and dict(movement.vehicles) not in shapes:
            shape = ", ".join(f"{count} {fleet}" for fleet, count in movement.vehicles.items())
            text = f"{movement.id}: {shape or 'no vehicles'} is none of the {len(shapes)} agreed convoys"
            yield case.found("rule 2", movement.loading.start, (movement.id,), text)
        yield from _apart(case, movement)


def _seat_errors(operation: Operation, movement: Movement) -> Iterator[str]:
    if not movement.vehicles:
        yield "it has no vehicles"
    for fleet, count in movement.vehicles.items():
        if fleet not in operation.fleets:
            yield f"{count} vehicles of {fleet}, which is no fleet"
        elif count < 1:
            yield f"{count} vehicles of {fleet}"
    for fleet, groups in movement.people.items():
        if fleet not in operation.fleets:
            yield f"{sum(groups.values()):,} people in {fleet}, which is no fleet"
            continue
        seats = operation.fleets[fleet].seats * movement.vehicles.get(fleet, 0)
        if sum(groups.values()) > seats:
            yield f"{sum(groups.values()):,} people in {fleet} with {seats:,} seats"
        for group, people in groups.items():
            if people < 0:
                yield f"{people} people of {group} in {fleet}"
            elif people and group not in operation.fleets[fleet].carries:
                yield f"{people:,} people of {group} in {fleet}, which does not carry them"


def _apart(case: _Case, movement: Movement) -> Iterator[Finding]:
    aboard = {group for group, people in movement.people_by_group.items() if people}
    for clause in case.operation.binding:
        for groups in clause.apart():
            if len(together := sorted(groups & aboard)) > 1:
                text = f"{movement.id}: {' and '.join(together)} share the movement, but are to travel apart"
                yield case.found(clause.id, movement.loading.start, (movement.id,), text)


# Rule 3: loading and unloading


def _loading(case: _Case) -> Iterator[Finding]:
    operation = case.operation
    for movement in case.judged:
        ids, loading, unloading = (movement.id,), movement.loading, movement.unloading
        if not any(span.start <= loading.start < span.end for span in operation.load_spans):
            text = f"{movement.id}: loading starts at {case.clock(loading.start)}, outside the hours of loading"
            yield case.found("rule 3", loading.start, ids, text)
        minutes = operation.load_minutes(movement.vehicles)
        if loading.end - loading.start != minutes:
            text = f"{movement.id}: loads for {loading.end - loading.start} minutes, not {minutes}"
            yield case.found("rule 3", loading.start, ids, text, cannot_be=loading.end < loading.start)
        if unloading is not None:
            minutes = operation.unload_minutes(movement.vehicles)
            if unloading.end - unloading.start != minutes:
                text = f"{movement.id}: unloads for {unloading.end - unloading.start} minutes, not {minutes}"
                yield case.found("rule 3", unloading.start, ids, text, cannot_be=unloading.end < unloading.start)
    at_place: dict[str, list[tuple[Span, str]]] = {}
    for movement in case.movements:
        at_place.setdefault(movement.origin, []).append((movement.loading, movement.id))
    for place, uses in at_place.items():
        bays = operation.world.places[place].bays if place in operation.world.places else None
        if bays is not None:
            said = "1 bay" if bays == 1 else f"{bays} bays"
            for at, inside in _crowded(uses, bays):
                if not case.past_ids.issuperset(inside):
                    text = f"{place}: {len(inside)} movements load at its {said} at {case.clock(at)}: {_named(inside)}"
                    yield case.found("rule 3", at, inside, text)


def _crowded(uses: Iterable[tuple[Span, str]], most: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each instant at which a new use makes them more than `most` at once, and all that are there then."""
    present: list[tuple[int, str]] = []
    ordered = sorted((span, id) for span, id in uses if span.start < span.end)
    for start, arriving in groupby(ordered, key=lambda use: use[0].start):
        while present and present[0][0] <= start:
            heappop(present)
        for span, id in arriving:
            heappush(present, (span.end, id))
        if len(present) > most:
            yield start, tuple(sorted(id for _, id in present))


# Rules 4 to 6: the way, its crossings, no waiting


def _route(case: _Case, movement: Movement) -> Iterator[Finding]:
    evacuation, ids, at = case.operation.evacuations[movement.evacuation], (movement.id,), movement.loading.end
    if movement.origin != evacuation.origin:
        text = f"{movement.id}: sets out from {movement.origin}, but its people are at {evacuation.origin}"
        yield case.found("rule 4", at, ids, text, cannot_be=True)
    if movement.ending != "arrived":
        return
    places = movement.places
    twice = sorted(place for place, times in Counter(places).items() if times > 1)
    if twice:
        yield case.found("rule 4", at, ids, f"{movement.id}: passes {_named(twice)} twice")
    if not case.finished(movement):
        return
    if movement.destination not in evacuation.to:
        text = f"{movement.id}: goes to {movement.destination}, not to {' or '.join(evacuation.to)}"
        yield case.found("rule 4", at, ids, text)
    if places[-1] != movement.destination:
        text = f"{movement.id}: its legs end at {places[-1]}, not at {movement.destination}"
        yield case.found("rule 4", movement.ends, ids, text, cannot_be=True)
    passed = [place for place in places if place in evacuation.out_at]
    if evacuation.out_at and len(passed) != 1:
        text = f"{movement.id}: passes {len(passed)} of {', '.join(evacuation.out_at)}, not exactly one"
        yield case.found("rule 4", at, ids, text)


def _way(case: _Case, movement: Movement) -> Iterator[Finding]:
    """Walk a movement from the end of its loading; one that turned back is judged up to there."""
    operation, back = case.operation, movement.turned_back
    out_at = operation.evacuations[movement.evacuation].out_at
    ids, now, out = (movement.id,), movement.loading.end, None
    inspections = deque(movement.inspections)
    legs = tuple(leg for leg in movement.legs if back is None or leg.departs < back)
    for index, place in enumerate((movement.origin, *(leg.there for leg in legs))):
        left = index < len(legs)
        if place in operation.world.crossings:
            if inspections and inspections[0].crossing == place:
                inspection = inspections.popleft()
                yield from _follows(case, movement, now, inspection.starts, f"the inspection at {place}")
                yield from _inspection(case, movement, inspection)
                now = inspection.ends
            elif left or case.finished(movement):
                yield case.found("rule 5", now, ids, f"{movement.id}: passes {place} without an inspection")
        if place in out_at and out is None:
            out = now
        if left:
            yield from _follows(case, movement, now, legs[index].departs, f"the leg from {place}")
            yield from _leg(case, movement, legs[index])
            now = legs[index].arrives
    for extra in inspections if back is None else ():
        text = f"{movement.id}: inspected at {extra.crossing} out of its way"
        yield case.found("rule 5", extra.starts, ids, text)
    if not case.finished(movement):
        return
    if movement.arrived is None or movement.unloading is None:
        if case.planned:
            yield case.found("rule 6", now, ids, f"{movement.id}: it never arrives or unloads")
        return
    yield from _follows(case, movement, now, movement.arrived, "its arrival")
    yield from _follows(case, movement, movement.arrived, movement.unloading.start, "unloading")
    if sum(place in out_at for place in movement.places) > 1:
        return
    expected = out if out_at else movement.arrived
    if movement.handed_over != expected:
        said, right = ("none" if minute is None else case.clock(minute) for minute in (movement.handed_over, expected))
        text = f"{movement.id}: handover {said}, but by its way {right}"
        yield case.found("handover", movement.handed_over, ids, text)


def _follows(case: _Case, movement: Movement, now: int, starts: int, what: str) -> Iterator[Finding]:
    if starts > now:
        text = f"{movement.id}: {starts - now} minutes of waiting aboard before {what} at {case.clock(starts)}"
        yield case.found("rule 6", now, (movement.id,), text)
    elif starts < now:
        text = f"{movement.id}: {what} at {case.clock(starts)}, {now - starts} minutes before what precedes it is done"
        yield case.found("rule 6", starts, (movement.id,), text, cannot_be=True)


def _inspection(case: _Case, movement: Movement, inspection: Inspection) -> Iterator[Finding]:
    operation, ids = case.operation, (movement.id,)
    crossing, slot = operation.world.crossings[inspection.crossing], Span(inspection.starts, inspection.ends)
    minutes = crossing.slot(operation.seats(movement.vehicles), operation.slot_minutes)
    if slot.end - slot.start != minutes:
        text = f"{movement.id}: inspected at {crossing.at} for {slot.end - slot.start} minutes, not {minutes}"
        yield case.found("rule 5", slot.start, ids, text, cannot_be=slot.end < slot.start)
    if not any(span.holds(slot) for span in case.open_spans[crossing.at]):
        text = f"{movement.id}: inspected at {crossing.at} from {case.clock(slot.start)}, not wholly in its open hours"
        yield case.found("rule 5", slot.start, ids, text)
    yield from _closed_by_clause(case, ids, movement.id, crossing.at, slot)


def _leg(case: _Case, movement: Movement, leg: Leg) -> Iterator[Finding]:
    operation, ids, stretch = case.operation, (movement.id,), Span(leg.departs, leg.arrives)
    road = operation.world.roads.get(leg.road)
    turned = leg.here == leg.there and movement.ending != "arrived"
    taken = (leg.here, leg.there)
    if road is None:
        text = f"{movement.id}: takes {leg.road}, which is no road"
        yield case.found("rule 4", leg.departs, ids, text, cannot_be=True)
        return
    joins = leg.here in road.between if turned else taken in (road.between, road.between[::-1])
    if not joins or (road.one_way and leg.here != road.between[0]):
        text = f"{movement.id}: the road {road.id} does not lead from {leg.here} to {leg.there}"
        yield case.found("rule 4", leg.departs, ids, text, cannot_be=not joins)
    minutes = road.minutes_at(operation.calendar.time_of_day(leg.departs))
    if leg.arrives - leg.departs != minutes and not turned:
        text = f"{movement.id}: {leg.arrives - leg.departs} minutes on {road.id}, not {minutes}"
        yield case.found("rule 4", leg.departs, ids, text, cannot_be=leg.arrives < leg.departs)
    if not any(span.holds(stretch) for span in case.passable_spans[road.id]):
        text = f"{movement.id}: on {road.id} from {case.clock(leg.departs)}, while it is closed"
        yield case.found("rule 4", leg.departs, ids, text)
    yield from _closed_by_clause(case, ids, movement.id, road.id, stretch)


def _closed_by_clause(
    case: _Case, ids: tuple[str, ...], what: str, segment: str, stretch: Span, *, empty: bool = False
) -> Iterator[Finding]:
    for closure in case.closures.get(segment, ()):
        if closure.span.touches(stretch) and (closure.binds_empty or not empty):
            at = max(closure.span.start, stretch.start)
            yield case.found(closure.clause, at, ids, f"{what}: at {segment} at {case.clock(at)}: {closure.text}")


def _lanes(case: _Case) -> Iterator[Finding]:
    slots: dict[str, list[tuple[Span, str]]] = {}
    for movement in case.movements:
        for inspection in movement.inspections:
            use = (Span(inspection.starts, inspection.ends), movement.id)
            slots.setdefault(inspection.crossing, []).append(use)
    for id, uses in slots.items():
        if id not in case.operation.world.crossings:
            continue
        lanes = case.operation.world.crossings[id].lanes
        for at, inside in _crowded(uses, lanes):
            if not case.past_ids.issuperset(inside):
                said = "1 lane" if lanes == 1 else f"{lanes} lanes"
                text = f"{id}: {len(inside)} movements in its {said} at {case.clock(at)}: {_named(inside)}"
                yield case.found("rule 5", at, inside, text)


# Rule 7: vehicles and escorts


@dataclass(frozen=True, slots=True)
class _Change:
    """Vehicles of a fleet (or escorts) that come to a place, or leave it, at an instant."""

    at: int
    vehicles: int
    who: str
    movements: tuple[str, ...]


def _vehicles(case: _Case) -> Iterator[Finding]:
    operation = case.operation
    for movement in case.movements:
        if not case.past(movement.loading.start):  # reports of what happened leave places out
            yield from _joined(case, movement)
    for thing in (*operation.fleets, None):
        if thing is not None:
            stands, said = operation.fleets[thing].stands, thing
        elif operation.escorts is not None:
            stands, said = operation.escorts, "escorts"
        else:
            continue
        by_place: dict[str, list[_Change]] = {}
        for place, change in _changes(case, thing):
            by_place.setdefault(place, []).append(change)
        for place, changes in by_place.items():
            yield from _short(case, said, place, stands.get(place, 0), changes)


def _changes(case: _Case, thing: str | None) -> Iterator[tuple[str, _Change]]:
    """Where and when vehicles of a fleet, or escorts (None), leave and are free again."""
    one_way = thing is not None and case.operation.fleets[thing].one_way
    for movement in case.movements:
        count = 1 if thing is None else movement.vehicles.get(thing, 0)
        if count < 1:
            continue
        yield movement.origin, _Change(movement.loading.start, -count, movement.id, (movement.id,))
        stays = one_way and movement.ending == "arrived"
        if movement.unloading is not None and movement.ending != "standing" and not stays:
            where = movement.destination if movement.ending == "arrived" else movement.origin
            yield where, _Change(movement.unloading.end, count, movement.id, (movement.id,))
    for move in case.empty_moves:
        count = move.escorts if thing is None else move.vehicles.get(thing, 0)
        if count > 0:
            yield move.origin, _Change(move.starts, -count, f"an empty move to {move.destination}", ())
            yield move.destination, _Change(move.ends, count, "", ())


def _short(case: _Case, said: str, place: str, stands: int, changes: list[_Change]) -> Iterator[Finding]:
    """Each instant at which more leave a place than stand there; what is short once is told once."""
    missing = 0
    for at, at_once in groupby(sorted(changes, key=lambda change: change.at), key=lambda change: change.at):
        now = tuple(at_once)
        stands += sum(change.vehicles for change in now if change.vehicles > 0)
        leaving = [change for change in now if change.vehicles < 0]
        leave = -sum(change.vehicles for change in leaving)
        if leave - stands > missing:
            there = max(0, stands + missing)
            text = f"{place}: {leave:,} {said} leave at {case.clock(at)}, but {there:,} stand there: "
            ids = tuple(id for change in leaving for id in change.movements)
            names = _named(change.who for change in leaving)
            yield case.found("rule 7", at, ids, text + names, cannot_be=True)
            missing = leave - stands
        stands -= leave


def _empty_moves(case: _Case) -> Iterator[Finding]:
    fleets = case.operation.fleets
    for move in case.empty_moves:
        what = f"empty move from {move.origin} to {move.destination} at {case.clock(move.starts)}"
        for fleet, count in move.vehicles.items():
            if fleet not in fleets or count < 0:
                text = f"{what}: {count} vehicles of {fleet}" + (", which is no fleet" if fleet not in fleets else "")
                yield case.found("rule 7", move.starts, (), text, cannot_be=True)
            elif count and fleets[fleet].one_way:
                text = f"{what}: {fleet} go one way and make no empty moves"
                yield case.found("rule 7", move.starts, (), text, cannot_be=True)
        if move.escorts < 0 or not (move.escorts or any(move.vehicles.values())):
            text = f"{what}: {move.escorts} escorts and no vehicles"
            yield case.found("rule 7", move.starts, (), text, cannot_be=True)
        for before, hop in pairwise(move.hops):
            if hop.here != before.there or hop.departs < before.arrives:
                text = f"{what}: at {before.there} at {case.clock(before.arrives)} and "
                text += f"at {hop.here} at {case.clock(hop.departs)}"
                yield case.found("rule 7", hop.departs, (), text, cannot_be=True)
            elif hop.departs > before.arrives:
                text = f"{what}: waits {hop.departs - before.arrives} minutes at {hop.here}; two empty moves say that"
                yield case.found("rule 7", before.arrives, (), text)
        if not case.past(move.starts):
            yield from _hops(case, move, what)


def _joined(case: _Case, movement: Movement) -> Iterator[Finding]:
    """A convoy is at one place at a time: each leg starts where the one before it ended."""
    place = movement.origin
    for leg in movement.legs:
        if leg.here != place:
            text = f"{movement.id}: is at {place}, but its next leg starts from {leg.here}"
            yield case.found("rule 7", leg.departs, (movement.id,), text, cannot_be=True)
        place = leg.there
    if movement.ending == "turned back" and movement.unloading is not None and place != movement.origin:
        text = f"{movement.id}: turned back, but its legs end at {place}, not at {movement.origin}"
        yield case.found("rule 7", movement.ends, (movement.id,), text, cannot_be=True)


def _hops(case: _Case, move: EmptyMove, what: str) -> Iterator[Finding]:
    """Each hop goes by an empty link, where one joins its ends, or else by a road, and touches no closure of it."""
    world = case.operation.world
    for hop in move.hops:
        stretch = Span(hop.departs, hop.arrives)
        links = [link for link in world.empty_links if set(link.between) == {hop.here, hop.there}]
        road = world.road(hop.here, hop.there)
        if links:
            ways = [(link.minutes, link.via) for link in links]
        elif road is not None:
            ways = [(road.minutes_at(case.operation.calendar.time_of_day(hop.departs)), (road.id,))]
        else:
            text = f"{what}: neither a road nor an empty link leads from {hop.here} to {hop.there}"
            yield case.found("rule 7", hop.departs, (), text, cannot_be=True)
            continue
        ways = [(minutes, via) for minutes, via in ways if minutes == stretch.end - stretch.start] or ways[:1]
        minutes, via = min(ways, key=lambda way: len(list(_hop_closed(case, what, way[1], stretch))))
        if stretch.end - stretch.start != minutes:
            text = f"{what}: {stretch.end - stretch.start} minutes from {hop.here} to {hop.there}, not {minutes}"
            yield case.found("rule 7", hop.departs, (), text, cannot_be=stretch.end < stretch.start)
        yield from _hop_closed(case, what, via, stretch)


def _hop_closed(case: _Case, what: str, via: Iterable[str], stretch: Span) -> Iterator[Finding]:
    for road in via:
        for closed in case.operation.world.roads[road].closed:
            if closed.touches(stretch):
                at = max(closed.start, stretch.start)
                yield case.found("rule 7", at, (), f"{what}: on {road} at {case.clock(at)}, while it is closed")
        yield from _closed_by_clause(case, (), what, road, stretch, empty=True)


def _days(case: _Case) -> Iterator[Finding]:
    """Nothing before the operation starts, nothing after the midnight that ends its last day."""
    end = case.operation.calendar.end
    moves = [
        *((movement.id, (movement.id,), movement.loading.start, movement.ends) for movement in case.movements),
        *((f"empty move from {m.origin} to {m.destination}", (), m.starts, m.ends) for m in case.empty_moves),
    ]
    for what, ids, starts, ends in moves:
        if starts < 0:
            text = f"{what}: starts at {case.clock(starts)}, before the operation does"
            yield case.found("rule 7", starts, ids, text)
        if ends > end:
            text = f"{what}: ends at {case.clock(ends)}, after the operation, which ends at {case.clock(end)}"
            yield case.found("rule 7", ends, ids, text)


# Rules 8 and 9: time aboard, reception


def _aboard(case: _Case) -> Iterator[Finding]:
    calendar = case.operation.calendar
    stays = {
        evacuation: (
            [(clause.id, stay) for clause in case.operation.binding if (stay := clause.stay(evacuation)) is not None],
            case.operation.stay(evacuation).overnight,
        )
        for evacuation in case.operation.evacuations
    }
    for movement in case.judged:
        aboard, ids = Span(movement.loading.start, movement.ends), (movement.id,)
        said, overnight = stays[movement.evacuation]
        for clause, stay in said:
            if stay.minutes is not None and aboard.end - aboard.start > stay.minutes:
                minutes = aboard.end - aboard.start
                text = f"{movement.id}: people are aboard for {minutes:,} minutes, at most {stay.minutes:,} are allowed"
                yield case.found(clause, aboard.start + stay.minutes, ids, text)
        midnight = calendar.day_span(calendar.day(aboard.start)).end
        if not overnight and midnight < aboard.end:
            text = f"{movement.id}: people are aboard at midnight, {case.clock(midnight)}, and no clause allows it"
            yield case.found("rule 8", midnight, ids, text)


def _reception(case: _Case) -> Iterator[Finding]:
    calendar, received = case.operation.calendar, dict[str, list[tuple[int, int, str]]]()
    for movement in case.movements:
        if movement.ending == "arrived" and movement.arrived is not None:
            arrival = (movement.arrived, movement.total, movement.id)
            received.setdefault(movement.destination, []).append(arrival)
    for id, arrivals in received.items():
        place = case.operation.world.places.get(id)
        if place is None:
            continue
        arrivals.sort()
        if place.capacity is not None:
            yield from _overfull(case, id, arrivals, place.capacity, "in all")
        if place.capacity_per_day is not None:
            for day, in_day in groupby(arrivals, key=lambda arrival: calendar.day(arrival[0])):
                when = calendar.when(calendar.day_span(day).start)
                period = f"on day {day + 1} ({when.day} {when:%b})"
                yield from _overfull(case, id, tuple(in_day), place.capacity_per_day, period)


def _overfull(
    case: _Case, place: str, arrivals: Sequence[tuple[int, int, str]], most: int, period: str
) -> Iterator[Finding]:
    """The first arrival beyond the limit, and all that came after it; the past alone is nobody's doing."""
    people, late = 0, list[tuple[int, str]]()
    for arrived, count, id in arrivals:
        people += count
        if people > most and id not in case.past_ids:
            late.append((arrived, id))
    if late:
        ids = tuple(id for _, id in late)
        text = f"{place}: {people:,} people arrive {period}, but it receives at most {most:,}: {_named(ids)}"
        yield case.found("rule 9", late[0][0], ids, text)


# Rule 10: clauses


def _clauses(case: _Case) -> Iterator[Finding]:
    moved = passages(case.movements)
    by_stream: dict[Stream, list[tuple[int, Passage]]] = {}
    for number, passage in enumerate(moved):
        by_stream.setdefault((passage.evacuation, passage.group), []).append((number, passage))
    for limit in case.operation.limits:
        streams = {stream for tally in limit.tallies for stream in tally.streams}
        concerned = sorted(entry for stream in streams for entry in by_stream.get(stream, ()))
        counted = [passage for _, passage in concerned]
        for breach in limit_breaches(limit, counted, case.frozen_until):
            if not _done_by_the_past(case, limit, counted, breach):
                yield _clause_finding(case, breach)
    for clause in case.operation.binding:
        for breach in clause.breaches(case.operation.theatre, case.movements):
            if not (breach.movements and case.past_ids.issuperset(breach.movements)):
                yield _clause_finding(case, breach)


def _done_by_the_past(case: _Case, limit: Limit, counted: Sequence[Passage], breach: Breach) -> bool:
    """Whether only movements that the plan no longer rules moved the counts; at the start of a limit, all before it."""
    movements = breach.movements or tuple(
        passage.movement
        for passage in counted
        if any(at <= breach.at for tally in limit.tallies for at, _ in tally.changes((passage,)))
    )
    return case.frozen_until is not None and case.past_ids.issuperset(movements)


def _clause_finding(case: _Case, breach: Breach) -> Finding:
    beyond = f", {breach.people:,} {'person' if breach.people == 1 else 'people'} beyond it" if breach.people else ""
    by = f": {_named(breach.movements)}" if breach.movements else ""
    text = f"{breach.text}{beyond} at {case.clock(breach.at)}{by}"
    return case.found(breach.clause, breach.at, breach.movements, text)


# The figures of a plan


def _figures(case: _Case, timetable: Timetable) -> Iterator[Finding]:
    for movement in case.movements:
        if movement.ending != "arrived" and not case.past(movement.loading.start):
            text = f"{movement.id}: {movement.ending}; a plan brings all whom it loads to a destination"
            yield case.found("rule 4", movement.loading.start, (movement.id,), text)
    left = sum(behind.people for behind in timetable.left_behind)
    if (timetable.outcome == "everyone carried") == (left > 0):
        yield case.found("outcome", None, (), f"the outcome is {timetable.outcome!r}, but {left:,} are left behind")
    groups, roads = case.operation.groups, case.operation.world.roads
    objective = person_hours = exposure = 0.0
    for movement in case.movements:
        hazard = sum(roads[leg.road].hazard for leg in movement.legs if leg.road in roads)
        exposure += movement.total * hazard
        if movement.ending == "arrived" and movement.unloading is not None:
            hours = movement.unloading.end / 60
            person_hours += movement.total * hours
            for group, people in movement.people_by_group.items():
                objective += people * groups[group].weight * hours if group in groups else 0
    for behind in case.left_behind:
        if behind.group in groups:
            objective += behind.people * groups[behind.group].weight * case.operation.left_behind_hours
    for name, said, right in (
        ("objective", timetable.objective, objective),
        ("person-hours", timetable.person_hours, person_hours),
        ("exposure", timetable.exposure, exposure),
    ):
        if not isclose(said, right, rel_tol=1e-6, abs_tol=1e-9):
            yield case.found(name, None, (), f"{name} {said:,.6g} is stated, but its movements make {right:,.6g}")
    if (
        timetable.bound is not None
        and timetable.bound > objective
        and not isclose(timetable.bound, objective, rel_tol=1e-6)
    ):
        text = f"the bound {timetable.bound:,.6g} is above the objective {objective:,.6g}: no bound can be"
        yield case.found("bound", None, (), text)
