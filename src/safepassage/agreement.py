"""The agreement: parties, what a clause is, the limits it yields, and how a limit is judged on any passages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from safepassage.movement import Movement, Passage
from safepassage.people import Evacuation, Group
from safepassage.world import Calendar, Span, World

Role = Literal["party", "guarantor", "mediator", "observer", "neutral", "media"]
Counts = Literal["handover", "arrival"]
State = Literal["in force", "proposed", "suspended"]
Language = Literal["en", "ar"]
Joint = Literal["and", "or"]
Stream = tuple[str, str]
"""An evacuation and one of its groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who signs, guarantees, mediates, observes, stays neutral or reports."""

    id: str
    name: str
    role: Role = "party"
    name_ar: str = ""


def in_language(language: Language, english: str, arabic: str) -> str:
    """The Arabic where it is asked for and there is one, else the English."""
    return arabic if language == "ar" and arabic else english


def enumeration(said: Sequence[str], language: Language, joint: Joint = "and") -> str:
    """`a, b and c`; `أ وب وج`."""
    if language == "ar":
        return {"and": " و", "or": " أو "}[joint].join(said)
    return f" {joint} ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


@dataclass(frozen=True, kw_only=True)
class Theatre:
    """What an agreement is about: the days, the world, who is moved, who signs."""

    calendar: Calendar
    world: World
    groups: Mapping[str, Group]
    evacuations: Mapping[str, Evacuation]
    parties: Mapping[str, Party]

    def streams(self, names: Iterable[str]) -> tuple[Stream, ...]:
        """The streams behind `evacuation`, `evacuation/group`, `*/group` or `*`, each once.

        Raises ValueError on a name that stands for nobody.
        """
        found: dict[Stream, None] = {}
        for name in names:
            evacuation, _, group = name.partition("/")
            matches = [
                (other.id, member)
                for other in self.evacuations.values()
                if evacuation in ("*", other.id)
                for member in other.people
                if group in ("", "*", member)
            ]
            if not matches:
                raise ValueError(f"{name!r} names no people: write evacuation, evacuation/group, */group or *")
            found.update(dict.fromkeys(matches))
        return tuple(found)

    def demand(self, streams: Iterable[Stream]) -> int:
        """People demanded in these streams together."""
        return sum(self.evacuations[evacuation].people[group].best for evacuation, group in streams)

    def distinct(self, first: Iterable[str], then: Iterable[str]) -> None:
        """Raises ValueError unless these are two sides: each has people to move, and nobody belongs to both."""
        sides = {", ".join(names): self.streams(names) for names in (tuple(first), tuple(then))}
        for names, streams in sides.items():
            if not self.demand(streams):
                raise ValueError(
                    f"{names}: nobody is demanded there; give its evacuation people, or leave the clause out"
                )
        if len(sides) < 2 or set.intersection(*map(set, sides.values())):
            raise ValueError(f"{' and '.join(sides)} share people: name two sides that do not")

    def segments(self, ids: Iterable[str]) -> tuple[str, ...]:
        """These roads and crossings, each once. Raises ValueError on one that is neither."""
        for id in ids:
            if id not in self.world.roads and id not in self.world.crossings:
                raise ValueError(
                    f"{id!r} is no road and no crossing: write a road as place--place, a crossing as its place"
                )
        return tuple(dict.fromkeys(ids))

    def name(self, id: str, language: Language) -> str:
        """The name of a place, party, group, evacuation, road or crossing, in the language if it has one."""
        if id in self.world.roads:
            return " – ".join(self.name(place, language) for place in self.world.roads[id].between)
        for table in (self.evacuations, self.groups, self.parties, self.world.places):
            if id in table:
                named = table[id]
                return in_language(language, named.name, named.name_ar) or id
        return id

    def names(self, ids: Iterable[str], language: Language, joint: Joint = "and") -> str:
        """Several names as one enumeration; `evacuation/group` reads as the group of the evacuation.

        In Arabic evacuations and groups stand in quotation marks: a name as the file has it is not declined.
        """
        return enumeration([self._named(id, language) for id in ids], language, joint)

    def _named(self, id: str, language: Language) -> str:
        evacuation, _, group = id.partition("/")
        every = "all evacuations" if language == "en" else "جميع عمليات الإجلاء"
        whole = every if evacuation == "*" else self.name(evacuation, language)
        if language == "ar" and evacuation in self.evacuations and not whole.startswith("إجلاء "):
            whole = f"إجلاء «{whole}»"
        if group in ("", "*"):
            return whole
        named = self.name(group, language)
        return f"{named} ({whole})" if language == "en" else f"فئة «{named}» في {whole}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A count of people as a clause names it: which streams, to which places (empty: any), counted how, since when."""

    streams: frozenset[Stream]
    to: frozenset[str] = frozenset()
    counts: Counts = "handover"
    since: int | None = None

    def takes(self, passage: Passage) -> bool:
        """Whether these people belong to it, at whatever instant."""
        return (passage.evacuation, passage.group) in self.streams and (not self.to or passage.destination in self.to)

    def changes(self, passages: Iterable[Passage]) -> Iterator[tuple[int, int]]:
        """Instants at which the count changes, and by how many people."""
        for passage in passages:
            if not self.takes(passage):
                continue
            counted = passage.handed_over if self.counts == "handover" else passage.arrived
            if counted is None or (self.since is not None and counted < self.since):
                continue
            yield counted, passage.people
            if passage.turned_back is not None and self.counts == "handover":
                yield max(counted, passage.turned_back), -passage.people


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One count of people in a gate, and what each of them is worth there."""

    coefficient: int
    tally: Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """At every instant of `span`, the sum of coefficient x people counted is at most `most`.

    `scale` is how much one person is worth in that sum, so that an excess can be said in people. `text` says the limit
    in words.
    """

    clause: str
    text: str
    terms: tuple[Term, ...]
    most: int
    span: Span
    scale: int = 1

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return tuple(term.tally for term in self.terms)

    @property
    def may_break(self) -> tuple[Tally, ...]:
        """The counts of which more can break it."""
        return tuple(term.tally for term in self.terms if term.coefficient > 0)

    @property
    def may_undo(self) -> tuple[Tally, ...]:
        """The counts of which more can make it kept again."""
        return tuple(term.tally for term in self.terms if term.coefficient < 0)

    def excess(self, counts: Sequence[int]) -> int:
        return sum(term.coefficient * count for term, count in zip(self.terms, counts, strict=True)) - self.most


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """At every instant of `span`, more than `most` people of `then` only once `first` counts `reached` or more."""

    clause: str
    text: str
    then: Tally
    most: int
    first: Tally
    reached: int
    span: Span
    scale: ClassVar[int] = 1

    @property
    def tallies(self) -> tuple[Tally, ...]:
        return (self.then, self.first)

    @property
    def may_break(self) -> tuple[Tally, ...]:
        """The counts of which more can break it."""
        return (self.then,)

    @property
    def may_undo(self) -> tuple[Tally, ...]:
        """The counts of which more can make it kept again."""
        return (self.first,)

    def excess(self, counts: Sequence[int]) -> int:
        then, first = counts
        return then - self.most if first < self.reached else 0

    def relaxed(self, demand: int) -> Gate | None:
        """The strongest gate it implies when `then` counts at most `demand` people; None where it binds nobody.

        (demand - most) x first >= reached x (then - most): it holds with first = 0 and then <= most, and with
        first >= reached and then <= demand.
        """
        room = demand - self.most
        if room <= 0 or self.reached <= 0:
            return None
        return Gate(
            clause=self.clause,
            text=self.text,
            terms=(Term(coefficient=self.reached, tally=self.then), Term(coefficient=-room, tally=self.first)),
            most=self.reached * self.most,
            span=self.span,
            scale=self.reached,
        )


Limit = Gate | Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """A clause not kept, from an instant on. `people`: how far beyond its limit, where it is a matter of people."""

    clause: str
    at: int
    text: str
    people: int = 0
    movements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """A clause keeps movements (and empty moves, where it `binds_empty`) off a road or crossing for a while."""

    clause: str
    segment: str
    span: Span
    text: str
    binds_empty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """How long people may be aboard (None: as long as it takes) and whether they may be so at midnight."""

    minutes: int | None = None
    overnight: bool = False


def limit_breaches(limit: Limit, passages: Sequence[Passage], frozen_until: int | None = None) -> Iterator[Breach]:
    """Every instant at which a limit is newly broken or broken by more, with the movements that moved its counts then.

    What was broken before `frozen_until` is the past: from then on the excess may not grow until the limit is kept
    again. Changes at the same instant count together.
    """
    changes: dict[int, list[tuple[int, int, str]]] = {limit.span.start: []}
    for index, tally in enumerate(limit.tallies):
        for passage in passages:
            for instant, people in tally.changes((passage,)):
                changes.setdefault(instant, []).append((index, people, passage.movement))
    counts = [0] * len(limit.tallies)
    allowed = 0
    for instant in sorted(changes):
        if instant >= limit.span.end:
            return
        for index, people, _ in changes[instant]:
            counts[index] += people
        if instant < limit.span.start:
            continue
        excess = max(0, limit.excess(counts))
        if excess > allowed and (frozen_until is None or instant >= frozen_until):
            people = -(-excess // limit.scale)
            movements = tuple(dict.fromkeys(movement for _, _, movement in changes[instant]))
            yield Breach(clause=limit.clause, at=instant, text=limit.text, people=people, movements=movements)
        allowed = excess


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One term of the agreement. A kind overrides what it has to say; the rest of it says nothing.

    `from_` and `until` are minutes of the operation (None: from its start, to its end). `counts` says how people are
    counted: by handover or by arrival.
    """

    kind: ClassVar[str]

    id: str
    state: State = "in force"
    from_: int | None = None
    until: int | None = None
    counts: Counts = "handover"

    def __post_init__(self) -> None:
        if self.from_ is not None and self.until is not None and self.until <= self.from_:
            raise ValueError("until is not later than from: give a later `until`, or leave one of them out")
        self.check_terms()

    def check_terms(self) -> None:
        """Raises ValueError, with the fix, where its terms make no sense in themselves."""

    def check_fit(self, theatre: Theatre) -> None:
        """Raises ValueError, with the fix, where its terms do not fit the people demanded, the places or the parties.

        For readers: a live operation whose people decline goes on with what its limits then say.
        """
        self.limits(theatre)
        self.closures(theatre)

    def span(self, theatre: Theatre) -> Span:
        """The instants at which it binds."""
        first = theatre.calendar.start_of_day if self.from_ is None else self.from_
        last = theatre.calendar.end + 1 if self.until is None else self.until
        return Span(first, max(first, last))

    def limits(self, theatre: Theatre) -> tuple[Limit, ...]:
        """The limits on counts of people that it yields. Raises ValueError where it names what is not there."""
        return ()

    def closures(self, theatre: Theatre) -> tuple[Closure, ...]:
        """When it keeps movements off a segment."""
        return ()

    def stay(self, evacuation: str) -> Stay | None:
        """What it says of the time aboard on movements of an evacuation."""
        return None

    def apart(self) -> tuple[frozenset[str], ...]:
        """Sets of groups of which no two may share a movement."""
        return ()

    def notice_minutes(self) -> int:
        """How long before its loading a movement has to be announced."""
        return 0

    def sides(self) -> tuple[tuple[str, ...], tuple[str, ...], float | None] | None:
        """The people on either side of an exchange and by how much their shares may differ (None: not by shares)."""
        return None

    def pause_minutes(self) -> int:
        """How long nothing departs after an incident."""
        return 0

    def lapses(self, theatre: Theatre) -> Mapping[tuple[str, str], int]:
        """Minutes after which a consent lapses, by segment and party."""
        return {}

    def escorted_by(self) -> tuple[str, ...]:
        """The parties of which one has to escort a convoy that carries people; empty where it says nothing."""
        return ()

    def watched_by(self) -> Mapping[str, tuple[str, ...]]:
        """The parties that have to be present before anything departs, and on which segments (empty: the whole way)."""
        return {}

    def breaches(self, theatre: Theatre, movements: Sequence[Movement]) -> Iterator[Breach]:
        """What of it is broken by these movements beyond its limits, closures, stay and apart, which `check` judges."""
        return iter(())

    def not_checkable(self) -> str:
        """What of it cannot be judged from movements alone; empty where all can."""
        return ""

    def sentence(self, theatre: Theatre, language: Language) -> str:
        """The clause as a negotiator would sign it."""
        raise NotImplementedError(f"clause kind {self.kind!r} has no sentence")
