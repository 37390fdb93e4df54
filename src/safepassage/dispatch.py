"""The verbs of the live operation: given a situation, what happens next, or a refusal that says why. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import combinations, pairwise

from safepassage.agreement import Clause, Gate, Language, Limit, Stream, Tally, in_language
from safepassage.check import check_plan
from safepassage.events import (
    UNSPLIT,
    AgreementSigned,
    Boarded,
    ConsentGiven,
    ConvoyFormed,
    Departed,
    Heads,
    OperationResumed,
    OperationSuspended,
    PlanAdopted,
    What,
)
from safepassage.ledger import NOBODY, Account, Range, together
from safepassage.movement import Inspection, Leg, Movement, Passage, Timetable
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation
from safepassage.situation import WORDS_MOST, ConsentState, MovementState, Situation, Word
from safepassage.world import Span, routes

WAITING_TO_LEAVE = frozenset({"planned", "formed", "boarding"})
ON_THE_ROAD = frozenset({"on the way", "held"})
"""Phases in which a movement has left and is not yet handed over."""
NOT_YET_THERE = ON_THE_ROAD | {"handed over"}
"""Phases in which a movement has left and has not yet arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that forbids it: by which clause or rule, in words, and the events behind it."""

    rule: str
    text: str
    text_ar: str
    words: tuple[Word, ...] = ()

    def said(self, language: Language) -> str:
        return in_language(language, self.text, self.text_ar)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """GO (no reasons) or NO-GO with every reason, for movements that would leave together at `at`."""

    movements: tuple[str, ...]
    at: datetime
    reasons: tuple[Reason, ...]

    @property
    def go(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A proposal that may not be carried out now, and every reason."""

    verb: str
    reasons: tuple[Reason, ...]


Decision = tuple[What, ...] | Refusal


# May it go


def may_depart(situation: Situation, movements: Sequence[Movement], *, at: datetime | None = None) -> Verdict:
    """GO or NO-GO for planned movements that leave together at `at` (None: now, at `as_of`), with every reason.

    What is on the road counts as handed over against every upper limit and as not handed over against every lower one;
    those who leave together count together (DESIGN section 5). Where the past has broken a limit, the excess may not
    grow. Each consent has to last until the convoy has left its segment. Who is aboard is who goes; of a movement that
    nobody has boarded, those planned. Raises ValueError for no movements, and for an `at` before the situation.
    """
    at = situation.as_of if at is None else at
    if not movements:
        raise ValueError("nobody is to leave: name one movement or more")
    if at < situation.as_of:
        raise ValueError(f"{at.isoformat()} is before the situation: ask for the situation as of then")
    minute = situation.operation.calendar.minute(at)
    named = {movement.id: movement for movement in movements}
    going = tuple(departing(situation.operation, movement, minute) for movement in named.values())
    case = _Gate(situation, going, at)
    reasons = [*case.suspended()]
    for movement in going:
        reasons += case.of_movement(movement)
    reasons += case.limits()
    reasons += case.reception()
    return Verdict(movements=tuple(movement.id for movement in going), at=at, reasons=tuple(dict.fromkeys(reasons)))


def may_hand_over(situation: Situation, movements: Sequence[Movement]) -> Verdict:
    """GO or NO-GO for movements that stand at the crossing and would be handed over together now, by the limits alone.

    What is handed over counts as that, what is on the road does not. Who counts by arrival counts where the crossing is
    where it arrives.
    """
    minute = situation.operation.calendar.minute(situation.as_of)
    case = _Gate(situation, tuple(replace(one, handed_over=minute) for one in movements), situation.as_of)
    return Verdict(
        movements=tuple(movement.id for movement in movements),
        at=situation.as_of,
        reasons=tuple(case.handovers()),
    )


def departing(operation: Operation, movement: Movement, minute: int) -> Movement:
    """The movement as it would go if it left its origin at this minute, whatever its plan said."""
    slots = {slot.crossing: slot.ends - slot.starts for slot in movement.inspections}
    gates = operation.evacuations[movement.evacuation].out_at if movement.evacuation in operation.evacuations else ()
    now, handed = minute, None
    legs: list[Leg] = []
    inspections: list[Inspection] = []
    for index, place in enumerate(movement.places):
        if place in slots:
            inspections.append(Inspection(crossing=place, starts=now, ends=now + slots[place]))
            now += slots[place]
        if place in gates:
            handed = now
        if index < len(movement.legs):
            leg = movement.legs[index]
            takes = operation.world.roads[leg.road].minutes_at(operation.calendar.time_of_day(now))
            legs.append(replace(leg, departs=now, arrives=now + takes))
            now += takes
    unload = operation.unload_minutes(movement.vehicles)
    loads = movement.loading.end - movement.loading.start
    return replace(
        movement,
        loading=Span(minute - loads, minute),
        legs=tuple(legs),
        inspections=tuple(inspections),
        handed_over=now if handed is None else handed,
        arrived=now,
        unloading=Span(now, now + unload),
    )


