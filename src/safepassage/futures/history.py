"""Between the two kinds of course: a compiled one as movements and empty moves, and a reference course as sums."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from safepassage.futures.course import Course
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
    Courses,
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


def summed(ready: Compiled, course: Course) -> Courses:
    """What is kept of a course, from the reference: courses of one."""
    operation, end = ready.operation, ready.network.end
    people = {movement.id: movement.total for movement in course.movements}
    out = [(one.handed_over, one.total) for one in course.movements if one.handed_over is not None]
    arrived = [(one.arrived, one.total) for one in course.movements if one.arrived is not None]
    left = dict.fromkeys(operation.evacuations, 0)
    for behind in course.left_behind:
        left[behind.evacuation] += behind.people
    stops = np.zeros((len(ready.pairs), 4))
    for leads in course.leads_at_stops:
        for pair, lead in enumerate(leads):
            stops[pair, 0 if lead > 1e-12 else (1 if lead < -1e-12 else 2)] += 1
            stops[pair, 3] += lead
    return Courses(
        end=np.array([max((one.ends for one in course.movements if one.ending == "arrived"), default=0)]),
        out=_by_hour(out, end),
        arrived=_by_hour(arrived, end),
        left=np.array([[left[id] for id in ready.evacuations]]),
        person_minutes=np.array([course.person_minutes]),
        worst_standing=np.array([max(course.standing_minutes.values(), default=0)]),
        standing=np.array([sum(minutes * people.get(id, 0) for id, minutes in course.standing_minutes.items())]),
        lead=np.array(course.leads).reshape(1, len(ready.pairs), 2),
        stops=stops[None],
        waited=np.array([[course.waited.get(cause, 0) for cause in ready.causes]]),
    )


def _by_hour(counted: Iterable[tuple[int, int]], end: int) -> Ints:
    """People counted by the hour at whose end they are."""
    hours = np.zeros(end // 60 + 1, dtype=np.int64)
    for minute, people in counted:
        hours[minute // 60] += people
    return np.cumsum(hours)[None]
