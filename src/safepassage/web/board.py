"""The board's view: a situation as the JSON that the page draws. The same situation gives the same board."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from typing import Any

from safepassage.agreement import Language
from safepassage.claims import Answer, Standing
from safepassage.control.records import SUBJECTS
from safepassage.events import ClaimMade, Event, OpinionStated, PeopleCounted, QuestionRaised
from safepassage.ledger import Account, Range
from safepassage.movement import Movement
from safepassage.report.terms import STAGES
from safepassage.situation import ConsentState, MovementState, PeopleOut, SegmentState, Situation, Word
from safepassage.situation.trip import word
from safepassage.web.access import FORETELLING
from safepassage.web.board_shape import (
    AnswerView,
    BalanceView,
    BarView,
    Board,
    ConsentView,
    ConvoyView,
    CountView,
    EntryView,
    HeadlineView,
    HolderView,
    LineView,
    LostView,
    NoteView,
    People,
    PeopleView,
    PlaceView,
    QuestionView,
    Said,
    SegmentView,
    ShareView,
)
from safepassage.web.board_terms import kind_said, terms
from safepassage.world import SearchTooLong, Span, routes

CONVOYS_MOST = 60
BARS_MOST = 120
FEED_MOST = 120
PUBLISHED_MOST = 8
LINES_MOST = 12
ROUTE_WORK = 20_000
"""Steps spent on a line of stations; a way harder to find than this is left out of the strip."""
WORST = ("withdrawn", "expired", "missing", "given")
"""States of consent, the worst first."""


def board_view(
    situation: Situation, language: Language = "en", *, future_on: Collection[str] | None = ()
) -> dict[str, Any]:
    """The board as JSON.

    Planned departures and routes are the most sensitive there is (DESIGN section 10): of movements that are not over,
    only what is planned for a road or crossing in `future_on` is in it (None: all that is planned; by default nothing).
    """
    return asdict(board(situation, language, future_on=future_on))


def board(situation: Situation, language: Language = "en", *, future_on: Collection[str] | None = ()) -> Board:
    """The board as a value; see `board_view`."""
    return _Drawn(situation, language, future_on).board()


class _Drawn:
    """One board under way."""

    def __init__(self, situation: Situation, language: Language, future_on: Collection[str] | None) -> None:
        self.situation, self.language, self.future_on = situation, language, future_on
        self.operation = situation.operation
        self.world = self.operation.world
        self.zone = self.operation.calendar.starts.tzinfo
        self.terms = terms(language)
        self.lines = self._lines()
        self.movements = tuple(situation.movements.values())

    # Words

    def name(self, id: str) -> str:
        return self.operation.theatre.name(id, self.language)

    def time(self, when: datetime) -> str:
        return when.astimezone(self.zone).isoformat(timespec="minutes")

    def who(self, word: Word) -> str:
        return word.says or self.terms["author"]

    def says(self, words: Iterable[Word]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.who(word) for word in words))

    def said(self, word: Word) -> Said:
        return Said(who=self.who(word), happened=self.time(word.happened))

    # The whole

    def board(self) -> Board:
        situation, calendar = self.situation, self.operation.calendar
        movements = [one for one in self.movements if one.evacuation and self.shown(one)]
        convoys = sorted((one for one in movements if one.phase != "planned"), key=_pressing)
        bars = sorted(filter(None, map(self.bar, movements)), key=lambda one: (one.actual or one.planned or ("",))[0])
        everything = self.future_on is None
        feed = [event for event in situation.events[::-1] if everything or not isinstance(event.what, FORETELLING)]
        return Board(
            language=self.language,
            starts=self.time(calendar.starts),
            ends=self.time(calendar.when(calendar.end)),
            as_of=self.time(situation.as_of),
            known_at=None if situation.known_at is None else self.time(situation.known_at),
            plan=situation.plan is not None,
            headline=self.headline(),
            places=self.places(),
            segments=tuple(map(self.segment, situation.segments.values())),
            lines=self.lines,
            convoys=tuple(map(self.convoy, convoys[:CONVOYS_MOST])),
            convoys_more=max(0, len(convoys) - CONVOYS_MOST),
            people=tuple(map(self.people, situation.people.values())),
            balances=self.balances(),
            parties={one.party: self.name(one.party) for one in situation.consents},
            consents=tuple(map(self.consent, situation.consents)),
            unaccounted=tuple(
                LostView(movement=one.movement, people=_people(one.people), why=one.why, since=self.time(one.since))
                for one in situation.unaccounted
            ),
            incidents=self.incidents(),
            discrepancies=tuple(
                NoteView(text=one.text, where="", at=self.time(one.at), says=())
                for one in situation.discrepancies[-20:]
            ),
            bars=tuple(bars[-BARS_MOST:]),
            bars_more=max(0, len(bars) - BARS_MOST),
            feed=tuple(map(self.entry, feed[:FEED_MOST])),
            feed_more=max(0, len(feed) - FEED_MOST),
            terms=self.terms,
        )

    def shown(self, movement: MovementState) -> bool:
        """Whether a movement may be seen: it has been reported, or its future may be seen."""
        return movement.phase != "planned" or self.foreseen(movement)

    def foreseen(self, movement: MovementState) -> bool:
        """Whether anything that is planned of a movement may be seen: it is over, or its reader may know."""
        return self.whole(movement) or bool(self.own_spans(movement))

    def whole(self, movement: MovementState) -> bool:
        """Whether all of its way may be seen, to the end."""
        return self.future_on is None or movement.finished

    def own_spans(self, movement: MovementState) -> list[Span]:
        """When it is planned to be on the segments of which its reader may foresee what comes."""
        if movement.planned is None or self.future_on is None:
            return []
        return [span for segment, span in spans_of(movement.planned) if segment in self.future_on]

    # The headline

    def headline(self) -> HeadlineView:
        headline = self.situation.headline
        since = headline.since
        return HeadlineView(
            motion=headline.motion,
            since=None if since is None else self.time(since),
            minutes=None if since is None else max(0, int((self.situation.as_of - since).total_seconds() // 60)),
            sentence=headline.said(self.language),
            alarm=headline.alarm_said(self.language),
            words=tuple(map(self.said, headline.words)),
            why=None if headline.why is None else self.question(headline.why),
            to_resume=headline.to_resume_said(self.language),
        )

    def question(self, standing: Standing) -> QuestionView:
        return QuestionView(
            text=standing.question.said(self.language),
            kind=standing.kind,
            sentence=standing.said(self.language),
            answers=tuple(map(self.answer, standing.answers)),
        )

    def answer(self, answer: Answer) -> AnswerView:
        relays = (relay for one in answer.statements for relay in one.source.relayed_by)
        return AnswerView(
            kind=answer.kind,
            text=answer.statements[0].claim.said(self.language).rstrip("."),
            sentence=answer.said(self.language),
            origins=answer.origins,
            through=tuple(dict.fromkeys(relays)),
            denied_by=tuple(dict.fromkeys(one.source.origin for one in answer.denied_by)),
        )

    # The theatre

    def places(self) -> tuple[PlaceView, ...]:
        held: dict[str, list[HolderView]] = {}
        for one in self.situation.control:
            holder = HolderView(party=one.held_by, name=self.name(one.held_by), says=self.says(one.words))
            held.setdefault(one.place, []).append(holder)
        waiting: dict[str, Range] = {}
        for id, people in self.situation.people.items():
            origin = self.operation.evacuations[id].origin
            waiting[origin] = _sum(waiting.get(origin), people.waiting)
        accounts = self.situation.accounts
        return tuple(
            PlaceView(
                id=id,
                name=self.name(id),
                at=place.at,
                holders=tuple(held.get(id, ())),
                crossing=id in self.world.crossings,
                waiting=_people(waiting.get(id)),
                arrived=_people(accounts.get(Account("arrived", id))),
            )
            for id, place in self.world.places.items()
        )

    def segment(self, state: SegmentState) -> SegmentView:
        id = state.segment
        road = self.world.roads.get(id)
        here, there = road.between if road is not None else (id, id)
        general: dict[str, str] = {}
        for one in self.situation.consents:
            if one.segment == id:
                general[one.party] = general.get(one.party, "missing") if one.movements else one.phase
        phases = set(general.values())
        return SegmentView(
            id=id,
            name=self.name(id),
            crossing=road is None,
            here=here,
            there=there,
            phase=state.phase,
            hours_old=state.hours_old(self.situation.as_of),
            stale=state.stale(self.situation.as_of),
            why=state.why,
            says=self.says(state.words),
            consent=next((phase for phase in WORST if phase in phases), ""),
        )

    def _lines(self) -> tuple[LineView, ...]:
        """A line for each way that evacuations take; one that is the beginning of another is part of it."""
        ways: dict[tuple[str, ...], tuple[tuple[str, ...], dict[str, None]]] = {}
        for id, evacuation in self.operation.evacuations.items():
            for to in evacuation.to:
                try:
                    found = routes(self.world, evacuation.origin, to, out_at=evacuation.out_at, most=1, work=ROUTE_WORK)
                except SearchTooLong:
                    continue
                for route in found:
                    ways.setdefault(route.places, (route.roads, {}))[1][id] = None
        for way in sorted(ways, key=len):
            longer = next((other for other in ways if other != way and other[: len(way)] == way), None)
            if longer is not None:
                ways[longer][1].update(ways.pop(way)[1])
        return tuple(
            LineView(
                evacuations=tuple(ids),
                name=" / ".join(map(self.name, ids)),
                places=way,
                segments=tuple(roads),
            )
            for way, (roads, ids) in list(ways.items())[:LINES_MOST]
        )

    def incidents(self) -> tuple[NoteView, ...]:
        return tuple(
            NoteView(
                text=one.report.text,
                where=self.name(one.report.at) if one.report.at else one.report.elsewhere,
                at=self.time(one.words[-1].happened),
                says=self.says(one.words),
            )
            for one in reversed(self.situation.incidents)
            if not one.over
        )

    # Convoys

    def convoy(self, state: MovementState) -> ConvoyView:
        last = state.words[-1]
        here, there, share, reckoned = self.position(state)
        return ConvoyView(
            id=state.id,
            evacuation=state.evacuation,
            phase=state.phase,
            under_way=state.under_way,
            at=self.name(state.at),
            here=here,
            there=there,
            share=share,
            reckoned=reckoned,
            since=self.time(state.since),
            destination=self.name(state.destination) if self.whole(state) else "",
            aboard=_people(state.aboard),
            minutes_aboard=state.minutes_aboard,
            aboard_limit=state.aboard_limit,
            alarm=state.alarm_said(self.language),
            last=self.said(last),
        )

    def position(self, state: MovementState) -> tuple[str, str, float, bool]:
        """Between which places a convoy is and how far, and whether that is reckoned by the road's minutes.

        On a road: in its middle, for nobody said where on it. On its way from a place: as far as the minutes since go,
        and never beyond the next place, where it would have been reported; this only where its reader may foresee it.
        """
        road = self.world.roads.get(state.at)
        if road is not None:
            return (*road.between, 0.5, False)
        if state.phase in {"on the way", "handed over"}:
            for line in self.lines:
                if state.evacuation in line.evacuations and state.at in line.places[:-1]:
                    index = line.places.index(state.at)
                    road_id = line.segments[index]
                    if self.future_on is not None and road_id not in self.future_on:
                        break
                    minutes = self.world.roads[road_id].minutes
                    gone = (self.situation.as_of - state.words[-1].happened).total_seconds() / 60
                    return state.at, line.places[index + 1], max(0.0, min(0.9, gone / minutes)), True
        return state.at, state.at, 0.0, False

    def bar(self, state: MovementState) -> BarView | None:
        planned, actual = self.planned_span(state), None
        if state.actual is not None:
            actual = self._spanned(state.actual, until=state.since if state.finished else None)
        elif state.boarded is not None:
            ends = state.since if state.finished else self.situation.as_of
            actual = (self.time(state.boarded), None, self.time(max(ends, state.boarded)))
        if planned is None and actual is None:
            return None
        return BarView(id=state.id, planned=planned, actual=actual, ending=state.phase)

    def planned_span(self, state: MovementState) -> tuple[str, str | None, str] | None:
        """When it is planned to load, be handed over and have unloaded; or, of one that is not over, only when it is on
        the segments that its reader may foresee.
        """
        if state.planned is None:
            return None
        if self.whole(state):
            return self._spanned(state.planned)
        own, when = self.own_spans(state), self.operation.calendar.when
        if not own:
            return None
        return self.time(when(min(one.start for one in own))), None, self.time(when(max(one.end for one in own)))

    def _spanned(self, movement: Movement, until: datetime | None = None) -> tuple[str, str | None, str]:
        when = self.operation.calendar.when
        ends = when(movement.ends)
        if movement.unloading is None:
            ends = max(ends, until or self.situation.as_of)
        out = movement.handed_over
        return self.time(when(movement.loading.start)), None if out is None else self.time(when(out)), self.time(ends)

    # People

    def people(self, people: PeopleOut) -> PeopleView:
        id = people.evacuation
        evacuation = self.operation.evacuations[id]
        published = sorted(people.published.counts, key=lambda one: one.at, reverse=True)
        return PeopleView(
            evacuation=id,
            name=self.name(id),
            demanded=people.demanded,
            waiting=_triple(people.waiting),
            aboard=_triple(people.aboard),
            out=_triple(people.out),
            arrived=_triple(people.arrived),
            planned_out=self.planned_out(id),
            groups=tuple(
                ShareView(
                    name=self.terms["unsplit"] if group == "*" else self.name(group),
                    out=_triple(out),
                    demanded=evacuation.people[group].best if group in evacuation.people else None,
                )
                for group, out in people.by_group.items()
            ),
            destinations=tuple(
                ShareView(name=self.name(to), out=_triple(out), demanded=None)
                for to, out in people.by_destination.items()
            ),
            published=tuple(
                CountView(
                    stage=STAGES[one.stage].said(self.language),
                    by=self.name(one.by),
                    at=self.time(one.at),
                    people=(one.total.low, one.total.best, one.total.high),
                )
                for one in published[:PUBLISHED_MOST]
            ),
            differs=people.published.differs,
            last=self.last_counted.get(id),
        )

    @cached_property
    def last_counted(self) -> dict[str, Said]:
        """By evacuation, who counted people of one of its convoys last."""
        of = {one.id: one.evacuation for one in self.movements}
        found: dict[str, Said] = {}
        for event in self.situation.events:
            evacuation = of.get(getattr(event.what, "movement", ""), "")
            if evacuation and getattr(event.what, "people", None):
                found[evacuation] = self.said(word(event))
        return found

    def planned_out(self, evacuation: str) -> int | None:
        """How many the adopted plan has out by now: what has been is no secret."""
        plan = self.situation.plan
        if plan is None:
            return None
        now = self.operation.calendar.minute(self.situation.as_of)
        return sum(
            one.total
            for one in plan.movements
            if one.evacuation == evacuation and one.handed_over is not None and one.handed_over <= now
        )

    # The agreement

    def balances(self) -> tuple[BalanceView, ...]:
        phases = {one.clause: one.phase for one in self.situation.clauses}
        return tuple(
            BalanceView(
                clause=one.clause,
                sides=(self.name(one.sides[0]), self.name(one.sides[1])),
                shares=one.shares,
                at_least=one.at_least,
                ahead=one.ahead,
                tolerance=one.tolerance,
                phase=phases.get(one.clause, "not known"),
            )
            for one in self.situation.balances
        )

    def consent(self, state: ConsentState) -> ConsentView:
        return ConsentView(
            segment=state.segment,
            party=state.party,
            phase=state.phase,
            until=None if state.until is None else self.time(state.until),
            says=self.says(state.words),
            movements=state.movements,
        )

    # The feed

    def entry(self, event: Event) -> EntryView:
        return EntryView(
            id=event.id,
            kind=kind_said(event.what.kind, self.language),
            text=self.about(event),
            who=self.terms["author"] if event.source is None else event.source.origin,
            happened=self.time(event.happened.earliest),
            known=self.time(event.known),
            corrects=bool(event.corrects),
        )

    def about(self, event: Event) -> str:
        """What an event is about, in one line."""
        what = event.what
        if isinstance(what, ClaimMade):
            return what.claim.said(self.language)
        if isinstance(what, QuestionRaised):
            return what.question.said(self.language)
        if isinstance(what, OpinionStated):
            return what.text
        if isinstance(what, PeopleCounted):
            people = sum(count.best for count in what.people.values())
            of = self.name(what.movement or what.evacuation)
            return f"{people:,} ({STAGES[what.stage].said(self.language)}), {of}"
        parts = []
        for field in SUBJECTS:
            value = getattr(what, field, "")
            if value:
                parts += [value] if isinstance(value, str) else list(value)
        return ", ".join(dict.fromkeys(map(self.name, parts)))


def _pressing(one: MovementState) -> tuple[bool, bool, float]:
    """Those with an alarm first, then those under way, then the latest."""
    return (not one.alarm, not one.under_way, -one.since.timestamp())


def _triple(people: Range) -> People:
    return max(0, people.low), max(0, people.best), people.high


def _people(people: Range | None) -> People | None:
    return None if people is None else _triple(people)


def _sum(one: Range | None, other: Range) -> Range:
    return other if one is None else Range(one.low + other.low, one.best + other.best, one.high + other.high)


def spans_of(movement: Movement) -> Iterator[tuple[str, Span]]:
    """The roads and crossings that a movement takes, and when."""
    yield from ((leg.road, Span(leg.departs, leg.arrives)) for leg in movement.legs)
    yield from ((slot.crossing, Span(slot.starts, slot.ends)) for slot in movement.inspections)
