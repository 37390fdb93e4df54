"""From movements to a timetable: the empty moves they need, who is left behind, the figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array

from safepassage.movement import EmptyMove, LeftBehind, Movement, Outcome, Timetable
from safepassage.operation import Operation
from safepassage.planner.empties import NEVER, EmptyTravel
from safepassage.planner.past import ESCORT, Stands, needs

NEAREST_MOST = 12
"""Places from which a start is served at first: a hundred places with each start's flow from all take many seconds."""


def empty_moves(
    operation: Operation,
    travel: EmptyTravel,
    movements: Sequence[Movement],
    stands: Stands,
) -> tuple[EmptyMove, ...]:
    """The empty moves that bring vehicles and escorts to these movements, few minutes in all, each as late as it may.

    A flow over time and places for each fleet; its corners are whole vehicles. Raises ValueError where the vehicles
    cannot be there in time.
    """
    found: dict[tuple[str, str, int], dict[str, int]] = {}
    for fleet in [*operation.fleets, *([ESCORT] if operation.escorts is not None else [])]:
        users = [movement for movement in movements if needs(operation, movement).get(fleet)]
        if users:
            returns = fleet == ESCORT or not operation.fleets[fleet].one_way
            for (here, there, _, leaves), count in flow(
                travel, fleet, users, operation, stands[fleet], returns
            ).items():
                if here != there:
                    load = found.setdefault((here, there, leaves), {})
                    load[fleet] = load.get(fleet, 0) + count
    moves = []
    for (here, there, leaves), loads in sorted(found.items(), key=lambda item: (item[0][2], item[0])):
        vehicles = {fleet: count for fleet, count in loads.items() if fleet != ESCORT}
        for hops in travel.hops(here, there, leaves):
            move = EmptyMove(vehicles=vehicles, escorts=loads.get(ESCORT, 0), hops=hops)
            moves.append(move)
    return tuple(moves)


def flow(
    travel: EmptyTravel,
    fleet: str,
    users: Sequence[Movement],
    operation: Operation,
    stands: Iterable[tuple[str, int, int]],
    returns: bool,
) -> dict[tuple[str, str, int, int], int]:
    """How many of one fleet serve the movements from where: (from, to, start of loading, latest leaving) -> vehicles.

    Each start is served from the places nearest to it; where that does not do, from any. Raises ValueError where they
    cannot be there in time.
    """
    stands = tuple(stands)
    for nearest_most in (NEAREST_MOST, None):
        found = _flow(travel, fleet, users, operation, stands, returns, nearest_most)
        if found is not None:
            return found
    name = "the escorts" if fleet == ESCORT else f"the vehicles of {fleet}"
    raise ValueError(f"{name} cannot be where these movements need them in time")


