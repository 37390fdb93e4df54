"""The ledger of people: double entry, in ranges. Every event posts people out of one account into another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple, get_args

from safepassage.events import (
    UNSPLIT,
    Arrived,
    Boarded,
    Born,
    Declined,
    Departed,
    Detained,
    Died,
    Event,
    HandedOver,
    Heads,
    Passed,
    PeopleCounted,
    Returned,
    Stage,
    TakenOff,
    TurnedBack,
)
from safepassage.operation import Operation
from safepassage.people import Count

AccountKind = Literal["outside", "waiting", "aboard", "arrived", "off", "detained", "died", "declined"]


class Account(NamedTuple):
    """Where people are: waiting (of an evacuation), aboard (of a movement), arrived or off (at a place) ...

    `outside` is where people demanded and born come from: its balance is minus all the others'.
    """

    kind: AccountKind
    of: str = ""


class Range(NamedTuple):
    """A balance of people: what it is at least, best, at most. `low` below zero: reports contradict each other."""

    low: int
    best: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """People of one evacuation and group out of one account into another, by an event.

    `counted` False: nobody counted them there; the numbers are those known from before.
    """

    event: str
    at: datetime
    evacuation: str
    group: str
    source: Account
    target: Account
    people: Count
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """Counts of one stage of a movement or evacuation, side by side with who published them. None is not zero."""

    event: str
    at: datetime
    stage: str
    by: str
    people: Mapping[str, Count]

    @property
    def total(self) -> Count:
        """All groups together."""
        counts = tuple(self.people.values())
        if len(counts) == 1:
            return counts[0]
        return Count(
            low=sum(count.low for count in counts),
            best=sum(count.best for count in counts),
            high=sum(count.high for count in counts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Counts of the same people set beside each other, by stage; never averaged. `differs` says where they part."""

    of: str
    planned: int | None
    counts: tuple[Tallied, ...]
    differs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaccounted:
    """People boarded who neither arrived, returned, got off nor died, of a movement overdue or of unknown position.

    `people` None: how many is not known, and it may be anybody aboard.
    """

    movement: str
    people: Range | None
    why: str
    since: datetime


NOBODY = Range(0, 0, 0)


class Moved(NamedTuple):
    """What a posting says, before anybody asks for the posting itself."""

    event: Event
    group: str
    source: Account
    target: Account
    people: Count
    counted: bool


