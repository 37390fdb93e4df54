"""The verbs of the live operation: given a situation, what happens next, or a refusal that says why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from safepassage.agreement import Clause, Gate, Limit, Tally
from safepassage.check import check_plan
from safepassage.events import (
    AgreementSigned,
    Boarded,
    ConsentGiven,
    Departed,
    Heads,
    OperationResumed,
    OperationSuspended,
    PlanAdopted,
    What,
)
from safepassage.ledger import Account
from safepassage.movement import Inspection, Leg, Movement, Timetable
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation
from safepassage.situation import MovementState, Situation, Word
from safepassage.world import Span, routes

WAITING_TO_LEAVE = frozenset({"planned", "formed", "boarding"})
ON_THE_ROAD = frozenset({"on the way", "held"})
"""Phases in which a movement has left and is not yet handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that forbids it: by which clause or rule, in words, and the events behind it."""

    rule: str
    text: str
    text_ar: str
    words: tuple[Word, ...] = ()


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
    grow. Each consent has to last until the convoy has left its segment.
    """
    at = situation.as_of if at is None else at
    case = _Gate(situation, at)
    going = tuple(departing(situation.operation, movement, case.minute) for movement in movements)
    reasons = [*case.suspended(going)]
    for movement in going:
        reasons += case.of_movement(movement)
    reasons += case.limits(going)
    reasons += case.reception(going)
    return Verdict(movements=tuple(movement.id for movement in going), at=at, reasons=tuple(dict.fromkeys(reasons)))


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
    """The next convoy of an evacuation, where no plan names one: the first agreed shape by the shortest way, filled.

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
    shapes = [convoy.vehicles for convoy in operation.convoys] or [{fleet: 1} for fleet in operation.fleets]
    for vehicles in shapes:
        people = _filled(operation, stream, vehicles)
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


def _filled(operation: Operation, stream: Evacuation, vehicles: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """People in the seats of a convoy, the heaviest weights first."""
    left = stream.demand()
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
    """One question at the gate: the situation, and the minute at which they would leave."""

    def __init__(self, situation: Situation, at: datetime) -> None:
        self.situation = situation
        self.operation = situation.operation
        self.theatre = situation.operation.theatre
        self.at = at
        self.minute = situation.operation.calendar.minute(at)
        self.consents: dict[tuple[str, str], list[int]] = {}
        for index, consent in enumerate(situation.consents):
            self.consents.setdefault((consent.segment, consent.party), []).append(index)

    def name(self, id: str) -> tuple[str, str]:
        return self.theatre.name(id, "en"), self.theatre.name(id, "ar")

    def clock(self, minute: int) -> str:
        return self.operation.calendar.clock(minute)

    def suspended(self, going: Sequence[Movement]) -> Iterator[Reason]:
        words = {word.event: word for word in self.situation.suspended}
        if not words:
            return
        evacuations = {movement.evacuation for movement in going}
        for event in self.situation.events:
            if event.id in words and isinstance(event.what, OperationSuspended):
                suspended = event.what
                if suspended.evacuations and not evacuations & set(suspended.evacuations):
                    continue
                word = words[event.id]
                why = f": {suspended.why}" if suspended.why else ""
                yield Reason(
                    rule="suspended",
                    text=f"{_says(word)}the operation is suspended since {_time(word.happened)}{why}",
                    text_ar=f"{_says_ar(word)}العملية معلقة منذ {_time(word.happened)}{why}",
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
        if state is None:
            return
        if state.phase not in WAITING_TO_LEAVE:
            yield Reason(
                rule="left already",
                text=f"{movement.id} has left: it is {state.phase}",
                text_ar=f"{movement.id} غادرت من قبل",
                words=state.words[-1:],
            )
        seats = self.operation.seats(movement.vehicles)
        if state.aboard is not None and state.aboard.best > seats:
            yield Reason(
                rule="seats",
                text=f"{movement.id}: {state.aboard.best:,} aboard, but {seats:,} seats",
                text_ar=f"{movement.id}: على متنها {state.aboard.best:,} شخصًا وعدد المقاعد {seats:,}",
                words=state.words,
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
                        text_ar=f"{arabic}: مغلق بموجب البند {closure.clause}",
                        words=self._clause_words(closure.clause),
                    )

    def _consents(self, movement: Movement) -> Iterator[Reason]:
        calendar = self.operation.calendar
        for segment, span in _segments(movement):
            for party in self.operation.world.segment_consent(segment):
                states = [self.situation.consents[index] for index in self.consents.get((segment, party), ())]
                states = [state for state in states if not state.movements or movement.id in state.movements]
                leaves = calendar.when(span.end)
                if any(one.phase == "given" and (one.until is None or one.until >= leaves) for one in states):
                    continue
                (who, who_ar), (where, where_ar) = self.name(party), self.name(segment)
                state = states[-1] if states else None
                words = state.words if state is not None else ()
                said, said_ar = (_says(words[-1]), _says_ar(words[-1])) if words else ("", "")
                if state is None or state.phase == "missing":
                    text = f"no consent of {who} for {where}"
                    text_ar = f"لا توجد موافقة من {who_ar} على المرور عبر {where_ar}"
                elif state.phase == "withdrawn":
                    text = f"{said}{who} withdrew its consent for {where}"
                    text_ar = f"{said_ar}{who_ar}: سُحبت الموافقة على المرور عبر {where_ar}"
                else:
                    until = "" if state.until is None else f" at {_time(state.until)}"
                    until_ar = "" if state.until is None else f" {_time(state.until)}"
                    text = (
                        f"the consent of {who} for {where} runs out{until}; "
                        f"the convoy would leave it at {self.clock(span.end)}"
                    )
                    text_ar = f"تنتهي موافقة {who_ar} على المرور عبر {where_ar}{until_ar} قبل أن تغادره القافلة"
                yield Reason(rule="consent", text=text, text_ar=text_ar, words=words)

    def _incidents(self, movement: Movement) -> Iterator[Reason]:
        way = {*movement.places, *(segment for segment, _ in _segments(movement))}
        for incident in self.situation.incidents:
            if incident.over or incident.report.at not in way:
                continue
            word = incident.words[0] if incident.words else None
            where, where_ar = self.name(incident.report.at)
            yield Reason(
                rule="incident",
                text=f"{_says(word)}{incident.report.incident} at {where}, not said to be over: {incident.report.text}",
                text_ar=f"{_says_ar(word)}حادث في {where_ar} لم يُعلن انتهاؤه: {incident.report.text}",
                words=incident.words,
            )
        for clause in self.operation.binding:
            rest = timedelta(minutes=clause.pause_minutes())
            for incident in self.situation.incidents if rest else ():
                happened = incident.words[0].happened if incident.words else None
                if incident.report.elsewhere or happened is None or not happened <= self.at < happened + rest:
                    continue
                yield Reason(
                    rule=clause.id,
                    text=f"pause until {_time(happened + rest)} after the {incident.report.incident} of "
                    f"{_time(happened)}",
                    text_ar=f"توقف حتى {_time(happened + rest)} بعد حادث {_time(happened)}",
                    words=incident.words,
                )

    def _company(self, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        """Escort, observers, notice."""
        teams = frozenset(state.teams if state is not None else ())
        asked = [clause for clause in self.operation.binding if clause.escorted_by()]
        if self.operation.escorts is not None and not teams and not asked:
            yield Reason(rule="escort", text=f"no escort is with {movement.id}", text_ar=f"لا مرافقة مع {movement.id}")
        for clause in asked:
            if teams.isdisjoint(clause.escorted_by()):
                names = self.theatre.names(clause.escorted_by(), "en", "or")
                names_ar = self.theatre.names(clause.escorted_by(), "ar", "or")
                yield Reason(
                    rule=clause.id,
                    text=f"no escort of {names} is with {movement.id}",
                    text_ar=f"لا مرافقة من {names_ar} مع {movement.id}",
                    words=self._clause_words(clause.id),
                )
        for clause in self.operation.binding:
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
                yield Reason(
                    rule=clause.id,
                    text=f"{who} is not known to be present at {where}",
                    text_ar=f"لا يُعرف حضور {who_ar} عند {where_ar}",
                    words=self._clause_words(clause.id),
                )

    def _notice(self, clause: Clause, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        ahead = clause.notice_minutes()
        if not ahead:
            return
        boarded = state.boarded if state is not None else None
        loads = self.operation.calendar.when(movement.loading.start) if boarded is None else boarded
        announced = state.announced if state is not None else None
        if announced is None or announced + timedelta(minutes=ahead) > loads:
            heard = "was not announced" if announced is None else f"was announced at {_time(announced)} only"
            heard_ar = "لم يُعلن عنها" if announced is None else f"أُعلن عنها في {_time(announced)} فقط"
            yield Reason(
                rule=clause.id,
                text=f"{movement.id} {heard}: {ahead} minutes before loading are agreed",
                text_ar=f"{movement.id}: {heard_ar}، والمتفق عليه {ahead} دقيقة قبل الصعود",
                words=state.words if state is not None else (),
            )

    def _time_aboard(self, movement: Movement, state: MovementState | None) -> Iterator[Reason]:
        stay = self.operation.stay(movement.evacuation)
        calendar = self.operation.calendar
        start = movement.loading.start
        if state is not None and state.boarded is not None:
            start = min(start, calendar.minute(state.boarded))
        aboard = movement.ends - start
        words = state.words if state is not None else ()
        if stay.minutes is not None and aboard > stay.minutes:
            yield Reason(
                rule="aboard",
                text=f"{movement.id}: {aboard} minutes aboard by the end of the way; {stay.minutes} are allowed",
                text_ar=f"{movement.id}: {aboard} دقيقة على متن المركبات حتى نهاية الطريق، والمسموح {stay.minutes}",
                words=words,
            )
        if not stay.overnight and calendar.day(start) != calendar.day(max(start, movement.ends - 1)):
            yield Reason(
                rule="aboard",
                text=f"{movement.id}: people would be aboard at midnight",
                text_ar=f"{movement.id}: سيكون الأشخاص على متن المركبات عند منتصف الليل",
                words=words,
            )

    def limits(self, going: Sequence[Movement]) -> Iterator[Reason]:
        on_the_road = [
            state
            for state in self.situation.movements.values()
            if state.phase in ON_THE_ROAD and state.id not in {movement.id for movement in going}
        ]
        last = max((movement.handed_over or self.minute for movement in going), default=self.minute)
        for limit in self.operation.limits:
            if not limit.span.touches(Span(self.minute, last + 1)):
                continue
            if not any(self._counted(tally, going) for tally, upper in _sides(limit) if upper):
                continue
            now = [self._now(tally) for tally in limit.tallies]
            then = list(now)
            behind: list[Word] = []
            for index, (tally, upper) in enumerate(_sides(limit)):
                if upper:
                    then[index] += self._counted(tally, going)
                    for state in on_the_road:
                        if people := _aboard(tally, state):
                            then[index] += people
                            behind += state.words[-1:]
                elif tally.counts == "handover":
                    then[index] += self._counted(tally, going)
            excess = limit.excess(then)
            if excess <= max(0, limit.excess(now)):
                continue
            people = -(-excess // limit.scale)
            yield Reason(
                rule=limit.clause,
                text=f"{limit.text}: {people:,} people too many, those on the road counted as out",
                text_ar=f"البند {limit.clause}: زيادة قدرها {people:,} شخصًا مع احتساب من هم على الطريق خارجين",
                words=(*self._clause_words(limit.clause), *behind),
            )

    def _counted(self, tally: Tally, going: Sequence[Movement]) -> int:
        return sum(_people(tally, movement) for movement in going)

    def _now(self, tally: Tally) -> int:
        return sum(
            people
            for passage in self.situation.passages
            for instant, people in tally.changes((passage,))
            if instant <= self.minute
        )

    def reception(self, going: Sequence[Movement]) -> Iterator[Reason]:
        coming: dict[str, int] = {}
        for movement in going:
            coming[movement.destination] = coming.get(movement.destination, 0) + movement.total
        ids = {movement.id for movement in going}
        for id, state in self.situation.movements.items():
            under_way = state.phase in ON_THE_ROAD or state.phase == "handed over"
            if under_way and id not in ids and state.destination in coming and state.aboard is not None:
                coming[state.destination] += state.aboard.high
        today = self.operation.calendar.day_span(self.operation.calendar.day(self.minute))
        for place, people in coming.items():
            site = self.operation.world.places[place]
            here = self.situation.accounts.get(Account("arrived", place))
            arrived = {
                site.capacity: 0 if here is None else here.high,
                site.capacity_per_day: sum(
                    passage.people
                    for passage in self.situation.passages
                    if passage.destination == place
                    and passage.arrived is not None
                    and today.start <= passage.arrived < today.end
                ),
            }
            where, where_ar = self.name(place)
            for capacity, there in arrived.items():
                if capacity is not None and there + people > capacity:
                    yield Reason(
                        rule="reception",
                        text=f"{where} is full: {there:,} there and {people:,} coming, room for {capacity:,}",
                        text_ar=f"{where_ar} ممتلئ: فيه {there:,} وفي الطريق إليه {people:,}، والسعة {capacity:,}",
                    )

    def _clause_words(self, clause: str) -> tuple[Word, ...]:
        return next((state.words for state in self.situation.clauses if state.clause == clause), ())


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


def _people(tally: Tally, movement: Movement) -> int:
    if tally.to and movement.destination not in tally.to:
        return 0
    groups = movement.people_by_group.items()
    return sum(people for group, people in groups if (movement.evacuation, group) in tally.streams)


def _aboard(tally: Tally, state: MovementState) -> int:
    """People of a movement on the road that a tally may come to count: at most, where groups are not known."""
    known = state.actual or state.planned
    if tally.to and state.destination and state.destination not in tally.to:
        return 0
    if not any(evacuation == state.evacuation for evacuation, _ in tally.streams):
        return 0
    most = None if state.aboard is None else state.aboard.high
    if known is None:
        return most or 0
    return _people(replace(tally, to=frozenset()), known) if most is None else min(most, _most(tally, known, most))


def _most(tally: Tally, known: Movement, aboard: int) -> int:
    """Of so many aboard, the most that may be of the tally's groups, if those told apart are right."""
    others = known.total - _people(replace(tally, to=frozenset()), known)
    return max(0, aboard - others)


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
    return tuple(Departed(movement=movement.id, at=movement.origin) for movement in movements)


