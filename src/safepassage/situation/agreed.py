"""What was agreed and how it stands: the terms as amended, consents, clauses, balances."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from safepassage.agreement import Clause, Limit, Tally, enumeration
from safepassage.events import (
    AgreementAmended,
    AgreementProposed,
    AgreementSigned,
    ClauseRestored,
    ClauseSuspended,
    ConsentGiven,
    ConsentWithdrawn,
    Declined,
    Event,
    Heads,
    IncidentReported,
)
from safepassage.operation import Operation
from safepassage.people import Count, Evacuation
from safepassage.situation.picture import Balance, ClausePhase, ClauseState, ConsentPhase, ConsentState
from safepassage.situation.trip import Trip, word

Reached = tuple[str, str, str, str]
"""Evacuation, group, destination, and how they are counted."""
Filed = Callable[[str, str], Sequence[Event]]
"""Events by what they are about: a kind, and which one of it."""
NAMED_MOST = 5
"""Movements named in a sentence; the others are counted."""
Stays = Sequence[tuple[int, str, str]]
"""Minutes aboard, the movement, its evacuation."""


def amended(filed: Operation, agreement: Iterable[Event], demand: Iterable[Event]) -> Operation:
    """The operation with the clauses as signed, amended, suspended, and the demand less those who declined."""
    clauses = {clause.id: clause for clause in filed.clauses}
    suspended: set[str] = set()
    for event in agreement:
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
    evacuations = dict(filed.evacuations)
    for event in demand:
        what = event.what
        if isinstance(what, Declined) and what.evacuation in evacuations:
            evacuations[what.evacuation] = _less(evacuations[what.evacuation], what.people)
    return replace(filed, clauses=tuple(clauses.values()), evacuations=evacuations)


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


def consents(operation: Operation, filed: Filed, as_of: datetime) -> Iterator[ConsentState]:
    """What each party says of each road and crossing that needs its consent."""
    lapses: dict[tuple[str, str], int] = {}
    for clause in operation.binding:
        for key, minutes in clause.lapses(operation.theatre).items():
            lapses[key] = min(minutes, lapses.get(key, minutes))
    for segment in (*operation.world.roads, *operation.world.crossings):
        for party in operation.world.segment_consent(segment):
            events = filed(f"consent {party}", segment)
            yield from _consent(segment, party, events, lapses.get((segment, party)), as_of)


def _consent(
    segment: str, party: str, events: Iterable[Event], lapse: int | None, as_of: datetime
) -> Iterator[ConsentState]:
    """A party's consent for a segment: one for all, and one for each set of movements it was given for alone."""
    given: dict[tuple[str, ...], ConsentState] = {}
    for event in events:
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
            segment=segment, party=party, phase=phase, until=until, words=(word(event),), movements=movements
        )
    if not given:
        yield ConsentState(segment=segment, party=party, phase="missing", until=None, words=())
    yield from given.values()


