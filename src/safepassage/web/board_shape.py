"""The board's content as values: what the page's script is given, and nothing it has to work out for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

People = tuple[int, int, int]
"""At least, best, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who says it, and when it happened (ISO 8601). `who`: our observer where nobody else did."""

    who: str
    happened: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """One of the rival answers to a question: its standing in a word, who gives it, who denies it."""

    kind: str
    text: str
    sentence: str
    origins: tuple[str, ...]
    through: tuple[str, ...]
    denied_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionView:
    """A question, what its claims amount to, and its rival answers."""

    text: str
    kind: str
    sentence: str
    answers: tuple[AnswerView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadlineView:
    """Whether it is moving, for how many minutes, who says so, why, and what would have to happen; what cannot wait."""

    motion: str
    since: str | None
    minutes: int | None
    sentence: str
    alarm: str
    words: tuple[Said, ...]
    why: QuestionView | None
    to_resume: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderView:
    """Who holds a place by whose word; `says` empty: as the operation file has it."""

    party: str
    name: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceView:
    """A place: `at` latitude and longitude, its holders (several: reports differ), people waiting and arrived there."""

    id: str
    name: str
    at: tuple[float, float] | None
    holders: tuple[HolderView, ...]
    crossing: bool
    waiting: People | None
    arrived: People | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentView:
    """A road or crossing as last heard of. `here` and `there` are the same place at a crossing.

    `stale`: the news is old, or there is none. `consent`: given by all for every convoy, or the worst of what is the
    matter; empty where none is needed.
    """

    id: str
    name: str
    crossing: bool
    here: str
    there: str
    phase: str
    hours_old: float | None
    stale: bool
    why: str
    says: tuple[str, ...]
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """A road from an origin to a destination as a line of stations, with the evacuations that take it."""

    evacuations: tuple[str, ...]
    name: str
    places: tuple[str, ...]
    segments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvoyView:
    """A convoy as last heard of. It is at `here`, or `share` of the way to `there`; `reckoned`: nobody said so."""

    id: str
    evacuation: str
    phase: str
    under_way: bool
    at: str
    here: str
    there: str
    share: float
    reckoned: bool
    since: str
    destination: str
    aboard: People | None
    minutes_aboard: int | None
    aboard_limit: int | None
    alarm: str
    last: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """A count of people of an evacuation that somebody published."""

    stage: str
    by: str
    at: str
    people: People


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """People out of one group or to one destination; `demanded` None where the agreement sets no number."""

    name: str
    out: People
    demanded: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleView:
    """People of an evacuation by the ledger, against what was demanded and the plan has for now (None: no plan)."""

    evacuation: str
    name: str
    demanded: int
    waiting: People
    aboard: People
    out: People
    arrived: People
    planned_out: int | None
    groups: tuple[ShareView, ...]
    destinations: tuple[ShareView, ...]
    published: tuple[CountView, ...]
    differs: str
    last: Said | None
    """Who counted people of one of its convoys last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceView:
    """Two linked evacuations: shares out, by how much the first is ahead, and what the clause tolerates.

    `at_least`: of each side, whether more are out than its share says.
    """

    clause: str
    sides: tuple[str, str]
    shares: tuple[float, float]
    at_least: tuple[bool, bool]
    ahead: float
    tolerance: float | None
    phase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentView:
    """A party's consent for a segment; `says` by whose word, `until` when it lapses (None: it does not, or is none).

    `movements`: the only ones that it is for; none: it is for all.
    """

    segment: str
    party: str
    phase: str
    until: str | None
    says: tuple[str, ...]
    movements: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostView:
    """People unaccounted; `people` None: how many is not known."""

    movement: str
    people: People | None
    why: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """Something to be seen: an incident that is not over, or reports that cannot all be true."""

    text: str
    where: str
    at: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarView:
    """A movement in time: when it was to load, be handed over and end, and when it did. `ending`: how it ended."""

    id: str
    planned: tuple[str, str | None, str] | None
    actual: tuple[str, str | None, str] | None
    ending: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One event of the feed; `corrects`: it takes the place of another."""

    id: str
    kind: str
    text: str
    who: str
    happened: str
    known: str
    corrects: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The board as of an instant and as known at another (None: all that came in).

    `convoys_more`, `bars_more` and `feed_more` count what is not listed. `terms`: the words of the page itself.
    """

    language: str
    starts: str
    ends: str
    as_of: str
    known_at: str | None
    plan: bool
    headline: HeadlineView
    places: tuple[PlaceView, ...]
    segments: tuple[SegmentView, ...]
    lines: tuple[LineView, ...]
    convoys: tuple[ConvoyView, ...]
    convoys_more: int
    people: tuple[PeopleView, ...]
    balances: tuple[BalanceView, ...]
    parties: Mapping[str, str]
    consents: tuple[ConsentView, ...]
    unaccounted: tuple[LostView, ...]
    incidents: tuple[NoteView, ...]
    discrepancies: tuple[NoteView, ...]
    bars: tuple[BarView, ...]
    bars_more: int
    feed: tuple[EntryView, ...]
    feed_more: int
    terms: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt:
    """How things stood at one instant of the record: the motion, and people out (best known)."""

    at: str
    motion: str
    out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """Where a convoy was reported, in order.

    A stop: minutes from the record's start, place or road, what it was doing, and whether it was under way.
    """

    id: str
    evacuation: str
    stops: tuple[tuple[int, str, str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The whole record for the time slider, so that it moves before the server has answered.

    `minutes` of each event from `starts`, and `weights`: 2 where it changed what may move, 1 otherwise.
    """

    starts: str
    ends: str
    halts: tuple[Halt, ...]
    minutes: tuple[int, ...]
    weights: tuple[int, ...]
    trails: tuple[Trail, ...]