class Carried:
    """What the reports on one movement come to: postings, who is still aboard by group, its counts, contradictions.

    `seats` None: not known; `most` then bounds who may have boarded. `guessed_aboard`: somebody boarded without being
    counted; `uncounted`: boarded so, or got off so. `moved` and `counted` are what `postings` and `counts` are made
    from, when somebody asks for them.
    """

    def __init__(self, *, movement: str, evacuation: str, seats: int | None, planned: int, most: int) -> None:
        self.movement, self.evacuation = movement, evacuation
        self.seats, self.planned, self.most = seats, planned, most
        self.account = Account("aboard", movement)
        self.moved: list[Moved] = []
        self.counted: list[Event] = []
        self.aboard: dict[str, Range] = {}
        self.boarded: dict[str, Range] = {}
        self.contradictions: list[tuple[datetime, str, tuple[str, ...]]] = []
        self.uncounted = self.guessed_aboard = False
        self.left = False
        self.ended = ""

    @cached_property
    def postings(self) -> tuple[Posting, ...]:
        """Its double entries, in the order of its events."""
        return tuple(
            Posting(
                event=event.id,
                at=event.happened.earliest,
                evacuation=self.evacuation,
                group=group,
                source=source,
                target=target,
                people=people,
                counted=counted,
            )
            for event, group, source, target, people, counted in self.moved
        )

    @property
    def counts(self) -> tuple[Tallied, ...]:
        """Its counts, in the order of its events."""
        return tuple(tallied(event, _heads(event)) for event in self.counted)

    @property
    def people_aboard(self) -> Range:
        """All groups together."""
        if len(self.aboard) == 1:
            return next(iter(self.aboard.values()))
        return together(self.aboard.values())

    @property
    def guessed(self) -> bool:
        """Whether nothing at all says how many boarded: no count, no plan."""
        return self.uncounted and not self.planned and not together(self.boarded.values()).best

    def at_least_arrived(self) -> dict[str, Range]:
        """Who boarded, by group; where they were not counted then, no fewer than were counted when they arrived."""
        arrived: dict[str, Range] = {}
        for _, group, _, target, people, counted in self.moved if self.guessed_aboard else ():
            if counted and target.kind == "arrived":
                low, best, high = arrived.get(group, NOBODY)
                arrived[group] = Range(low + people.low, best + people.best, high + people.high)
        there, held = together(arrived.values()), together(self.boarded.values())
        if there.best > held.best:
            low, best, high = arrived.get(UNSPLIT, NOBODY)
            return {**arrived, UNSPLIT: Range(low, best, high + max(0, held.high - there.high))}
        if there.low > held.low:
            low, best, high = self.boarded[UNSPLIT]
            return {**self.boarded, UNSPLIT: Range(low + there.low - held.low, best, high)}
        return self.boarded

    def take(self, event: Event) -> None:
        """One event more, later than those before."""
        kind = type(event.what)
        enter = self.ENTRIES.get(kind)
        if enter is not None:
            people = _heads(event)
            if people and kind in COUNTED:
                self.counted.append(event)
            enter(self, event, people)

    def _contradict(self, event: Event, text: str) -> None:
        self.contradictions.append((event.happened.earliest, f"{self.movement}: {text}", (event.id,)))

    def _board(self, event: Event, people: Heads, source: Account | None = None) -> None:
        counted = bool(people)
        if not counted:
            self.uncounted = self.guessed_aboard = True
            high = max(self.planned, self.most if self.seats is None else self.seats)
            people = {UNSPLIT: Count(low=0, best=self.planned, high=high)}
        source = Account("waiting", self.evacuation) if source is None else source
        for group, count in people.items():
            self.moved.append(Moved(event, group, source, self.account, count, counted))
            for where in (self.aboard, self.boarded):
                low, best, high = where.get(group, NOBODY)
                where[group] = Range(low + count.low, best + count.best, high + count.high)

    def _born(self, event: Event, people: Heads) -> None:
        self._board(event, people, Account("outside"))

    def _leave_place(self, event: Event, people: Heads) -> None:
        if self.ended and isinstance(event.what, Departed):
            self._contradict(event, f"reported to leave {event.what.at} after it had {self.ended}")
        self.left = True
        if people and self.guessed_aboard and all(one.source.kind == "waiting" for one in self.moved):
            self.moved, self.aboard, self.boarded = [], {}, {}  # the guess is taken back: they are counted now
            self.uncounted = self.guessed_aboard = False
        if not self.boarded:
            self._board(event, people)

    def _arrive(self, event: Event, people: Heads) -> None:
        place = _place(event)
        self._end(event, people, Account("arrived", place), f"arrive at {place}")
        self.ended = "arrived"

    def _return(self, event: Event, people: Heads) -> None:
        self._end(event, people, Account("waiting", self.evacuation), f"return to {_place(event)}")
        self.ended = "returned"

    def _end(self, event: Event, people: Heads, target: Account, verb: str) -> None:
        if not self.boarded:
            if not self.left:
                self._contradict(event, f"reported to {verb}, but nobody reported that it left")
            self._board(event, people)
        if people:
            self._leave(event, people, target)
        else:
            for group, held in self.aboard.items():
                everybody = Count(low=max(0, held.low), best=max(0, held.best), high=max(0, held.high))
                self.moved.append(Moved(event, group, self.account, target, everybody, False))
                self.aboard[group] = NOBODY

    def _leave(self, event: Event, people: Heads, target: Account) -> None:
        least, most = 0, self.people_aboard.high
        for group, count in people.items():
            least += count.low
            self.moved.append(Moved(event, group, self.account, target, count, True))
            low, best, high = self.aboard.get(group, NOBODY)
            self.aboard[group] = Range(low - count.high, best - count.best, high - count.low)
        if least > most:
            where = target.of or target.kind
            self._contradict(event, f"{least:,} or more got off at {where}, but at most {most:,} were aboard")
        if not people:
            self.uncounted = True
            for group, held in self.aboard.items():
                some = Count(low=0, best=0, high=max(0, held.high))
                self.moved.append(Moved(event, group, self.account, target, some, True))
                self.aboard[group] = Range(min(0, held.low), held.best, held.high)

    def _take_off(self, event: Event, people: Heads) -> None:
        self._leave(event, people, Account("off", _place(event)))

    def _detain(self, event: Event, people: Heads) -> None:
        self._leave(event, people, Account("detained", _place(event)))

    def _die(self, event: Event, people: Heads) -> None:
        self._leave(event, people, Account("died", _place(event)))

    def _count(self, event: Event, people: Heads) -> None:
        """A count moves nobody."""

    ENTRIES: ClassVar[Mapping[type, Callable[[Carried, Event, Heads], None]]] = {
        Boarded: _board,
        Departed: _leave_place,
        Passed: _leave_place,
        HandedOver: _leave_place,
        TurnedBack: _leave_place,
        Arrived: _arrive,
        Returned: _return,
        TakenOff: _take_off,
        Detained: _detain,
        Died: _die,
        Born: _born,
        PeopleCounted: _count,
    }
    """What each kind of event enters. The others move nobody and count nobody."""