class Counts:
    """People counted by tallies now. `reached`: how many were, by evacuation, group, destination and way.

    `uncounted`: movements that were handed over with nobody counted, and their evacuations: more are out than counted.
    """

    def __init__(
        self, reached: Mapping[Reached, int], trips: Mapping[str, Trip], now: int, uncounted: Mapping[str, str]
    ) -> None:
        self.reached, self.trips, self.now, self.uncounted = reached, trips, now, uncounted

    def of(self, tally: Tally) -> int:
        """How many people a tally counts, at least."""
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

    def missing(self, tallies: Iterable[Tally]) -> tuple[str, ...]:
        """The movements that these tallies may count more people of than they do."""
        evacuations = {evacuation for tally in tallies for evacuation, _ in tally.streams}
        return tuple(sorted(id for id, evacuation in self.uncounted.items() if evacuation in evacuations))

    def judged(self, limits: Iterable[Limit]) -> Iterator[Judged]:
        """Each limit that binds now, the tightest first."""
        rows = []
        for limit in limits:
            if limit.span.start <= self.now < limit.span.end:
                excess = -(-limit.excess([self.of(tally) for tally in limit.tallies]) // limit.scale)
                rows.append(Judged(limit, excess, self.missing(limit.may_undo if excess > 0 else limit.may_break)))
        return iter(sorted(rows, key=lambda one: -one.excess))


class Judged(NamedTuple):
    """A limit, by how many people it is exceeded (below zero: room left), and movements whose people, not counted,
    could turn that round.
    """

    limit: Limit
    excess: int
    missing: tuple[str, ...]


def clause_states(
    operation: Operation,
    counts: Counts,
    agreement: Sequence[Event],
    as_of: datetime,
    stays: Stays,
    *,
    unsplit: Collection[str],
    incidents: Sequence[Event],
    doubted: bool,
) -> tuple[ClauseState, ...]:
    """The clauses and how each stands. `unsplit`: evacuations of which reports do not tell all groups apart."""
    theatre = operation.theatre
    now = operation.calendar.minute(as_of)
    rows = []
    for clause in operation.clauses:
        phase: ClausePhase = "kept"
        room: int | None = None
        text = ""
        words = tuple(
            word(event)
            for event in agreement
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
            phase, room, text = _stands(
                operation,
                clause,
                tuple(counts.judged(clause.limits(theatre))),
                unsplit,
                counts.trips.values(),
                incidents,
            )
            if phase == "broken" and doubted:
                phase = "contested"
            elif phase == "kept" and (stay := _overstayed(clause, stays)) is not None:
                phase, text = "broken", stay
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


def _stands(
    operation: Operation,
    clause: Clause,
    judged: Sequence[Judged],
    unsplit: Collection[str],
    trips: Iterable[Trip],
    incidents: Iterable[Event],
) -> tuple[ClausePhase, int | None, str]:
    """How a clause stands by its limits, the room it leaves, and in words what that rests on."""
    if not judged:
        phase, text = _unlimited(clause, trips, incidents)
        return phase, None, text
    split = [one for one in judged if _splits(operation, one.limit, unsplit)]
    sure = next((one for one in judged if one.excess > 0 and not one.missing and one not in split), None)
    if sure is not None:
        return "broken", 0, sure.limit.text
    if split:
        return "not known", None, f"{split[0].limit.text}; it names groups, and not all reports tell groups apart"
    missing = next((one for one in judged if one.missing), None)
    if missing is not None:
        who = _named(missing.missing)
        return "not known", None, f"{missing.limit.text}; who left with {who} was not counted"
    tightest = judged[0]
    return ("at its limit" if tightest.excess == 0 else "kept"), -tightest.excess, tightest.limit.text


def _unlimited(clause: Clause, trips: Iterable[Trip], incidents: Iterable[Event]) -> tuple[ClausePhase, str]:
    """How a clause without limits stands by what was reported, and in words what that rests on."""
    if teams := clause.escorted_by():
        gone = [trip for trip in trips if trip.boarded is not None]
        if others := [trip.id for trip in gone if trip.teams and not set(trip.teams) & set(teams)]:
            return "broken", f"escorted by others: {_named(others)}"
        if untold := [trip.id for trip in gone if not trip.teams]:
            return "not known", f"nobody reported who escorted {_named(untold)}"
        return "kept", ""
    if pause := timedelta(minutes=clause.pause_minutes()):
        starts = [event.happened.latest for event in incidents if isinstance(event.what, IncidentReported)]
        left = [trip for trip in trips if trip.departed and any(s < trip.departed < s + pause for s in starts)]
        return ("broken", f"departed during the pause: {_named([trip.id for trip in left])}") if left else ("kept", "")
    unseen = clause.not_checkable()
    return ("not known" if unseen else "kept"), unseen


def _named(movements: Sequence[str]) -> str:
    """Some movements by name, the others counted."""
    rest = len(movements) - NAMED_MOST
    return enumeration([*movements[:NAMED_MOST], *([f"{rest:,} more"] if rest > 0 else [])], "en")


def _overstayed(clause: Clause, stays: Stays) -> str | None:
    """The longest stay aboard beyond what a clause allows; None where all kept to it."""
    worst: tuple[int, str] | None = None
    for minutes, id, evacuation in stays:
        stay = clause.stay(evacuation) if evacuation else None
        limit = None if stay is None else stay.minutes
        if limit is not None and minutes > limit:
            worst = max(worst or (0, ""), (minutes, id))
    return None if worst is None else f"{worst[1]}: {worst[0]} minutes aboard"


def _splits(operation: Operation, limit: Limit, unsplit: Collection[str]) -> bool:
    """Whether a limit counts some groups of an evacuation of which reports do not tell the groups apart."""
    for tally in limit.tallies:
        for evacuation in {evacuation for evacuation, _ in tally.streams} & set(unsplit):
            named = {group for one, group in tally.streams if one == evacuation}
            if named != set(operation.evacuations[evacuation].people):
                return True
    return False


def balances(operation: Operation, counts: Counts) -> tuple[Balance, ...]:
    """The balance of evacuations that a clause ties to each other by shares."""
    theatre = operation.theatre
    rows = []
    for clause in operation.clauses:
        sides = clause.sides()
        if sides is None or clause.state == "proposed":
            continue
        tallies = [Tally(streams=frozenset(theatre.streams(names)), counts=clause.counts) for names in sides[:2]]
        shares = []
        for tally in tallies:
            demand = theatre.demand(tally.streams)
            shares.append(counts.of(tally) / demand if demand else 0.0)
        missing = [bool(counts.missing([tally])) for tally in tallies]
        first, second = (names[0] if len(names) == 1 else " + ".join(names) for names in sides[:2])
        rows.append(
            Balance(
                clause=clause.id,
                sides=(first, second),
                shares=(shares[0], shares[1]),
                tolerance=sides[2],
                at_least=(missing[0], missing[1]),
            )
        )
    return tuple(rows)
