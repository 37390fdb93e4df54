"""Events of a tiny operation, said tersely: `desk.at("06:30", Departed(...))`, `un.at(...)`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from safepassage.agreement import Clause
from safepassage.claims import Source
from safepassage.events import (
    Arrived,
    Boarded,
    ConsentGiven,
    ConvoyFormed,
    Departed,
    Event,
    HandedOver,
    What,
    When,
)
from safepassage.formats.events import uuid7
from safepassage.formats.operation import operation_hash
from safepassage.operation import Operation
from safepassage.people import Count

SERIAL = count(1)


def exactly(people: int) -> dict[str, Count]:
    """So many civilians, counted."""
    return {"civilian": Count.exactly(people)}


def between(low: int, best: int, high: int) -> dict[str, Count]:
    """About so many civilians."""
    return {"civilian": Count(low=low, best=best, high=high)}


@dataclass(frozen=True)
class Desk:
    """Somebody who reports on an operation; without a source it is our own observer."""

    operation: Operation
    source: Source | None = None

    def time(self, clock: str) -> datetime:
        """A time of the first day, `06:30`, or `+1 06:30` a day later."""
        days, _, hours = clock.rpartition(" ")
        hour, minute = map(int, hours.split(":"))
        midnight = self.operation.calendar.starts.replace(hour=0, minute=0)
        return midnight + timedelta(days=int(days or 0), hours=hour, minutes=minute)

    def at(self, clock: str, what: What, *, known: str = "", corrects: str = "", until: str = "") -> Event:
        """What happened then (until then), noticed at once or as `known`."""
        first = self.time(clock)
        last = self.time(until) if until else first
        return Event(
            id=uuid7(first, next(SERIAL)),
            operation=operation_hash(self.operation),
            what=what,
            happened=When(earliest=first, latest=last),
            noticed=self.time(known) if known else last,
            author="desk",
            source=self.source,
            corrects=corrects,
        )

    def says(self, origin: str, side: str = "", via: str = "") -> Desk:
        """The same desk, passing on what somebody else says."""
        source = Source(origin=origin, side=side, relayed_by=(via,) if via else ())
        return Desk(self.operation, source)

    def trip(self, movement: str, evacuation: str, people: int, *clocks: str) -> list[Event]:
        """A convoy reported as it boards, departs, passes the bridge and arrives, as far as times are given."""
        stream = self.operation.evacuations[evacuation]
        steps: list[What] = [
            Boarded(movement=movement, at=stream.origin, people=exactly(people)),
            Departed(movement=movement, at=stream.origin),
            HandedOver(movement=movement, at=(stream.out_at or stream.to)[0]),
            Arrived(movement=movement, at=stream.to[0], people=exactly(people)),
        ]
        formed = ConvoyFormed(
            movement=movement,
            at=stream.origin,
            evacuation=evacuation,
            destination=stream.to[0],
            vehicles={"buses": 2},
            teams=("escort",) if "escort" in self.operation.parties else (),
        )
        times = (clocks[0], *clocks)
        return [self.at(clock, step) for clock, step in zip(times, (formed, *steps), strict=False)]

    def all_consents(self, clock: str) -> list[Event]:
        """Every party gives its consent for all that asks for it."""
        world = self.operation.world
        given: dict[str, list[str]] = {}
        for segment in (*world.roads, *world.crossings):
            for party in world.segment_consent(segment):
                given.setdefault(party, []).append(segment)
        return [self.at(clock, ConsentGiven(party=party, on=tuple(on))) for party, on in given.items()]


def with_clauses(operation: Operation, *clauses: Clause) -> Operation:
    """The same operation with these clauses instead of its own."""
    return replace(operation, clauses=clauses)
