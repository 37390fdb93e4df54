"""The shared currency of plan, future and log: movements, empty moves, and the timetable they make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from safepassage.world import Span

Ending = Literal["arrived", "turned back", "standing"]
Outcome = Literal["everyone carried", "people left behind", "proven impossible", "none found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One road of a movement, in minutes of the operation. `here` equals `there` where it turned round on the road."""

    road: str
    here: str
    there: str
    departs: int
    arrives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One slot at a crossing: it takes a lane from `starts` until `ends`."""

    crossing: str
    starts: int
    ends: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One trip of one convoy for one evacuation.

    `people` is by fleet and group. `handed_over` is the instant it leaves the crossing at which its evacuation counts
    people as out (the arrival where it names none); `arrived` the instant unloading can begin. `ending` says whether it
    arrived, turned back (its people wait again at the origin) or stands where its last leg ended.
    """

    id: str
    evacuation: str
    origin: str
    destination: str
    vehicles: Mapping[str, int]
    people: Mapping[str, Mapping[str, int]]
    loading: Span
    legs: tuple[Leg, ...]
    inspections: tuple[Inspection, ...] = ()
    handed_over: int | None = None
    arrived: int | None = None
    unloading: Span | None = None
    ending: Ending = "arrived"
    turned_back: int | None = None
    note: str = ""

    @property
    def people_by_group(self) -> dict[str, int]:
        totals: dict[str, int] = {}
        for groups in self.people.values():
            for group, people in groups.items():
                totals[group] = totals.get(group, 0) + people
        return totals

    @property
    def total(self) -> int:
        return sum(sum(groups.values()) for groups in self.people.values())

    @property
    def places(self) -> tuple[str, ...]:
        """The places of its way, origin first."""
        return (self.origin, *(leg.there for leg in self.legs))

    @property
    def ends(self) -> int:
        """The instant its vehicles and its escort are free, or the last one known of it."""
        if self.unloading is not None:
            return self.unloading.end
        return self.legs[-1].arrives if self.legs else self.loading.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One stretch of an empty move: a road, or an empty link between the two places."""

    here: str
    there: str
    departs: int
    arrives: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyMove:
    """Vehicles without people, or escorts, on their way to where they are needed next."""

    vehicles: Mapping[str, int]
    escorts: int
    hops: tuple[Hop, ...]

    def __post_init__(self) -> None:
        if not self.hops:
            raise ValueError("an empty move has at least one hop")

    @property
    def origin(self) -> str:
        return self.hops[0].here

    @property
    def destination(self) -> str:
        return self.hops[-1].there

    @property
    def starts(self) -> int:
        return self.hops[0].departs

    @property
    def ends(self) -> int:
        return self.hops[-1].arrives


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind:
    """People of one group that a plan does not carry, and what holds them."""

    evacuation: str
    group: str
    people: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The movements of a plan and what is known about it.

    `objective` and `bound` are weighted person-hours (DESIGN section 4; left behind included), `person_hours` the plain
    ones of those carried. `gap` is (objective - bound) / bound. `frozen_until`: what started loading before this minute
    is past and not the plan's doing (None: a plan from the start).
    """

    operation: str
    operation_hash: str
    version: str
    seed: int
    movements: tuple[Movement, ...]
    empty_moves: tuple[EmptyMove, ...]
    left_behind: tuple[LeftBehind, ...]
    outcome: Outcome
    objective: float
    person_hours: float
    exposure: float
    bound: float | None = None
    frozen_until: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def gap(self) -> float | None:
        if self.bound is None or self.bound <= 0:
            return None
        return (self.objective - self.bound) / self.bound

    @property
    def ends(self) -> int:
        """The end of the last unloading; 0 where nothing moves."""
        return max((movement.ends for movement in self.movements), default=0)

    @property
    def carried(self) -> int:
        return sum(movement.total for movement in self.movements if movement.ending == "arrived")


class Passage(NamedTuple):
    """People of one evacuation and group on one movement, with the instants at which clauses count them."""

    evacuation: str
    group: str
    destination: str
    people: int
    handed_over: int | None
    arrived: int | None
    turned_back: int | None
    movement: str


def passages(movements: Iterable[Movement]) -> tuple[Passage, ...]:
    """What clauses count, from any movements: planned, simulated or reported."""
    return tuple(
        Passage(
            movement.evacuation,
            group,
            movement.destination,
            people,
            movement.handed_over,
            movement.arrived if movement.ending == "arrived" else None,
            movement.turned_back,
            movement.id,
        )
        for movement in movements
        for group, people in movement.people_by_group.items()
        if people
    )
