"""The situation: the picture folded from the events, as of an instant and as known at another."""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import chain, pairwise, takewhile
from operator import eq
from typing import Generic, Literal, NamedTuple, TypeVar

from safepassage.agreement import Clause, Language, Limit, Tally
from safepassage.claims import Assessment, Question, Source, Standing, Statement, standing
from safepassage.events import (
    UNSPLIT,
    AgreementAmended,
    AgreementProposed,
    AgreementSigned,
    Arrived,
    Boarded,
    Born,
    ClaimAssessed,
    ClaimMade,
    ClauseRestored,
    ClauseSuspended,
    ConsentExpired,
    ConsentGiven,
    ConsentWithdrawn,
    ControlChanged,
    ConvoyFormed,
    CrossingClosed,
    CrossingOpened,
    Declined,
    Departed,
    Detained,
    Died,
    Event,
    FoundByInspection,
    HandedOver,
    Heads,
    Held,
    IncidentOver,
    IncidentReported,
    MovementAnnounced,
    ObserverDeployed,
    ObserverWithdrawn,
    OperationResumed,
    OperationSuspended,
    Passed,
    PeopleCounted,
    PlanAdopted,
    QuestionRaised,
    RefusedAtBoarding,
    Returned,
    RoadBlocked,
    RoadCleared,
    TakenOff,
    TurnedBack,
)
from safepassage.ledger import (
    NOBODY,
    Account,
    Carried,
    Moved,
    Posting,
    Range,
    Reconciled,
    Unaccounted,
    carried,
    opening,
    posted,
    published,
    reconciled,
    tallied,
    together,
)
from safepassage.movement import Leg, Movement, Passage, Timetable
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation
from safepassage.world import Span

