"""Any-time improvement of a word: annealing on the order of letters, every candidate decoded into a plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from safepassage.agreement import Gate
from safepassage.movement import passages
from safepassage.operation import Operation
from safepassage.planner.arrays import Arrays, Codes
from safepassage.planner.decode import NEVER, anneal, decode
from safepassage.planner.empties import EmptyTravel
from safepassage.planner.past import Past

Ints = NDArray[np.int64]


@dataclass(slots=True)
class State:
    """What the past leaves to a plan: who is where, what is taken, what is counted. Never changed by a decoding."""

    now: int
    pools: tuple[Ints, Ints, Ints, Ints]
    lanes_used: NDArray[np.int16]
    bays_used: NDArray[np.int16]
    counted: tuple[Ints, Ints, Ints, Ints, Ints, Ints]
    remaining: Ints
    received: Ints
    received_by_day: Ints
    movements_most: int


def fresh(arrays: Arrays, crossings: int, movements_most: int, *, standing: int = 0, counted: int = 0) -> State:
    """The state at the start of the operation, with room for so many movements.

    `standing` and `counted`: how many places with vehicles, and instants at which a limit counts, a past may add.
    """
    resources, sources = arrays.stands.shape
    limits = len(arrays.limit_most)
    room = sources + standing + movements_most
    size = np.zeros(resources, dtype=np.int64)
    place, free, count = (np.zeros((resources, room), dtype=np.int64) for _ in range(3))
    for resource in range(resources):
        for source in np.flatnonzero(arrays.stands[resource]):
            place[resource, size[resource]] = source
            count[resource, size[resource]] = arrays.stands[resource, source]
            size[resource] += 1
    minutes = arrays.end + 2
    days = (arrays.end - arrays.midnight) // 1440 + 1
    events = [np.zeros((max(1, limits), counted + 2 * movements_most + 1), dtype=np.int64) for _ in range(4)]
    sizes = [np.zeros(max(1, limits), dtype=np.int64) for _ in range(2)]
    return State(
        now=0,
        pools=(size, place, free, count),
        lanes_used=np.zeros((max(1, crossings), minutes), dtype=np.int16),
        bays_used=np.zeros((len(arrays.bays), minutes), dtype=np.int16),
        counted=(events[0], events[1], sizes[0], events[2], events[3], sizes[1]),
        remaining=arrays.demand.copy(),
        received=np.zeros(sources, dtype=np.int64),
        received_by_day=np.zeros((sources, days), dtype=np.int64),
        movements_most=movements_most,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A decoded word: its rows, and a sixth with the starts, in the order placed (see `decode`).

    `people` are by filling step of the letter.
    """

    word: Ints
    people: Ints
    objective: float
    ends: int


def plain(arrays: Arrays, letters: Ints) -> Ints:
    """A word of these letters, each as early and as full as may be."""
    most = np.full(len(letters), NEVER, dtype=np.int64)
    zeros = np.zeros((2, len(letters)), dtype=np.int64)
    return np.vstack([letters, zeros[:1], most, zeros])


def place(arrays: Arrays, state: State, word: Ints, fallback: Ints) -> Draft:
    """Decode a word from a state."""
    room = state.movements_most
    out = np.zeros((6, room), dtype=np.int64)
    people = np.zeros((room + 1, arrays.fill_stream.shape[1]), dtype=np.int64)
    pools, then, first = state.pools, state.counted[:3], state.counted[3:]
    placed, objective, ends = decode(
        arrays,
        word,
        word.shape[1],
        fallback,
        state.now,
        (pools[0].copy(), pools[1].copy(), pools[2].copy(), pools[3].copy()),
        state.lanes_used.copy(),
        state.bays_used.copy(),
        (then[0].copy(), then[1].copy(), then[2].copy(), first[0].copy(), first[1].copy(), first[2].copy()),
        state.remaining.copy(),
        state.received.copy(),
        state.received_by_day.copy(),
        out,
        people,
        np.inf,
    )
    return Draft(out[:, :placed], people[:placed], objective, ends)


