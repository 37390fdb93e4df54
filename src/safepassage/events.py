"""What can happen: one closed union of reports and decisions, and the envelope that says when, who and from whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import ClassVar, Literal, get_args

from safepassage.agreement import Clause
from safepassage.claims import Claim, Credibility, Question, Source
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.world import DAY, YEARS

Heads = Mapping[str, Count]
"""People by group; `*` where the groups were not told apart. An unknown count is left out: it is never zero."""

UNSPLIT = "*"
AHEAD_MOST = timedelta(minutes=10)
"""By how much a clock may be ahead of the log's before its report is sent back."""

Sensitivity = Literal["public", "restricted", "secret"]
Medium = Literal["", "phone", "radio", "message", "paper", "screen", "in person"]
"""How a report came in; `screen`: read on somebody's site or channel; empty: not said."""
Stage = Literal["waiting", "boarded", "departed", "handed over", "arrived", "registered"]
IncidentKind = Literal["fire", "explosion", "attack", "robbery", "crowd", "weapons", "breakdown", "weather", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """An instant, or the stretch of time within which something happened. Both ends have an offset and belong to it."""

    earliest: datetime
    latest: datetime

    def __post_init__(self) -> None:
        if self.earliest.utcoffset() is None or self.latest.utcoffset() is None:
            raise ValueError("a time needs an offset, such as 2016-12-16T09:00:00+02:00")
        if self.latest < self.earliest:
            raise ValueError("latest is before earliest: give them in order")

    @classmethod
    def at(cls, instant: datetime) -> When:
        return cls(earliest=instant, latest=instant)


def _counted(vehicles: Mapping[str, int]) -> None:
    for fleet, count in vehicles.items():
        if count < 0:
            raise ValueError(f"{fleet} = {count}: vehicles cannot be fewer than none; give their number")


# The agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementProposed:
    """A party or mediator lays terms on the table. They bind nobody yet."""

    kind: ClassVar[str] = "agreement proposed"
    agreement: str
    text: str
    by: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementSigned:
    """Terms agreed: its clauses are in force, in the place of those of the same id. `parties`: who signed."""

    kind: ClassVar[str] = "agreement signed"
    agreement: str
    text: str
    parties: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementAmended:
    """Terms changed: `clauses` take the place of those of their id (or are new), `dropped` are no longer in force."""

    kind: ClassVar[str] = "agreement amended"
    agreement: str
    text: str
    parties: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseSuspended:
    """A clause binds nobody until it is restored."""

    kind: ClassVar[str] = "clause suspended"
    clause: str
    by: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRestored:
    """A suspended clause binds again."""

    kind: ClassVar[str] = "clause restored"
    clause: str
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """A party's yes for roads and crossings `on`, until an instant (None: until it lapses by a clause, or never)."""

    kind: ClassVar[str] = "consent given"
    party: str
    on: tuple[str, ...]
    until: datetime | None = None
    movements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWithdrawn:
    """A party takes back its yes for roads and crossings `on`."""

    kind: ClassVar[str] = "consent withdrawn"
    party: str
    on: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentExpired:
    """Somebody noted that a consent had run out. It runs out by itself too."""

    kind: ClassVar[str] = "consent expired"
    party: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TalksHeld:
    """`proposals`: what each side, by its id, put forward there."""

    kind: ClassVar[str] = "talks held"
    text: str
    parties: tuple[str, ...] = ()
    proposals: Mapping[str, str] = field(default_factory=dict)


# Movements


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAdopted:
    """The timetable that is to be carried out from now on."""

    kind: ClassVar[str] = "plan adopted"
    timetable: Timetable


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementAnnounced:
    """Those who hold the way were told of a movement that is to start loading at `loads`."""

    kind: ClassVar[str] = "movement announced"
    movement: str
    loads: datetime
    to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvoyFormed:
    """A movement's vehicles stand ready. `evacuation` empty: an empty convoy, such as aid or an advance team."""

    kind: ClassVar[str] = "convoy formed"
    movement: str
    at: str
    evacuation: str = ""
    destination: str = ""
    vehicles: Mapping[str, int] = field(default_factory=dict)
    escort: str = ""
    teams: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _counted(self.vehicles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Boarded:
    """People are aboard. Several of one movement add up. No `people`: it is not known how many."""

    kind: ClassVar[str] = "boarded"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)
    vehicle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Departed:
    """A movement left a place with its people."""

    kind: ClassVar[str] = "departed"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A movement went past a place or through a crossing."""

    kind: ClassVar[str] = "passed"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A movement stands at a place or on a road, people aboard, and may not go on."""

    kind: ClassVar[str] = "held"
    movement: str
    at: str
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedBack:
    """A movement was made to turn round at a place or on a road. Its people are aboard until it has returned."""

    kind: ClassVar[str] = "turned back"
    movement: str
    at: str
    by: str = ""
    why: str = ""
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A movement is where its people get off. No `people`: they were not counted there."""

    kind: ClassVar[str] = "arrived"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A movement left the crossing at which its evacuation counts people as out."""

    kind: ClassVar[str] = "handed over"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """A movement is back where it came from; its people wait again."""

    kind: ClassVar[str] = "returned"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)


