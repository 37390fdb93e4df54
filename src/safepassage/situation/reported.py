"""What is reported besides movements: ways, who holds what, what holds everybody, observers, claims, totals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from safepassage.claims import Assessment, Question, Source, Standing, Statement, standing
from safepassage.events import (
    ClaimAssessed,
    ClaimMade,
    ControlChanged,
    CrossingClosed,
    Event,
    IncidentOver,
    IncidentReported,
    ObserverDeployed,
    ObserverWithdrawn,
    OperationResumed,
    OperationSuspended,
    PeopleCounted,
    QuestionRaised,
    RoadBlocked,
)
from safepassage.ledger import Reconciled, published, tallied
from safepassage.operation import Operation
from safepassage.situation.agreed import Filed
from safepassage.situation.picture import Control, Incident, Presence, SegmentPhase, SegmentState, Word
from safepassage.situation.trip import WORDS_MOST, word


def segment_state(id: str, reports: Sequence[Event]) -> SegmentState:
    """A road or crossing by the last reports that agree."""
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
        words=tuple(word(event) for event in reversed(same[:WORDS_MOST])),
    )


def control(operation: Operation, filed: Filed) -> tuple[Control, ...]:
    """Who holds each place."""
    rows = []
    for id, place in operation.world.places.items():
        reports = filed("control", id)
        if not reports:
            rows += [Control(place=id, held_by=place.held_by, words=())] if place.held_by else []
            continue
        said: dict[str, list[Word]] = {}
        latest: dict[str, str] = {}
        for event in reports:
            if isinstance(event.what, ControlChanged):
                latest[event.source.origin if event.source else ""] = event.what.held_by
                said.setdefault(event.what.held_by, []).append(word(event))
        for held_by in dict.fromkeys(latest.values()):
            rows.append(Control(place=id, held_by=held_by, words=tuple(said[held_by])))
    return tuple(rows)


def suspended(events: Iterable[Event]) -> tuple[Word, ...]:
    """What still suspends the operation or a part of it."""
    active: list[Event] = []
    for event in events:
        if isinstance(event.what, OperationSuspended):
            active.append(event)
        elif isinstance(event.what, OperationResumed):
            back = set(event.what.evacuations)
            active = [one for one in active if back and not _covers(one, back)]
    return tuple(word(event) for event in active)


def _covers(suspension: Event, back: Collection[str]) -> bool:
    what = suspension.what
    return isinstance(what, OperationSuspended) and bool(what.evacuations) and set(what.evacuations) <= set(back)


def incidents(events: Sequence[Event], newest: Callable[[str], str]) -> tuple[Incident, ...]:
    """What went wrong, and whether it is over. `newest`: the event that stands in the place of another now."""
    over = {newest(event.what.incident) for event in events if isinstance(event.what, IncidentOver)}
    return tuple(
        Incident(event=event.id, report=event.what, words=(word(event),), over=event.id in over)
        for event in events
        if isinstance(event.what, IncidentReported)
    )


def observers(events: Iterable[Event]) -> Iterator[Presence]:
    """Where a party's observers are, or were until they left."""
    last: dict[tuple[str, str], Event] = {}
    for event in events:
        if isinstance(event.what, ObserverDeployed | ObserverWithdrawn):
            last |= {(event.what.party, at): event for at in event.what.on}
    for (party, at), event in last.items():
        present = isinstance(event.what, ObserverDeployed)
        yield Presence(party=party, at=at, words=(word(event),), present=present)


def question_standing(
    of: str, events: Iterable[Event], assessed: Sequence[Assessment], newest: Callable[[str], str]
) -> Standing:
    """What the claims on a question amount to. A claim about one that was corrected is about the correction.

    `newest`: the event that stands in the place of another now.
    """
    question = Question(id=of, text=of)
    statements = []
    for event in events:
        what = event.what
        if isinstance(what, QuestionRaised):
            question = what.question
        elif isinstance(what, ClaimMade):
            source = event.source or Source(origin=event.position or event.author)
            claim = what.claim if event.source is not None else replace(what.claim, grounds="observed")
            claim = replace(claim, on=newest(claim.on)) if claim.on else claim
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
    return standing(question, statements, assessed)


def assessments(events: Iterable[Event]) -> tuple[Assessment, ...]:
    """How claims were judged."""
    return tuple(
        Assessment(
            event=event.id,
            claim=event.what.claim,
            author=event.author,
            credibility=event.what.credibility,
            why=event.what.why,
            made=event.happened.earliest,
        )
        for event in events
        if isinstance(event.what, ClaimAssessed)
    )


def publications(id: str, events: Iterable[Event]) -> Reconciled:
    """Totals of an evacuation as others gave them."""
    counts = [tallied(event, event.what.people) for event in events if isinstance(event.what, PeopleCounted)]
    return published(id, counts)