def _heads(event: Event) -> Heads:
    people: Heads = getattr(event.what, "people", {})
    return people


def _place(event: Event) -> str:
    place: str = getattr(event.what, "at", "")
    return place


def together(ranges: Iterable[Range]) -> Range:
    """The sum of balances."""
    low = best = high = 0
    for one in ranges:
        low, best, high = low + one.low, best + one.best, high + one.high
    return Range(low, best, high)


def opening(operation: Operation) -> Iterator[Posting]:
    """People demanded, out of nowhere into waiting."""
    for evacuation in operation.evacuations.values():
        for group, count in evacuation.people.items():
            yield Posting(
                event="",
                at=operation.calendar.starts,
                evacuation=evacuation.id,
                group=group,
                source=Account("outside"),
                target=Account("waiting", evacuation.id),
                people=count,
            )


def posted(operation: Operation, events: Iterable[Event]) -> Iterator[Posting]:
    """What events of a whole evacuation post: those who decline, are born or die while they wait."""
    for event in events:
        what = event.what
        if isinstance(what, Declined):
            source, target = Account("waiting", what.evacuation), Account("declined", what.evacuation)
        elif isinstance(what, Born) and what.evacuation:
            source, target = Account("outside"), Account("waiting", what.evacuation)
        elif isinstance(what, Died) and what.evacuation:
            source, target = Account("waiting", what.evacuation), Account("died", what.evacuation)
        else:
            continue
        for group, count in what.people.items():
            yield Posting(
                event=event.id,
                at=event.happened.earliest,
                evacuation=what.evacuation,
                group=group,
                source=source,
                target=target,
                people=count,
            )


def carried(
    movement: str,
    evacuation: str,
    events: Iterable[Event],
    *,
    seats: int | None = None,
    planned: int = 0,
    most: int = 0,
) -> Carried:
    """The ledger of one movement from its events in order.

    Who boarded without being counted is anybody up to the `seats` (None: not known, so up to `most`), at best those
    `planned`. Who arrives without being counted is everybody aboard. A number that is not known never counts as zero.
    """
    book = Carried(movement=movement, evacuation=evacuation, seats=seats, planned=planned, most=most)
    for event in events:
        book.take(event)
    return book


COUNTED = frozenset({Boarded, Departed, Passed, HandedOver, Arrived, Returned, PeopleCounted})
STAGES: Mapping[type, str] = {
    Boarded: "boarded",
    Departed: "departed",
    Passed: "departed",
    HandedOver: "handed over",
    Arrived: "arrived",
    Returned: "returned",
}