def convoy_for(situation: Situation, evacuation: str) -> Movement:
    """The next convoy of an evacuation, where no plan names one: the first agreed shape by the shortest way.

    It is filled with those who wait (where nobody is known to, with those demanded).
    Its times begin at minute 0 (see `departing`). Raises ValueError where no way or no vehicle can carry its people.
    """
    operation = situation.operation
    stream = operation.evacuations[evacuation]
    ways = [
        way
        for destination in stream.to
        for way in routes(operation.world, stream.origin, destination, out_at=stream.out_at, most=1)
    ]
    if not ways:
        raise ValueError(f"no way leads from {stream.origin} to {' or '.join(stream.to)}: look at its roads")
    way = min(ways, key=lambda way: sum(operation.world.roads[road].minutes for road in way.roads))
    waiting = _waiting(situation, stream)
    shapes = [convoy.vehicles for convoy in operation.convoys] or [{fleet: 1} for fleet in operation.fleets]
    for vehicles in shapes:
        people = _filled(operation, waiting, vehicles)
        if people:
            break
    else:
        raise ValueError(f"no agreed convoy carries the people of {evacuation}: look at what its fleets carry")
    legs = tuple(
        Leg(road=road, here=here, there=there, departs=0, arrives=operation.world.roads[road].minutes)
        for road, (here, there) in zip(way.roads, pairwise(way.places), strict=True)
    )
    seats = operation.seats(vehicles)
    slots = tuple(
        Inspection(crossing=place, starts=0, ends=crossing.slot(seats, operation.slot_minutes))
        for place in way.places
        if (crossing := operation.world.crossings.get(place)) is not None
    )
    movement = Movement(
        id=f"next of {evacuation}",
        evacuation=evacuation,
        origin=stream.origin,
        destination=way.places[-1],
        vehicles=vehicles,
        people=people,
        loading=Span(0, operation.load_minutes(vehicles)),
        legs=legs,
        inspections=slots,
    )
    return departing(operation, movement, movement.loading.end)


def _waiting(situation: Situation, stream: Evacuation) -> dict[str, int]:
    """People who wait, by group; who boarded with their groups not told apart comes off the largest."""
    account = Account("waiting", stream.id)
    held: dict[str, int] = {}
    for posting in situation.postings:
        if posting.evacuation == stream.id and account in (posting.source, posting.target):
            people = posting.people.best if posting.target == account else -posting.people.best
            held[posting.group] = held.get(posting.group, 0) + people
    left = {group: max(0, held.get(group, 0)) for group in stream.people}
    loose = sum(held.values()) - sum(left.values())
    for group in sorted(left, key=lambda group: -left[group]):
        taken = min(left[group], max(0, -loose))
        left[group] -= taken
        loose += taken
    return left if any(left.values()) else stream.demand()


