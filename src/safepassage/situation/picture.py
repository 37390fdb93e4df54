"""The picture: what a situation says of people, movements, ways, consents, clauses and claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Literal

from safepassage.agreement import Language, in_language
from safepassage.claims import Assessment, Source, Standing
from safepassage.events import Event, IncidentReported
from safepassage.ledger import Account, Posting, Range, Reconciled, Unaccounted
from safepassage.movement import Movement, Passage, Timetable
from safepassage.operation import Operation

Motion = Literal["moving", "held", "suspended", "not begun", "over", "not known"]
MovementPhase = Literal[
    "planned", "formed", "boarding", "on the way", "held", "turned back", "handed over", "arrived", "returned"
]
SegmentPhase = Literal["open", "blocked", "closed", "not known"]
ConsentPhase = Literal["given", "missing", "withdrawn", "expired"]
ClausePhase = Literal[
    "kept", "at its limit", "broken", "suspended", "contested", "not known", "proposed", "not in force"
]


UNDER_WAY: frozenset[MovementPhase] = frozenset({"boarding", "on the way", "held", "turned back", "handed over"})
FINISHED: frozenset[MovementPhase] = frozenset({"arrived", "returned"})
STALE_HOURS = 12
"""News of a road or crossing that is older than this is old news: a state that may have changed since."""


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
    """Whether it is moving, since when, who says so, the rival answers to why, and what is asked for to go on.

    `alarm`: people aboard for too long, or unaccounted for; empty where there are none.
    """

    motion: Motion
    since: datetime | None
    sentence: str
    sentence_ar: str
    words: tuple[Word, ...] = ()
    alarm: str = ""
    alarm_ar: str = ""
    why: Standing | None = None
    to_resume: tuple[str, ...] = ()
    to_resume_ar: tuple[str, ...] = ()

    def said(self, language: Language) -> str:
        return in_language(language, self.sentence, self.sentence_ar)

    def alarm_said(self, language: Language) -> str:
        return in_language(language, self.alarm, self.alarm_ar)

    def to_resume_said(self, language: Language) -> tuple[str, ...]:
        return (self.to_resume_ar if language == "ar" else ()) or self.to_resume


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

    @property
    def under_way(self) -> bool:
        """Whether its people have begun to board and it has not ended."""
        return self.phase in UNDER_WAY

    @property
    def finished(self) -> bool:
        """Whether it has arrived, or is back."""
        return self.phase in FINISHED

    def alarm_said(self, language: Language) -> str:
        return in_language(language, self.alarm, self.alarm_ar)


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

    def stale(self, as_of: datetime) -> bool:
        """Whether the news is old, or there is none."""
        old = self.hours_old(as_of)
        return old is None or old > STALE_HOURS


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

    def said(self, language: Language) -> str:
        return in_language(language, self.sentence, self.sentence_ar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """Two linked evacuations: their shares out (0 to 1), by how much one is ahead, and what the clause tolerates.

    `at_least`: of each side, whether more are out than its share says, for some were not counted.
    """

    clause: str
    sides: tuple[str, str]
    shares: tuple[float, float]
    tolerance: float | None
    at_least: tuple[bool, bool] = (False, False)

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

    `filed` is the operation as its file says it, `operation` as amended, its demand less those who declined. `opened`,
    `books` (by movement) and `accounts` are the ledger; `counted` (by movement) is what clauses count. `events` are
    those it is folded from, in order. What is told of a movement is made when it is asked for.
    """

    operation: Operation
    filed: Operation
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
