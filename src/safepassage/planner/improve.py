"""Any-time improvement of a word: annealing on the order of letters, every candidate decoded into a plan."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from safepassage.planner.arrays import Arrays
from safepassage.planner.decode import decode

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
    """A decoded word: its movements as letters, starts and people by filling step, in the order they were placed."""

    letters: Ints
    starts: Ints
    people: Ints
    objective: float
    ends: int


def place(arrays: Arrays, state: State, word: Ints, fallback: Ints) -> Draft:
    """Decode a word from a state."""
    most = state.pools[1].shape[1] - arrays.stands.shape[1]
    letters, starts = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=np.int64)
    people = np.zeros((most + 1, arrays.fill_stream.shape[1]), dtype=np.int64)
    placed, objective, ends = decode(
        arrays,
        word,
        len(word),
        fallback,
        state.now,
        tuple(part.copy() for part in state.pools),
        state.lanes_used.copy(),
        state.bays_used.copy(),
        tuple(part.copy() for part in state.counted),
        state.remaining.copy(),
        state.received.copy(),
        state.received_by_day.copy(),
        letters,
        starts,
        people,
        np.inf,
    )
    return Draft(letters[:placed], starts[:placed], people[:placed], objective, ends)


@numba.njit(cache=True)
def _random(state: NDArray[np.uint64]) -> int:
    """xorshift64*: the next number, 31 bits."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return int((x * np.uint64(2685821657736338717)) >> np.uint64(33))


@numba.njit(cache=True)
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
    sizes: Ints,
    best: Ints,
    scores: NDArray[np.float64],
    chance: NDArray[np.uint64],
    hot: float,
    cold: float,
    steps: int,
    ends_weight: float,
) -> None:
    """`steps` candidates from temperature `hot` to `cold`. Changes current, best, sizes and scores (current, best)."""
    room = len(current)
    resources = pools[0].shape[0]
    candidate = np.empty(room, np.int64)
    letters = np.empty(room, np.int64)
    starts = np.empty(room, np.int64)
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
    for step in range(steps):
        heat = hot * (cold / hot) ** (step / steps)
        size = sizes[0]
        candidate[:size] = current[:size]
        kind = _random(chance) % 100
        if size == 0:
            kind = 95
        if kind < 30:
            a = _random(chance) % size
            b = _random(chance) % size
            if kind < 15:
                b = min(size - 1, a + 1 + _random(chance) % 12)
            candidate[a], candidate[b] = candidate[b], candidate[a]
        elif kind < 60:
            a = _random(chance) % size
            if kind < 50:
                b = max(0, min(size - 1, a + _random(chance) % 25 - 12))
            else:
                b = _random(chance) % size
            moved = candidate[a]
            if a < b:
                for i in range(a, b):
                    candidate[i] = candidate[i + 1]
            else:
                for i in range(a, b, -1):
                    candidate[i] = candidate[i - 1]
            candidate[b] = moved
        elif kind < 80:
            a = _random(chance) % size
            letter = candidate[a]
            candidate[a] = kin[letter, _random(chance) % kin_size[letter]]
        elif kind < 90 and size > 1:
            a = _random(chance) % size
            for i in range(a, size - 1):
                candidate[i] = candidate[i + 1]
            size -= 1
        elif size < room - 1:
            a = _random(chance) % (size + 1)
            for i in range(size, a, -1):
                candidate[i] = candidate[i - 1]
            letter = _random(chance) % kinds
            if size > 0 and _random(chance) % 2 == 0:
                letter = current[_random(chance) % sizes[0]]
            candidate[a] = letter
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
            letters,
            starts,
            people,
            scores[0] + allowance,
        )
        score = objective + ends_weight * ends
        if score <= scores[0] + allowance:
            sizes[0] = size
            current[:size] = candidate[:size]
            scores[0] = score
            if score < scores[1]:
                # What was placed, in the order placed, is a word without idle letters.
                scores[1] = score
                sizes[1] = placed
                best[:placed] = letters[:placed]