def tallied(event: Event, people: Heads) -> Tallied:
    """A count as it was published, or as it was reported with what a movement did."""
    what = event.what
    stage = what.stage if isinstance(what, PeopleCounted) else STAGES[type(what)]
    by = (what.by if isinstance(what, PeopleCounted) else "") or (event.source.origin if event.source else event.author)
    return Tallied(event=event.id, at=event.happened.earliest, stage=stage, by=by, people=people)


def balances(postings: Iterable[Posting]) -> dict[Account, Range]:
    """People by account. The best figures add up to zero over all accounts, `outside` included.

    Who left a movement without being counted leaves nobody behind in it: its range closes.
    """
    found: dict[Account, Range] = {}
    for posting in postings:
        count = posting.people
        low, best, high = found.get(posting.source, NOBODY)
        if posting.counted or posting.source.kind != "aboard":
            found[posting.source] = Range(low - count.high, best - count.best, high - count.low)
        else:
            found[posting.source] = Range(min(0, low - count.low), best - count.best, max(0, high - count.high))
        low, best, high = found.get(posting.target, NOBODY)
        found[posting.target] = Range(low + count.low, best + count.best, high + count.high)
    assert sum(one.best for one in found.values()) == 0, "people were made or lost in the ledger"
    return found


ORDER = {stage: place for place, stage in enumerate(get_args(Stage))}


def reconciled(of: str, planned: int | None, counts: Sequence[Tallied]) -> Reconciled:
    """Counts of the same people side by side, and where a later stage cannot agree with an earlier one.

    Of a movement, stages follow each other: fewer may get off than were aboard, and that is said too.
    """
    if len({(one.low, one.high) for one in (count.total for count in counts)}) == 1:
        return Reconciled(of=of, planned=planned, counts=tuple(counts))
    by_stage: dict[str, list[Tallied]] = {}
    for count in counts:
        by_stage.setdefault(count.stage, []).append(count)
    said = []
    ordered = sorted(by_stage, key=lambda stage: ORDER.get(stage, len(ORDER)))
    for stage in ordered:
        totals = [count.total for count in by_stage[stage] if stage != "boarded"]
        if totals and max(total.low for total in totals) > min(total.high for total in totals):
            said.append(f"{stage}: {' against '.join(sorted({f'{total.best:,}' for total in totals}))}")
    for earlier, later in pairwise(ordered):
        first = _latest(by_stage[earlier], adds_up=earlier == "boarded")
        then = _latest(by_stage[later], adds_up=False)
        if first.low > then.high:
            said.append(f"{earlier} {first.best:,}, {later} {then.best:,}: {first.best - then.best:,} fewer")
        elif then.low > first.high:
            said.append(f"{earlier} {first.best:,}, {later} {then.best:,}: {then.best - first.best:,} more")
    return Reconciled(of=of, planned=planned, counts=tuple(counts), differs="; ".join(said))


def _latest(counts: Sequence[Tallied], *, adds_up: bool) -> Count:
    if not adds_up:
        return counts[-1].total
    totals = [count.total for count in counts]
    return Count(
        low=sum(total.low for total in totals),
        best=sum(total.best for total in totals),
        high=sum(total.high for total in totals),
    )


def published(of: str, counts: Sequence[Tallied]) -> Reconciled:
    """Totals of an evacuation as others gave them; `differs` names the days on which they cannot all be right."""
    days: dict[tuple[str, str], list[Tallied]] = {}
    for count in counts:
        days.setdefault((f"{count.at:%d %b}", count.stage), []).append(count)
    said = []
    for (day, stage), some in days.items():
        totals = [count.total for count in some]
        if max(total.low for total in totals) > min(total.high for total in totals):
            span = f"{min(total.best for total in totals):,} to {max(total.best for total in totals):,}"
            said.append(f"{day}, {stage}: {span} by {len({count.by for count in some})} publishers")
    return Reconciled(of=of, planned=None, counts=tuple(counts), differs="; ".join(said))