def state_after(
    operation: Operation,
    arrays: Arrays,
    codes: Codes,
    travel: EmptyTravel,
    past: Past,
    movements_most: int,
) -> State:
    """The decoder's state after a past."""
    movements, stands = past.movements, past.stands
    crossings = tuple(operation.world.crossings)
    standing = sum(len(places) for places in stands.values())
    state = fresh(arrays, len(crossings), movements_most, standing=standing, counted=3 * len(movements))
    state.now = past.now
    size, place, free, count = state.pools
    size[:] = 0
    for row, fleet in enumerate(codes.resources):
        for where, when, vehicles in stands[fleet]:
            if where in travel.sources:
                place[row, size[row]], free[row, size[row]], count[row, size[row]] = (
                    travel.sources.index(where),
                    when,
                    vehicles,
                )
                size[row] += 1
    streams = {stream: number for number, stream in enumerate(codes.streams)}
    for movement in movements:
        for inspection in movement.inspections:
            state.lanes_used[crossings.index(inspection.crossing), inspection.starts : inspection.ends] += 1
        if movement.origin in travel.targets:
            state.bays_used[travel.targets.index(movement.origin), movement.loading.start : movement.loading.end] += 1
        if movement.ending == "arrived":
            for group, people in movement.people_by_group.items():
                state.remaining[streams[movement.evacuation, group]] -= people
            if movement.destination in travel.sources and movement.arrived is not None:
                there = travel.sources.index(movement.destination)
                state.received[there] += movement.total
                state.received_by_day[there, operation.calendar.day(movement.arrived)] += movement.total
    assert (state.remaining >= 0).all(), "more people carried than demanded"
    passed = passages(movements)
    times, values, then_size, first_times, first_values, first_size = state.counted
    for row, limit in enumerate(operation.limits):
        then: dict[int, int] = {}
        first: dict[int, int] = {}
        if isinstance(limit, Gate):
            for term in limit.terms:
                for when, people in term.tally.changes(passed):
                    then[when] = then.get(when, 0) + term.coefficient * people
        else:
            for when, people in limit.then.changes(passed):
                then[when] = then.get(when, 0) + people
            for when, people in limit.first.changes(passed):
                first[when] = first.get(when, 0) + people
        for column, when in enumerate(sorted(then)):
            times[row, column], values[row, column] = when, then[when]
        then_size[row] = len(then)
        for column, when in enumerate(sorted(first)):
            first_times[row, column], first_values[row, column] = when, first[when]
        first_size[row] = len(first)
    return state


class Annealing:
    """One chain of annealing that goes on where it stopped."""

    def __init__(
        self,
        arrays: Arrays,
        state: State,
        fallback: Ints,
        kin: list[list[int]],
        draft: Draft,
        seed: int,
        grid_minutes: int,
    ) -> None:
        self._arrays, self._state, self._fallback, self._grid = arrays, state, fallback, grid_minutes
        self._kin = np.zeros((len(kin), max(len(row) for row in kin)), dtype=np.int64)
        for number, row in enumerate(kin):
            self._kin[number, : len(row)] = row
        self._kin_size = np.array([len(row) for row in kin], dtype=np.int64)
        room = state.movements_most
        self._current = np.zeros((6, room), dtype=np.int64)
        self._best = np.zeros((6, room), dtype=np.int64)
        self._sizes = np.zeros(2, dtype=np.int64)
        self._scores = np.zeros(2)
        self._chance = np.array([(seed + 1) * 0x9E3779B97F4A7C15 % (1 << 64)], dtype=np.uint64)
        self._begin(draft)

    def _begin(self, draft: Draft) -> None:
        size = draft.word.shape[1]
        self._current[:, :size] = self._best[:, :size] = draft.word
        self._sizes[:] = size
        self._scores[:] = draft.objective

    def cool(self, steps: int, share: float, draft: Draft | None = None) -> Draft:
        """`steps` candidates at the temperature of this share of the whole cooling, from `draft` where one is given."""
        if draft is not None:
            self._begin(draft)
        people = max(1.0, float(self._arrays.demand.sum()))
        hot, cold = 0.06 * people, 0.002 * people
        heat = hot * (cold / hot) ** min(1.0, max(0.0, share))
        state = self._state
        anneal(
            self._arrays,
            state.now,
            state.pools,
            state.lanes_used,
            state.bays_used,
            state.counted,
            state.remaining,
            state.received,
            state.received_by_day,
            self._fallback,
            self._kin,
            self._kin_size,
            self._current,
            self._best,
            self._sizes,
            self._scores,
            self._chance,
            self._grid,
            heat,
            heat,
            steps,
            0.0,
        )
        nothing = np.zeros((5, 0), dtype=np.int64)
        return place(self._arrays, state, self._best[:5, : self._sizes[1]], nothing)