def adopt(situation: Situation, timetable: Timetable) -> Decision:
    """A timetable becomes the plan, or every rule and clause that it does not keep."""
    report = check_plan(situation.operation, timetable)
    if not report.ok:
        return Refusal(
            verb="adopt",
            reasons=tuple(
                Reason(rule=finding.rule, text=finding.text, text_ar=f"{finding.rule}: {finding.text}")
                for finding in report.findings
            ),
        )
    return (PlanAdopted(timetable=timetable),)


def sign(
    situation: Situation, *, agreement: str, text: str, parties: Sequence[str], clauses: Sequence[Clause]
) -> Decision:
    """An agreement's clauses come into force, or why they do not fit the operation."""
    reasons = []
    for clause in clauses:
        try:
            clause.check_fit(situation.operation.theatre)
        except ValueError as error:
            reasons.append(Reason(rule=clause.id, text=str(error), text_ar=f"البند {clause.id}: {error}"))
    if not parties:
        reasons.append(Reason(rule="sign", text="nobody signs: name the parties", text_ar="لا يوجد موقعون"))
    for party in parties:
        if party not in situation.operation.parties:
            text, text_ar = f"{party!r} is no party of this operation", f"{party!r} ليس طرفًا في هذه العملية"
            reasons.append(Reason(rule="sign", text=text, text_ar=text_ar))
    if reasons:
        return Refusal(verb="sign", reasons=tuple(reasons))
    signed = AgreementSigned(agreement=agreement, text=text, parties=tuple(parties), clauses=tuple(clauses))
    return (signed,)


