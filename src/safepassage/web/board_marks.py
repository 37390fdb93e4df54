"""The marks of the time slider: the whole record in little, so that the page moves before the server has answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from safepassage.events import ClaimAssessed, ClaimMade, ConvoyFormed, Event, OpinionStated, QuestionRaised
from safepassage.operation import Operation
from safepassage.situation import Fold, Situation
from safepassage.situation.picture import UNDER_WAY
from safepassage.situation.trip import PHASES
from safepassage.web.board_shape import Halt, Marks, Trail

HALTS_MOST = 120
"""Instants at which the motion is folded; a record with more is looked at evenly."""
TALK = (ClaimMade, ClaimAssessed, OpinionStated, QuestionRaised)
"""What is said and moves nothing."""


def marks_view(
    operation: Operation, events: Iterable[Event], *, known_at: datetime | None = None, then: bool = False
) -> dict[str, Any]:
    """The marks as JSON: of all that was known at `known_at` (None: all), or (`then`) as known at each instant."""
    return asdict(marks(operation, events, known_at=known_at, then=then))


def marks(
    operation: Operation, events: Iterable[Event], *, known_at: datetime | None = None, then: bool = False
) -> Marks:
    """The marks as a value; see `marks_view`."""
    taken = [event for event in events if known_at is None or event.known <= known_at]
    taken.sort(key=lambda event: _seen(event, then))
    zone = operation.calendar.starts.tzinfo
    instants = [_seen(event, then) for event in taken]
    starts = min([operation.calendar.starts, *instants])
    ends = max([operation.calendar.starts + timedelta(hours=1), *instants])
    return Marks(
        starts=_time(starts, zone),
        ends=_time(ends, zone),
        halts=tuple(_halts(operation, taken, instants, then)),
        minutes=tuple(int((instant - starts).total_seconds() // 60) for instant in instants),
        weights=tuple(1 if isinstance(event.what, TALK) else 2 for event in taken),
        trails=_trails(taken, starts),
    )


def _seen(event: Event, then: bool) -> datetime:
    """From which instant an event is part of the picture."""
    return max(event.happened.earliest, event.known) if then else event.happened.earliest


def _time(when: datetime, zone: Any) -> str:
    return when.astimezone(zone).isoformat(timespec="seconds")


def _halts(operation: Operation, events: Sequence[Event], instants: Sequence[datetime], then: bool) -> Iterator[Halt]:
    """How things stood at the instants at which something happened, one fold going through them all."""
    folding, index = Fold(operation), 0
    for instant in _thinned(sorted(set(instants))):
        while index < len(events) and instants[index] <= instant:
            folding.take(events[index])
            index += 1
        yield _halt(folding.situation(instant, known_at=instant if then else None))


def _thinned(instants: Sequence[datetime]) -> Sequence[datetime]:
    if len(instants) <= HALTS_MOST:
        return instants
    last = len(instants) - 1
    return [instants[round(step * last / (HALTS_MOST - 1))] for step in range(HALTS_MOST)]


def _halt(situation: Situation) -> Halt:
    return Halt(
        at=_time(situation.as_of, situation.operation.calendar.starts.tzinfo),
        motion=situation.headline.motion,
        out=sum(one.out.best for one in situation.people.values()),
    )


def _trails(events: Sequence[Event], starts: datetime) -> tuple[Trail, ...]:
    """Where each convoy was reported, without what was corrected since."""
    replaced = {event.corrects for event in events if event.corrects}
    stops: dict[str, list[tuple[int, str, str, bool]]] = {}
    evacuations: dict[str, str] = {}
    for event in sorted(events, key=lambda one: one.order):
        what = event.what
        phase = PHASES.get(type(what))
        at, movement = getattr(what, "at", ""), getattr(what, "movement", "")
        if phase is None or not at or not movement or event.id in replaced:
            continue
        if isinstance(what, ConvoyFormed):
            evacuations[movement] = what.evacuation
        minute = int((event.happened.earliest - starts).total_seconds() // 60)
        stops.setdefault(movement, []).append((minute, at, phase, phase in UNDER_WAY))
    return tuple(
        Trail(id=id, evacuation=evacuations.get(id, ""), stops=tuple(found)) for id, found in sorted(stops.items())
    )