def _flow(
    travel: EmptyTravel,
    fleet: str,
    users: Sequence[Movement],
    operation: Operation,
    stands: Iterable[tuple[str, int, int]],
    returns: bool,
    nearest_most: int | None,
) -> dict[tuple[str, str, int, int], int] | None:
    """The flow with least minutes where each start is served from so many places at most; None where there is none."""
    supply: dict[str, dict[int, int]] = {}
    for place, free, count in stands:
        supply.setdefault(place, {})[free] = supply.get(place, {}).get(free, 0) + count
    wanted: dict[tuple[str, int], int] = {}
    for movement in users:
        need = needs(operation, movement)[fleet]
        key = (movement.origin, movement.loading.start)
        wanted[key] = wanted.get(key, 0) + need
        if returns and movement.unloading is not None:
            at = supply.setdefault(movement.destination, {})
            at[movement.unloading.end] = at.get(movement.unloading.end, 0) + need
    leaving: dict[str, list[tuple[int, int]]] = {place: [] for place in supply}
    demands = list(wanted)
    for number, (origin, start) in enumerate(demands):
        # one-way vehicles make no empty moves
        places = supply if returns else [origin] * (origin in supply)
        possible = [
            (leaves, place)
            for place in places
            if (leaves := latest_departure(travel, place, origin, start)) is not None
        ]
        possible.sort(key=lambda one: -one[0])
        for leaves, place in possible[:nearest_most]:
            leaving[place].append((leaves, number))
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    right: list[float] = [float(wanted[demand]) for demand in demands]
    cost: list[float] = []
    moves: list[tuple[str, int, int, int]] = []
    row = len(demands)
    for place, minutes in supply.items():
        when = sorted({*minutes, *(leaves for leaves, _ in leaving[place])})
        index = {minute: row + position for position, minute in enumerate(when)}
        right += [float(minutes.get(minute, 0)) for minute in when]
        for minute in when:
            columns.append(len(cost))
            rows.append(index[minute])
            values.append(1.0)
            if minute != when[-1]:
                columns.append(len(cost))
                rows.append(index[minute] + 1)
                values.append(-1.0)
            cost.append(0.0)
        for leaves, number in leaving[place]:
            columns += [len(cost)] * 2
            rows += [index[leaves], number]
            values += [1.0, 1.0]
            moves.append((place, number, leaves, len(cost)))
            cost.append(float(demands[number][1] - leaves))
        row += len(when)
    matrix = coo_array((values, (rows, columns)), shape=(row, len(cost))).tocsr()
    result = linprog(cost, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs-ds")
    if result.status != 0:
        return None
    served = np.rint(result.x).astype(int)
    assert np.allclose(result.x, served, atol=1e-6), "a flow of vehicles came out in fractions"
    return {
        (place, *demands[number], leaves): int(served[column])
        for place, number, leaves, column in moves
        if served[column]
    }


def latest_departure(travel: EmptyTravel, here: str, there: str, by: int) -> int | None:
    """The last minute at which empty vehicles may set out and be there in time; None where there is none."""
    row, column = travel.sources.index(here), travel.targets.index(there)
    if travel.varies:
        leaves = int(np.searchsorted(travel.arrival[row, column], by, side="right")) - 1
    else:
        leaves = by - int(travel.minutes[row, column])
    return leaves if leaves >= 0 and travel.minutes[row, column] < NEVER else None


def objective(operation: Operation, movements: Iterable[Movement], left: Iterable[LeftBehind]) -> tuple[float, float]:
    """Weighted person-hours with those left behind, and plain person-hours of those carried (DESIGN section 4)."""
    weighted = plain = 0.0
    for movement in movements:
        if movement.ending == "arrived" and movement.unloading is not None:
            hours = movement.unloading.end / 60
            plain += movement.total * hours
            weighted += (
                sum(operation.groups[group].weight * people for group, people in movement.people_by_group.items())
                * hours
            )
    for behind in left:
        weighted += behind.people * operation.groups[behind.group].weight * operation.left_behind_hours
    return weighted, plain


def exposure(operation: Operation, movements: Iterable[Movement]) -> float:
    """Sum over legs of people x the road's chance of an incident per movement."""
    return sum(
        movement.total * operation.world.roads[leg.road].hazard for movement in movements for leg in movement.legs
    )


def left_behind(operation: Operation, movements: Iterable[Movement], why: str) -> tuple[LeftBehind, ...]:
    """Those demanded whom no movement carries."""
    waiting = {(e.id, group): people for e in operation.evacuations.values() for group, people in e.demand().items()}
    for movement in movements:
        if movement.ending == "arrived":
            for group, people in movement.people_by_group.items():
                waiting[movement.evacuation, group] -= people
    assert all(people >= 0 for people in waiting.values()), "more people carried than demanded"
    return tuple(
        LeftBehind(evacuation=evacuation, group=group, people=people, why=why)
        for (evacuation, group), people in waiting.items()
        if people
    )


def assemble(
    operation: Operation,
    movements: Sequence[Movement],
    moves: Sequence[EmptyMove],
    *,
    operation_hash: str,
    version: str,
    seed: int,
    bound: float | None,
    why_left: str,
    proven_impossible: bool = False,
    frozen_until: int | None = None,
    notes: Sequence[str] = (),
) -> Timetable:
    """The timetable of these movements, with its figures."""
    left = left_behind(operation, movements, why_left)
    weighted, plain = objective(operation, movements, left)
    outcome: Outcome = "everyone carried"
    if left:
        outcome = "proven impossible" if proven_impossible else "people left behind" if movements else "none found"
    return Timetable(
        operation=operation.name,
        operation_hash=operation_hash,
        version=version,
        seed=seed,
        movements=tuple(sorted(movements, key=lambda movement: (movement.loading.start, movement.id))),
        empty_moves=tuple(moves),
        left_behind=left,
        outcome=outcome,
        objective=weighted,
        person_hours=plain,
        exposure=exposure(operation, movements),
        bound=bound,
        frozen_until=frozen_until,
        notes=tuple(notes),
    )