def board(situation: Situation, movement: Movement, people: Mapping[str, int]) -> Decision:
    """People get aboard at the origin of a movement, or the seats, groups or numbers that forbid it."""
    operation = situation.operation
    state = situation.movements.get(movement.id)
    reasons = []
    if state is not None and state.phase not in WAITING_TO_LEAVE:
        text, text_ar = f"{movement.id} has left: it is {state.phase}", f"{movement.id} غادرت من قبل"
        reasons.append(Reason(rule="left already", text=text, text_ar=text_ar, words=state.words[-1:]))
    aboard = 0 if state is None or state.aboard is None else state.aboard.best
    seats = operation.seats(movement.vehicles)
    coming = sum(people.values())
    if aboard + coming > seats:
        text = f"{aboard:,} are aboard and {coming:,} would come, but there are {seats:,} seats"
        text_ar = f"على متنها {aboard:,} وسيصعد {coming:,} وعدد المقاعد {seats:,}"
        reasons.append(Reason(rule="seats", text=text, text_ar=text_ar))
    out = situation.people.get(movement.evacuation)
    if out is not None and coming > out.waiting.high:
        text = f"{coming:,} would board, but at most {out.waiting.high:,} wait"
        text_ar = f"سيصعد {coming:,} ولا ينتظر أكثر من {out.waiting.high:,}"
        reasons.append(Reason(rule="people", text=text, text_ar=text_ar))
    for groups in operation.apart:
        together = sorted(groups & {group for group, count in people.items() if count})
        if len(together) > 1:
            text = f"{' and '.join(together)} are to travel apart"
            reasons.append(Reason(rule="apart", text=text, text_ar="فئات لا تسافر معًا"))
    if reasons:
        return Refusal(verb="board", reasons=tuple(reasons))
    heads: Heads = {group: Count.exactly(count) for group, count in people.items() if count}
    return (Boarded(movement=movement.id, at=movement.origin, people=heads),)


def give_consent(situation: Situation, party: str, on: Iterable[str], *, until: datetime | None = None) -> Decision:
    """A party's yes for segments that ask for it, or which of them do not."""
    on = tuple(on)
    strange = [segment for segment in on if party not in situation.operation.world.segment_consent(segment)]
    if strange:
        name = situation.operation.theatre.name(party, "en")
        reasons = tuple(
            Reason(
                rule="consent",
                text=f"{segment} does not need the consent of {name}",
                text_ar=f"{segment} لا يحتاج إلى موافقة {situation.operation.theatre.name(party, 'ar')}",
            )
            for segment in strange
        )
        return Refusal(verb="give consent", reasons=reasons)
    return (ConsentGiven(party=party, on=on, until=until),)


def resume(situation: Situation, *, by: str, evacuations: Sequence[str] = ()) -> Decision:
    """The operation goes on, unless it was not suspended."""
    if not situation.suspended:
        reason = Reason(rule="suspended", text="the operation is not suspended", text_ar="العملية غير معلقة")
        return Refusal(verb="resume", reasons=(reason,))
    return (OperationResumed(by=by, evacuations=tuple(evacuations)),)