def _filled(operation: Operation, waiting: Mapping[str, int], vehicles: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """People in the seats of a convoy, the heaviest weights first."""
    left = dict(waiting)
    seats = {fleet: operation.fleets[fleet].seats * count for fleet, count in vehicles.items()}
    people: dict[str, dict[str, int]] = {}
    for group in sorted(left, key=lambda group: -operation.groups[group].weight):
        aboard = {group for groups in people.values() for group in groups}
        if any(group in apart and apart & aboard for apart in operation.apart):
            continue
        for fleet, free in seats.items():
            taken = min(left[group], free) if group in operation.fleets[fleet].carries else 0
            if taken:
                people.setdefault(fleet, {})[group] = taken
                left[group] -= taken
                seats[fleet] = free - taken
    return people


class _Gate:
    """One question at the gate: the situation, who would leave, and the minute at which they would."""

    def __init__(self, situation: Situation, going: Sequence[Movement], at: datetime) -> None:
        self.situation, self.going, self.at = situation, going, at
        self.operation, self.theatre = situation.operation, situation.operation.theatre
        self.calendar = situation.operation.calendar
        self.minute = self.calendar.minute(at)
        ids = {movement.id for movement in going}
        self.under_way = [
            state for state in situation.movements.values() if state.phase in NOT_YET_THERE and state.id not in ids
        ]
        self.binding: list[Clause] = []
        for clause in self.operation.binding:
            span = clause.span(self.theatre)
            if span.start <= self.minute < span.end:
                self.binding.append(clause)
        self.clauses = {state.clause: state for state in situation.clauses}
        self.consents: dict[tuple[str, str], list[ConsentState]] = {}
        for consent in situation.consents:
            self.consents.setdefault((consent.segment, consent.party), []).append(consent)
        self.counted: dict[Tally, int] = {}
        self.by_stream: dict[Stream, list[Passage]] = {}
        for passage in situation.passages:
            self.by_stream.setdefault((passage.evacuation, passage.group), []).append(passage)

    def name(self, id: str) -> tuple[str, str]:
        return self.theatre.name(id, "en"), self.theatre.name(id, "ar")

    def clock(self, minute: int) -> str:
        return self.calendar.clock(minute)

    def suspended(self) -> Iterator[Reason]:
        evacuations = {movement.evacuation for movement in self.going}
        for word in self.situation.suspended:
            suspended = suspension(self.situation, word)
            if suspended.evacuations and evacuations.isdisjoint(suspended.evacuations):
                continue
            what = self.theatre.names(suspended.evacuations, "en") or "the operation"
            what_ar = self.theatre.names(suspended.evacuations, "ar") or "العملية"
            since, why = _time(word.happened), f": {suspended.why}" if suspended.why else ""
            yield Reason(
                rule="suspended",
                text=f"{_says(word)}suspended since {since}: {what}{why}",
                text_ar=f"{_says_ar(word)}تعليق منذ {since}: {what_ar}{why}",
                words=(word,),
            )

    def of_movement(self, movement: Movement) -> Iterator[Reason]:
        state = self.situation.movements.get(movement.id)
        yield from self._state(movement, state)
        yield from self._way(movement)
        yield from self._consents(movement)
        yield from self._incidents(movement)
        yield from self._company(movement, state)
        yield from self._time_aboard(movement, state)

    def _state(self, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        words = state.words if state is not None else ()
        if state is not None and state.phase not in WAITING_TO_LEAVE:
            yield _left_already(state)
        known = (state.actual or state.planned) if state is not None else None
        aboard = _aboard(self.situation, movement.id)
        if known is not None:
            seats, people = self.operation.seats(known.vehicles), together(aboard.values()).best
            if people > seats:
                yield Reason(
                    rule="seats",
                    text=f"{movement.id}: {people:,} aboard, but {seats:,} seats",
                    text_ar=f"{movement.id}: على متنها {people:,} شخصًا وعدد المقاعد {seats:,}",
                    words=words,
                )
        out = self.situation.people.get(movement.evacuation)
        if not aboard and out is not None and out.waiting.high <= 0:
            name, name_ar = self.name(movement.evacuation)
            yield Reason(
                rule="people",
                text=f"{name}: nobody waits any more",
                text_ar=f"{name_ar}: لم يعد أحد ينتظر",
                words=words,
            )

    def _way(self, movement: Movement) -> Iterator[Reason]:
        """Reports of a block or closure, hours, closures of the file and of clauses."""
        for segment, span in _segments(movement):
            english, arabic = self.name(segment)
            state = self.situation.segments.get(segment)
            if state is not None and state.phase in {"blocked", "closed"}:
                word = state.words[-1] if state.words else None
                why = f": {state.why}" if state.why else ""
                since = f" since {_time(state.since)}" if state.since else ""
                since_ar = f" منذ {_time(state.since)}" if state.since else ""
                shut = {"blocked": "مقطوع", "closed": "مغلق"}[state.phase]
                yield Reason(
                    rule=state.phase,
                    text=f"{_says(word)}{english} is {state.phase}{since}{why}",
                    text_ar=f"{_says_ar(word)}{arabic} {shut}{since_ar}{why}",
                    words=state.words,
                )
            road = segment in self.operation.world.roads
            spans = self.operation.passable_spans(segment) if road else self.operation.open_spans(segment)
            if not any(one.holds(span) for one in spans):
                yield Reason(
                    rule="hours",
                    text=f"{english} is not open from {self.clock(span.start)} to {self.clock(span.end)}",
                    text_ar=f"{arabic} غير مفتوح من {self.clock(span.start)} إلى {self.clock(span.end)}",
                )
            for closure in self.operation.closures:
                if closure.segment == segment and closure.span.touches(span):
                    yield Reason(
                        rule=closure.clause,
                        text=f"{english}: {closure.text}",
                        text_ar=f"{arabic}: مغلق من {self.clock(closure.span.start)} إلى "
                        f"{self.clock(closure.span.end)} بموجب البند {closure.clause}",
                        words=self._clause_words(closure.clause),
                    )

    def _consents(self, movement: Movement) -> Iterator[Reason]:
        for segment, span in _segments(movement):
            for party in self.operation.world.segment_consent(segment):
                said = self.consents.get((segment, party), [])
                ours = [one for one in said if not one.movements or movement.id in one.movements]
                leaves = self.calendar.when(span.end)
                if any(one.phase == "given" and (one.until is None or one.until >= leaves) for one in ours):
                    continue
                heard = ours or [one for one in said if one.movements]
                last = max(heard, key=lambda one: one.words[-1].happened if one.words else self.calendar.starts)
                text, text_ar = self._lacking(last, movement, span.end)
                word = last.words[-1] if last.words else None
                yield Reason(
                    rule="consent",
                    text=f"{_says(word)}{text}",
                    text_ar=f"{_says_ar(word)}{text_ar}",
                    words=tuple(dict.fromkeys(word for one in heard for word in one.words)),
                )

    def _lacking(self, state: ConsentState, movement: Movement, leaves: int) -> tuple[str, str]:
        """Why a consent does not cover a movement that leaves its segment then, in both languages."""
        (who, who_ar), (where, where_ar) = self.name(state.party), self.name(state.segment)
        yes_ar = f"موافقة {who_ar} على المرور عبر {where_ar}"
        if state.phase == "missing":
            return f"no consent of {who} for {where}", f"لا توجد {yes_ar}"
        if state.phase == "withdrawn":
            return f"{who} withdrew its consent for {where}", f"{who_ar}: سُحبت الموافقة على المرور عبر {where_ar}"
        if state.movements and movement.id not in state.movements:
            others = ", ".join(state.movements)
            return f"the consent of {who} for {where} is for {others} only", f"{yes_ar} تخص {others} وحدها"
        until = "" if state.until is None else _time(state.until)
        if state.phase == "expired":
            return f"the consent of {who} for {where} ran out at {until}", f"انتهت {yes_ar} في {until}"
        at = self.clock(leaves)
        return (
            f"the consent of {who} for {where} runs out at {until}; {movement.id} would leave it at {at}",
            f"تنتهي {yes_ar} في {until} قبل أن تغادره {movement.id} في {at}",
        )

    def _incidents(self, movement: Movement) -> Iterator[Reason]:
        way = {*movement.places, *(segment for segment, _ in _segments(movement))}
        for incident in self.situation.incidents:
            report, word = incident.report, incident.words[0]
            if incident.over or (report.at not in way and report.movement != movement.id):
                continue
            where, where_ar = self.name(report.at or report.movement)
            yield Reason(
                rule="incident",
                text=f"{_says(word)}{report.incident} at {where}, not said to be over: {report.text}",
                text_ar=f"{_says_ar(word)}حادث في {where_ar} لم يُعلن انتهاؤه: {report.text}",
                words=incident.words,
            )
        for clause in self.binding:
            rest = timedelta(minutes=clause.pause_minutes())
            for incident in self.situation.incidents if rest else ():
                word = incident.words[0]
                if incident.report.elsewhere or not self.at < word.latest + rest:
                    continue
                until, since = _time(word.latest + rest), _time(word.latest)
                yield Reason(
                    rule=clause.id,
                    text=f"{_says(word)}{incident.report.incident} at {since}: pause until {until}",
                    text_ar=f"{_says_ar(word)}حادث في {since}: توقف حتى {until}",
                    words=(*self._clause_words(clause.id), *incident.words),
                )

    def _company(self, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        """Escort, observers, notice."""
        teams = frozenset(state.teams if state is not None else ())
        words = state.words if state is not None else ()
        asked = [clause for clause in self.binding if clause.escorted_by()]
        if self.operation.escorts is not None and not teams and not asked:
            text, text_ar = f"no escort is with {movement.id}", f"لا مرافقة مع {movement.id}"
            yield Reason(rule="escort", text=text, text_ar=text_ar, words=words)
        for clause in asked:
            if teams.isdisjoint(clause.escorted_by()):
                names = self.theatre.names(clause.escorted_by(), "en", "or")
                names_ar = self.theatre.names(clause.escorted_by(), "ar", "or")
                yield Reason(
                    rule=clause.id,
                    text=f"no escort of {names} is with {movement.id}",
                    text_ar=f"لا مرافقة من {names_ar} مع {movement.id}",
                    words=(*self._clause_words(clause.id), *words),
                )
        for clause in self.binding:
            yield from self._presence(clause, movement)
            yield from self._notice(clause, movement, state)

    def _presence(self, clause: Clause, movement: Movement) -> Iterator[Reason]:
        way = dict.fromkeys(segment for segment, _ in _segments(movement))
        for party, on in clause.watched_by().items():
            for segment in way:
                if on and segment not in on:
                    continue
                if any(one.party == party and one.at == segment for one in self.situation.observers):
                    continue
                (who, who_ar), (where, where_ar) = self.name(party), self.name(segment)
                gone = [one for one in self.situation.observers_gone if one.party == party and one.at == segment]
                words = tuple(word for one in gone for word in one.words)
                word = words[-1] if words else None
                text, text_ar = f"{who} is not known to be present at {where}", f"لا يُعرف حضور {who_ar} عند {where_ar}"
                if gone:
                    text, text_ar = f"{who} has left {where}", f"غادر {who_ar} {where_ar}"
                yield Reason(
                    rule=clause.id,
                    text=f"{_says(word)}{text}",
                    text_ar=f"{_says_ar(word)}{text_ar}",
                    words=(*self._clause_words(clause.id), *words),
                )

    def _notice(self, clause: Clause, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        ahead = clause.notice_minutes()
        if not ahead:
            return
        boarded = state.boarded if state is not None else None
        loads = self.calendar.when(movement.loading.start) if boarded is None else boarded
        announced = state.announced if state is not None else None
        if announced is None or announced + timedelta(minutes=ahead) > loads:
            heard = "was not announced" if announced is None else f"was announced at {_time(announced)} only"
            heard_ar = "لم يُعلن عنها" if announced is None else f"أُعلن عنها في {_time(announced)} فقط"
            yield Reason(
                rule=clause.id,
                text=f"{movement.id} {heard}: {ahead} minutes before loading are agreed",
                text_ar=f"{movement.id}: {heard_ar}، والمتفق عليه {ahead} دقيقة قبل الصعود",
                words=(*self._clause_words(clause.id), *(state.words if state is not None else ())),
            )

    def _time_aboard(self, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        """From the start of boarding to the end of unloading (DESIGN section 4, rule 8)."""
        stay = self.operation.stay(movement.evacuation)
        boarded = None if state is None else state.boarded
        start = movement.loading.start if boarded is None else self.calendar.minute(boarded)
        minutes = movement.ends - start
        words = state.words if state is not None else ()
        if stay.minutes is not None and minutes > stay.minutes:
            yield Reason(
                rule="aboard",
                text=f"{movement.id}: {minutes} minutes aboard by the end of the way; {stay.minutes} are allowed",
                text_ar=f"{movement.id}: {minutes} دقيقة على متن المركبات حتى نهاية الطريق، والمسموح {stay.minutes}",
                words=words,
            )
        if not stay.overnight and self.calendar.day_span(self.calendar.day(start)).end < movement.ends:
            yield Reason(
                rule="aboard",
                text=f"{movement.id}: people would be aboard at midnight",
                text_ar=f"{movement.id}: سيكون الأشخاص على متن المركبات عند منتصف الليل",
                words=words,
            )

    # How many people

    def _of(self, tally: Tally, evacuation: str, destination: str, heads: Mapping[str, Range]) -> Range:
        """At least and at most how many of these people a tally counts; those not told apart may be of any group."""
        named = {group for other, group in tally.streams if other == evacuation}
        if not named or (tally.to and destination and destination not in tally.to):
            return NOBODY
        everybody = together(heads.values())
        if not named >= set(self.operation.evacuations[evacuation].people):
            told = together(people for group, people in heads.items() if group in named)
            loose = heads.get(UNSPLIT, NOBODY)
            most = min(everybody.high, told.high + max(0, loose.high))
            everybody = Range(told.low, min(told.best, most), most)
        return Range(max(0, everybody.low), max(0, everybody.best), max(0, everybody.high))

    def limits(self) -> Iterator[Reason]:
        """Limits on counts of people that those who leave would break, or break by more, at an instant of their way."""
        evacuations = {movement.evacuation for movement in self.going}
        instants = {
            one for movement in self.going for one in (movement.handed_over, movement.arrived) if one is not None
        }
        for limit in self.operation.limits:
            upper = [tally for tally, uses_room in _sides(limit) if uses_room]
            if not any(limit.span.start <= instant < limit.span.end for instant in instants):
                continue
            if any(evacuation in evacuations for tally in upper for evacuation, _ in tally.streams):
                yield from self._limit(limit)

    def _limit(self, limit: Limit) -> Iterator[Reason]:
        counts = [self._now(tally) for tally in limit.tallies]
        allowed = max(0, limit.excess(counts))
        words: list[Word] = []
        changes: dict[int, list[tuple[int, int, bool]]] = {}
        for index, (tally, uses_room) in enumerate(_sides(limit)):
            for movement in self.going:
                instant = movement.handed_over if tally.counts == "handover" else movement.arrived
                held = self._of(tally, movement.evacuation, movement.destination, _heads(self.situation, movement))
                if instant is not None and (tally.since is None or instant >= tally.since):
                    count = held.high if uses_room else held.low
                    changes.setdefault(instant, []).append((index, count, uses_room and count > 0))
            for state in self.under_way if uses_room else ():
                if tally.counts == "handover" and state.phase not in ON_THE_ROAD:
                    continue
                held = self._of(tally, state.evacuation, state.destination, _aboard(self.situation, state.id))
                if held.high:
                    counts[index] += held.high
                    words += state.words[-1:]
        for instant in sorted(changes):
            for index, count, _ in changes[instant]:
                counts[index] += count
            excess = limit.excess(counts)
            ours = any(uses_room for _, _, uses_room in changes[instant])
            if ours and excess > allowed and limit.span.start <= instant < limit.span.end:
                people = -(-excess // limit.scale)
                clause = self.clauses[limit.clause]
                yield Reason(
                    rule=limit.clause,
                    text=f"{limit.text}: {people:,} people too many, those on the road counted as out",
                    text_ar=f"{clause.sentence_ar} زيادة قدرها {people:,} شخصًا مع احتساب من هم على الطريق خارجين",
                    words=tuple(dict.fromkeys((*clause.words, *self._out(limit), *words))),
                )
                return
            allowed = max(0, excess)

    def handovers(self) -> Iterator[Reason]:
        """Limits that those who are handed over now, together, would break or break by more."""
        for limit in self.operation.limits:
            if not limit.span.start <= self.minute < limit.span.end:
                continue
            before = [self._now(tally) for tally in limit.tallies]
            after, ours = list(before), False
            for index, (tally, uses_room) in enumerate(_sides(limit)):
                if tally.since is not None and self.minute < tally.since:
                    continue
                for movement in self.going:
                    if tally.counts == "arrival" and not self._ends_at_handover(movement):
                        continue
                    heads = _heads(self.situation, movement)
                    people = self._of(tally, movement.evacuation, movement.destination, heads)
                    after[index] += people.high if uses_room else people.low
                    ours = ours or (uses_room and people.high > 0)
            excess = limit.excess(after)
            if ours and excess > max(0, limit.excess(before)):
                clause, people_over = self.clauses[limit.clause], -(-excess // limit.scale)
                yield Reason(
                    rule=limit.clause,
                    text=f"{limit.text}: {people_over:,} people too many",
                    text_ar=f"{clause.sentence_ar} زيادة قدرها {people_over:,} شخصًا",
                    words=tuple(dict.fromkeys((*clause.words, *self._out(limit)))),
                )

    def _ends_at_handover(self, movement: Movement) -> bool:
        """Whether the crossing where its people count as out is where it arrives."""
        gates = self.operation.evacuations[movement.evacuation].out_at
        return not gates or movement.destination in gates

    def _out(self, limit: Limit) -> Iterator[Word]:
        """The latest reports of movements that have used up the room of a limit."""
        counted = {
            passage.movement: passage.handed_over or 0
            for tally, uses_room in _sides(limit)
            if uses_room
            for stream in tally.streams
            for passage in self.by_stream.get(stream, ())
            if tally.takes(passage)
        }
        for id in sorted(counted, key=lambda id: counted[id])[-WORDS_MOST:]:
            yield self.situation.movements[id].words[-1]

    def _now(self, tally: Tally) -> int:
        if tally not in self.counted:
            passages = [passage for stream in tally.streams for passage in self.by_stream.get(stream, ())]
            self.counted[tally] = sum(people for instant, people in tally.changes(passages) if instant <= self.minute)
        return self.counted[tally]

    def reception(self) -> Iterator[Reason]:
        """Places that those who leave, those under way and those there would overfill, in all or on a day."""
        for place in dict.fromkeys(movement.destination for movement in self.going):
            site = self.operation.world.places[place]
            here = [movement for movement in self.going if movement.destination == place]
            if site.capacity is not None:
                there = self.situation.accounts.get(Account("arrived", place), NOBODY).high
                yield from self._full(place, here, there, site.capacity, ("", ""))
            if site.capacity_per_day is not None:
                days: dict[int, list[Movement]] = {}
                for movement in here:
                    if movement.arrived is not None:
                        days.setdefault(self.calendar.day(movement.arrived), []).append(movement)
                for day, today in days.items():
                    date = self.calendar.when(self.calendar.day_span(day).start)
                    said = f"{date.day} {date:%b}"
                    there = self._arrived(place, day)
                    yield from self._full(place, today, there, site.capacity_per_day, (f" on {said}", f" يوم {said}"))

    def _arrived(self, place: str, day: int) -> int:
        """At most how many people arrived at a place on a day."""
        account, span = Account("arrived", place), self.calendar.day_span(day)
        first, end = self.calendar.when(span.start), self.calendar.when(span.end)
        return sum(
            posting.people.high
            for posting in self.situation.postings
            if posting.target == account and first <= posting.at < end
        )

    def _full(
        self, place: str, going: Sequence[Movement], there: int, capacity: int, when: tuple[str, str]
    ) -> Iterator[Reason]:
        coming = sum(together(_heads(self.situation, movement).values()).high for movement in going)
        words: list[Word] = []
        for state in self.situation.movements.values():
            if state.phase == "arrived" and state.destination == place:
                words += state.words[-1:]
        for state in self.under_way:
            stream = self.operation.evacuations.get(state.evacuation)
            if state.destination == place or (not state.destination and stream is not None and place in stream.to):
                coming += max(0, together(_aboard(self.situation, state.id).values()).high)
                words += state.words[-1:]
        if there + coming > capacity:
            (where, where_ar), (said, said_ar) = self.name(place), when
            yield Reason(
                rule="reception",
                text=f"{where} is full{said}: {there:,} there and {coming:,} coming, room for {capacity:,}",
                text_ar=f"{where_ar} ممتلئ{said_ar}: فيه {there:,} وفي الطريق إليه {coming:,}، والسعة {capacity:,}",
                words=tuple(sorted(words, key=lambda word: word.happened)[-WORDS_MOST:]),
            )

    def _clause_words(self, clause: str) -> tuple[Word, ...]:
        return self.clauses[clause].words if clause in self.clauses else ()


def _left_already(state: MovementState) -> Reason:
    return Reason(
        rule="left already",
        text=f"{state.id} has left: it is {state.phase}",
        text_ar=f"{state.id} غادرت من قبل",
        words=state.words[-1:],
    )


def suspension(situation: Situation, word: Word) -> OperationSuspended:
    """What the report behind a word of `situation.suspended` says. Events stand in their order."""
    first = bisect_left(situation.events, word.happened, key=lambda event: event.happened.earliest)
    for event in situation.events[first:]:
        if event.id == word.event and isinstance(event.what, OperationSuspended):
            return event.what
    raise ValueError(f"{word.event} suspends nothing: give a word of the situation's own")


def _aboard(situation: Situation, movement: str) -> Mapping[str, Range]:
    """Who is aboard by the ledger, by group; empty where nobody boarded."""
    account = Account("aboard", movement)
    held: dict[str, Range] = {}
    for posting in situation.books.get(movement, ()):
        people, before = posting.people, held.get(posting.group, NOBODY)
        if posting.target == account:
            held[posting.group] = together((before, Range(people.low, people.best, people.high)))
        elif posting.source == account:
            held[posting.group] = together((before, Range(-people.high, -people.best, -people.low)))
    return held


def _heads(situation: Situation, movement: Movement) -> Mapping[str, Range]:
    """Who would go, by group: who is aboard; those planned where nobody has boarded."""
    planned = {group: Range(people, people, people) for group, people in movement.people_by_group.items()}
    return _aboard(situation, movement.id) or planned


def _segments(movement: Movement) -> Iterator[tuple[str, Span]]:
    """Each road and crossing of its way, with the minutes it is on it."""
    for leg in movement.legs:
        yield leg.road, Span(leg.departs, leg.arrives)
    for slot in movement.inspections:
        yield slot.crossing, Span(slot.starts, slot.ends)


def _sides(limit: Limit) -> tuple[tuple[Tally, bool], ...]:
    """The counts of a limit, and whether more people there use up room."""
    if isinstance(limit, Gate):
        return tuple((term.tally, term.coefficient > 0) for term in limit.terms)
    return (limit.then, True), (limit.first, False)


def _says(word: Word | None) -> str:
    return f"{word.says} says: " if word is not None and word.says else ""


def _says_ar(word: Word | None) -> str:
    return f"يقول {word.says}: " if word is not None and word.says else ""


def _time(when: datetime) -> str:
    return f"{when.day} {when:%b %H:%M}"


# The verbs


def depart(situation: Situation, movements: Sequence[Movement]) -> Decision:
    """Movements leave together now, or the reasons why they may not."""
    verdict = may_depart(situation, movements)
    if not verdict.go:
        return Refusal(verb="depart", reasons=verdict.reasons)
    return tuple(what for movement in movements for what in (*_formed(situation, movement), _departed(movement)))


def _departed(movement: Movement) -> Departed:
    return Departed(movement=movement.id, at=movement.origin)


def _formed(situation: Situation, movement: Movement) -> Iterator[What]:
    """What makes a movement known that neither the plan nor a report has named; else nothing."""
    if movement.id not in situation.movements:
        yield ConvoyFormed(
            movement=movement.id,
            at=movement.origin,
            evacuation=movement.evacuation,
            destination=movement.destination,
            vehicles=movement.vehicles,
        )


def adopt(situation: Situation, timetable: Timetable) -> Decision:
    """A timetable becomes the plan, or every rule and clause that it does not keep."""
    calendar = situation.operation.calendar
    now, past = calendar.minute(situation.as_of), timetable.frozen_until
    if past is not None and past > now:
        text = f"it takes all before {calendar.clock(past)} as past, and it is {calendar.clock(now)}: plan again"
        text_ar = f"تعدّ الخطة كل ما قبل {_time(calendar.when(past))} ماضيًا، والوقت الآن {_time(situation.as_of)}"
        return Refusal(verb="adopt", reasons=(Reason(rule="adopt", text=text, text_ar=text_ar),))
    report = check_plan(situation.operation, timetable)
    if not report.ok:
        return Refusal(
            verb="adopt",
            reasons=tuple(
                Reason(rule=finding.rule, text=finding.text, text_ar=f"لا تراعي الخطة {finding.rule}: {finding.text}")
                for finding in report.findings
            ),
        )
    return (PlanAdopted(timetable=timetable),)


def sign(
    situation: Situation, *, agreement: str, text: str, parties: Sequence[str], clauses: Sequence[Clause]
) -> Decision:
    """An agreement's clauses come into force, or why they do not fit the operation."""
    operation = situation.operation
    reasons = []

    def refuse(rule: str, text: str, text_ar: str) -> None:
        reasons.append(Reason(rule=rule, text=text, text_ar=text_ar))

    if not parties:
        refuse("sign", "nobody signs: name the parties", "لا يوجد موقعون: سمِّ الأطراف")
    for party in parties:
        if party not in operation.parties:
            refuse("sign", *_no_party(party))
    seen: set[str] = set()
    for clause in clauses:
        if clause.id in seen:
            refuse(clause.id, f"two clauses have the id {clause.id!r}: give each its own", f"بندان بالمعرّف {clause.id}")
        seen.add(clause.id)
        for party in (*clause.escorted_by(), *clause.watched_by()):
            if party not in operation.parties:
                refuse(clause.id, *_no_party(party))
        try:
            clause.check_fit(operation.theatre)
        except ValueError as error:
            refuse(clause.id, str(error), f"البند {clause.id} لا يناسب العملية: {error}")
    if reasons:
        return Refusal(verb="sign", reasons=tuple(reasons))
    return (AgreementSigned(agreement=agreement, text=text, parties=tuple(parties), clauses=tuple(clauses)),)


def _no_party(party: str) -> tuple[str, str]:
    return f"{party!r} is no party of this operation", f"{party!r} ليس طرفًا في هذه العملية"


def board(situation: Situation, movement: Movement, people: Mapping[str, int]) -> Decision:
    """People get aboard at the origin of a movement, or the seats, groups or numbers that forbid it."""
    operation = situation.operation
    state = situation.movements.get(movement.id)
    coming = {group: count for group, count in people.items() if count}
    aboard = {group: held.best for group, held in _aboard(situation, movement.id).items() if held.best > 0}
    after = {group: aboard.get(group, 0) + coming.get(group, 0) for group in (*aboard, *coming)}
    reasons = []

    def refuse(rule: str, text: str, text_ar: str, words: tuple[Word, ...] = ()) -> None:
        reasons.append(Reason(rule=rule, text=text, text_ar=text_ar, words=words))

    if state is not None and state.phase not in WAITING_TO_LEAVE:
        reasons.append(_left_already(state))
    if not coming:
        refuse("people", "nobody would board: give how many, by group", "لن يصعد أحد: اذكر العدد حسب الفئة")
    for group in coming:
        if group not in operation.groups:
            refuse("people", f"{group!r} is no group of this operation", f"{group!r} ليست فئة في هذه العملية")
    for groups, many, seats in _seats_short(operation, movement.vehicles, after):
        names, names_ar = operation.theatre.names(groups, "en"), operation.theatre.names(groups, "ar")
        refuse(
            "seats",
            f"{many:,} would be aboard, but there are {seats:,} seats{names and f' for {names}'}",
            f"سيكون على متنها {many:,} وعدد المقاعد {seats:,}{names_ar and f' لفئة {names_ar}'}",
            state.words if state is not None else (),
        )
    out, total = situation.people.get(movement.evacuation), sum(coming.values())
    if out is not None and total > out.waiting.high:
        most = f"{out.waiting.high:,}"
        refuse("people", f"{total:,} would board, but at most {most} wait", f"سيصعد {total:,} ولا ينتظر أكثر من {most}")
    for apart in operation.apart:
        if len(mixed := sorted(apart & after.keys())) > 1 and apart & coming.keys():
            names, names_ar = operation.theatre.names(mixed, "en"), operation.theatre.names(mixed, "ar")
            refuse("apart", f"they are to travel apart: {names}", f"فئات لا تسافر معًا: {names_ar}")
    if reasons:
        return Refusal(verb="board", reasons=tuple(reasons))
    heads: Heads = {group: Count.exactly(count) for group, count in coming.items()}
    boarded = Boarded(movement=movement.id, at=movement.origin, people=heads)
    return (*_formed(situation, movement), boarded)


def _seats_short(
    operation: Operation, vehicles: Mapping[str, int], people: Mapping[str, int]
) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """The smallest sets of groups (empty: everybody) that the seats which carry them do not hold; people, seats."""
    short: list[set[str]] = []
    told = sorted(people.keys() & operation.groups.keys())
    for size in range(1, len(told) + 1):
        for groups in combinations(told, size):
            fleets = [fleet for fleet in vehicles if not set(groups).isdisjoint(operation.fleets[fleet].carries)]
            seats = operation.seats({fleet: vehicles[fleet] for fleet in fleets})
            many = sum(people[group] for group in groups)
            if many > seats and not any(one <= set(groups) for one in short):
                short.append(set(groups))
                yield groups, many, seats
    seats, many = operation.seats(vehicles), sum(people.values())
    if many > seats and not short:
        yield (), many, seats


def give_consent(situation: Situation, party: str, on: Iterable[str], *, until: datetime | None = None) -> Decision:
    """A party's yes for segments that ask for it, or which of them do not. Raises ValueError for a time in no zone."""
    if until is not None and until.utcoffset() is None:
        raise ValueError("until needs an offset, such as 2016-12-16T09:00:00+02:00")
    world, theatre = situation.operation.world, situation.operation.theatre
    segments = tuple(dict.fromkeys(on))
    reasons = []

    def refuse(text: str, text_ar: str) -> None:
        reasons.append(Reason(rule="consent", text=text, text_ar=text_ar))

    if not segments:
        refuse("the consent is for nothing: name roads or crossings", "الموافقة بلا طريق أو معبر: سمِّها")
    if until is not None and until <= situation.as_of:
        refuse(f"the consent would have run out at {_time(until)}", f"كانت الموافقة ستنتهي في {_time(until)}")
    for segment in segments:
        if segment not in world.roads and segment not in world.crossings:
            refuse(f"{segment!r} is no road and no crossing", f"{segment!r} ليس طريقًا ولا معبرًا")
        elif party not in world.segment_consent(segment):
            where, who = theatre.name(segment, "en"), theatre.name(party, "en")
            where_ar, who_ar = theatre.name(segment, "ar"), theatre.name(party, "ar")
            refuse(f"{where} does not need the consent of {who}", f"{where_ar} لا يحتاج إلى موافقة {who_ar}")
    if reasons:
        return Refusal(verb="give consent", reasons=tuple(reasons))
    return (ConsentGiven(party=party, on=segments, until=until),)


def resume(situation: Situation, *, by: str, evacuations: Sequence[str] = ()) -> Decision:
    """The operation, or what was suspended of these evacuations alone, goes on; or why nothing would.

    A suspension of everything ends only when everything resumes.
    """
    operation = situation.operation
    reasons = []

    def refuse(text: str, text_ar: str, words: tuple[Word, ...] = ()) -> None:
        reasons.append(Reason(rule="suspended", text=text, text_ar=text_ar, words=words))

    for id in evacuations:
        if id not in operation.evacuations:
            refuse(f"{id!r} is no evacuation of this operation", f"{id!r} ليست عملية إجلاء في هذه العملية")
    stopped = [suspension(situation, word).evacuations for word in situation.suspended]
    if not stopped:
        refuse("the operation is not suspended", "العملية غير معلقة")
    elif evacuations and not any(one and set(one) <= set(evacuations) for one in stopped):
        names, names_ar = operation.theatre.names(evacuations, "en"), operation.theatre.names(evacuations, "ar")
        refuse(
            f"what is suspended is more than this, and goes on only as a whole: {names}",
            f"التعليق أوسع من ذلك ولا يُرفع إلا كاملًا: {names_ar}",
            situation.suspended,
        )
    if reasons:
        return Refusal(verb="resume", reasons=tuple(reasons))
    return (OperationResumed(by=by, evacuations=tuple(evacuations)),)
