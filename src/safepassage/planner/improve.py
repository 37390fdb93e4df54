"""Any-time improvement of a word: annealing on the order of letters, every candidate decoded into a plan."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from safepassage.agreement import Gate
from safepassage.movement import passages
from safepassage.operation import Operation
from safepassage.planner.arrays import Arrays, Codes
from safepassage.planner.decode import NEVER, decode
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


def fresh(arrays: Arrays, crossings: int, movements_most: int) -> State:
    """The state at the start of the operation, with room for so many movements."""
    resources, sources = arrays.stands.shape
    limits = len(arrays.limit_most)
    room = sources + movements_most
    size = np.zeros(resources, dtype=np.int64)
    place, free, count = (np.zeros((resources, room), dtype=np.int64) for _ in range(3))
    for resource in range(resources):
        for source in np.flatnonzero(arrays.stands[resource]):
            place[resource, size[resource]] = source
            count[resource, size[resource]] = arrays.stands[resource, source]
            size[resource] += 1
    minutes = arrays.end + 2
    days = (arrays.end - arrays.midnight) // 1440 + 1
    events = [np.zeros((max(1, limits), movements_most + 1), dtype=np.int64) for _ in range(4)]
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
    room = state.pools[1].shape[1] - arrays.stands.shape[1]
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
    state = fresh(arrays, len(crossings), movements_most + 2 * len(movements) + sum(len(s) for s in stands.values()))
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
        room = state.pools[1].shape[1] - arrays.stands.shape[1]
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


@numba.njit(cache=True)
def _random(state: NDArray[np.uint64]) -> int:
    """xorshift64*: the next number, 31 bits."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33))


@numba.njit(cache=True, nogil=True)
def anneal(
    arrays: Arrays,
    now: int,
    pools: tuple[Ints, Ints, Ints, Ints],
    lanes_used: NDArray[np.int16],
    bays_used: NDArray[np.int16],
    counted: tuple[Ints, Ints, Ints, Ints, Ints, Ints],
    remaining: Ints,
    received: Ints,
    received_by_day: Ints,
    fallback: Ints,
    kin: Ints,
    kin_size: Ints,
    current: Ints,
    best: Ints,
    sizes: Ints,
    scores: NDArray[np.float64],
    chance: NDArray[np.uint64],
    grid: int,
    hot: float,
    cold: float,
    steps: int,
    ends_weight: float,
) -> None:
    """`steps` candidates from temperature `hot` to `cold`. Changes current, best, sizes and scores (current, best).

    Current and best are words with their starts (see `decode`).
    """
    room = current.shape[1] - 1
    resources = pools[0].shape[0]
    candidate = np.empty((5, room + 1), np.int64)
    out = np.empty((6, room), np.int64)
    people = np.zeros((room + 1, arrays.fill_stream.shape[1]), np.int64)
    work_pools = (pools[0].copy(), pools[1].copy(), pools[2].copy(), pools[3].copy())
    work_lanes = lanes_used.copy()
    work_bays = bays_used.copy()
    work_counted = (
        counted[0].copy(),
        counted[1].copy(),
        counted[2].copy(),
        counted[3].copy(),
        counted[4].copy(),
        counted[5].copy(),
    )
    work_remaining = remaining.copy()
    work_received = received.copy()
    work_by_day = received_by_day.copy()
    kinds = len(kin_size)
    sources = arrays.stands.shape[1]
    for step in range(steps):
        heat = hot * (cold / hot) ** (step / steps)
        size = sizes[0]
        candidate[:, :size] = current[:5, :size]
        kind = _random(chance) % 100
        if size == 0:
            kind = 95
        if kind < 20:
            a = _random(chance) % size
            b = _random(chance) % size
            if kind < 12:
                b = min(size - 1, a + 1 + _random(chance) % 12)
            for row in range(5):
                candidate[row, a], candidate[row, b] = candidate[row, b], candidate[row, a]
        elif kind < 40:
            a = _random(chance) % size
            if kind < 34:
                b = max(0, min(size - 1, a + _random(chance) % 25 - 12))
            else:
                b = _random(chance) % size
            for row in range(5):
                moved = candidate[row, a]
                if a < b:
                    for i in range(a, b):
                        candidate[row, i] = candidate[row, i + 1]
                else:
                    for i in range(a, b, -1):
                        candidate[row, i] = candidate[row, i - 1]
                candidate[row, b] = moved
        elif kind < 60:
            a = _random(chance) % size
            letter = candidate[0, a]
            candidate[0, a] = kin[letter, _random(chance) % kin_size[letter]]
            candidate[2, a] = NEVER
            if kind < 50:
                candidate[1, a] = 0
        elif kind < 80:
            a = _random(chance) % size
            if kind < 65:
                candidate[1, a] = 0
            elif kind < 78:
                shift = (_random(chance) % 25 - 12) * grid
                candidate[1, a] = max(0, current[5, a] + shift)
            elif kind < 79:
                row = 3 + _random(chance) % 2
                candidate[row, a] = _random(chance) % (sources + 1)
            else:
                pattern = arrays.letter_pattern[candidate[0, a]]
                candidate[2, a] = max(1, arrays.seats[pattern].sum() * (1 + _random(chance) % 7) // 8)
        elif kind < 90 and size > 1:
            a = _random(chance) % size
            for row in range(5):
                for i in range(a, size - 1):
                    candidate[row, i] = candidate[row, i + 1]
            size -= 1
        elif size < room - 1:
            a = _random(chance) % (size + 1)
            for row in range(5):
                for i in range(size, a, -1):
                    candidate[row, i] = candidate[row, i - 1]
            letter = _random(chance) % kinds
            if size > 0 and _random(chance) % 2 == 0:
                letter = current[0, _random(chance) % sizes[0]]
            candidate[0, a] = letter
            candidate[1:, a] = 0
            candidate[2, a] = NEVER
            size += 1
        for resource in range(resources):
            count = pools[0][resource]
            work_pools[0][resource] = count
            work_pools[1][resource, :count] = pools[1][resource, :count]
            work_pools[2][resource, :count] = pools[2][resource, :count]
            work_pools[3][resource, :count] = pools[3][resource, :count]
        work_lanes[:] = lanes_used
        work_bays[:] = bays_used
        for limit in range(len(counted[2])):
            count = counted[2][limit]
            work_counted[2][limit] = count
            work_counted[0][limit, :count] = counted[0][limit, :count]
            work_counted[1][limit, :count] = counted[1][limit, :count]
            count = counted[5][limit]
            work_counted[5][limit] = count
            work_counted[3][limit, :count] = counted[3][limit, :count]
            work_counted[4][limit, :count] = counted[4][limit, :count]
        work_remaining[:] = remaining
        work_received[:] = received
        work_by_day[:] = received_by_day
        allowance = -heat * np.log((_random(chance) + 1) / 2147483649.0)
        placed, objective, ends = decode(
            arrays,
            candidate,
            size,
            fallback,
            now,
            work_pools,
            work_lanes,
            work_bays,
            work_counted,
            work_remaining,
            work_received,
            work_by_day,
            out,
            people,
            scores[0] + allowance,
        )
        score = objective + ends_weight * ends
        if score <= scores[0] + allowance:
            # What was placed, in the order placed, decodes to the same plan and has no idle letters.
            sizes[0] = placed
            current[:, :placed] = out[:, :placed]
            scores[0] = score
            if score < scores[1]:
                scores[1] = score
                sizes[1] = placed
                best[:, :placed] = current[:, :placed]
