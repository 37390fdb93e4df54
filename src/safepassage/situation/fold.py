"""The fold: events taken one at a time, in any order, and the situation they come to."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Generic, TypeVar

from safepassage.claims import Assessment, Standing
from safepassage.events import (
    UNSPLIT,
    AgreementAmended,
    AgreementProposed,
    AgreementSigned,
    Born,
    ClaimAssessed,
    ClaimMade,
    ClauseRestored,
    ClauseSuspended,
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    ControlChanged,
    CrossingClosed,
    CrossingOpened,
    Declined,
    Detained,
    Died,
    Event,
    FoundByInspection,
    IncidentOver,
    IncidentReported,
    MovementAnnounced,
    ObserverDeployed,
    ObserverWithdrawn,
    OperationResumed,
    OperationSuspended,
    PeopleCounted,
    PlanAdopted,
    QuestionRaised,
    RefusedAtBoarding,
    RoadBlocked,
    RoadCleared,
    TakenOff,
)
from safepassage.ledger import NOBODY, Account, Moved, Posting, Range, Reconciled, opening, posted, published
from safepassage.movement import Movement, Passage, Timetable
from safepassage.operation import Operation
from safepassage.situation.agreed import Counts, Reached, amended, balances, clause_states, consents
from safepassage.situation.headline import headline
from safepassage.situation.picture import Discrepancy, MovementState, PeopleOut, Situation
from safepassage.situation.reported import (
    assessments,
    control,
    incidents,
    observers,
    publications,
    question_standing,
    segment_state,
    suspended,
)
from safepassage.situation.trip import PHASES, Streams, Trip, only_planned, quiet

OF_A_MOVEMENT = frozenset({
    *PHASES, MovementAnnounced, PeopleCounted, TakenOff, Detained, RefusedAtBoarding, Born, Died, FoundByInspection,
})  # fmt: skip
ABOUT: Mapping[type, tuple[str, str]] = {
    RoadBlocked: ("segment", "road"),
    RoadCleared: ("segment", "road"),
    CrossingClosed: ("segment", "crossing"),
    CrossingOpened: ("segment", "crossing"),
    ControlChanged: ("control", "place"),
    PeopleCounted: ("published", "evacuation"),
    ClaimAssessed: ("assessments", ""),
    PlanAdopted: ("plan", ""),
    **dict.fromkeys(
        (AgreementProposed, AgreementSigned, AgreementAmended, ClauseSuspended, ClauseRestored), ("agreement", "")
    ),
    **dict.fromkeys((OperationSuspended, OperationResumed), ("suspension", "")),
    **dict.fromkeys((IncidentReported, IncidentOver), ("incidents", "")),
    **dict.fromkeys((ObserverDeployed, ObserverWithdrawn), ("observers", "")),
    **dict.fromkeys((Declined, Born, Died), ("demand", "")),
}
"""What an event is about, by its kind, and the field that says which one. What is not here is shown as it is."""

Subject = tuple[str, str]
T = TypeVar("T")
S = TypeVar("S")
ABOARD = Account("aboard")
"""The account of all who are aboard, as each movement knows its own."""


def fold(
    operation: Operation, events: Iterable[Event], *, as_of: datetime, known_at: datetime | None = None
) -> Situation:
    """The situation at `as_of` from what was known at `known_at` (None: all events), in whatever order they come."""
    folding = Fold(operation)
    for event in sorted(events, key=lambda one: one.order):
        if event.happened.earliest <= as_of and (known_at is None or event.known <= known_at):
            folding.take(event)
    return folding.situation(as_of, known_at=known_at)


def subjects(event: Event) -> tuple[Subject, ...]:
    """What an event is about: the parts of the picture that it may change."""
    what = event.what
    kind = type(what)
    if kind in OF_A_MOVEMENT and (movement := getattr(what, "movement", "")):
        return (("movement", movement),)
    if isinstance(what, ConsentGiven | ConsentWithdrawn | ConsentExpired):
        return tuple((f"consent {what.party}", segment) for segment in what.on)
    if isinstance(what, ClaimMade):
        return (("question", what.claim.question),)
    if isinstance(what, QuestionRaised):
        return (("question", what.question.id),)
    about, field = ABOUT.get(kind, ("", ""))
    return ((about, getattr(what, field, "")),) if about else ()


def _put(events: list[Event], event: Event) -> None:
    """Puts an event in its place; most come in order."""
    if not events or events[-1].happened.earliest < event.happened.earliest or events[-1].order <= event.order:
        events.append(event)
    else:
        insort(events, event, key=lambda one: one.order)


class _Told(Mapping[str, T], Generic[S, T]):
    """What is told of each movement, made from what was heard of it when somebody asks; the first that has it says."""

    __slots__ = ("_heard", "_of")

    def __init__(self, of: Callable[[S], T], *heard: Mapping[str, S]) -> None:
        self._of, self._heard = of, heard

    def __getitem__(self, id: str) -> T:
        for heard in self._heard:
            if id in heard:
                return self._of(heard[id])
        raise KeyError(id)

    def __contains__(self, id: object) -> bool:
        return any(id in heard for heard in self._heard)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(*reversed(self._heard))))

    def __len__(self) -> int:
        return len(set(chain(*self._heard)))


class Fold:
    """Takes events one at a time, in any order, and gives the situation. One more changes only what it is about."""

    def __init__(self, operation: Operation) -> None:
        self._filed = operation
        self._operation = operation
        self._events: list[Event] = []
        self._known: dict[str, Event] = {}
        self._replaced: dict[str, str] = {}
        self._by_subject: dict[Subject, list[Event]] = {}
        self._stale: dict[Subject, None] = {}
        self._trips: dict[str, Trip] = {}
        self._streams = Streams(operation)
        self._alive: set[str] = set()
        self._uncounted: dict[str, str] = {}
        self._too_long: dict[str, int] = {}
        self._discrepancies: dict[str, tuple[Discrepancy, ...]] = {}
        self._asked: set[str] = set()
        self._assessed: tuple[Assessment, ...] = ()
        self._questions: dict[str, Standing] = {}
        self._planned: dict[str, Movement] = {}
        self._plan: Timetable | None = None
        self._accounts: dict[Account, list[int]] = defaultdict(_nobody)
        self._totals: dict[tuple[str, str, str], list[int]] = defaultdict(_nobody)
        self._reached: dict[Reached, int] = {}
        self._segments = {id: segment_state(id, ()) for id in (*operation.world.roads, *operation.world.crossings)}
        self._published: dict[str, Reconciled] = {}
        self._aboard: dict[Account, Range] = {}
        self._plans: dict[str, MovementState] = {}
        self._demand: tuple[Posting, ...] = tuple(opening(operation))
        self._add(self._demand, 1)

    @property
    def events(self) -> tuple[Event, ...]:
        """All that were taken, in the order in which they are folded."""
        return tuple(self._events)

    def take(self, event: Event) -> None:
        """One event more. The same one again changes nothing."""
        if event.id in self._known:
            return
        self._known[event.id] = event
        _put(self._events, event)
        if event.corrects:
            other = self._known.get(self._replaced.get(event.corrects, ""))
            if other is None or other.order < event.order:
                self._replaced[event.corrects] = event.id
            if (before := self._known.get(event.corrects)) is not None:
                for subject in subjects(before):
                    self._by_subject[subject] = [one for one in self._of(*subject) if one.id != before.id]
                    self._stale[subject] = None
        if event.id not in self._replaced:
            for subject in subjects(event):
                if subject not in self._stale:  # what the last picture was made from stays as it was
                    self._by_subject[subject] = list(self._of(*subject))
                    self._stale[subject] = None
                _put(self._by_subject[subject], event)

    def _newest(self, id: str) -> str:
        """The event that now stands in the place of this one: itself where nothing corrected it."""
        seen: set[str] = set()
        while id in self._replaced and id not in seen:
            seen.add(id)
            id = self._replaced[id]
        return id

    def _of(self, kind: str, of: str = "") -> Sequence[Event]:
        return self._by_subject.get((kind, of), ())

    # What is recomputed when events about it come in

    def _refresh(self) -> None:
        stale, self._stale = self._stale, {}
        whole = {"agreement", "demand", "plan"} & {kind for kind, _ in stale}
        if whole:
            self._operation = amended(self._filed, self._of("agreement"), self._of("demand"))
            self._streams = Streams(self._operation)
            self._plan = next((one.what.timetable for one in reversed(self._of("plan"))
                               if isinstance(one.what, PlanAdopted)), None)  # fmt: skip
            self._planned = {} if self._plan is None else {one.id: one for one in self._plan.movements}
            self._plans = {id: only_planned(self._operation, planned) for id, planned in self._planned.items()}
            self._add(self._demand, -1)
            self._demand = (*opening(self._filed), *posted(self._filed, self._of("demand")))
            self._add(self._demand, 1)
            stale |= {("movement", id): None for id in self._trips}
        for kind, of in stale:
            if kind == "movement":
                if (before := self._trips.pop(of, None)) is not None:
                    self._count(before, -1)
                if events := self._of("movement", of):
                    self._trips[of] = trip = Trip(self._streams, of, events, self._planned.get(of))
                    self._count(trip, 1)
                    trip.forget()
            elif kind == "question":
                self._asked.add(of)
                self._questions.pop(of, None)
            elif kind == "segment" and of in self._segments:
                self._segments[of] = segment_state(of, self._of("segment", of))
            elif kind == "published":
                self._published[of] = publications(of, self._of("published", of))
            elif kind == "assessments":
                self._assessed = assessments(self._of("assessments"))
                self._questions.clear()
        for of in self._asked - self._questions.keys():
            self._questions[of] = question_standing(of, self._of("question", of), self._assessed, self._newest)

    def _count(self, trip: Trip, sign: int) -> None:
        """Keeps the sums over all movements without going through them again."""
        id = trip.id
        if sign > 0:
            if trip.alive:
                self._alive.add(id)
            if trip.overstayed_minutes is not None:
                self._too_long[id] = trip.overstayed_minutes
            if trip.discrepancies:
                self._discrepancies[id] = trip.discrepancies
            if trip.out_uncounted:
                self._uncounted[id] = trip.evacuation
        else:
            self._alive.discard(id)
            self._too_long.pop(id, None)
            self._discrepancies.pop(id, None)
            self._uncounted.pop(id, None)
        ledger = trip.ledger
        self._add(ledger.moved, sign)
        if ledger.boarded:
            if sign > 0:
                self._aboard[ledger.account] = trip.people_aboard
            else:
                self._aboard.pop(ledger.account, None)
        for key, (low, best, high) in trip.totals(ledger):
            total = self._totals[key]
            total[0] += sign * low
            total[1] += sign * best
            total[2] += sign * high
        for evacuation, group, destination, people, handed_over, arrived, turned_back, _ in trip.passages:
            if handed_over is not None and turned_back is None:
                out = (evacuation, group, destination, "handover")
                self._reached[out] = self._reached.get(out, 0) + sign * people
            if arrived is not None:
                there = (evacuation, group, destination, "arrival")
                self._reached[there] = self._reached.get(there, 0) + sign * people

    def _add(self, moved: Iterable[Moved | Posting], sign: int) -> None:
        """Keeps the accounts as `ledger.balances` gives them, without going through all postings again."""
        for one in moved:
            count = one.people
            low, best, high = sign * count.low, sign * count.best, sign * count.high
            source = self._accounts[ABOARD if one.source.kind == "aboard" else one.source]
            source[0] -= high
            source[1] -= best
            source[2] -= low
            target = self._accounts[ABOARD if one.target.kind == "aboard" else one.target]
            target[0] += low
            target[1] += best
            target[2] += high

    # The picture

    def situation(self, as_of: datetime, *, known_at: datetime | None = None) -> Situation:
        """The picture at `as_of` of all that was taken. `known_at` is only said in it: see `fold`."""
        self._refresh()
        operation = self._operation
        trips = dict(self._trips)
        alive = {id: trips[id].now(as_of) for id in sorted(self._alive)}
        accounts = self._balances()
        questions = tuple(self._questions[of] for of in sorted(self._questions))
        stopped = suspended(self._of("suspension"))
        segments = dict(self._segments)
        given = tuple(consents(operation, self._of, as_of))
        present = tuple(observers(self._of("observers")))
        discrepancies = tuple(sorted(chain(*self._discrepancies.values()), key=lambda one: (one.at, one.text)))
        people = {id: self._people(id, accounts) for id in operation.evacuations}
        lost = tuple(found for id in alive if (found := trips[id].unaccounted(as_of)) is not None)
        counts = Counts(self._reached, trips, operation.calendar.minute(as_of), self._uncounted)
        return Situation(
            operation=operation,
            filed=self._filed,
            as_of=as_of,
            known_at=known_at,
            headline=headline(operation, as_of, trips, alive, stopped, questions, people, given, segments, lost),
            people=people,
            movements=_Told[Trip | MovementState, MovementState](_state, alive, trips, self._plans),
            segments=segments,
            consents=given,
            control=control(operation, self._of),
            clauses=clause_states(
                operation,
                counts,
                self._of("agreement"),
                as_of,
                self._stays(alive, as_of),
                unsplit=[id for id in operation.evacuations if any(self._totals.get((id, "group", UNSPLIT), NOBODY))],
                incidents=self._of("incidents"),
                doubted=bool(discrepancies),
            ),
            balances=balances(operation, counts),
            opened=self._demand,
            books=_Told(_postings, trips),
            accounts=accounts,
            compared=_Told(_compared, trips),
            unaccounted=lost,
            questions=questions,
            assessments=self._assessed,
            discrepancies=discrepancies,
            incidents=incidents(self._of("incidents"), self._newest),
            observers=tuple(one for one in present if one.present),
            observers_gone=tuple(one for one in present if not one.present),
            suspended=stopped,
            plan=self._plan,
            counted=_Told(_passages, trips),
            events=tuple(self._events),
        )

    def _balances(self) -> dict[Account, Range]:
        known = ((account, parts) for account, parts in self._accounts.items() if account != ABOARD)
        found = {account: Range(*parts) for account, parts in known if any(parts)}
        assert sum(parts[1] for parts in self._accounts.values()) == 0, "people were made or lost in the ledger"
        return self._aboard | found

    def _people(self, id: str, accounts: Mapping[Account, Range]) -> PeopleOut:
        def total(what: str, key: str = "") -> Range:
            return Range(*self._totals.get((id, what, key), NOBODY))

        def by(what: str, *keys: str) -> Iterator[tuple[str, Range]]:
            return ((key, total(what, key)) for key in keys if any(self._totals.get((id, what, key), NOBODY)))

        places = self._operation.world.places
        evacuation = self._operation.evacuations[id]
        return PeopleOut(
            evacuation=id,
            demanded=evacuation.total,
            waiting=_within(accounts.get(Account("waiting", id), NOBODY), evacuation.total),
            aboard=_within(total("aboard"), evacuation.total),
            out=_within(total("out"), evacuation.total),
            arrived=_within(total("arrived"), evacuation.total),
            by_group={group: _within(out, evacuation.total) for group, out in by("group", *evacuation.people, UNSPLIT)},
            by_destination={place: _within(out, evacuation.total) for place, out in by("to", *places)},
            published=self._published.get(id) or published(id, ()),
        )

    def _stays(self, alive: Mapping[str, MovementState], as_of: datetime) -> list[tuple[int, str, str]]:
        """Stays aboard that may be too long: of those heard of lately, and of those that were."""
        found = [(minutes, id, self._trips[id].evacuation) for id, minutes in self._too_long.items()]
        found += [
            (one.minutes_aboard, one.id, one.evacuation)
            for one in alive.values()
            if one.minutes_aboard is not None and not quiet(one, as_of)
        ]
        return found


def _nobody() -> list[int]:
    return [0, 0, 0]


def _within(people: Range, demanded: int) -> Range:
    """A range no wider than it can be: nobody less than none, nor more than are demanded or best known."""
    return Range(max(0, people.low), max(0, people.best), max(people.best, min(people.high, demanded), 0))


def _state(told: Trip | MovementState) -> MovementState:
    return told.state if isinstance(told, Trip) else told


def _postings(trip: Trip) -> Sequence[Posting]:
    return trip.ledger.postings


def _compared(trip: Trip) -> Reconciled:
    return trip.compared


def _passages(trip: Trip) -> tuple[Passage, ...]:
    return trip.passages
