"""One course: a timetable driven minute by minute through troubles by the live operation's verbs. The reference.

What a course is, in one place (the compiled twin in `kernel` keeps to every word of it):

- A trouble is known from its start; when it will end, nobody knows. Slower roads and a strike show only on the road.
- Nothing starts before its planned time. A *movement* starts to load, and an *empty move* starts, once its time has
  come, its vehicles and escort stand free, and, if all stays as it is, it could go the whole way: its evacuation is
  not halted, no road or crossing of its way is shut, hours and lanes are free for it, nobody would be aboard too long
  or at midnight, and it ends before the operation does.
- Under the policy `hold`, who is due earlier keeps vehicles reserved where they stand, for a day at most; under
  `send` whoever can go goes.
- When loading ends it departs as soon as `may_depart` says GO. Limits on counts of people are not asked there but where
  people are handed over: convoys stand at the crossing until `may_hand_over` lets one, two or all of them through.
  Nobody loads while a convoy of the same evacuation that is before it in the plan stands there.
- Lanes are taken first come, first served. Who stands before handover for longer than `patience_minutes`, loaded at the
  origin or on the road, goes back: people wait again, the movement is tried again (`tries_most` times in all), after a
  limit had stopped it only once the limit would let it through, or after `again_minutes`.
- Under the policy `replan` the timetable is kept as under `hold`, and a new one is asked for where something went wrong
  since the last: each day when loading may begin, and when what was shut or halted is over, but not twice within
  `replan_minutes`. The planner is told the situation and nothing else. What has begun goes on; what waited gives way to
  the new timetable. Where none is found, or one for fewer people than wait by the old one, that is gone on with as
  under `send`, until there is one.

Why it cannot deadlock: whatever is waited for ends by itself. Troubles and closing hours end; who stands loaded goes
back after `patience_minutes` and frees vehicles, lanes and bays; a reservation lapses after a day; a movement that a
limit stopped stays away for `again_minutes` at most; and no movement is tried more than `tries_most` times. So no set
of movements can hold each other for good; and as long as the planned order of handovers holds, so do the limits. A new
timetable changes none of this: it takes the place of movements that hold nothing, and there are finitely many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import ceil
from typing import Literal

from safepassage.agreement import Gate, Limit, Stream
from safepassage.dispatch import Verdict, departing, may_depart, may_hand_over
from safepassage.events import (
    Arrived,
    Boarded,
    ConsentGiven,
    ConsentWithdrawn,
    ConvoyFormed,
    CrossingClosed,
    CrossingOpened,
    Departed,
    Event,
    HandedOver,
    IncidentOver,
    IncidentReported,
    MovementAnnounced,
    ObserverDeployed,
    OperationResumed,
    OperationSuspended,
    Passed,
    PlanAdopted,
    Returned,
    RoadBlocked,
    RoadCleared,
    TurnedBack,
    What,
    When,
)
from safepassage.futures.shocks import Halted, LeftAlone, Lost, Shut, Slowed, Struck, Trouble, TurnedUp
from safepassage.movement import EmptyMove, Ending, Hop, Inspection, LeftBehind, Leg, Movement, Passage, Timetable
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.situation import Fold, Situation
from safepassage.world import DAY, Span

ESCORT = "escort"
"""Escorts among the vehicles that stand at a place."""
Phase = Literal[
    "waiting", "loading", "loaded", "standing", "on a road", "inspected", "unloading", "going back", "done", "given up"
]
ENDS: frozenset[Phase] = frozenset({"loading", "on a road", "inspected", "unloading", "going back"})
"""Phases that end at a known minute, which may be the one at which they began."""
HOURS, LANES, VEHICLES, BAYS, NOTICE, PAUSE = "hours", "lanes", "vehicles", "bays", "notice", "pause"
"""What stops movements where no trouble and no limit does."""
Needs = Sequence[tuple[tuple[str, str], int]]
"""Vehicles of a fleet, or escorts, that have to stand at a place."""
UNDER_WAY: frozenset[Phase] = frozenset({"loading", "loaded", "standing", "on a road", "inspected"})
"""From the start of loading until it arrives or goes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What is done next.

    `kind`: hold (keep the order of the timetable), send (whatever may go, goes) or replan (a new timetable where
    something went wrong).
    """

    kind: Literal["hold", "send", "replan"] = "hold"
    patience_minutes: int = 120
    again_minutes: int = 360
    reserve_minutes: int = DAY
    tries_most: int = 5
    replan_minutes: int = 360

    def __post_init__(self) -> None:
        for key in ("patience_minutes", "again_minutes", "reserve_minutes", "tries_most", "replan_minutes"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} = {getattr(self, key)}: give 1 or more")


Replan = Callable[[Situation], Timetable | None]
"""A new timetable for what remains of a situation, its past movements among its own; None where none was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What came of a timetable. `waited` is person-minutes that movements waited past their time, by what stopped them.

    `left_behind` are the people who were there and were not brought to a place; those who never came or left by their
    own means are not among them. `events` are what the live operation would have recorded. `person_minutes`: until
    everyone was there; who is left behind counts twice the operation's length. `leads`: by pair of linked evacuations
    how far, at most, the first was ahead of the second and the second of the first, in shares of those demanded;
    `leads_at_stops`: how far the first was ahead at each stop. `replans`: when a new timetable was asked for, and
    whether there was one.
    """

    movements: tuple[Movement, ...]
    empty_moves: tuple[EmptyMove, ...]
    left_behind: tuple[LeftBehind, ...]
    waited: Mapping[str, int]
    standing_minutes: Mapping[str, int]
    stops: tuple[int, ...]
    events: tuple[Event, ...]
    situation: Situation
    person_minutes: int
    leads: tuple[tuple[float, float], ...]
    leads_at_stops: tuple[tuple[float, ...], ...]
    replans: tuple[tuple[int, bool], ...]


@dataclass(slots=True, eq=False)
class _Trip:
    """A movement of the plan as it is tried, and tried again."""

    number: int
    planned: Movement
    gate: int
    phase: Phase = "waiting"
    tries: int = 0
    earliest: int = 0
    again: int = 0
    blocked: str = ""
    loads: int = 0
    until: int = 0
    since: int = 0
    place: int = 0
    slot_done: bool = False
    handed_over: int | None = None
    arrived: int | None = None
    turned_back: int | None = None
    stood_minutes: int = 0
    people: dict[str, dict[str, int]] = field(default_factory=dict)
    bookings: dict[str, Span] = field(default_factory=dict)
    legs: list[Leg] = field(default_factory=list)
    inspections: list[Inspection] = field(default_factory=list)
    projected: Movement | None = None

    @property
    def id(self) -> str:
        return self.planned.id if self.tries < 2 else f"{self.planned.id}/{self.tries}"

    @property
    def here(self) -> str:
        return self.planned.places[self.place]

    @property
    def at_gate(self) -> bool:
        """Whether it stands where its evacuation counts people as out, inspected, and is not yet let through."""
        return self.phase == "standing" and self.place == self.gate and self.handed_over is None and self.slot_done

    @property
    def heads(self) -> int:
        return sum(sum(groups.values()) for groups in self.people.values())

    def movement(self, ending: Ending, unloading: Span | None) -> Movement:
        return replace(
            self.planned,
            id=self.id,
            people={fleet: dict(groups) for fleet, groups in self.people.items()},
            loading=Span(self.loads, self.loads + _minutes(self.planned.loading)),
            legs=tuple(self.legs),
            inspections=tuple(self.inspections),
            handed_over=self.handed_over,
            arrived=self.arrived,
            unloading=unloading,
            ending=ending,
            turned_back=self.turned_back,
        )

    def passages(self, timed: Movement | None, now: int) -> Iterator[Passage]:
        """Its people as clauses count them: as they went, from now on as timed."""
        handed, arrived = self.handed_over, self.arrived
        if timed is not None:
            handed = max(now, timed.handed_over or 0) if handed is None else handed
            arrived = max(now, timed.arrived or 0) if arrived is None else arrived
        for groups in self.people.values():
            for group, people in groups.items():
                yield Passage(
                    self.planned.evacuation, group, self.planned.destination, people, handed, arrived, None, self.id
                )


@dataclass(slots=True, eq=False)
class _Empty:
    """An empty move of the plan: how far it is, and its hops since it last waited."""

    planned: EmptyMove
    phase: Literal["waiting", "standing", "on a road", "done"] = "waiting"
    place: int = 0
    until: int = 0
    hops: list[Hop] = field(default_factory=list)


def _minutes(span: Span) -> int:
    return span.end - span.start


def run(
    operation: Operation,
    timetable: Timetable,
    troubles: Sequence[Trouble],
    *,
    policy: Policy | None = None,
    replan: Replan | None = None,
) -> Course:
    """One course of a timetable through these troubles. `replan`: the planner, for the policy of that name.

    Raises ValueError, naming a clause that no course can keep, or where that policy has no planner.
    """
    if problem := not_simulated(operation, timetable):
        raise ValueError(problem)
    policy = policy or Policy()
    if (policy.kind == "replan") != (replan is not None):
        raise ValueError(f"the policy is {policy.kind}: the policy replan, and no other, needs a planner")
    course = _Run(operation, timetable, troubles, policy, replan)
    course.go()
    return course.outcome()


def not_simulated(operation: Operation, timetable: Timetable) -> str:
    """Why no course can keep a clause, by its name; empty where one can.

    A side that uses up room has to count by handover, and a consent has to last for the whole way to its segment.
    """
    for limit in operation.limits:
        sides = zip(limit.tallies, _uses_room(limit), strict=True)
        if not all(_uses_room(limit)) and any(used and tally.counts == "arrival" for tally, used in sides):
            return (
                f"clause {limit.clause} ties two sides together by arrivals: a convoy cannot be stopped after its "
                "handover, so no course can keep it. Let the side that has to wait count by handover."
            )
    lasts: dict[str, tuple[int, str]] = {}
    for clause in operation.binding:
        for (segment, _), minutes in clause.lapses(operation.theatre).items():
            lasts[segment] = min((minutes, clause.id), lasts.get(segment, (minutes, clause.id)))
    for movement in timetable.movements if lasts else ():
        for segment, minutes in _ways(operation, movement):
            least, clause_id = lasts.get(segment, (minutes, ""))
            if minutes > least:
                return (
                    f"clause {clause_id} lets a consent lapse after {least} minutes, but {movement.id} needs {minutes} "
                    f"from its departure until it has left {segment}: no course can keep it. Let consents last longer."
                )
    return ""


def _ways(operation: Operation, movement: Movement) -> Iterator[tuple[str, int]]:
    """The segments of a way, and how many minutes after its departure, at most, a movement has left each."""
    gone, slots = 0, _slots(movement)
    for number, place in enumerate(movement.places):
        if place in slots:
            gone += slots[place]
            yield place, gone
        if number < len(movement.legs):
            road = operation.world.roads[movement.legs[number].road]
            gone += max([road.minutes, *(pace.minutes for pace in road.paces)])
            yield road.id, gone


def _uses_room(limit: Limit) -> tuple[bool, ...]:
    """Of each count of a limit, whether more people there use up room."""
    return tuple(term.coefficient > 0 for term in limit.terms) if isinstance(limit, Gate) else (True, False)


class _Record:
    """What the live operation would have recorded, and the situation folded from it."""

    def __init__(self, operation: Operation) -> None:
        self.calendar = operation.calendar
        self.fold = Fold(operation)
        self.told = 0
        self._seen: Situation | None = None

    def say(self, what: What, minute: int) -> str:
        self.told += 1
        id, now = f"course-{self.told:07}", self.calendar.when(minute)
        self.fold.take(
            Event(
                id=id, operation="course", what=what, happened=When.at(now), noticed=now, received=now, author="course"
            )
        )
        self._seen = None
        return id

    def situation(self, minute: int) -> Situation:
        now = self.calendar.when(minute)
        if self._seen is None or self._seen.as_of != now:
            self._seen = self.fold.situation(now)
        return self._seen


class _Run:
    """The state of one course, and the minute it has come to."""

    def __init__(
        self,
        operation: Operation,
        timetable: Timetable,
        troubles: Sequence[Trouble],
        policy: Policy,
        replan: Replan | None,
    ) -> None:
        self.replan, self.timetable = replan, timetable
        self.operation, self.world, self.calendar = operation, operation.world, operation.calendar
        self.policy, self.troubles, self.record = policy, troubles, _Record(operation)
        self.minute = 0
        ordered = sorted(timetable.movements, key=lambda movement: (movement.loading.start, movement.id))
        self.trips = [
            _Trip(number=number, planned=one, gate=self._gate(one), earliest=one.loading.start)
            for number, one in enumerate(ordered)
        ]
        self.empties = [_Empty(planned=one) for one in sorted(timetable.empty_moves, key=lambda one: one.starts)]
        self.actions: list[_Trip | _Empty] = sorted([*self.trips, *self.empties], key=_planned_start)
        self.stands = dict.fromkeys(
            ((thing, place) for thing in (*operation.fleets, ESCORT) for place in self.world.places), 0
        )
        for fleet in operation.fleets.values():
            self.stands |= {(fleet.id, place): vehicles for place, vehicles in fleet.stands.items()}
        self.stands |= {(ESCORT, place): escorts for place, escorts in (operation.escorts or {}).items()}
        self.there: dict[Stream, int] = {
            (one.id, group): people for one in operation.evacuations.values() for group, people in one.demand().items()
        }
        self.missing: dict[str, int] = {}
        self.shut = [trouble for trouble in troubles if isinstance(trouble, Shut)]
        self.halted = [trouble for trouble in troubles if isinstance(trouble, Halted)]
        self.slowed = [trouble for trouble in troubles if isinstance(trouble, Slowed)]
        struck = sorted((one for one in troubles if isinstance(one, Struck)), key=lambda one: -one.leg)
        self.strikes = {one.movement: one for one in struck}  # of several, the first on its way
        self.fires: list[Shut] = []
        self.incidents: list[tuple[int, str]] = []
        self.paused_until = 0
        self.pause = max((clause.pause_minutes() for clause in operation.binding), default=0)
        self.notice = max((clause.notice_minutes() for clause in operation.binding), default=0)
        self.passable = {id: operation.passable_spans(id) for id in self.world.roads}
        self.passable |= {id: operation.open_spans(id) for id in self.world.crossings}
        self.limits = {limit.clause for limit in operation.limits}
        self.received: dict[tuple[str, int | None], int] = {}
        self.waited: dict[str, int] = {}
        self.stood: dict[str, int] = {}
        self.stops: list[int] = []
        self.movements: list[Movement] = []
        self.emptied: list[EmptyMove] = []
        self.wake = {0, self.calendar.end}
        self.ticking = False
        self.causes: dict[int, str] = {}
        self.asked: tuple[int, tuple[str, ...]] = (-1, ())
        self.person_minutes = 0
        self.out: dict[Stream, int] = dict.fromkeys(self.there, 0)
        tied = [sides[:2] for clause in operation.binding if (sides := clause.sides()) is not None]
        self.pairs = [(self._side(first), self._side(second)) for first, second in tied]
        self.leads = [(0.0, 0.0) for _ in self.pairs]
        self.leads_at_stops: list[tuple[float, ...]] = []
        self.replans: list[tuple[int, bool]] = []
        self.consented_at = -1
        self.in_order = policy.kind != "send"
        self.planned_at: tuple[int, int] = (0, 0)
        self.mornings = {span.start for span in operation.load_spans} if replan is not None else set()
        self.wake |= self.mornings
        self._begin(timetable)

    def _gate(self, movement: Movement) -> int:
        """Which of its places is the one where people count as out."""
        gates = self.operation.evacuations[movement.evacuation].out_at
        return next((n for n, place in enumerate(movement.places) if place in gates), len(movement.legs))

    def say(self, what: What) -> str:
        return self.record.say(what, self.minute)

    def _begin(self, timetable: Timetable) -> None:
        """The plan is adopted, consents are given, observers are there, movements are announced."""
        self.record.say(PlanAdopted(timetable=timetable), -1 - self.notice)
        for clause in self.operation.binding:
            for party, on in clause.watched_by().items():
                everywhere = (*self.world.roads, *self.world.crossings)
                self.record.say(ObserverDeployed(party=party, on=on or everywhere), -1)
        for trip in self.trips:
            self._announce(trip, -1 - self.notice)
        for action in self.actions:
            start, _ = _planned_start(action)
            self.wake |= {start, start + self.policy.reserve_minutes}
        for limit in self.operation.limits:
            self.wake |= set(limit.span)
        for trouble in self.troubles:
            if isinstance(trouble, TurnedUp):
                stream = (trouble.evacuation, trouble.group)
                self.there[stream] = trouble.people
            elif isinstance(trouble, Lost | LeftAlone):
                self.wake.add(trouble.at)
            elif not isinstance(trouble, Struck):
                self.wake |= set(trouble.span)
        theatre = self.operation.theatre
        self.lapsing = any(clause.lapses(theatre) for clause in self.operation.binding)

    def _announce(self, trip: _Trip, minute: int) -> None:
        if self.notice:
            self.record.say(MovementAnnounced(movement=trip.id, loads=self.calendar.when(trip.earliest)), minute)

    def go(self) -> None:
        before = 0
        for minute in range(self.calendar.end + 1):
            if minute not in self.wake and not self.ticking:
                continue
            self._count(minute - before)
            self.minute, self.ticking, before = minute, False, minute
            self.causes = {}
            self._hear()
            if self.replan is not None and self._wants_another_plan():
                self._replan(self.replan)
            while True:
                self._finish()
                self._lose_vehicles()
                while self._move() or self._hand_over():
                    pass
                self._go_back()
                self._start()
                if not any(trip.until == minute and trip.phase in ENDS for trip in self.trips):
                    break

    def _count(self, minutes: int) -> None:
        """What stopped movements for these minutes, and who stood loaded meanwhile."""
        for number, cause in self.causes.items():
            trip = self.trips[number]
            people = trip.heads if trip.phase != "waiting" else trip.planned.total
            self.waited[cause] = self.waited.get(cause, 0) + people * minutes
            if trip.phase != "waiting":
                trip.stood_minutes += minutes

    # What is heard of troubles

    def _hear(self) -> None:
        now = self.minute
        for incident in [id for end, id in self.incidents if end == now]:
            self.say(IncidentOver(incident=incident))
        for trouble in self.troubles:
            if isinstance(trouble, Shut) and now in trouble.span:
                self._hear_shut(trouble) if trouble.span.start == now else self._hear_open(trouble)
            elif isinstance(trouble, Halted) and trouble.span.start == now:
                self._stopped()
                self.say(OperationSuspended(by=trouble.party, why=trouble.shock, evacuations=trouble.evacuations))
            elif isinstance(trouble, Halted) and trouble.span.end == now:
                self._hear_resumed(trouble)
            elif isinstance(trouble, Lost) and trouble.at == now:
                self.missing[trouble.fleet] = self.missing.get(trouble.fleet, 0) + trouble.vehicles
            elif isinstance(trouble, LeftAlone) and trouble.at == now:
                self._leave_alone(trouble)
        if now == 0:
            self._consent()

    def _stopped(self) -> None:
        """A stop begins: who is ahead then."""
        self.stops.append(self.minute)
        self.leads_at_stops.append(tuple(self._leads()))

    def _side(self, names: Iterable[str]) -> tuple[tuple[Stream, ...], int]:
        """The people on a side of an exchange, and how many are demanded."""
        streams = self.operation.theatre.streams(names)
        return streams, max(1, self.operation.theatre.demand(streams))

    def _leads(self) -> Iterator[float]:
        """By pair, how far its first side is ahead of its second, in shares of those demanded."""
        for (first, of_first), (second, of_second) in self.pairs:
            ahead = sum(self.out[stream] for stream in first) / of_first
            yield ahead - sum(self.out[stream] for stream in second) / of_second

    def _hear_shut(self, trouble: Shut) -> None:
        self._stopped()
        if trouble.party:
            self.say(ConsentWithdrawn(party=trouble.party, on=trouble.on, why=trouble.shock))
        else:
            for segment in trouble.on:
                road = segment in self.world.roads
                self.say(RoadBlocked(road=segment) if road else CrossingClosed(crossing=segment))

    def _hear_open(self, trouble: Shut) -> None:
        """It is over; what another trouble of its kind still shuts stays shut. A fire is an incident, and no block."""
        others = [one for one in self._shut_now() if one.party == trouble.party and one not in self.fires]
        for segment in trouble.on:
            if any(segment in one.on for one in others):
                continue
            if trouble.party:
                self.say(ConsentGiven(party=trouble.party, on=(segment,)))
            else:
                road = segment in self.world.roads
                self.say(RoadCleared(road=segment) if road else CrossingOpened(crossing=segment))

    def _hear_resumed(self, trouble: Halted) -> None:
        """A resumption ends every suspension of these evacuations: those that still hold are said again."""
        self.say(OperationResumed(evacuations=trouble.evacuations))
        for one in self._halted_now():
            if not set(one.evacuations).isdisjoint(trouble.evacuations):
                self.say(OperationSuspended(by=one.party, why=one.shock, evacuations=one.evacuations))

    def _consent(self) -> None:
        """Every consent that nobody withholds now is given, or given anew."""
        self.consented_at = self.minute
        for party in self.operation.parties:
            withheld = {segment for one in self._shut_now() if one.party == party for segment in one.on}
            on = [
                segment
                for segment in (*self.world.roads, *self.world.crossings)
                if party in self.world.segment_consent(segment) and segment not in withheld
            ]
            if on:
                self.say(ConsentGiven(party=party, on=tuple(on)))

    def _leave_alone(self, trouble: LeftAlone) -> None:
        """They leave from where most wait."""
        left = trouble.people
        streams = [stream for stream in self.there if stream[0] == trouble.evacuation]
        for stream in sorted(streams, key=lambda stream: -self.there[stream]):
            going = min(left, self.there[stream])
            self.there[stream] -= going
            self.person_minutes += going * self.minute
            left -= going

    def _lose_vehicles(self) -> None:
        """Those that are lost are taken where most of their fleet stand; the others as they come free."""
        for fleet, missing in self.missing.items():
            while missing:
                place = max((key for key in self.stands if key[0] == fleet), key=lambda key: self.stands[key])
                taken = min(missing, self.stands[place])
                if not taken:
                    break
                self.stands[place] -= taken
                missing -= taken
            self.missing[fleet] = missing

    # Another timetable

    def _wants_another_plan(self) -> bool:
        """Whether it is time to plan anew, and something went wrong since the last time."""
        last = self.replans[-1][0] if self.replans else -self.policy.replan_minutes
        ends = {one.span.end for one in self.shut} | {one.span.end for one in self.halted}
        over = self.minute in ends
        went_wrong = (len(self.stops), sum(self.waited.values())) != self.planned_at
        due = self.minute in self.mornings or over
        return due and went_wrong and self.minute - last >= self.policy.replan_minutes

    def _replan(self, replan: Replan) -> None:
        """Asks for a timetable of what remains, and goes on by it; what has begun goes on as it was.

        Nobody reports empty vehicles: the timetable in force is told first with the empty moves as they went.
        """
        self.planned_at = len(self.stops), sum(self.waited.values())
        self.timetable = replace(self.timetable, empty_moves=(*self.emptied, *self._emptying()))
        self.say(PlanAdopted(timetable=self.timetable))
        found = replan(self.record.situation(self.minute))
        begun = {trip.id for trip in self.trips if trip.tries and trip.phase != "waiting"}
        begun |= {movement.id for movement in self.movements}
        ahead = [] if found is None else [one for one in found.movements if one.id not in begun]
        ahead = [one for one in ahead if one.loading.start >= self.minute]
        given_up = [trip for trip in self.trips if trip.phase == "waiting"]
        self.in_order = bool(ahead) and sum(one.total for one in ahead) >= self._still_planned(given_up)
        self.replans.append((self.minute, self.in_order))
        if found is None or not self.in_order:
            return
        self.timetable = found
        self.say(PlanAdopted(timetable=found))
        for trip in given_up:
            trip.phase = "given up"
        for empty in self.empties:
            if empty.phase == "waiting":
                empty.phase = "done"
        ahead.sort(key=lambda movement: (movement.loading.start, movement.id))
        fresh = [
            _Trip(number=number, planned=one, gate=self._gate(one), earliest=max(one.loading.start, self.notified))
            for number, one in enumerate(ahead, len(self.trips))
        ]
        moves = [_Empty(planned=one) for one in found.empty_moves if one.starts >= self.minute]
        self._pass_strikes_on(given_up, fresh)
        self.trips += fresh
        self.empties += moves
        for trip in fresh:
            self._announce(trip, self.minute)
        under_way = [action for action in self.actions if action.phase not in {"waiting", "given up", "done"}]
        self.actions = sorted([*under_way, *fresh, *moves], key=_planned_start)
        for action in self.actions:
            start, _ = _planned_start(action)
            self.wake |= {start, start + self.policy.reserve_minutes}
        self.wake |= {trip.earliest for trip in fresh}

    def _still_planned(self, waiting: Sequence[_Trip]) -> int:
        """How many people these movements would carry, as far as is known; of those counted, nobody twice."""
        people = 0
        for evacuation in self.operation.evacuations.values():
            trips = [trip for trip in self.trips if trip.planned.evacuation == evacuation.id]
            begun = sum(trip.heads for trip in trips if trip.phase not in {"waiting", "given up"})
            planned = sum(trip.planned.total for trip in trips if trip in waiting)
            people += min(planned, max(0, evacuation.total - begun))
        return people

    def _emptying(self) -> Iterator[EmptyMove]:
        """The empty moves under way: as they went so far, and on from there as if nothing came in between."""
        for empty in self.empties:
            if empty.phase not in {"standing", "on a road"}:
                continue
            on_road = empty.phase == "on a road"
            now, hops = (empty.until if on_road else self.minute), list(empty.hops)
            for hop in empty.planned.hops[empty.place + on_road :]:
                _, minutes = self._stretch(hop, now)
                departs = now if hops else now - 1
                hops.append(replace(hop, departs=departs, arrives=now + minutes))
                now += minutes
            yield replace(empty.planned, hops=tuple(hops))

    @property
    def notified(self) -> int:
        """From when on a movement may load that is announced now."""
        return self.minute + self.notice

    def _pass_strikes_on(self, given_up: Sequence[_Trip], fresh: Sequence[_Trip]) -> None:
        """The fires drawn for convoys that are given up meet, in order, those of their evacuation in their place."""
        for evacuation in self.operation.evacuations:
            before = [trip for trip in given_up if trip.planned.evacuation == evacuation]
            after = [trip for trip in fresh if trip.planned.evacuation == evacuation]
            struck = [self.strikes.pop(trip.id, None) for trip in before]
            for trip, strike in zip(after, struck, strict=False):
                if strike is not None and strike.leg < len(trip.planned.legs):
                    self.strikes[trip.id] = replace(strike, movement=trip.id)

    # What is known now

    def _shut_now(self) -> list[Shut]:
        return [trouble for trouble in self.shut if trouble.span.start <= self.minute < trouble.span.end]

    def _halted_now(self) -> list[Halted]:
        return [trouble for trouble in self.halted if trouble.span.start <= self.minute < trouble.span.end]

    def _shut_by(self, segments: Iterable[str]) -> str:
        """The first trouble that shuts one of these segments now; empty where none does."""
        wanted = set(segments)
        return next((trouble.shock for trouble in self._shut_now() if not wanted.isdisjoint(trouble.on)), "")

    def _halted_by(self, evacuation: str) -> str:
        if self.minute < self.paused_until:
            return PAUSE
        return next((trouble.shock for trouble in self._halted_now() if evacuation in trouble.evacuations), "")

    def _slowed(self, segments: Iterable[str], minutes: int) -> int:
        wanted, now = set(segments), self.minute
        factors = [one.factor for one in self.slowed if one.span.start <= now < one.span.end if wanted & {*one.on}]
        return ceil(minutes * max(factors, default=1.0) - 1e-9)

    def _open_for(self, segment: str, span: Span) -> bool:
        """Whether hours, closures and clauses let movements use it for all of a span."""
        return any(one.holds(span) for one in self.passable[segment]) and not any(
            closure.segment == segment and closure.span.touches(span) for closure in self.operation.closures
        )

    def _in_time(self, movement: Movement) -> bool:
        """Whether hours, closures, the time aboard and the end of the operation let it go the whole way as timed."""
        segments = [(leg.road, Span(leg.departs, leg.arrives)) for leg in movement.legs]
        segments += [(slot.crossing, Span(slot.starts, slot.ends)) for slot in movement.inspections]
        stay, aboard = self.operation.stay(movement.evacuation), Span(movement.loading.start, movement.ends)
        midnight = self.calendar.day_span(self.calendar.day(aboard.start)).end
        return (
            aboard.end <= self.calendar.end
            and (stay.overnight or aboard.end <= midnight)
            and (stay.minutes is None or _minutes(aboard) <= stay.minutes)
            and all(self._open_for(segment, span) for segment, span in segments)
        )

    def _timed(self, trip: _Trip, departs: int) -> Movement:
        """The movement if it departs then and nothing comes in between."""
        return departing(self.operation, trip.planned, departs)

    def _room(self, trip: _Trip, timed: Movement, people: int) -> bool:
        """Whether its destination takes it in, with all who are under way there."""
        place = self.world.places[timed.destination]
        others = [one for one in self.trips if one is not trip and one.phase in UNDER_WAY]
        coming = people + sum(one.heads for one in others if one.planned.destination == place.id)
        day = self.calendar.day(timed.arrived or 0)
        return all(
            most is None or self.received.get((place.id, when), 0) + coming <= most
            for most, when in ((place.capacity, None), (place.capacity_per_day, day))
        )

    def _within_quotas(self, trip: _Trip, timed: Movement) -> bool:
        """Whether limits of one side only have room, when all under way are handed over as they are timed now."""
        now = self.minute
        passages = [
            passage
            for one in self.trips
            if one.phase in UNDER_WAY or one is trip or one.arrived is not None
            for passage in one.passages(timed if one is trip else one.projected, now)
        ]
        for limit in self.operation.limits:
            if not all(_uses_room(limit)):
                continue
            counts = [
                sum(people for instant, people in tally.changes(passages) if instant < limit.span.end)
                for tally in limit.tallies
            ]
            if limit.excess(counts) > 0 and any(
                tally.takes(passage) for tally in limit.tallies for passage in trip.passages(timed, now)
            ):
                return False
        return True

    def _booked(self, trip: _Trip, timed: Movement) -> bool:
        """Whether at a crossing of its way all lanes are booked by others at some instant of its slot."""
        for slot in timed.inspections:
            others = [
                one.bookings[slot.crossing] for one in self.trips if one is not trip and slot.crossing in one.bookings
            ]
            instants = [slot.starts, *(one.start for one in others if slot.starts < one.start < slot.ends)]
            lanes = self.world.crossings[slot.crossing].lanes
            if any(sum(one.start <= instant < one.end for one in others) >= lanes for instant in instants):
                return True
        return False

    # Movements on their way

    def _finish(self) -> None:
        """What ends at this minute."""
        for trip in self.trips:
            if trip.until != self.minute:
                continue
            if trip.phase == "loading":
                trip.phase, trip.since = "loaded", self.minute
                self.wake.add(self.minute + self.policy.patience_minutes)
            elif trip.phase == "on a road":
                trip.place += 1
                trip.slot_done = trip.here not in _slots(trip.planned)
                self._stand(trip)
            elif trip.phase == "inspected":
                del trip.bookings[trip.here]
                trip.slot_done = True
                if trip.place != trip.gate:
                    self.say(Passed(movement=trip.id, at=trip.here))
                self._stand(trip)
            elif trip.phase == "unloading":
                trip.phase = "done"
                self.person_minutes += trip.heads * self.minute
                self._free(trip, one_way=True)
                self.movements.append(trip.movement("arrived", self._unloading(trip)))
            elif trip.phase == "going back":
                self._back(trip)
        for empty in self.empties:
            if empty.phase == "on a road" and empty.until == self.minute:
                empty.place += 1
                empty.phase = "standing"
                if empty.place == len(empty.planned.hops):
                    empty.phase = "done"
                    self._emptied(empty)
                    for key, vehicles in _empty_needs(empty.planned, empty.planned.destination):
                        self.stands[key] = self.stands.get(key, 0) + vehicles

    def _stand(self, trip: _Trip) -> None:
        trip.phase, trip.since = "standing", self.minute
        if trip.handed_over is None:
            self.wake.add(self.minute + self.policy.patience_minutes)

    def _unloading(self, trip: _Trip) -> Span:
        return Span(self.minute - self.operation.unload_minutes(trip.planned.vehicles), self.minute)

    def _free(self, trip: _Trip, *, one_way: bool) -> None:
        """Its vehicles and its escort stand where it ended; those that go one way stay there for good."""
        place = trip.planned.destination if trip.phase == "done" else trip.planned.origin
        for fleet, key, vehicles in self._needs(trip, place):
            if not (one_way and fleet in self.operation.fleets and self.operation.fleets[fleet].one_way):
                self.stands[key] = self.stands.get(key, 0) + vehicles

    def _needs(self, trip: _Trip, place: str) -> Iterator[tuple[str, tuple[str, str], int]]:
        for fleet, vehicles in trip.planned.vehicles.items():
            yield fleet, (fleet, place), vehicles
        if self.operation.escorts is not None:
            yield ESCORT, (ESCORT, place), 1

    def _move(self) -> bool:
        """Whoever can goes on by one step, first come, first served; whether anybody did."""
        moved = False
        for trip in sorted(self.trips, key=lambda trip: (trip.since, trip.number)):
            if trip.phase == "loaded":
                cause = self._depart(trip)
            elif trip.phase == "standing" and not trip.at_gate:
                cause = self._step(trip)
            else:
                continue
            if cause:
                self.causes[trip.number] = cause
            else:
                self.causes.pop(trip.number, None)
                moved = True
        for empty in self.empties:
            if empty.phase == "standing" and self._hop(empty):
                moved = True
        return moved

    def _depart(self, trip: _Trip) -> str:
        """It departs if the live gate says GO; else what keeps it."""
        timed = replace(self._timed(trip, self.minute), loading=Span(trip.loads, self.minute))
        if cause := self._halted_by(trip.planned.evacuation) or self._shut_by(_segments(trip.planned)):
            return cause
        if not self._in_time(timed) or not self._room(trip, timed, trip.heads):
            self.ticking = True
            return HOURS
        if self.lapsing and self.consented_at < self.minute:
            self._consent()
        going = replace(trip.planned, id=trip.id, people=trip.people)
        verdict = may_depart(self.record.situation(self.minute), [going])
        if reasons := [reason for reason in verdict.reasons if reason.rule not in self.limits]:
            self.ticking = True
            return reasons[0].rule
        self.say(Departed(movement=trip.id, at=trip.planned.origin))
        trip.slot_done = trip.here not in _slots(trip.planned)
        self._project(trip, timed)
        self._stand(trip)
        return ""

    def _step(self, trip: _Trip) -> str:
        """The next slot, leg or unloading begins; else what keeps it."""
        now = self.minute
        if not trip.slot_done:
            slot = Span(now, now + self._slowed((trip.here,), _slots(trip.planned)[trip.here]))
            if cause := self._shut_by((trip.here,)):
                return cause
            if self._inspecting(trip.here) >= self.world.crossings[trip.here].lanes:
                return LANES
            if not self._open_for(trip.here, slot):
                self.ticking = True
                return HOURS
            trip.inspections.append(Inspection(crossing=trip.here, starts=slot.start, ends=slot.end))
            self._project(trip, None)
            trip.bookings[trip.here] = slot
            trip.phase, trip.until = "inspected", slot.end
        elif trip.place < len(trip.planned.legs):
            leg = trip.planned.legs[trip.place]
            strike = self.strikes.get(trip.id)
            if strike is not None and strike.leg == trip.place:
                del self.strikes[trip.id]
                self._strike(trip, leg.road, strike)
                return "" if trip.phase == "going back" else strike.shock
            if cause := self._shut_by((leg.road,)):
                return cause
            minutes = self.world.roads[leg.road].minutes_at(self.calendar.time_of_day(now))
            span = Span(now, now + self._slowed((leg.road,), minutes))
            if not self._open_for(leg.road, span):
                self.ticking = True
                return HOURS
            self._project(trip, None)
            trip.legs.append(replace(leg, departs=span.start, arrives=span.end))
            trip.phase, trip.until = "on a road", span.end
        else:
            trip.arrived = now
            self.say(Arrived(movement=trip.id, at=trip.here))
            for when in (None, self.calendar.day(now)):
                key = (trip.here, when)
                self.received[key] = self.received.get(key, 0) + trip.heads
            trip.phase, trip.until = "unloading", now + self.operation.unload_minutes(trip.planned.vehicles)
        self.wake.add(trip.until)
        return ""

    def _inspecting(self, crossing: str) -> int:
        return sum(trip.phase == "inspected" and trip.here == crossing for trip in self.trips)

    def _project(self, trip: _Trip, timed: Movement | None) -> None:
        """When the rest of its way will be, if nothing comes in between; the lanes for it are booked."""
        if timed is None:
            timed = self._rest(trip)
        trip.projected = timed
        done = {slot.crossing for slot in trip.inspections}
        trip.bookings = {
            slot.crossing: Span(slot.starts, slot.ends) for slot in timed.inspections if slot.crossing not in done
        }

    def _rest(self, trip: _Trip) -> Movement:
        """The movement as if it had always been as late as it is now."""
        planned, now, slots = trip.planned, self.minute, _slots(trip.planned)
        handed, inspections = trip.handed_over, []
        for number in range(trip.place, len(planned.places)):
            place = planned.places[number]
            if place in slots and not (number == trip.place and trip.slot_done):
                inspections.append(Inspection(crossing=place, starts=now, ends=now + slots[place]))
                now += slots[place]
            if number == trip.gate and handed is None:
                handed = now
            if number < len(planned.legs):
                now += self.world.roads[planned.legs[number].road].minutes_at(self.calendar.time_of_day(now))
        return replace(planned, inspections=tuple(inspections), handed_over=handed, arrived=now)

    def _strike(self, trip: _Trip, road: str, strike: Struck) -> None:
        """Fire as it enters a road: the road is shut, nothing departs during the agreed pause, and it goes back."""
        now, over = self.minute, self.minute + strike.minutes
        self._stopped()
        self.fires.append(Shut(shock=strike.shock, span=Span(now, over), on=(road,)))
        self.shut.append(self.fires[-1])
        self.incidents.append((over, self.say(IncidentReported(incident="fire", text="fire", at=road))))
        self.paused_until = max(self.paused_until, now + self.pause)
        self.wake |= {over, self.paused_until}
        if trip.handed_over is None:
            self._turn_back(trip)

    def _hand_over(self) -> bool:
        """Who stands at the gate is let through as the limits allow: one, else two, else all; whether anybody was."""
        ready = sorted(
            (one for one in self.trips if one.at_gate), key=lambda one: (one.planned.handed_over, one.number)
        )
        asked = (self.record.told, tuple(trip.id for trip in ready))
        if not ready or (asked == self.asked and not any(self.minute in one.span for one in self.operation.limits)):
            for trip in ready:
                self.causes[trip.number] = trip.blocked
            return False
        for together in (*((one,) for one in ready), *combinations(ready, 2), tuple(ready)):
            verdict = self._may_hand_over(together)
            if verdict.go:
                for trip in together:
                    trip.handed_over, trip.blocked, trip.since = self.minute, "", self.minute
                    self.say(HandedOver(movement=trip.id, at=trip.here))
                    self.causes.pop(trip.number, None)
                    for groups in trip.people.values():
                        for group, people in groups.items():
                            self.out[trip.planned.evacuation, group] += people
                self.leads = [
                    (max(most, lead), max(least, -lead))
                    for (most, least), lead in zip(self.leads, self._leads(), strict=True)
                ]
                return True
            if len(together) == 1:
                together[0].blocked = verdict.reasons[0].rule
                self.causes[together[0].number] = together[0].blocked
        self.asked = asked
        return False

    def _may_hand_over(self, trips: Sequence[_Trip]) -> Verdict:
        movements = [
            replace(trip.planned, id=trip.id if trip.phase != "waiting" else f"{trip.id} again", people=trip.people)
            for trip in trips
        ]
        return may_hand_over(self.record.situation(self.minute), movements)

    # Back again

    def _go_back(self) -> None:
        """Who has stood for too long before handover goes back, where the way back is open."""
        for trip in self.trips:
            stands = trip.phase == "loaded" or (trip.phase == "standing" and trip.handed_over is None)
            if stands and self.minute - trip.since >= self.policy.patience_minutes and not self._turn_back(trip):
                trip.since = self.minute
                self.wake.add(self.minute + self.policy.patience_minutes)

    def _turn_back(self, trip: _Trip) -> bool:
        """It goes back by the way it came and unloads at its origin; False where that is shut or leads one way only."""
        back = trip.legs[::-1]
        if any(self.world.road(leg.there, leg.here) is None for leg in back) or self._shut_by(leg.road for leg in back):
            return False
        if trip.phase == "standing":
            self.say(TurnedBack(movement=trip.id, at=trip.here))
        now = trip.turned_back = self.minute
        for leg in back:
            takes = self.world.roads[leg.road].minutes_at(self.calendar.time_of_day(now))
            trip.legs.append(Leg(road=leg.road, here=leg.there, there=leg.here, departs=now, arrives=now + takes))
            now += takes
        trip.phase, trip.bookings, trip.projected = "going back", {}, None
        trip.until = now + self.operation.unload_minutes(trip.planned.vehicles)
        self.wake.add(trip.until)
        self.causes.pop(trip.number, None)
        return True

    def _back(self, trip: _Trip) -> None:
        """Its people wait again, and it will be tried again."""
        unloading = self._unloading(trip)
        self.record.say(Returned(movement=trip.id, at=trip.planned.origin), unloading.start)
        self.movements.append(trip.movement("turned back", unloading))
        self.stood[trip.id] = trip.stood_minutes
        for groups in trip.people.values():
            for group, people in groups.items():
                self.there[trip.planned.evacuation, group] += people
        self._free(trip, one_way=False)
        again = self.minute + self.policy.again_minutes if trip.blocked else 0
        fresh = _Trip(number=trip.number, planned=trip.planned, gate=trip.gate, tries=trip.tries, again=again)
        fresh.blocked = trip.blocked
        fresh.phase = "waiting" if trip.tries < self.policy.tries_most else "given up"
        fresh.earliest = self.minute + self.notice
        self.trips[trip.number] = fresh
        self.actions[self.actions.index(trip)] = fresh
        self.wake |= {again, fresh.earliest, fresh.earliest + self.policy.reserve_minutes}
        if self.notice and fresh.phase == "waiting":
            next_id = f"{trip.planned.id}/{trip.tries + 1}"
            self.say(MovementAnnounced(movement=next_id, loads=self.calendar.when(fresh.earliest)))

    # What starts

    def _start(self) -> None:
        """Whoever is due and can go starts, in the order of the timetable; who cannot keeps vehicles reserved."""
        reserved: dict[tuple[str, str], int] = {}
        for action in self.actions:
            start, _ = _planned_start(action)
            if start > self.minute:
                break
            if action.phase != "waiting":
                continue
            if isinstance(action, _Trip):
                needs = [(key, vehicles) for _, key, vehicles in self._needs(action, action.planned.origin)]
                start = action.earliest
                cause = self._load(action, needs, reserved)
                if cause:
                    self.causes[action.number] = cause
            else:
                needs = list(_empty_needs(action.planned, action.planned.origin))
                cause = self._leave(action, needs, reserved)
            if cause and self.in_order and self.minute < start + self.policy.reserve_minutes:
                for key, vehicles in needs:
                    reserved[key] = reserved.get(key, 0) + vehicles

    def _short(self, needs: Needs, reserved: Mapping[tuple[str, str], int]) -> bool:
        return any(self.stands.get(key, 0) - reserved.get(key, 0) < vehicles for key, vehicles in needs)

    def _take(self, needs: Needs) -> None:
        """They are gone from there; who was looked at before may now lack them, which the next minute shows."""
        self.wake.add(self.minute + 1)
        for key, vehicles in needs:
            self.stands[key] -= vehicles

    def _load(self, trip: _Trip, needs: Needs, reserved: Mapping[tuple[str, str], int]) -> str:
        """It starts to load; else what keeps it (empty too where nobody is left for it)."""
        planned, now = trip.planned, self.minute
        trip.people = self._boarding(planned)
        if not trip.people:
            trip.phase = "given up"
            return ""
        heads = trip.heads
        departs = now + _minutes(planned.loading)
        timed = self._timed(trip, departs)
        cause = (
            self._halted_by(planned.evacuation)
            or self._shut_by(_segments(planned))
            or self._stopped_by_limit(trip)
            or (VEHICLES if self._short(needs, reserved) else "")
            or (BAYS if self._bays_taken(planned.origin) else "")
        )
        if cause or now < trip.earliest:
            trip.people = {}
            return cause or NOTICE
        if not (
            any(span.start <= now < span.end for span in self.operation.load_spans)
            and self._in_time(timed)
            and not self._booked(trip, timed)
            and self._room(trip, timed, heads)
            and self._within_quotas(trip, timed)
        ):
            self.ticking = True
            trip.people = {}
            return HOURS
        self._take(needs)
        for groups in trip.people.values():
            for group, people in groups.items():
                self.there[planned.evacuation, group] -= people
        trip.phase, trip.loads, trip.until = "loading", now, departs
        trip.tries += 1
        self.wake.add(departs)
        self._project(trip, timed)
        self._tell_loading(trip)
        return ""

    def _tell_loading(self, trip: _Trip) -> None:
        planned = trip.planned
        teams = [clause.escorted_by()[:1] for clause in self.operation.binding if clause.escorted_by()]
        if self.operation.escorts is not None:
            teams.append(tuple(self.operation.parties)[:1] or (ESCORT,))
        formed = ConvoyFormed(
            movement=trip.id,
            at=planned.origin,
            evacuation=planned.evacuation,
            destination=planned.destination,
            vehicles=planned.vehicles,
            teams=tuple(dict.fromkeys(team for one in teams for team in one)),
        )
        self.say(formed)
        heads: dict[str, int] = {}
        for groups in trip.people.values():
            for group, people in groups.items():
                heads[group] = heads.get(group, 0) + people
        aboard = {group: Count.exactly(people) for group, people in heads.items()}
        self.say(Boarded(movement=trip.id, at=planned.origin, people=aboard))

    def _boarding(self, planned: Movement) -> dict[str, dict[str, int]]:
        """Those of its people who are there."""
        there = {
            group: people for (evacuation, group), people in self.there.items() if evacuation == planned.evacuation
        }
        aboard: dict[str, dict[str, int]] = {}
        for fleet, groups in planned.people.items():
            for group, people in groups.items():
                if coming := min(people, there[group]):
                    aboard.setdefault(fleet, {})[group] = coming
                    there[group] -= coming
        return aboard

    def _bays_taken(self, place: str) -> bool:
        bays = self.world.places[place].bays
        loading = sum(one.phase == "loading" and one.planned.origin == place for one in self.trips)
        return bays is not None and loading >= bays

    def _stopped_by_limit(self, trip: _Trip) -> str:
        """The limit at which a convoy before it stands, or which stopped it and would stop it again."""
        for one in self.trips[: trip.number]:
            if one.at_gate and one.blocked and one.planned.evacuation == trip.planned.evacuation:
                return one.blocked
        if self.minute < trip.again:
            ready = [one for one in self.trips if one.at_gate]
            if not any(self._may_hand_over([trip, *others]).go for others in ([], *([one] for one in ready))):
                return trip.blocked
        return ""

    # Empty moves

    def _stretch(self, hop: Hop, departs: int) -> tuple[tuple[str, ...], int]:
        """The roads that an empty hop goes by, and its minutes."""
        link = self.world.links.get(hop.here, {}).get(hop.there)
        road = self.world.road(hop.here, hop.there)
        if road is None or (link is not None and link.minutes == hop.arrives - hop.departs):
            assert link is not None, f"neither a road nor an empty link leads from {hop.here} to {hop.there}"
            return link.via, link.minutes
        return (road.id,), road.minutes_at(self.calendar.time_of_day(departs))

    def _empty_open(self, roads: Iterable[str], span: Span) -> bool:
        return not any(closed.touches(span) for road in roads for closed in self.world.roads[road].closed) and not any(
            closure.binds_empty and closure.segment in roads and closure.span.touches(span)
            for closure in self.operation.closures
        )

    def _leave(self, empty: _Empty, needs: Needs, reserved: Mapping[tuple[str, str], int]) -> str:
        """An empty move starts; else what keeps it."""
        now = self.minute
        for hop in empty.planned.hops:
            roads, minutes = self._stretch(hop, now)
            if cause := self._shut_by(roads):
                return cause
            if now + minutes > self.calendar.end or not self._empty_open(roads, Span(now, now + minutes)):
                self.ticking = True
                return HOURS
            now += minutes
        if self._short(needs, reserved):
            return VEHICLES
        self._take(needs)
        self._set_out(empty)
        return ""

    def _hop(self, empty: _Empty) -> bool:
        """It goes on by one hop; where it cannot, what it did so far is a move of its own."""
        hop = empty.planned.hops[empty.place]
        roads, minutes = self._stretch(hop, self.minute)
        shut = self._shut_by(roads)
        if shut or not self._empty_open(roads, Span(self.minute, self.minute + minutes)):
            self.ticking = self.ticking or not shut
            self._emptied(empty)
            return False
        self._set_out(empty)
        return True

    def _set_out(self, empty: _Empty) -> None:
        hop = empty.planned.hops[empty.place]
        roads, minutes = self._stretch(hop, self.minute)
        empty.until = self.minute + self._slowed(roads, minutes)
        empty.phase = "on a road"
        empty.hops.append(replace(hop, departs=self.minute, arrives=empty.until))
        self.wake.add(empty.until)

    def _emptied(self, empty: _Empty) -> None:
        if empty.hops:
            self.emptied.append(replace(empty.planned, hops=tuple(empty.hops)))
            empty.hops = []

    # What came of it

    def outcome(self) -> Course:
        end = self.calendar.end
        for trip in self.trips:
            if trip.tries and trip.phase not in {"waiting", "done", "given up"}:
                trip.legs = [leg for leg in trip.legs if leg.arrives <= end]
                trip.inspections = [slot for slot in trip.inspections if slot.ends <= end]
                self.movements.append(trip.movement("standing", None))
            if trip.people:
                self.stood[trip.id] = trip.stood_minutes
        for empty in self.empties:
            empty.hops = [hop for hop in empty.hops if hop.arrives <= end]
            self._emptied(empty)
        left = dict(self.there)
        for trip in self.trips:
            for groups in trip.people.values() if trip.phase != "done" else ():
                for group, people in groups.items():
                    left[trip.planned.evacuation, group] += people
        return Course(
            movements=tuple(sorted(self.movements, key=lambda one: (one.loading.start, one.id))),
            empty_moves=tuple(sorted(self.emptied, key=lambda one: one.starts)),
            left_behind=tuple(
                LeftBehind(evacuation=evacuation, group=group, people=people, why="not brought out before the end")
                for (evacuation, group), people in left.items()
                if people
            ),
            waited=self.waited,
            standing_minutes=self.stood,
            stops=tuple(sorted(self.stops)),
            events=self.record.fold.events,
            situation=self.record.situation(end),
            person_minutes=self.person_minutes + 2 * end * sum(left.values()),
            leads=tuple(self.leads),
            leads_at_stops=tuple(self.leads_at_stops),
            replans=tuple(self.replans),
        )


def _planned_start(action: _Trip | _Empty) -> tuple[int, bool]:
    if isinstance(action, _Trip):
        return action.planned.loading.start, False
    return action.planned.starts, True


def _segments(movement: Movement) -> Iterator[str]:
    yield from (leg.road for leg in movement.legs)
    yield from (slot.crossing for slot in movement.inspections)


def _slots(movement: Movement) -> dict[str, int]:
    return {slot.crossing: slot.ends - slot.starts for slot in movement.inspections}


def _empty_needs(move: EmptyMove, place: str) -> Iterator[tuple[tuple[str, str], int]]:
    yield from (((fleet, place), vehicles) for fleet, vehicles in move.vehicles.items() if vehicles)
    if move.escorts:
        yield (ESCORT, place), move.escorts
