"""What a compiled course did as movements and empty moves: for the verifier, and to hold it against the reference."""

from __future__ import annotations

from dataclasses import replace

from safepassage.futures.kernel import (
    ARRIVES,
    BEGINS,
    BOARDS,
    ENTERS,
    HANDED_OVER,
    HOP_BEGINS,
    IS_BACK,
    LOADS_NOW,
    TURNS_BACK,
    UNLOADED,
)
from safepassage.futures.network import Compiled, Ints
from safepassage.movement import EmptyMove, Ending, Hop, Inspection, Leg, Movement
from safepassage.world import Span


def history(ready: Compiled, trace: Ints) -> tuple[tuple[Movement, ...], tuple[EmptyMove, ...]]:
    """The movements, each try by itself, and the empty moves, whose stretches without a wait are one move each."""
    tries: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
    hops: dict[int, list[tuple[int, int, int]]] = {}
    for minute, what, row, number, detail, until in trace.tolist():
        if what == HOP_BEGINS:
            hops.setdefault(row, []).append((minute, detail, until))
        else:
            tries.setdefault((row, number), []).append((what, minute, detail, until))
    movements = [_movement(ready, row, number, told) for (row, number), told in tries.items()]
    empties = [move for row, told in hops.items() for move in _empty_moves(ready, row, told)]
    return (
        tuple(sorted(movements, key=lambda one: (one.loading.start, one.id))),
        tuple(sorted(empties, key=lambda one: one.starts)),
    )


def _movement(ready: Compiled, row: int, number: int, told: list[tuple[int, int, int, int]]) -> Movement:
    planned, end = ready.trips[row], ready.operation.calendar.end
    entries = [(fleet, group) for fleet, groups in planned.people.items() for group in groups]
    people: dict[str, dict[str, int]] = {}
    legs: list[Leg] = []
    inspections: list[Inspection] = []
    loading, unloading = planned.loading, None
    handed_over = arrived = turned_back = None
    ending: Ending = "standing"
    for what, minute, detail, until in told:
        if what == LOADS_NOW:
            loading = Span(minute, until)
        elif what == BOARDS:
            fleet, group = entries[detail]
            people.setdefault(fleet, {})[group] = until
        elif what == BEGINS and until <= end:
            inspections.append(Inspection(crossing=planned.places[detail], starts=minute, ends=until))
        elif what == ENTERS and until <= end:
            legs.append(replace(planned.legs[detail], departs=minute, arrives=until))
        elif what == HANDED_OVER:
            handed_over = minute
        elif what == ARRIVES:
            arrived = minute
        elif what == TURNS_BACK:
            turned_back = minute
            legs += _way_back(ready, legs, minute)
        elif what in (IS_BACK, UNLOADED):
            ending = "arrived" if what == UNLOADED else "turned back"
            unloading = Span(minute - ready.operation.unload_minutes(planned.vehicles), minute)
    return replace(
        planned,
        id=planned.id if number < 2 else f"{planned.id}/{number}",
        people=people,
        loading=loading,
        legs=tuple(leg for leg in legs if leg.arrives <= end),
        inspections=tuple(inspections),
        handed_over=handed_over,
        arrived=arrived,
        unloading=unloading,
        ending=ending,
        turned_back=turned_back,
    )


def _way_back(ready: Compiled, legs: list[Leg], minute: int) -> list[Leg]:
    """By the way it came, at the roads' own minutes."""
    operation, back = ready.operation, []
    for leg in reversed(legs):
        takes = operation.world.roads[leg.road].minutes_at(operation.calendar.time_of_day(minute))
        back.append(Leg(road=leg.road, here=leg.there, there=leg.here, departs=minute, arrives=minute + takes))
        minute += takes
    return back


def _empty_moves(ready: Compiled, row: int, told: list[tuple[int, int, int]]) -> list[EmptyMove]:
    planned, end = ready.empties[row], ready.operation.calendar.end
    moves: list[list[Hop]] = []
    for minute, number, until in told:
        if until > end:
            continue
        if not moves or moves[-1][-1].arrives != minute:
            moves.append([])
        moves[-1].append(replace(planned.hops[number], departs=minute, arrives=until))
    return [replace(planned, hops=tuple(hops)) for hops in moves]