# People


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleCounted:
    """A count: of a movement, or of an evacuation (in all until then), at a place, at a stage. It moves nobody.

    `by`: who counted; the publisher is the event's source. `vehicle`: the plate or trip, as a token.
    """

    kind: ClassVar[str] = "people counted"
    stage: Stage
    people: Heads
    movement: str = ""
    evacuation: str = ""
    at: str = ""
    by: str = ""
    vehicle: str = ""

    def __post_init__(self) -> None:
        if not (self.movement or self.evacuation or self.at):
            raise ValueError("a count is of a movement, of an evacuation or at a place: name one")
        if not self.people:
            raise ValueError("people is empty: give the count, by group or under `*`")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOff:
    """People got off, or were taken off, before the end of the way; they are at the place `at`, or where it is on."""

    kind: ClassVar[str] = "taken off"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detained:
    """People were taken from a movement and are held."""

    kind: ClassVar[str] = "detained"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedAtBoarding:
    """People who wanted to leave were not let aboard; they wait on."""

    kind: ClassVar[str] = "refused at boarding"
    movement: str
    at: str
    people: Heads = field(default_factory=dict)
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """People chose not to leave: they are no longer demanded."""

    kind: ClassVar[str] = "declined"
    evacuation: str
    people: Heads
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Born:
    """Children born to a movement or among those who wait; they are moved with the others."""

    kind: ClassVar[str] = "born"
    movement: str = ""
    evacuation: str = ""
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Died:
    """People who died aboard a movement, waiting in an evacuation, or at a place."""

    kind: ClassVar[str] = "died"
    movement: str = ""
    evacuation: str = ""
    at: str = ""
    people: Heads = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundByInspection:
    """What an inspection of a movement found."""

    kind: ClassVar[str] = "found by inspection"
    movement: str
    at: str
    text: str
    by: str = ""


# The way


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadBlocked:
    """A road cannot be passed, by whom and why as reported."""

    kind: ClassVar[str] = "road blocked"
    road: str
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadCleared:
    """A road can be passed again."""

    kind: ClassVar[str] = "road cleared"
    road: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingClosed:
    """A crossing lets nobody through."""

    kind: ClassVar[str] = "crossing closed"
    crossing: str
    by: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossingOpened:
    """A crossing lets convoys through again."""

    kind: ClassVar[str] = "crossing opened"
    crossing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlChanged:
    """A place is held by another now, as reported. `held_by`: a party, or empty: nobody or not known."""

    kind: ClassVar[str] = "control changed"
    place: str
    held_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSuspended:
    """Nothing moves any more: of the `evacuations`, or of all where none is named."""

    kind: ClassVar[str] = "operation suspended"
    by: str = ""
    why: str = ""
    evacuations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationResumed:
    """What was suspended goes on."""

    kind: ClassVar[str] = "operation resumed"
    by: str = ""
    evacuations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentReported:
    """Something went wrong at a place, on a road or a crossing, to a movement, or `elsewhere` (in words).

    An incident holds those who would pass there until it is said to be over. `vehicles_lost` by fleet.
    """

    kind: ClassVar[str] = "incident reported"
    incident: IncidentKind
    text: str
    at: str = ""
    movement: str = ""
    elsewhere: str = ""
    hurt: Heads = field(default_factory=dict)
    vehicles_lost: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _counted(self.vehicles_lost)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentOver:
    """An incident, by its event, no longer holds anybody."""

    kind: ClassVar[str] = "incident over"
    incident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverDeployed:
    """A party's observers are present on roads or at crossings or places `on`."""

    kind: ClassVar[str] = "observer deployed"
    party: str
    on: tuple[str, ...]
    observers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverWithdrawn:
    """A party's observers are no longer there."""

    kind: ClassVar[str] = "observer withdrawn"
    party: str
    on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AidDelivered:
    """Aid reached a place."""

    kind: ClassVar[str] = "aid delivered"
    at: str
    text: str


# Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRaised:
    """A question that claims can be about."""

    kind: ClassVar[str] = "question raised"
    question: Question


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimMade:
    """A claim, known by the id of this event. Who made it is the event's source."""

    kind: ClassVar[str] = "claim made"
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionStated:
    """What somebody thinks of it. It is kept apart from facts, and answers nothing."""

    kind: ClassVar[str] = "opinion stated"
    text: str
    question: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAssessed:
    """How the author of this event, who signs it, judges a claim. It changes neither the claim nor who denies it."""

    kind: ClassVar[str] = "claim assessed"
    claim: str
    credibility: Credibility
    why: str

    def __post_init__(self) -> None:
        if not self.why.strip():
            raise ValueError("why is empty: an assessment gives its reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRetracted:
    """What the event named in `corrects` said is taken back, and nothing is put in its place."""

    kind: ClassVar[str] = "event retracted"
    why: str


What = (
    AgreementProposed
    | AgreementSigned
    | AgreementAmended
    | ClauseSuspended
    | ClauseRestored
    | ConsentGiven
    | ConsentWithdrawn
    | ConsentExpired
    | TalksHeld
    | PlanAdopted
    | MovementAnnounced
    | ConvoyFormed
    | Boarded
    | Departed
    | Passed
    | Held
    | TurnedBack
    | Arrived
    | HandedOver
    | Returned
    | PeopleCounted
    | TakenOff
    | Detained
    | RefusedAtBoarding
    | Declined
    | Born
    | Died
    | FoundByInspection
    | RoadBlocked
    | RoadCleared
    | CrossingClosed
    | CrossingOpened
    | ControlChanged
    | OperationSuspended
    | OperationResumed
    | IncidentReported
    | IncidentOver
    | ObserverDeployed
    | ObserverWithdrawn
    | AidDelivered
    | QuestionRaised
    | ClaimMade
    | OpinionStated
    | ClaimAssessed
    | EventRetracted
)

EVENTS: Mapping[str, type[What]] = {event.kind: event for event in get_args(What)}
"""All that can happen, by its kind. Only ever added to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One entry of the record: what happened, with its three clocks, its author and its source.

    `id`: a UUIDv7 made where it was entered. `operation`: the hash of the operation file of this log. `happened`,
    `noticed` (by the author's clock) and `received` (by the log's; None until then). `author`: an opaque token,
    `position`: the post they speak for. `source` None: the author's own observation. `credibility` 1 to 6 of what is
    said (6: cannot be judged). `medium`: how it came in. `corrects`: the event whose place this one takes. `after`:
    events it makes sense only with. `sealed`: personal fields as ciphertext, by the person's opaque token, whose key
    can be destroyed.
    """

    id: str
    operation: str
    what: What
    happened: When
    noticed: datetime
    author: str
    position: str = ""
    source: Source | None = None
    credibility: Credibility = 6
    sensitivity: Sensitivity = "restricted"
    medium: Medium = ""
    corrects: str = ""
    after: tuple[str, ...] = ()
    note: str = ""
    sealed: Mapping[str, str] = field(default_factory=dict)
    received: datetime | None = None

    def __post_init__(self) -> None:
        if not self.id or not self.operation or not self.author:
            raise ValueError("an event has an id, an operation and an author: give all three")
        if self.noticed.utcoffset() is None or (self.received is not None and self.received.utcoffset() is None):
            raise ValueError("a time needs an offset, such as 2016-12-16T09:00:00+02:00")
        if self.corrects == self.id:
            raise ValueError("corrects: an event cannot correct itself; make a new one that names it")
        if isinstance(self.what, EventRetracted) and not self.corrects:
            raise ValueError("corrects is missing: name the event that is taken back")
        if isinstance(self.what, ClaimMade) and self.what.claim.on == self.id:
            raise ValueError("the claim is about itself: name another claim in `on`, or leave it out")

    @property
    def known(self) -> datetime:
        """When it was known here."""
        return self.noticed if self.received is None else self.received

    @property
    def order(self) -> tuple[datetime, datetime, int, datetime, str]:
        """The order in which events are folded, whatever the order in which they came in.

        At one instant a convoy is formed, then boards, departs, passes, is handed over, arrives.
        """
        step = STEPS.get(type(self.what), STEPS[Passed])
        return (self.happened.earliest, self.happened.latest, step, self.noticed, self.id)

    @property
    def parents(self) -> tuple[str, ...]:
        """The events without which this one waits."""
        named = (*self.after, self.corrects)
        if isinstance(self.what, ClaimMade):
            named = (*named, self.what.claim.on)
        elif isinstance(self.what, ClaimAssessed):
            named = (*named, self.what.claim)
        elif isinstance(self.what, IncidentOver):
            named = (*named, self.what.incident)
        return tuple(dict.fromkeys(id for id in named if id))


STEPS: Mapping[type, int] = {
    MovementAnnounced: 0,
    ConvoyFormed: 1,
    Boarded: 2,
    Departed: 3,
    Passed: 4,
    HandedOver: 5,
    Arrived: 6,
    Returned: 6,
}
"""The steps of a movement in the order in which they must come; what is not here comes amidst them."""


def faults(event: Event, operation: Operation, *, clauses: Collection[str] = ()) -> tuple[str, ...]:
    """What keeps a report out of the record of an operation: ids that the operation does not have, a clock ahead.

    What contradicts the record is no fault: it is recorded, and shown as a discrepancy. `clauses`: ids agreed since.
    Movements, claims and events may be named before they are known.
    """
    found = [*_unknown(event.what, operation, frozenset(clauses)), *misfits(event.what, operation)]
    for name, when in _times(event):
        if when.year not in YEARS:
            found.append(f"{name}: the year {when.year} cannot be: check the date")
    if event.received is not None:
        ahead = max(event.noticed, event.happened.earliest) - event.received
        if ahead > AHEAD_MOST:
            minutes = int(ahead.total_seconds() // 60)
            found.append(f"its clock is {minutes} minutes ahead of the log's: set the clock right and enter it again")
    return tuple(found)


def _times(event: Event) -> Iterator[tuple[str, datetime]]:
    """All instants that an event names."""
    yield from (("happened", event.happened.earliest), ("happened", event.happened.latest), ("noticed", event.noticed))
    for part in fields(event.what):
        if isinstance(held := getattr(event.what, part.name), datetime):
            yield part.name, held


def misfits(what: What, operation: Operation) -> Iterator[str]:
    """What in the clauses or the timetable of an event cannot be of this operation: no picture can be made with it."""
    for clause in getattr(what, "clauses", ()):
        try:
            clause.check_fit(operation.theatre)
        except ValueError as error:
            yield f"clauses: {clause.id}: {error}"
    if not isinstance(what, PlanAdopted):
        return
    world, last = operation.world, operation.calendar.end + DAY
    ids = [movement.id for movement in what.timetable.movements]
    yield from (f"timetable: two movements are called {id}" for id in dict.fromkeys(ids) if ids.count(id) > 1)
    for movement in what.timetable.movements:
        named = (
            ("evacuation", (movement.evacuation,), operation.evacuations),
            ("place", movement.places, world.places),
            ("road", tuple(leg.road for leg in movement.legs), world.roads),
            ("crossing", tuple(slot.crossing for slot in movement.inspections), world.crossings),
            ("fleet", tuple(movement.vehicles), operation.fleets),
        )
        for noun, used, known in named:
            yield from (f"timetable: {movement.id}: {id!r} is no {noun} of it" for id in used if id not in known)
        if not (-last <= movement.loading.start <= last and movement.ends <= last):
            yield f"timetable: {movement.id} is not in the days of the operation: make the plan again"


def _unknown(what: What, operation: Operation, agreed: Collection[str]) -> Iterator[str]:
    world = operation.world
    segments = {*world.roads, *world.crossings}
    known: Mapping[str, tuple[str, Collection[str]]] = {
        "at": ("place, road or crossing", {*world.places, *segments}),
        "place": ("place", world.places),
        "destination": ("place", world.places),
        "road": ("road", world.roads),
        "crossing": ("crossing", world.crossings),
        "on": ("road, crossing or place", {*world.places, *segments}),
        "party": ("party", operation.parties),
        "parties": ("party", operation.parties),
        "held_by": ("party", operation.parties),
        "teams": ("party", operation.parties),
        "proposals": ("party", operation.parties),
        "evacuation": ("evacuation", operation.evacuations),
        "evacuations": ("evacuation", operation.evacuations),
        "clause": ("clause", {*agreed, *(clause.id for clause in operation.clauses)}),
        "vehicles": ("fleet", operation.fleets),
        "vehicles_lost": ("fleet", operation.fleets),
        "people": ("group", {*operation.groups, UNSPLIT}),
        "hurt": ("group", {*operation.groups, UNSPLIT}),
    }
    for name in (part.name for part in fields(what)):
        if name not in known:
            continue
        value = getattr(what, name)
        noun, ids = known[name]
        for id in (value,) if isinstance(value, str) else tuple(value):
            if id and id not in ids:
                yield f"{name}: {id!r} is no {noun} of this operation"
