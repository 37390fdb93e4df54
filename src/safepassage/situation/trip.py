"""One movement as its events tell it: what the sums need at once, the rest when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from operator import eq
from typing import NamedTuple

from safepassage.events import (
    UNSPLIT,
    Arrived,
    Boarded,
    ConvoyFormed,
    Departed,
    Event,
    HandedOver,
    Held,
    MovementAnnounced,
    Passed,
    Returned,
    TurnedBack,
)
from safepassage.ledger import NOBODY, Carried, Range, Reconciled, Unaccounted, carried, reconciled, together
from safepassage.movement import Leg, Movement, Passage
from safepassage.operation import Operation
from safepassage.situation.picture import FINISHED, UNDER_WAY, Discrepancy, MovementPhase, MovementState, Word
from safepassage.world import Span

WORDS_MOST = 5
"""Reports named behind a state that many gave: the latest."""
QUIET = timedelta(hours=6)
"""A movement under way of which nothing was heard for so long is of unknown position."""
SOON = 0.8
"""At this share of the longest time aboard the alarm begins."""
PHASES: Mapping[type, MovementPhase] = {
    ConvoyFormed: "formed",
    Boarded: "boarding",
    Departed: "on the way",
    Passed: "on the way",
    HandedOver: "handed over",
    Held: "held",
    TurnedBack: "turned back",
    Arrived: "arrived",
    Returned: "returned",
}


def word(event: Event) -> Word:
    """What an event is to what rests on it."""
    return Word(
        event=event.id,
        happened=event.happened.earliest,
        latest=event.happened.latest,
        known=event.known,
        source=event.source,
        credibility=event.credibility,
    )


def quiet(state: MovementState, as_of: datetime) -> bool:
    """Whether nothing was heard of a movement for so long that its position is unknown."""
    return as_of - state.words[-1].latest > QUIET


class Stream(NamedTuple):
    """What an operation says of an evacuation that a movement needs."""

    gates: tuple[str, ...]
    demand: Mapping[str, int]
    people: int
    stay_minutes: int | None


class Streams(dict[str, Stream]):
    """What an operation says of each evacuation, looked up once for all movements; of none, nothing."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __missing__(self, evacuation: str) -> Stream:
        named = self.operation.evacuations.get(evacuation)
        stay = self.operation.stay(evacuation).minutes if evacuation else None
        found = Stream((), {}, 0, stay) if named is None else Stream(named.out_at, named.demand(), named.total, stay)
        self[evacuation] = found
        return found


