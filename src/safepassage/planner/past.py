"""What the past leaves to a plan: movements that are fixed, and where vehicles and escorts stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from safepassage.movement import EmptyMove, Movement
from safepassage.operation import Operation

ESCORT = ""
"""The name of escorts among the fleets."""

Stands = Mapping[str, Sequence[tuple[str, int, int]]]
"""Where vehicles stand before a plan, by fleet (and escorts): place, free from which minute, how many."""


def needs(operation: Operation, movement: Movement) -> dict[str, int]:
    """What a movement takes of each fleet, and of escorts."""
    escort = {} if operation.escorts is None else {ESCORT: 1}
    return {**movement.vehicles, **escort}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is fixed at `now`: movements that have started loading, empty moves under way, where the rest stands."""

    now: int
    movements: tuple[Movement, ...]
    moves: tuple[EmptyMove, ...]
    stands: Stands

    @classmethod
    def nothing(cls, operation: Operation) -> Past:
        return cls(now=0, movements=(), moves=(), stands=stands_at_start(operation))

    @classmethod
    def of(cls, operation: Operation, movements: Iterable[Movement], moves: Iterable[EmptyMove], now: int) -> Past:
        """The past at `now` of a timetable: what started before it."""
        started = tuple(movement for movement in movements if movement.loading.start < now)
        under_way = tuple(move for move in moves if move.starts < now)
        stands = stands_after(operation, started, under_way, now)
        return cls(now=now, movements=started, moves=under_way, stands=stands)

    def person_hours(self, operation: Operation) -> float:
        """Weighted person-hours of those it carries: they count in objective and bound alike."""
        return sum(
            operation.groups[group].weight * people * movement.unloading.end / 60
            for movement in self.movements
            if movement.ending == "arrived" and movement.unloading is not None
            for group, people in movement.people_by_group.items()
        )


def stands_at_start(operation: Operation) -> Stands:
    """Where vehicles and escorts stand at minute 0."""
    fleets = {fleet.id: fleet.stands for fleet in operation.fleets.values()}
    if operation.escorts is not None:
        fleets[ESCORT] = operation.escorts
    return {fleet: [(place, 0, count) for place, count in stands.items()] for fleet, stands in fleets.items()}


def stands_after(operation: Operation, movements: Iterable[Movement], moves: Iterable[EmptyMove], now: int) -> Stands:
    """Where vehicles and escorts stand, or will, once these movements and empty moves are done.

    One-way vehicles and those of movements that stand on the way are gone.
    """
    present: dict[str, dict[str, int]] = {}
    coming: dict[str, list[tuple[str, int, int]]] = {}
    for fleet, stands in stands_at_start(operation).items():
        present[fleet] = {place: count for place, _, count in stands}
        coming[fleet] = []

    def leave(fleet: str, place: str, count: int) -> None:
        present[fleet][place] = present[fleet].get(place, 0) - count

    def come(fleet: str, place: str, when: int, count: int) -> None:
        if when <= now:
            present[fleet][place] = present[fleet].get(place, 0) + count
        else:
            coming[fleet].append((place, when, count))

    for movement in movements:
        for fleet, count in needs(operation, movement).items():
            leave(fleet, movement.origin, count)
            returns = fleet == ESCORT or not operation.fleets[fleet].one_way or movement.ending == "turned back"
            if movement.unloading is not None and returns:
                come(fleet, movement.destination, movement.unloading.end, count)
    for move in moves:
        loads: Mapping[str, int] = {**move.vehicles, **({ESCORT: move.escorts} if move.escorts else {})}
        for fleet, count in loads.items():
            leave(fleet, move.origin, count)
            come(fleet, move.destination, move.ends, count)
    for fleet, places in present.items():
        assert all(count >= 0 for count in places.values()), f"more vehicles of {fleet} left a place than stood there"
    return {
        fleet: [*((place, now, count) for place, count in places.items() if count), *coming[fleet]]
        for fleet, places in present.items()
    }