Motion = Literal["moving", "held", "suspended", "not begun", "over", "not known"]
MovementPhase = Literal[
    "planned", "formed", "boarding", "on the way", "held", "turned back", "handed over", "arrived", "returned"
]
SegmentPhase = Literal["open", "blocked", "closed", "not known"]
ConsentPhase = Literal["given", "missing", "withdrawn", "expired"]
ClausePhase = Literal[
    "kept", "at its limit", "broken", "suspended", "contested", "not known", "proposed", "not in force"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a piece of the situation rests on: the event, when it happened (at the `latest`), was known, who says so."""

    event: str
    happened: datetime
    latest: datetime
    known: datetime
    source: Source | None
    credibility: int = 6

    @property
    def says(self) -> str:
        """Who says it; empty where our own observer does."""
        return "" if self.source is None else self.source.origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """Whether it is moving, since when, who says so, the rival answers to why, and what is asked for to go on."""

    motion: Motion
    since: datetime | None
    sentence: str
    sentence_ar: str
    words: tuple[Word, ...] = ()
    why: Standing | None = None
    to_resume: tuple[str, ...] = ()
    to_resume_ar: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleOut:
    """People of an evacuation: demanded, and by the ledger waiting, aboard, out (handed over) and arrived.

    `published`: totals that others gave, side by side. `by_group` and `by_destination` count those out.
    """

    evacuation: str
    demanded: int
    waiting: Range
    aboard: Range
    out: Range
    arrived: Range
    by_group: Mapping[str, Range]
    by_destination: Mapping[str, Range]
    published: Reconciled


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementState:
    """A convoy as last heard of. `at`: a place or road. `minutes_aboard` of those longest aboard, until now.

    `boarded`: when boarding began, `announced`: when those who hold the way were told, `teams`: the parties that escort
    it, or the escort's own name. `aboard_limit` in minutes; `alarm` says what is wrong with it, empty where nothing is.
    `planned` is what the adopted plan says of it; `actual` what is known of it in the shared currency, None where that
    is too little.
    """

    id: str
    evacuation: str
    phase: MovementPhase
    at: str
    since: datetime
    destination: str
    aboard: Range | None
    minutes_aboard: int | None
    aboard_limit: int | None
    alarm: str
    alarm_ar: str
    words: tuple[Word, ...]
    boarded: datetime | None = None
    announced: datetime | None = None
    teams: tuple[str, ...] = ()
    planned: Movement | None = None
    actual: Movement | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentState:
    """A road or crossing as last heard of. `not known` where nobody reported on it. `hours_old`: age of the news."""

    segment: str
    phase: SegmentPhase
    since: datetime | None
    why: str
    words: tuple[Word, ...]

    def hours_old(self, as_of: datetime) -> float | None:
        if not self.words:
            return None
        return (as_of - max(word.happened for word in self.words)).total_seconds() / 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentState:
    """A party's consent for a segment: given until when (None: it does not lapse), missing, withdrawn or expired."""

    segment: str
    party: str
    phase: ConsentPhase
    until: datetime | None
    words: tuple[Word, ...]
    movements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Who holds a place, by whose word; several where reports differ. Without a report, as the operation file says."""

    place: str
    held_by: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseState:
    """A clause and how it stands: `room` is how many people more its tightest limit allows (None: not such a limit)."""

    clause: str
    phase: ClausePhase
    sentence: str
    sentence_ar: str
    room: int | None = None
    text: str = ""
    since: datetime | None = None
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Two linked evacuations: their shares out (0 to 1), by how much one is ahead, and what the clause tolerates."""

    clause: str
    sides: tuple[str, str]
    shares: tuple[float, float]
    tolerance: float | None

    @property
    def ahead(self) -> float:
        """By how much the first is ahead of the second, as a share."""
        return self.shares[0] - self.shares[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """Reports that cannot all be true."""

    text: str
    events: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that went wrong, and whether it still holds those who would pass."""

    event: str
    report: IncidentReported
    words: tuple[Word, ...]
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A party's observers on a segment or at a place: `present`, or withdrawn."""

    party: str
    at: str
    words: tuple[Word, ...]
    present: bool = True


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is known at `known_at` (None: all that came in) of how things stood at `as_of`.

    `operation` is as amended, its demand less those who declined. `opened`, `books` (by movement) and `accounts` are
    the ledger; `counted` (by movement) is what clauses count. `events` are those it is folded from, in order.
    What is told of a movement is made when it is asked for.
    """

    operation: Operation
    as_of: datetime
    known_at: datetime | None
    headline: Headline
    people: Mapping[str, PeopleOut]
    movements: Mapping[str, MovementState]
    segments: Mapping[str, SegmentState]
    consents: tuple[ConsentState, ...]
    control: tuple[Control, ...]
    clauses: tuple[ClauseState, ...]
    balances: tuple[Balance, ...]
    opened: tuple[Posting, ...]
    books: Mapping[str, Sequence[Posting]]
    accounts: Mapping[Account, Range]
    compared: Mapping[str, Reconciled]
    unaccounted: tuple[Unaccounted, ...]
    questions: tuple[Standing, ...]
    assessments: tuple[Assessment, ...]
    discrepancies: tuple[Discrepancy, ...]
    incidents: tuple[Incident, ...]
    observers: tuple[Presence, ...]
    observers_gone: tuple[Presence, ...]
    suspended: tuple[Word, ...]
    plan: Timetable | None
    counted: Mapping[str, tuple[Passage, ...]]
    events: tuple[Event, ...]

    @cached_property
    def reconciled(self) -> tuple[Reconciled, ...]:
        """The counts of every movement that was counted more than once, beside each other."""
        found = (self.compared[id] for id in sorted(self.compared))
        return tuple(one for one in found if len(one.counts) > 1)

    @cached_property
    def postings(self) -> tuple[Posting, ...]:
        """All postings of the ledger, movement by movement."""
        return tuple(chain(self.opened, *self.books.values()))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """What clauses count, of all movements."""
        return tuple(chain(*self.counted.values()))


# The fold

WORDS_MOST = 5
"""Reports named behind a state that many gave: the latest."""
QUIET = timedelta(hours=6)
"""A movement under way of which nothing was heard for so long is of unknown position."""
SOON = 0.8
"""At this share of the longest time aboard the alarm begins."""
UNDER_WAY: frozenset[MovementPhase] = frozenset({"boarding", "on the way", "held", "turned back", "handed over"})
FINISHED: frozenset[MovementPhase] = frozenset({"arrived", "returned"})
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
Reached = tuple[str, str, str, str]
"""Evacuation, group, destination, and how they are counted."""


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


def _word(event: Event) -> Word:
    return Word(
        event=event.id,
        happened=event.happened.earliest,
        latest=event.happened.latest,
        known=event.known,
        source=event.source,
        credibility=event.credibility,
    )


T = TypeVar("T")
S = TypeVar("S")


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

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(chain(*reversed(self._heard))))

    def __len__(self) -> int:
        return len(set(chain(*self._heard)))


class _Stream(NamedTuple):
    """What an operation says of an evacuation that a movement needs."""

    gates: tuple[str, ...]
    demand: Mapping[str, int]
    people: int
    stay_minutes: int | None


class _Streams(dict[str, _Stream]):
    """What an operation says of each evacuation, looked up once for all movements; of none, nothing."""

    def __init__(self, operation: Operation) -> None:
        self.operation = operation

    def __missing__(self, evacuation: str) -> _Stream:
        named = self.operation.evacuations.get(evacuation)
        stay = self.operation.stay(evacuation).minutes if evacuation else None
        found = _Stream((), {}, 0, stay) if named is None else _Stream(named.out_at, named.demand(), named.total, stay)
        self[evacuation] = found
        return found


class Fold:
    """Takes events one at a time, in any order, and gives the situation. One more changes only what it is about."""

    def __init__(self, operation: Operation) -> None:
        self._filed = operation
        self._operation = operation
        self._events: list[Event] = []
        self._known: dict[str, Event] = {}
        self._replaced: set[str] = set()
        self._by_subject: dict[Subject, list[Event]] = {}
        self._stale: dict[Subject, None] = {}
        self._trips: dict[str, _Trip] = {}
        self._streams = _Streams(operation)
        self._alive: set[str] = set()
        self._too_long: dict[str, int] = {}
        self._discrepancies: dict[str, tuple[Discrepancy, ...]] = {}
        self._asked: set[str] = set()
        self._questions: dict[str, Standing] = {}
        self._planned: dict[str, Movement] = {}
        self._plan: Timetable | None = None
        self._accounts: dict[Account, list[int]] = defaultdict(_nobody)
        self._totals: dict[tuple[str, str, str], list[int]] = defaultdict(_nobody)
        self._reached: dict[Reached, int] = {}
        self._segments = {id: self._segment(id) for id in (*operation.world.roads, *operation.world.crossings)}
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
            self._replaced.add(event.corrects)
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

    def _of(self, kind: str, of: str = "") -> Sequence[Event]:
        return self._by_subject.get((kind, of), ())

    # What is recomputed when events about it come in

    def _refresh(self) -> None:
        stale, self._stale = self._stale, {}
        whole = {"agreement", "demand", "plan"} & {kind for kind, _ in stale}
        if whole:
            self._operation = self._as_amended()
            self._streams = _Streams(self._operation)
            self._plan = next((one.what.timetable for one in reversed(self._of("plan"))
                               if isinstance(one.what, PlanAdopted)), None)  # fmt: skip
            self._planned = {} if self._plan is None else {one.id: one for one in self._plan.movements}
            self._plans = {id: _only_planned(self._operation, planned) for id, planned in self._planned.items()}
            self._add(self._demand, -1)
            self._demand = (*opening(self._filed), *posted(self._filed, self._of("demand")))
            self._add(self._demand, 1)
            stale |= {("movement", id): None for id in self._trips}
        for kind, of in stale:
            if kind == "movement":
                if (before := self._trips.pop(of, None)) is not None:
                    self._count(before, -1)
                if events := self._of("movement", of):
                    self._trips[of] = trip = _Trip(self._streams, of, events, self._planned.get(of))
                    self._count(trip, 1)
                    trip.forget()
            elif kind == "question":
                self._asked.add(of)
                self._questions.pop(of, None)
            elif kind == "segment" and of in self._segments:
                self._segments[of] = self._segment(of)
            elif kind == "published":
                self._published[of] = self._publications(of)
            elif kind == "assessments":
                self._questions.clear()
        for of in self._asked - self._questions.keys():
            self._questions[of] = self._standing(of)

    def _count(self, trip: _Trip, sign: int) -> None:
        """Keeps the sums over all movements without going through them again."""
        id = trip.id
        if sign > 0:
            if trip.alive:
                self._alive.add(id)
            if trip.overstayed_minutes is not None:
                self._too_long[id] = trip.overstayed_minutes
            if trip.discrepancies:
                self._discrepancies[id] = trip.discrepancies
        else:
            self._alive.discard(id)
            self._too_long.pop(id, None)
            self._discrepancies.pop(id, None)
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

    def _as_amended(self) -> Operation:
        """The operation with the clauses as signed, amended, suspended, and the demand less those who declined."""
        clauses = {clause.id: clause for clause in self._filed.clauses}
        suspended: set[str] = set()
        for event in self._of("agreement"):
            what = event.what
            if isinstance(what, AgreementSigned | AgreementAmended):
                clauses |= {clause.id: replace(clause, state="in force") for clause in what.clauses}
            if isinstance(what, AgreementAmended):
                clauses = {id: clause for id, clause in clauses.items() if id not in what.dropped}
            if isinstance(what, AgreementProposed):
                for clause in what.clauses:
                    clauses.setdefault(clause.id, replace(clause, state="proposed"))
            if isinstance(what, ClauseSuspended):
                suspended.add(what.clause)
            elif isinstance(what, ClauseRestored):
                suspended.discard(what.clause)
        for id in suspended & set(clauses):
            clauses[id] = replace(clauses[id], state="suspended")
        evacuations = dict(self._filed.evacuations)
        for event in self._of("demand"):
            what = event.what
            if isinstance(what, Declined) and what.evacuation in evacuations:
                evacuations[what.evacuation] = _less(evacuations[what.evacuation], what.people)
        return replace(self._filed, clauses=tuple(clauses.values()), evacuations=evacuations)

    def _standing(self, of: str) -> Standing:
        question = Question(id=of, text=of)
        statements = []
        for event in self._of("question", of):
            what = event.what
            if isinstance(what, QuestionRaised):
                question = what.question
            elif isinstance(what, ClaimMade):
                source = event.source or Source(origin=event.position or event.author)
                claim = what.claim if event.source is not None else replace(what.claim, grounds="observed")
                statements.append(
                    Statement(
                        event=event.id,
                        claim=claim,
                        source=source,
                        made=event.happened.earliest,
                        known=event.known,
                        credibility=event.credibility,
                    )
                )
        return standing(question, statements, self._assessments())

    def _assessments(self) -> tuple[Assessment, ...]:
        return tuple(
            Assessment(
                event=event.id,
                claim=event.what.claim,
                author=event.author,
                credibility=event.what.credibility,
                why=event.what.why,
                made=event.happened.earliest,
            )
            for event in self._of("assessments")
            if isinstance(event.what, ClaimAssessed)
        )

    def _now(self, trip: _Trip, as_of: datetime) -> MovementState:
        """A movement's state with what depends on the clock: minutes aboard, alarms."""
        state = trip.state
        if not trip.alive or state.phase in FINISHED:
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
        if _quiet(state, as_of):
            hours = int((as_of - state.words[-1].latest).total_seconds() // 3600)
            alarms.append((f"nothing heard for {hours} hours", f"لا أخبار منذ {hours} ساعة"))
        return replace(
            state,
            minutes_aboard=minutes,
            alarm="; ".join(english for english, _ in alarms),
            alarm_ar="؛ ".join(arabic for _, arabic in alarms),
        )

    # The picture

    def situation(self, as_of: datetime, *, known_at: datetime | None = None) -> Situation:
        """The picture at `as_of` of all that was taken. `known_at` is only said in it: see `fold`."""
        self._refresh()
        operation = self._operation
        alive = {id: self._now(self._trips[id], as_of) for id in sorted(self._alive)}
        trips = dict(self._trips)
        accounts = self._balances()
        questions = tuple(self._questions[of] for of in sorted(self._questions))
        suspended = self._suspended()
        segments = dict(self._segments)
        consents = tuple(self._consents(as_of))
        incidents = self._incidents()
        observers = tuple(self._observers())
        discrepancies = tuple(sorted(chain(*self._discrepancies.values()), key=lambda one: (one.at, one.text)))
        people = {id: self._people(id, accounts) for id in operation.evacuations}
        return Situation(
            operation=operation,
            as_of=as_of,
            known_at=known_at,
            headline=self._headline(as_of, alive, suspended, questions, people, consents, segments),
            people=people,
            movements=_Told[_Trip | MovementState, MovementState](_state, alive, trips, self._plans),
            segments=segments,
            consents=consents,
            control=self._control(),
            clauses=self._clauses(as_of, alive, discrepancies),
            balances=self._shares(as_of),
            opened=self._demand,
            books=_Told(_postings, trips),
            accounts=accounts,
            compared=_Told(_compared, trips),
            unaccounted=tuple(self._unaccounted(alive, as_of)),
            questions=questions,
            assessments=self._assessments(),
            discrepancies=discrepancies,
            incidents=incidents,
            observers=tuple(one for one in observers if one.present),
            observers_gone=tuple(one for one in observers if not one.present),
            suspended=suspended,
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

        evacuation = self._operation.evacuations[id]
        return PeopleOut(
            evacuation=id,
            demanded=evacuation.total,
            waiting=_within(accounts.get(Account("waiting", id), NOBODY), evacuation.total),
            aboard=_within(total("aboard"), evacuation.total),
            out=_within(total("out"), evacuation.total),
            arrived=_within(total("arrived"), evacuation.total),
            by_group={
                group: total("group", group)
                for group in (*evacuation.people, UNSPLIT)
                if (id, "group", group) in self._totals
            },
            by_destination={
                place: total("to", place) for place in self._operation.world.places if (id, "to", place) in self._totals
            },
            published=self._published.get(id) or published(id, ()),
        )

    def _publications(self, id: str) -> Reconciled:
        """Totals of an evacuation as others gave them."""
        events = self._of("published", id)
        counts = [tallied(event, event.what.people) for event in events if isinstance(event.what, PeopleCounted)]
        return published(id, counts)

    def _unaccounted(self, states: Mapping[str, MovementState], as_of: datetime) -> Iterator[Unaccounted]:
        calendar = self._operation.calendar
        for id in sorted(self._alive):
            trip = self._trips[id]
            state, left = states[id], trip.people_aboard
            if left.high <= 0 or state.phase == "boarding":
                continue
            people = None if trip.uncounted and left.low <= 0 else Range(max(0, left.low), max(0, left.best), left.high)
            due = None if state.planned is None else calendar.when(state.planned.ends)
            heard = state.words[-1].latest
            if state.phase in FINISHED:
                yield Unaccounted(movement=id, people=people, why=f"{state.phase} without them", since=state.since)
            elif _quiet(state, as_of):
                yield Unaccounted(movement=id, people=people, why="position unknown: nothing heard since", since=heard)
            elif due is not None and as_of > due:
                yield Unaccounted(movement=id, people=people, why="overdue", since=due)

    def _segment(self, id: str) -> SegmentState:
        reports = self._of("segment", id)
        if not reports:
            return SegmentState(segment=id, phase="not known", since=None, why="", words=())
        last = reports[-1]
        phase: SegmentPhase = "open"
        if isinstance(last.what, RoadBlocked):
            phase = "blocked"
        elif isinstance(last.what, CrossingClosed):
            phase = "closed"
        same = list(takewhile(lambda event: type(event.what) is type(last.what), reversed(reports)))
        first = same[-1]
        why = last.what.why if isinstance(last.what, RoadBlocked | CrossingClosed) else ""
        return SegmentState(
            segment=id,
            phase=phase,
            since=first.happened.earliest,
            why=why,
            words=tuple(_word(event) for event in reversed(same[:WORDS_MOST])),
        )

    def _consents(self, as_of: datetime) -> Iterator[ConsentState]:
        operation = self._operation
        lapses: dict[tuple[str, str], int] = {}
        for clause in operation.binding:
            for key, minutes in clause.lapses(operation.theatre).items():
                lapses[key] = min(minutes, lapses.get(key, minutes))
        for segment in (*operation.world.roads, *operation.world.crossings):
            for party in operation.world.segment_consent(segment):
                yield from self._consent(segment, party, lapses.get((segment, party)), as_of)

    def _consent(self, segment: str, party: str, lapse: int | None, as_of: datetime) -> Iterator[ConsentState]:
        """A party's consent for a segment: one for all, and one for each set of movements it was given for alone."""
        given: dict[tuple[str, ...], ConsentState] = {}
        for event in self._of(f"consent {party}", segment):
            what, when = event.what, event.happened.earliest
            movements: tuple[str, ...] = ()
            phase: ConsentPhase = "withdrawn" if isinstance(what, ConsentWithdrawn) else "expired"
            until: datetime | None = when
            if isinstance(what, ConsentGiven):
                ends = [what.until] if what.until is not None else []
                ends += [when + timedelta(minutes=lapse)] if lapse is not None else []
                until, movements = min(ends, default=None), what.movements
                phase = "given" if until is None or until > as_of else "expired"
            else:
                given.clear()
            given[movements] = ConsentState(
                segment=segment, party=party, phase=phase, until=until, words=(_word(event),), movements=movements
            )
        if not given:
            yield ConsentState(segment=segment, party=party, phase="missing", until=None, words=())
        yield from given.values()

    def _suspended(self) -> tuple[Word, ...]:
        active: list[Event] = []
        for event in self._of("suspension"):
            if isinstance(event.what, OperationSuspended):
                active.append(event)
            elif isinstance(event.what, OperationResumed):
                back = set(event.what.evacuations)
                active = [one for one in active if back and not _covers(one, back)]
        return tuple(_word(event) for event in active)

    def _incidents(self) -> tuple[Incident, ...]:
        over = {event.what.incident for event in self._of("incidents") if isinstance(event.what, IncidentOver)}
        return tuple(
            Incident(event=event.id, report=event.what, words=(_word(event),), over=event.id in over)
            for event in self._of("incidents")
            if isinstance(event.what, IncidentReported)
        )

    def _observers(self) -> Iterator[Presence]:
        """Where a party's observers are, or were until they left."""
        last: dict[tuple[str, str], Event] = {}
        for event in self._of("observers"):
            if isinstance(event.what, ObserverDeployed | ObserverWithdrawn):
                last |= {(event.what.party, at): event for at in event.what.on}
        for (party, at), event in last.items():
            present = isinstance(event.what, ObserverDeployed)
            yield Presence(party=party, at=at, words=(_word(event),), present=present)

    def _control(self) -> tuple[Control, ...]:
        rows = []
        for id, place in self._operation.world.places.items():
            reports = self._of("control", id)
            if not reports:
                rows += [Control(place=id, held_by=place.held_by, words=())] if place.held_by else []
                continue
            said: dict[str, list[Word]] = {}
            latest: dict[str, str] = {}
            for event in reports:
                if isinstance(event.what, ControlChanged):
                    latest[event.source.origin if event.source else ""] = event.what.held_by
                    said.setdefault(event.what.held_by, []).append(_word(event))
            for held_by in dict.fromkeys(latest.values()):
                rows.append(Control(place=id, held_by=held_by, words=tuple(said[held_by])))
        return tuple(rows)

    def _clauses(
        self, as_of: datetime, states: Mapping[str, MovementState], discrepancies: Sequence[Discrepancy]
    ) -> tuple[ClauseState, ...]:
        operation, theatre = self._operation, self._operation.theatre
        now = operation.calendar.minute(as_of)
        doubted = bool(discrepancies)
        counts = _Counts(self._reached, self._trips, now)
        rows = []
        for clause in operation.clauses:
            phase: ClausePhase = "kept"
            room: int | None = None
            text = ""
            words = tuple(
                _word(event)
                for event in self._of("agreement")
                if clause.id in {one.id for one in getattr(event.what, "clauses", ())}
                or getattr(event.what, "clause", "") == clause.id
            )
            span = clause.span(theatre)
            if clause.state == "suspended":
                phase = "suspended"
            elif clause.state == "proposed":
                phase = "proposed"
            elif not span.start <= now < span.end:
                phase = "not in force"
            else:
                excess, tightest = counts.tightest(clause.limits(theatre))
                room = None if excess is None else max(0, -excess)
                text = "" if tightest is None else tightest.text
                if tightest is not None and self._splits(tightest):
                    phase, room = "not known", None
                    text = f"{text}; it names groups, and not all reports tell groups apart"
                elif excess is not None and excess > 0:
                    phase = "contested" if doubted else "broken"
                elif excess == 0:
                    phase = "at its limit"
                elif (stay := self._overstayed(clause, as_of, states)) is not None:
                    phase, text = "broken", stay
                elif excess is None and (unseen := clause.not_checkable()):
                    phase, text = "not known", unseen
            rows.append(
                ClauseState(
                    clause=clause.id,
                    phase=phase,
                    sentence=clause.sentence(theatre, "en"),
                    sentence_ar=clause.sentence(theatre, "ar"),
                    room=room,
                    text=text,
                    since=operation.calendar.when(span.start),
                    words=words,
                )
            )
        return tuple(rows)

    def _overstayed(self, clause: Clause, as_of: datetime, states: Mapping[str, MovementState]) -> str | None:
        """The longest stay aboard beyond what a clause allows, of those heard of; None where all kept to it."""
        aboard = [(one.minutes_aboard, one.id, one.evacuation) for one in states.values() if not _quiet(one, as_of)]
        aboard += [(minutes, id, self._trips[id].evacuation) for id, minutes in self._too_long.items()]
        worst: tuple[int, str] | None = None
        for minutes, id, evacuation in aboard:
            stay = clause.stay(evacuation) if evacuation else None
            limit = None if stay is None else stay.minutes
            if minutes is not None and limit is not None and minutes > limit:
                worst = max(worst or (0, ""), (minutes, id))
        return None if worst is None else f"{worst[1]}: {worst[0]} minutes aboard"

    def _splits(self, limit: Limit) -> bool:
        """Whether a limit counts some groups of an evacuation of which reports do not tell the groups apart."""
        for tally in limit.tallies:
            for evacuation in {evacuation for evacuation, _ in tally.streams}:
                named = {group for one, group in tally.streams if one == evacuation}
                loose = any(self._totals.get((evacuation, "group", UNSPLIT), NOBODY))
                if loose and named != set(self._operation.evacuations[evacuation].people):
                    return True
        return False

    def _shares(self, as_of: datetime) -> tuple[Balance, ...]:
        """The balance of evacuations that a clause ties to each other by shares."""
        operation, theatre = self._operation, self._operation.theatre
        now = operation.calendar.minute(as_of)
        counts = _Counts(self._reached, self._trips, now)
        rows = []
        for clause in operation.clauses:
            sides = clause.sides()
            if sides is None or clause.state == "proposed":
                continue
            shares = []
            for names in sides[:2]:
                streams = theatre.streams(names)
                demand = theatre.demand(streams)
                out = counts.of(Tally(streams=frozenset(streams), counts=clause.counts))
                shares.append(out / demand if demand else 0.0)
            first, second = (names[0] if len(names) == 1 else " + ".join(names) for names in sides[:2])
            rows.append(
                Balance(clause=clause.id, sides=(first, second), shares=(shares[0], shares[1]), tolerance=sides[2])
            )
        return tuple(rows)

    def _headline(
        self,
        as_of: datetime,
        states: Mapping[str, MovementState],
        suspended: Sequence[Word],
        questions: Sequence[Standing],
        people: Mapping[str, PeopleOut],
        consents: Sequence[ConsentState],
        segments: Mapping[str, SegmentState],
    ) -> Headline:
        under_way = [state for state in states.values() if state.phase in UNDER_WAY and not _quiet(state, as_of)]
        moving = [state for state in under_way if state.phase != "held"]
        why = next((one for one in questions if one.question.about == "stop" and one.answers), None)
        demands = [one for standing in questions for one in standing.demands]
        resume = [f"{one.source.origin} demands: {one.claim.text}" for one in demands]
        resume_ar = [f"{one.source.origin} يطالب: {one.claim.text_ar or one.claim.text}" for one in demands]
        name, name_ar = self._named("en"), self._named("ar")
        for state in consents:
            if state.phase == "withdrawn":
                resume.append(f"{name(state.party)} gives its consent again for {name(state.segment)}")
                resume_ar.append(
                    f"أن يمنح {name_ar(state.party)} موافقته من جديد على المرور عبر {name_ar(state.segment)}"
                )
        for id, segment in segments.items():
            if segment.phase in {"blocked", "closed"}:
                resume.append(f"{name(id)} is reported open again")
                resume_ar.append(f"أن يُبلَّغ عن فتح {name_ar(id)} من جديد")
        aboard, aboard_ar = _people_aboard(under_way)
        words: tuple[Word, ...]
        if suspended:
            first = min(suspended, key=lambda word: word.happened)
            who = f" {first.says} says so." if first.says else ""
            who_ar = f" بحسب {first.says}." if first.says else ""
            motion: Motion = "suspended"
            since = first.happened
            words = tuple(suspended)
            english = f"Suspended since {_time(since)}: nobody may leave.{who}"
            arabic = f"معلّقة منذ {_time(since)}: لا يُسمح لأحد بالمغادرة.{who_ar}"
        elif moving:
            motion, since = "moving", min(state.since for state in moving)
            words = tuple(state.words[-1] for state in moving[:3])
            english = f"Moving: {_convoys(len(moving))} on the way, {aboard}."
            arabic = f"تتحرك: {len(moving):,} قوافل في الطريق، {aboard_ar}."
            why = None
        elif under_way:
            motion, since = "held", min(state.since for state in under_way)
            words = tuple(state.words[-1] for state in under_way[:3])
            english = f"Held since {_time(since)}: {_convoys(len(under_way))} standing, {aboard}."
            arabic = f"متوقفة منذ {_time(since)}: {len(under_way):,} قوافل واقفة، {aboard_ar}."
        elif not self._trips:
            motion, since, words = "not begun", None, ()
            english, arabic = "Not begun: no convoy has been reported.", "لم تبدأ: لم يُبلَّغ عن أي قافلة."
        elif all(one.waiting.best <= 0 for one in people.values()):
            last = max(trip.since for trip in self._trips.values())
            motion, since, words = "over", last, ()
            english, arabic = f"Over since {_time(last)}: nobody waits.", f"انتهت منذ {_time(last)}: لا أحد ينتظر."
            why = None
        else:
            last = max(trip.heard_until for trip in self._trips.values())
            motion, since, words = "not known", last, ()
            english = f"No convoy is known to be on the way; the last news of one is of {_time(last)}."
            arabic = f"لا تُعرف قافلة في الطريق؛ آخر خبر عن قافلة يعود إلى {_time(last)}."
        stopped = motion in {"suspended", "held", "not known"}
        return Headline(
            motion=motion,
            since=since,
            sentence=english,
            sentence_ar=arabic,
            words=words,
            why=why if stopped else None,
            to_resume=tuple(dict.fromkeys(resume)) if stopped else (),
            to_resume_ar=tuple(dict.fromkeys(resume_ar)) if stopped else (),
        )

    def _named(self, language: Language) -> Callable[[str], str]:
        return lambda id: self._operation.theatre.name(id, language)


ABOARD = Account("aboard")
"""The account of all who are aboard, as each movement knows its own."""


def _nobody() -> list[int]:
    return [0, 0, 0]


def _less(evacuation: Evacuation, declined: Heads) -> Evacuation:
    """An evacuation's demand less those who declined to leave; unsplit numbers come off the largest group."""
    people = dict(evacuation.people)
    for group, count in declined.items():
        taken = group if group in people else max(people, key=lambda one: people[one].best)
        before = people[taken]
        best = max(0, before.best - count.best)
        people[taken] = Count(low=min(best, max(0, before.low - count.high)), best=best,
                              high=max(best, before.high - count.low))  # fmt: skip
    return replace(evacuation, people=people)


def _covers(suspension: Event, back: Collection[str]) -> bool:
    what = suspension.what
    return isinstance(what, OperationSuspended) and bool(what.evacuations) and set(what.evacuations) <= set(back)


def _quiet(state: MovementState, as_of: datetime) -> bool:
    return as_of - state.words[-1].latest > QUIET


def _people_aboard(states: Sequence[MovementState]) -> tuple[str, str]:
    """How many people are aboard, and of how many convoys that is not known."""
    known = together(state.aboard for state in states if state.aboard is not None)
    blind = sum(state.aboard is None for state in states)
    if not blind:
        return f"{known.best:,} people aboard", f"على متنها {known.best:,} شخصًا"
    if blind == len(states):
        return "people aboard not counted", "من على متنها غير معدودين"
    return (
        f"{known.best:,} people aboard, those of {blind} more not counted",
        f"على متنها {known.best:,} شخصًا، ومن على متن {blind} غيرها غير معدودين",
    )


def _convoys(count: int) -> str:
    return "1 convoy" if count == 1 else f"{count:,} convoys"


def _time(when: datetime) -> str:
    return f"{when.day} {when:%b %H:%M}"


def _only_planned(operation: Operation, planned: Movement) -> MovementState:
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


def _within(people: Range, demanded: int) -> Range:
    """A range no wider than it can be: nobody less than none, nor more than are demanded or best known."""
    return Range(max(0, people.low), max(0, people.best), max(people.best, min(people.high, demanded), 0))


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


class _Counts:
    """People counted by tallies now. `reached`: how many were, by evacuation, group, destination and way."""

    def __init__(self, reached: Mapping[Reached, int], trips: Mapping[str, _Trip], now: int) -> None:
        self.reached, self.trips, self.now = reached, trips, now

    def of(self, tally: Tally) -> int:
        if tally.since is not None:
            passages = chain.from_iterable(trip.passages for trip in self.trips.values())
            return sum(people for instant, people in tally.changes(passages) if instant <= self.now)
        return sum(
            people
            for (evacuation, group, destination, counts), people in self.reached.items()
            if counts == tally.counts
            and (evacuation, group) in tally.streams
            and (not tally.to or destination in tally.to)
        )

    def tightest(self, limits: Iterable[Limit]) -> tuple[int | None, Limit | None]:
        """The limit with the least room, and by how many people it is exceeded (below zero: room left)."""
        worst: int | None = None
        found: Limit | None = None
        for limit in limits:
            if not limit.span.start <= self.now < limit.span.end:
                continue
            excess = limit.excess([self.of(tally) for tally in limit.tallies])
            people = -(-excess // limit.scale)
            if worst is None or people > worst:
                worst, found = people, limit
        return worst, found


class _Trip:
    """One movement as its events tell it: what the sums need at once, the rest when it is asked for.

    `alive`: what depends on the clock may still change it. `overstayed_minutes`: how long people were aboard at least,
    where that was longer than the clauses allow, and they are no longer.
    """

    def __init__(self, streams: _Streams, id: str, events: Sequence[Event], planned: Movement | None) -> None:
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
        if phase != self.phase and self.phase not in FINISHED:
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
    def stream(self) -> _Stream:
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

        Those out are in the range in which they were counted aboard; `*` where the groups were not told apart.
        """
        evacuation = self.evacuation
        yield (evacuation, "aboard", ""), self.people_aboard
        for one in ledger.moved:
            if one.target.kind == "arrived":
                yield (evacuation, "arrived", ""), Range(one.people.low, one.people.best, one.people.high)
        if self.passages and self.passages[0].turned_back is None:
            everybody = together(ledger.boarded.values())
            yield (evacuation, "out", ""), everybody
            yield (evacuation, "to", self.destination), everybody
            for group, held in ledger.boarded.items():
                yield (evacuation, "group", group), held

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
            words=tuple(_word(event) for event in self.events[-WORDS_MOST:]),
            boarded=self.boarded,
            announced=self.announced,
            teams=self.teams,
            planned=self.planned,
            actual=self._actual(),
        )

    def _minute(self, when: datetime | None) -> int | None:
        return None if when is None else self.streams.operation.calendar.minute(when)

    def _groups(self) -> dict[str, int]:
        """People out by group: as handed over or arrived, where counted, else as boarded; unsplit ones as demanded.

        Spreading unsplit people over groups serves the clauses that name groups; totals are as counted.
        """
        boarded = self.ledger.boarded
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
            ending="turned back" if self.turned is not None and self.arrived is None else "arrived",
            turned_back=self._minute(self.turned) if self.arrived is None else None,
        )

    def _stops(self) -> Iterator[tuple[str, datetime]]:
        """The places at which it was reported, and when."""
        at = "" if self.planned is None else self.planned.origin
        for event in self.events:
            if type(event.what) in PHASES:
                at = getattr(event.what, "at", at)
                if at in self.streams.operation.world.places:
                    yield at, event.happened.earliest


def _state(told: _Trip | MovementState) -> MovementState:
    return told.state if isinstance(told, _Trip) else told


def _postings(trip: _Trip) -> Sequence[Posting]:
    return trip.ledger.postings


def _compared(trip: _Trip) -> Reconciled:
    return trip.compared


def _passages(trip: _Trip) -> tuple[Passage, ...]:
    return trip.passages


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
