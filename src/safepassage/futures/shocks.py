"""What goes wrong: kinds of shock whose parameters mean something, and the troubles each makes in a course."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import ClassVar

import numpy as np

from safepassage.futures.chance import Law, recurring, stream
from safepassage.movement import Movement, Timetable
from safepassage.operation import Operation
from safepassage.world import Calendar, Span

# Troubles: what shocks come down to in one course, in minutes of the operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """Nobody enters these roads, or begins a slot at these crossings. `party`: whose consent is withdrawn, if that."""

    shock: str
    span: Span
    on: tuple[str, ...]
    party: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halted:
    """No movement of these evacuations starts to load or departs."""

    shock: str
    span: Span
    evacuations: tuple[str, ...]
    party: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slowed:
    """Roads entered, and slots begun, take so many times the minutes (rounded up)."""

    shock: str
    span: Span
    on: tuple[str, ...]
    factor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A movement is attacked when it first enters this leg: it turns back at once, and the road is shut for a while."""

    shock: str
    movement: str
    leg: int
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Vehicles of a fleet that are gone from an instant on, taken where most of them stand as they become free."""

    shock: str
    at: int
    fleet: str
    vehicles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnedUp:
    """How many people of an evacuation's group are really there; nobody knows before they board."""

    shock: str
    evacuation: str
    group: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftAlone:
    """People of an evacuation who leave by their own means: they no longer wait."""

    shock: str
    at: int
    evacuation: str
    people: int


Trouble = Shut | Halted | Slowed | Struck | Lost | TurnedUp | LeftAlone


# Shocks: the failure classes of the record


@dataclass(frozen=True, slots=True, kw_only=True)
class Shock:
    """One way in which things go wrong. `basis` says where its numbers come from."""

    kind: ClassVar[str]

    id: str
    basis: str

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        """What it does in one course."""
        raise NotImplementedError(f"shock kind {self.kind!r} makes no troubles")

    def check_fit(self, operation: Operation) -> None:
        """Raises ValueError, with the fix, where it names what the operation does not have."""


def _segments(operation: Operation, on: Sequence[str]) -> None:
    operation.theatre.segments(on)


def _evacuations(operation: Operation, ids: Sequence[str]) -> None:
    for id in ids:
        if id not in operation.evacuations:
            raise ValueError(f"{id!r} is no evacuation: name one of {', '.join(operation.evacuations)}")


def _party(operation: Operation, party: str) -> None:
    if party and party not in operation.parties:
        raise ValueError(f"{party!r} is no party: name one of {', '.join(operation.parties)}")