class Trip:
    """One movement as its events tell it: what the sums need at once, the rest when it is asked for.

    `alive`: what depends on the clock may still change it. `overstayed_minutes`: how long people were aboard at least,
    where that was longer than the clauses allow, and they are no longer.
    """

    def __init__(self, streams: Streams, id: str, events: Sequence[Event], planned: Movement | None) -> None:
        self.streams, self.id, self.events, self.planned = streams, id, events, planned
        self.evacuation = planned.evacuation if planned is not None else ""
        self.destination = planned.destination if planned is not None else ""
        self.vehicles: Mapping[str, int] = planned.vehicles if planned is not None else {}
        self.origin = planned.origin if planned is not None else ""
        self.phase: MovementPhase = "planned"
        self.at = self.origin
        self.since = events[0].happened.earliest
        self.heard_until = events[-1].happened.latest
        self.boarded: datetime | None = None
        self.aboard_by: datetime | None = None
        self.announced: datetime | None = None
        self.teams: tuple[str, ...] = ()
        self.departed: datetime | None = None
        self.handed: datetime | None = None
        self.arrived: datetime | None = None
        self.turned: datetime | None = None
        for event in events:
            self._take(event)
        tied = any(map(eq, times := [event.happened.earliest for event in events], times[1:]))
        self._ledger: Carried | None = None
        ledger = self.ledger
        self.people_aboard = ledger.people_aboard
        self.uncounted = ledger.uncounted
        self.out_uncounted = self.is_out and ledger.guessed_aboard
        self.passages = self._passages()
        self.alive = self.phase in UNDER_WAY or (self.phase in FINISHED and self.people_aboard.high > 0)
        stayed = self._stayed_minutes()
        limit = self.stream.stay_minutes
        self.overstayed_minutes = None if stayed is None or limit is None or stayed <= limit else stayed
        self.discrepancies = tuple(_contradictions(id, events, ledger)) if tied or ledger.contradictions else ()

    @property
    def ledger(self) -> Carried:
        """The ledger of this movement, made anew where it was forgotten."""
        if self._ledger is None:
            self._ledger = carried(
                self.id,
                self.evacuation,
                self.events,
                seats=self.streams.operation.seats(self.vehicles) if self.vehicles else None,
                planned=0 if self.planned is None else self.planned.total,
                most=self.stream.people,
            )
        return self._ledger

    def forget(self) -> None:
        """Lets go of the ledger once it is counted: of most movements nobody asks for it again."""
        self._ledger = None

    def _take(self, event: Event) -> None:
        what, when = event.what, event.happened.earliest
        phase = PHASES.get(type(what))
        if phase is None:
            if isinstance(what, MovementAnnounced):
                self.announced = self.announced or when
            return
        formed_late = phase == "formed" and self.phase != "planned"
        if phase != self.phase and self.phase not in FINISHED and not formed_late:
            self.phase, self.since = phase, when
        self.at = getattr(what, "at", self.at)
        if isinstance(what, ConvoyFormed):
            self.evacuation = what.evacuation or self.evacuation
            self.destination = what.destination or self.destination
            self.vehicles = what.vehicles or self.vehicles
            self.teams = what.teams or ((what.escort,) if what.escort else ())
            self.origin = what.at
        elif isinstance(what, Boarded):
            self._board(event)
        elif isinstance(what, Departed):
            self._board(event)
            self.departed = self.departed or when
        elif isinstance(what, HandedOver) or (isinstance(what, Passed) and what.at in self.stream.gates):
            self.handed = self.handed or when
            if self.phase == "on the way":
                self.phase = "handed over"
        elif isinstance(what, Arrived):
            self.arrived = self.arrived or when
            self.handed = self.handed or when
            self.destination = what.at
        elif isinstance(what, TurnedBack):
            self.turned = self.turned or when

    @property
    def stream(self) -> Stream:
        """What the operation says of its evacuation, as far as that is known."""
        return self.streams[self.evacuation]

    def _board(self, event: Event) -> None:
        if self.boarded is None:
            self.boarded, self.aboard_by = event.happened.earliest, event.happened.latest

    def _stayed_minutes(self) -> int | None:
        """How long at least people were aboard until they arrived or were back; None before, or if not known."""
        end = self.arrived or (self.since if self.phase == "returned" else None)
        return None if self.aboard_by is None or end is None else int((end - self.aboard_by).total_seconds() // 60)

    def totals(self, ledger: Carried) -> Iterator[tuple[tuple[str, str, str], Range]]:
        """People of its evacuation that are aboard, arrived and out, and those out by group and by destination.

        Those out are in the range in which they were counted aboard, and at least those who arrived; `*` where the
        groups were not told apart. Who was not counted is a range too, never nobody.
        """
        evacuation = self.evacuation
        yield (evacuation, "aboard", ""), self.people_aboard
        for one in ledger.moved:
            if one.target.kind == "arrived":
                yield (evacuation, "arrived", ""), Range(one.people.low, one.people.best, one.people.high)
        if self.is_out:
            out = ledger.at_least_arrived()
            everybody = together(out.values())
            yield (evacuation, "out", ""), everybody
            yield (evacuation, "to", self.destination), everybody
            for group, held in out.items():
                yield (evacuation, "group", group), held

    @property
    def is_out(self) -> bool:
        """Whether it was handed over and did not come back."""
        return bool(self.evacuation) and self.handed is not None and (self.arrived is not None or self.turned is None)

    @cached_property
    def compared(self) -> Reconciled:
        """Its counts beside each other, and beside what was planned."""
        planned = None if self.planned is None else self.planned.total or None
        return reconciled(self.id, planned, self.ledger.counts)

    @cached_property
    def state(self) -> MovementState:
        """Its state but for what depends on the clock."""
        guessed = self.uncounted and self.phase not in FINISHED and self.ledger.guessed
        return MovementState(
            id=self.id,
            evacuation=self.evacuation,
            phase=self.phase,
            at=self.at,
            since=self.since,
            destination=self.destination,
            aboard=None if guessed else self.people_aboard,
            minutes_aboard=None,
            aboard_limit=self.stream.stay_minutes,
            alarm="",
            alarm_ar="",
            words=tuple(word(event) for event in self.events[-WORDS_MOST:]),
            boarded=self.boarded,
            announced=self.announced,
            teams=self.teams,
            planned=self.planned,
            actual=self._actual(),
        )

    def now(self, as_of: datetime) -> MovementState:
        """Its state with what depends on the clock: minutes aboard, alarms."""
        state = self.state
        if not self.alive or state.phase in FINISHED:
            return state
        minutes = None
        if state.boarded is not None and (state.aboard is None or state.aboard.high > 0):
            minutes = int((as_of - state.boarded).total_seconds() // 60)
        alarms: list[tuple[str, str]] = []
        limit = state.aboard_limit
        if minutes is not None and limit is not None and minutes > limit:
            alarms.append((f"aboard {minutes} minutes, {limit} allowed", f"على المتن {minutes} دقيقة والمسموح {limit}"))
        elif minutes is not None and limit is not None and minutes >= SOON * limit:
            alarms.append((f"aboard {minutes} of {limit} minutes", f"على المتن {minutes} من {limit} دقيقة"))
        if state.phase == "held":
            alarms.append(("held", "محتجزة"))
        if state.phase == "turned back":
            alarms.append(("turned back, not yet returned", "أُعيدت ولم تصل بعد"))
        if quiet(state, as_of):
            hours = int((as_of - state.words[-1].latest).total_seconds() // 3600)
            alarms.append((f"nothing heard for {hours} hours", f"لا أخبار منذ {hours} ساعة"))
        return replace(
            state,
            minutes_aboard=minutes,
            alarm="; ".join(english for english, _ in alarms),
            alarm_ar="؛ ".join(arabic for _, arabic in alarms),
        )

    def unaccounted(self, as_of: datetime) -> Unaccounted | None:
        """Its people who are neither here nor there, if it has such."""
        left = self.people_aboard
        if left.high <= 0 or self.phase == "boarding":
            return None
        unknown = self.uncounted and left.low <= 0
        people = None if unknown else Range(max(0, left.low), max(0, left.best), left.high)
        due = None if self.planned is None else self.streams.operation.calendar.when(self.planned.ends)
        if self.phase in FINISHED:
            return Unaccounted(movement=self.id, people=people, why=f"{self.phase} without them", since=self.since)
        if as_of - self.heard_until > QUIET:
            why = "position unknown: nothing heard since"
            return Unaccounted(movement=self.id, people=people, why=why, since=self.heard_until)
        if due is not None and as_of > due:
            return Unaccounted(movement=self.id, people=people, why="overdue", since=due)
        return None

    def _minute(self, when: datetime | None) -> int | None:
        return None if when is None else self.streams.operation.calendar.minute(when)

    def _groups(self) -> dict[str, int]:
        """People out by group: as handed over or arrived, where counted, else as boarded; unsplit ones as demanded.

        Spreading unsplit people over groups serves the clauses that name groups; totals are as counted.
        """
        boarded = self.ledger.at_least_arrived()
        people = {group: max(0, held.best) for group, held in boarded.items() if group != UNSPLIT}
        loose = max(0, boarded.get(UNSPLIT, NOBODY).best)
        if loose:
            shares = self.planned.people_by_group if self.planned is not None else {}
            for group, count in _spread(loose, shares or self.stream.demand).items():
                people[group] = people.get(group, 0) + count
        return people

    def _passages(self) -> tuple[Passage, ...]:
        if not self.evacuation or self.handed is None:
            return ()
        handed_over, arrived = self._minute(self.handed), self._minute(self.arrived)
        turned_back = self._minute(self.turned) if self.arrived is None else None
        return tuple(
            Passage(self.evacuation, group, self.destination, count, handed_over, arrived, turned_back, self.id)
            for group, count in self._groups().items()
            if count
        )

    def _actual(self) -> Movement | None:
        """The movement as far as it is known, in the shared currency; None before it boarded, or of no evacuation."""
        if not self.evacuation or self.boarded is None or not self.vehicles:
            return None
        operation = self.streams.operation
        minute = operation.calendar.minute
        start = minute(self.boarded)
        left = minute(self.departed) if self.departed is not None else start
        legs = []
        for (here, leaves), (there, reaches) in pairwise(self._stops()):
            road = _road(operation, here, there)
            if road:
                legs.append(Leg(road=road, here=here, there=there, departs=minute(leaves), arrives=minute(reaches)))
        arrived = self._minute(self.arrived)
        unload = operation.unload_minutes(self.vehicles)
        ended = arrived is not None or self.phase == "returned"
        last = arrived if arrived is not None else minute(self.since)
        back = self.turned if self.turned is not None or self.phase != "returned" else self.since
        return Movement(
            id=self.id,
            evacuation=self.evacuation,
            origin=self.origin or operation.evacuations[self.evacuation].origin,
            destination=self.destination or self.at,
            vehicles=self.vehicles,
            people=_seated(operation, self.vehicles, self._groups()),
            loading=Span(start, max(start, left)),
            legs=tuple(legs),
            handed_over=self._minute(self.handed),
            arrived=arrived,
            unloading=Span(last, last + unload) if ended else None,
            ending="turned back" if back is not None and self.arrived is None else "arrived",
            turned_back=self._minute(back) if self.arrived is None else None,
        )

    def _stops(self) -> Iterator[tuple[str, datetime]]:
        """The places at which it was reported, and when."""
        at = "" if self.planned is None else self.planned.origin
        for event in self.events:
            if type(event.what) in PHASES:
                at = getattr(event.what, "at", at)
                if at in self.streams.operation.world.places:
                    yield at, event.happened.earliest


def only_planned(operation: Operation, planned: Movement) -> MovementState:
    """The state of a movement of which nothing was heard yet."""
    return MovementState(
        id=planned.id,
        evacuation=planned.evacuation,
        phase="planned",
        at=planned.origin,
        since=operation.calendar.when(planned.loading.start),
        destination=planned.destination,
        aboard=NOBODY,
        minutes_aboard=None,
        aboard_limit=operation.stay(planned.evacuation).minutes,
        alarm="",
        alarm_ar="",
        words=(),
        planned=planned,
    )


def _contradictions(id: str, events: Sequence[Event], ledger: Carried) -> Iterator[Discrepancy]:
    """Counts that cannot be, and reports of a movement at two places at the same instant."""
    for at, text, ids in ledger.contradictions:
        yield Discrepancy(text=text, events=ids, at=at)
    first = events[0]
    place = ""
    for event in events:
        here = getattr(event.what, "at", "")
        if not here or type(event.what) not in PHASES or event.happened.earliest != event.happened.latest:
            continue
        if not place or event.happened.earliest != first.happened.earliest:
            first, place = event, here
        elif here != place:
            both = sorted((here, place))
            text = f"{id}: reported at {both[0]} and at {both[1]} at the same time"
            yield Discrepancy(text=text, events=(first.id, event.id), at=event.happened.earliest)


def _road(operation: Operation, here: str, there: str) -> str:
    for road in (f"{here}--{there}", f"{there}--{here}"):
        if road in operation.world.roads:
            return road
    return ""


def _spread(people: int, shares: Mapping[str, int]) -> dict[str, int]:
    """So many people by these shares, in whole numbers that add up (largest remainders)."""
    total = sum(shares.values())
    if not total:
        return {}
    found = {group: people * share // total for group, share in shares.items()}
    rest = sorted(shares, key=lambda group: (-(people * shares[group] % total), group))
    for group in rest[: people - sum(found.values())]:
        found[group] += 1
    return found


def _seated(operation: Operation, vehicles: Mapping[str, int], people: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """People in fleets that carry their group, as far as seats go; the others in the first fleet all the same."""
    seats = {fleet: operation.fleets[fleet].seats * count for fleet, count in vehicles.items()}
    found: dict[str, dict[str, int]] = {}
    for group, count in people.items():
        left = count
        for fleet, free in seats.items():
            taken = min(left, free) if group in operation.fleets[fleet].carries else 0
            if taken:
                found.setdefault(fleet, {})[group] = taken
                seats[fleet] = free - taken
                left -= taken
        if left:
            first = next(iter(vehicles))
            found.setdefault(first, {})[group] = found.get(first, {}).get(group, 0) + left
    return found