def _rate(per_day: float) -> None:
    if not per_day >= 0:
        raise ValueError(f"per_day = {per_day}: give zero or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Shock):
    """A party withdraws its consent for segments, `per_day` times a day while it stands, for so many minutes.

    `valid_minutes`: so long a consent holds at least, once given.
    """

    kind: ClassVar[str] = "withdrawal"

    party: str
    on: tuple[str, ...]
    per_day: float
    minutes: Law
    valid_minutes: int = 0

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        draws, end_of_all = stream(seed, course, self.id), operation.calendar.end
        for start, end in recurring(draws, self.per_day, self.minutes, end_of_all, spared=self.valid_minutes):
            yield Shut(shock=self.id, span=Span(start, end), on=self.on, party=self.party)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        _segments(operation, self.on)
        _party(operation, self.party)
        if self.valid_minutes < 0:
            raise ValueError(f"valid_minutes = {self.valid_minutes}: give zero or more")
        for segment in self.on:
            if self.party not in operation.world.segment_consent(segment):
                raise ValueError(f"{segment} does not need the consent of {self.party}: leave it out of `on`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Shock):
    """Roads or crossings are shut together: a crowd, rubble, a closed crossing, a full reception place."""

    kind: ClassVar[str] = "block"

    on: tuple[str, ...]
    per_day: float
    minutes: Law

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        for start, end in recurring(stream(seed, course, self.id), self.per_day, self.minutes, operation.calendar.end):
            yield Shut(shock=self.id, span=Span(start, end), on=self.on)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        _segments(operation, self.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Full(Shock):
    """A reception place takes nobody in for a while: every road that leads there is shut."""

    kind: ClassVar[str] = "full"

    place: str
    per_day: float
    minutes: Law

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        roads = tuple(id for id, road in operation.world.roads.items() if self.place in road.between)
        for start, end in recurring(stream(seed, course, self.id), self.per_day, self.minutes, operation.calendar.end):
            yield Shut(shock=self.id, span=Span(start, end), on=roads)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        if self.place not in operation.world.places:
            raise ValueError(f"{self.place!r} is no place of this operation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(Shock):
    """A condition is added late, or a linked evacuation fails: these evacuations halt until it is settled.

    `begun`: they stand when the operation starts.
    """

    kind: ClassVar[str] = "demand"

    evacuations: tuple[str, ...]
    per_day: float
    minutes: Law
    party: str = ""
    begun: bool = False

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        draws, end_of_all = stream(seed, course, self.id), operation.calendar.end
        for start, end in recurring(draws, self.per_day, self.minutes, end_of_all, begun=self.begun):
            yield Halted(shock=self.id, span=Span(start, end), evacuations=self.evacuations, party=self.party)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        _evacuations(operation, self.evacuations)
        _party(operation, self.party)


@lru_cache(maxsize=64)
def _daily(calendar: Calendar, hours: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same in every course."""
    return calendar.daily(hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Shock):
    """Roads or crossings take longer: a thorough inspection, snow. `hours` of each day instead of a rate: night."""

    kind: ClassVar[str] = "slow"

    on: tuple[str, ...]
    factor: float
    per_day: float = 0.0
    minutes: Law = field(default_factory=lambda: Law.fixed(60))
    hours: tuple[Span, ...] = ()

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        for start, end in recurring(stream(seed, course, self.id), self.per_day, self.minutes, operation.calendar.end):
            yield Slowed(shock=self.id, span=Span(start, end), on=self.on, factor=self.factor)
        for span in _daily(operation.calendar, self.hours):
            yield Slowed(shock=self.id, span=span, on=self.on, factor=self.factor)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        _segments(operation, self.on)
        if not self.factor >= 1:
            raise ValueError(f"factor = {self.factor}: give 1 or more; 2 makes a road take twice as long")


LEGS_MOST = 16
"""Legs of a way on which fire is drawn: more than any way has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire(Shock):
    """Fire on a convoy as it enters a road: it turns back, and the road is shut for so many minutes.

    The chance is `hazard_times` the road's own hazard, on these roads (none named: all). It is drawn for the first,
    second, third ... convoy of an evacuation and each leg of its way, so that under another timetable the same convoys
    meet the same draws.
    """

    kind: ClassVar[str] = "fire"

    minutes: Law
    hazard_times: float = 1.0
    on: tuple[str, ...] = ()

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        hazard = {
            id: road.hazard * self.hazard_times
            for id, road in operation.world.roads.items()
            if not self.on or id in self.on
        }
        worst = max(hazard.values(), default=0.0)
        of: dict[str, list[Movement]] = {}
        for movement in sorted(timetable.movements, key=attrgetter("loading.start", "id")):
            of.setdefault(movement.evacuation, []).append(movement)
        for evacuation, movements in of.items():
            chances = stream(seed, course, f"{self.id} {evacuation}").random((len(movements), LEGS_MOST, 2))
            struck = -1
            for number, leg in np.argwhere(chances[:, :, 0] < worst).tolist():
                movement = movements[number]
                chance, length = chances[number, leg]
                if number > struck and leg < len(movement.legs) and chance < hazard.get(movement.legs[leg].road, 0.0):
                    struck, minutes = number, max(1, round(self.minutes.at(float(length))))
                    yield Struck(shock=self.id, movement=movement.id, leg=leg, minutes=minutes)

    def check_fit(self, operation: Operation) -> None:
        _segments(operation, self.on)
        if not self.hazard_times >= 0:
            raise ValueError(f"hazard_times = {self.hazard_times}: give zero or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclesLost(Shock):
    """Vehicles break down, burn or are not let through, for good."""

    kind: ClassVar[str] = "vehicles lost"

    fleet: str
    per_day: float
    vehicles: Law

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        draws = stream(seed, course, self.id)
        for start, _ in recurring(draws, self.per_day, Law.fixed(0), operation.calendar.end):
            vehicles = round(self.vehicles.at(draws.random()))
            if vehicles:
                yield Lost(shock=self.id, at=start, fleet=self.fleet, vehicles=vehicles)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        if self.fleet not in operation.fleets:
            raise ValueError(f"{self.fleet!r} is no fleet: name one of {', '.join(operation.fleets)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout(Shock):
    """Fewer or more people than counted are there, each group by a share of its own."""

    kind: ClassVar[str] = "turnout"

    evacuations: tuple[str, ...]
    share: Law

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        draws = stream(seed, course, self.id)
        for id in self.evacuations:
            for group, people in operation.evacuations[id].demand().items():
                there = round(people * self.share.at(draws.random()))
                yield TurnedUp(shock=self.id, evacuation=id, group=group, people=there)

    def check_fit(self, operation: Operation) -> None:
        _evacuations(operation, self.evacuations)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMeans(Shock):
    """People leave in cars of their own, so many at a time, and wait no longer."""

    kind: ClassVar[str] = "own means"

    evacuation: str
    per_day: float
    people: Law

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> Iterator[Trouble]:
        draws = stream(seed, course, self.id)
        for start, _ in recurring(draws, self.per_day, Law.fixed(0), operation.calendar.end):
            people = round(self.people.at(draws.random()))
            if people:
                yield LeftAlone(shock=self.id, at=start, evacuation=self.evacuation, people=people)

    def check_fit(self, operation: Operation) -> None:
        _rate(self.per_day)
        _evacuations(operation, (self.evacuation,))


SHOCKS: tuple[type[Shock], ...] = (
    Withdrawal,
    Demand,
    Block,
    Full,
    Slow,
    Fire,
    VehiclesLost,
    Turnout,
    OwnMeans,
)
"""Every kind there is; a new kind is one class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShockModel:
    """All that may go wrong in an operation, as one file states it. No shocks: a quiet course."""

    name: str = "no shocks"
    shocks: tuple[Shock, ...] = ()

    def __post_init__(self) -> None:
        ids = [shock.id for shock in self.shocks]
        for id in ids:
            if ids.count(id) > 1:
                raise ValueError(f"two shocks have the id {id!r}: give each its own")

    def troubles(self, operation: Operation, timetable: Timetable, seed: int, course: int) -> tuple[Trouble, ...]:
        """All that goes wrong in one course, in the order of the model."""
        return tuple(trouble for shock in self.shocks for trouble in shock.troubles(operation, timetable, seed, course))
