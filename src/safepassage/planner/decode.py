"""The compiled part: words of letters decoded into plans, movements at their earliest starts, and annealing on words.

All of it is in one file, because compiled code is kept on disk until its own file changes, whatever it calls.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from safepassage.planner.arrays import Arrays

Ints = NDArray[np.int64]
NEVER = 1 << 29
BLOCKED = -1
EXHAUSTED = -2


@numba.njit(cache=True)
def _arrives(arrays: Arrays, here: int, there: int, free: int) -> int:
    if arrays.travel.shape[2] > 0:
        if free > arrays.end:
            return NEVER
        return int(arrays.travel[here, there, free])
    return int(free + arrays.minutes[here, there])


@numba.njit(cache=True)
def _comes(arrays: Arrays, resource: int, here: int, there: int, free: int) -> int:
    """When vehicles may be there; one-way vehicles make no empty moves."""
    if not arrays.returns[resource] and arrays.minutes[here, there] > 0:
        return NEVER
    return _arrives(arrays, here, there, free)


@numba.njit(cache=True)
def _gate_opens(
    times: Ints, values: Ints, count: int, most: int, start: int, end: int, people: int, handed: int
) -> int:
    """The first instant from which `people` more (in the gate's sum) never exceed it; NEVER where there is none."""
    opens = handed
    total = 0
    position = 0
    since = -NEVER
    while True:
        until = times[position] if position < count else NEVER
        last = min(until, end)
        if total + people > most and max(since, start) < last and last > opens:
            opens = last if last < end or end < NEVER else NEVER
        if position >= count:
            break
        since = until
        while position < count and times[position] == since:
            total += values[position]
            position += 1
    return opens


@numba.njit(cache=True)
def _step_opens(
    then_times: Ints,
    then_values: Ints,
    then_count: int,
    first_times: Ints,
    first_values: Ints,
    first_count: int,
    most: int,
    reached: int,
    start: int,
    end: int,
    people: int,
    handed: int,
) -> int:
    """The first instant at which `people` more of `then` may be handed over; NEVER where `first` never gets there.

    Where movements that turned back take `first` below `reached` again, only its last rise counts.
    """
    total = 0
    when = NEVER if reached > 0 else -NEVER
    for position in range(first_count):
        total += first_values[position]
        if position + 1 == first_count or first_times[position + 1] > first_times[position]:
            if total < reached:
                when = NEVER
            elif when == NEVER:
                when = first_times[position]
    closes = min(when, end)
    if closes <= start:
        return handed
    total = 0
    for position in range(then_count):
        if then_times[position] < closes:
            total += then_values[position]
    if total + people <= most:
        return handed
    return max(handed, closes)


@numba.njit(cache=True)
def _insert(times: Ints, values: Ints, count: int, when: int, value: int) -> None:
    position = count
    while position > 0 and times[position - 1] > when:
        times[position] = times[position - 1]
        values[position] = values[position - 1]
        position -= 1
    times[position] = when
    values[position] = value


@numba.njit(cache=True)
def decode(
    arrays: Arrays,
    word: Ints,
    length: int,
    fallback: Ints,
    now: int,
    pools: tuple[Ints, Ints, Ints, Ints],
    lanes_used: NDArray[np.int16],
    bays_used: NDArray[np.int16],
    counted: tuple[Ints, Ints, Ints, Ints, Ints, Ints],
    remaining: Ints,
    received: Ints,
    received_by_day: Ints,
    out: Ints,
    out_people: Ints,
    stop_above: float,
) -> tuple[int, float, int]:
    """Place the letters of `word`, then those of `fallback` again and again, from minute `now` on.

    A word has five rows: letters, the minute before which each may not start, the most people it may carry, and where
    its vehicles and its escort had best come from (source index + 1; 0: from the nearest place).

    All state is given by the caller and is changed: `pools` (how many, place, free at, count) of each resource,
    occupancy of lanes and bays by minute, `counted` events of each limit (times, values, how many; `then` and `first`),
    `remaining` people by stream, people `received`. Returns (movements, weighted person-hours, last end); the movements
    are in `out` (the rows of a word, and a sixth, their starts) and `out_people`, in the order placed. A letter that a
    limit blocks waits and is tried again after each placement.
    Stops early, with an objective above it, once the objective passes `stop_above`.
    """
    pool_size, pool_place, pool_free, pool_count = pools
    then_times, then_values, then_size, first_times, first_values, first_size = counted
    waiting = np.empty((5, length + 1), np.int64)
    waits = 0
    placed = 0
    objective = 0.0
    last_end = 0
    position = 0
    retry = -1
    fallback_at = 0
    fallback_idle = 0
    resources = arrays.need.shape[1]
    escort = arrays.escort
    streams = len(remaining)
    take = np.zeros(streams, np.int64)
    gene = np.zeros(5, np.int64)
    most_pool = pool_place.shape[1]
    ready = np.empty(most_pool, np.int64)
    order = np.empty(most_pool, np.int64)
    left = remaining.sum()
    most_out = out.shape[1]
    widest = fallback.shape[1]
    while left > 0 and placed < most_out:
        # Waiting letters are tried again after every placement; then comes the next of the word, then the fallback.
        from_waiting = False
        from_fallback = False
        if retry >= 0 and retry < waits:
            gene[:] = waiting[:, retry]
            from_waiting = True
        elif position < length:
            retry = -1
            gene[:] = word[:5, position]
            position += 1
        else:
            if fallback_idle >= widest:
                break
            gene[:] = fallback[:, fallback_at % widest]
            from_fallback = True
        letter, earliest, most = gene[0], gene[1], gene[2]
        pattern = arrays.letter_pattern[letter]
        # People: seats are taken in the letter's order, as far as the place that receives them has room.
        take[:] = 0
        there = arrays.destination[pattern]
        room = arrays.capacity[there] - received[there]
        if arrays.capacity_per_day[there] < room:
            room = arrays.capacity_per_day[there]
        if most < room:
            room = most
        total = 0
        for step in range(arrays.fill_resource.shape[1]):
            fleet = arrays.fill_resource[letter, step]
            if fleet < 0:
                break
            stream = arrays.fill_stream[letter, step]
            free = arrays.seats[pattern, fleet]
            for earlier in range(step):
                if arrays.fill_resource[letter, earlier] == fleet:
                    free -= out_people[placed, earlier]
            people = min(free, remaining[stream] - take[stream], room - total)
            if people < 0:
                people = 0
            out_people[placed, step] = people
            take[stream] += people
            total += people
        result = BLOCKED
        if total == 0:
            result = EXHAUSTED
        else:
            origin = arrays.origin[pattern]
            start = max(now, earliest)
            for resource in range(resources):
                need = arrays.need[pattern, resource]
                if need == 0:
                    continue
                size = pool_size[resource]
                have = 0
                for token in range(size):
                    when = _comes(arrays, resource, pool_place[resource, token], origin, pool_free[resource, token])
                    ready[token] = when
                    slot = token
                    while slot > 0 and ready[order[slot - 1]] > when:
                        order[slot] = order[slot - 1]
                        slot -= 1
                    order[slot] = token
                when = NEVER
                for rank in range(size):
                    have += pool_count[resource, order[rank]]
                    if have >= need:
                        when = ready[order[rank]]
                        break
                if when > start:
                    start = when
            while start <= arrays.end:
                start = arrays.next_start[pattern, start]
                if start > arrays.end:
                    break
                moved = start
                bay = arrays.bays[origin]
                if bay < NEVER:
                    for minute in range(start + arrays.load[pattern] - 1, start - 1, -1):
                        if bays_used[origin, minute] >= bay:
                            moved = minute + 1
                            break
                if moved == start:
                    for slot in range(arrays.slot_crossing.shape[1]):
                        crossing = arrays.slot_crossing[pattern, slot]
                        if crossing < 0:
                            break
                        first = start + arrays.slot_first[pattern, slot]
                        for minute in range(start + arrays.slot_last[pattern, slot] - 1, first - 1, -1):
                            if lanes_used[crossing, minute] >= arrays.lanes[crossing]:
                                moved = start + minute + 1 - first
                                break
                        if moved != start:
                            break
                if moved == start and arrays.capacity_per_day[there] < NEVER:
                    day = (start + arrays.arrival[pattern] - arrays.midnight) // 1440
                    if received_by_day[there, day] + total > arrays.capacity_per_day[there]:
                        moved = arrays.midnight + (day + 1) * 1440 - arrays.arrival[pattern]
                if moved == start:
                    handed = start + arrays.handover[pattern]
                    arrived = start + arrays.arrival[pattern]
                    for column in range(arrays.touched.shape[1]):
                        limit = arrays.touched[pattern, column]
                        if limit < 0:
                            break
                        value = 0
                        behind = 0
                        for step in range(arrays.fill_stream.shape[1]):
                            stream = arrays.fill_stream[letter, step]
                            if stream < 0:
                                break
                            value += arrays.coefficient[limit, stream, there] * out_people[placed, step]
                            behind += arrays.first[limit, stream, there] * out_people[placed, step]
                        late = arrays.first_arrival[limit] and not arrays.limit_arrival[limit]
                        if late and arrived > handed:
                            behind = 0  # its own people of `first` count too late to help
                        if not arrays.limit_step[limit]:
                            value += behind
                        if value <= 0:
                            continue
                        if arrays.limit_step[limit]:
                            opens = _step_opens(
                                then_times[limit],
                                then_values[limit],
                                then_size[limit],
                                first_times[limit],
                                first_values[limit],
                                first_size[limit],
                                arrays.limit_most[limit],
                                arrays.limit_reached[limit] - behind,
                                arrays.limit_start[limit],
                                arrays.limit_end[limit],
                                value,
                                handed,
                            )
                            if opens > handed:
                                moved = max(moved, opens - arrays.handover[pattern])
                        else:
                            when = arrived if arrays.limit_arrival[limit] else handed
                            if when < arrays.limit_since[limit]:
                                continue
                            opens = _gate_opens(
                                then_times[limit],
                                then_values[limit],
                                then_size[limit],
                                arrays.limit_most[limit],
                                arrays.limit_start[limit],
                                arrays.limit_end[limit],
                                value,
                                when,
                            )
                            if opens > when:
                                moved = max(moved, start + opens - when)
                if moved == start:
                    result = start
                    break
                start = moved
        if result == BLOCKED:
            if from_waiting:
                retry += 1
            elif from_fallback:
                fallback_at += 1
                fallback_idle += 1
            else:
                waiting[:, waits] = gene
                waits += 1
            continue
        if result == EXHAUSTED:
            if from_waiting:
                for later in range(retry, waits - 1):
                    waiting[:, later] = waiting[:, later + 1]
                waits -= 1
            elif from_fallback:
                fallback_at += 1
                fallback_idle += 1
            continue
        # Commit: vehicles come from where they had best, then from near, the last to be free first.
        start = result
        for resource in range(resources):
            need = arrays.need[pattern, resource]
            preferred = gene[4] - 1 if resource == escort else gene[3] - 1
            while need > 0:
                best = -1
                latest = -NEVER
                nearest = NEVER
                for token in range(pool_size[resource]):
                    when = _comes(arrays, resource, pool_place[resource, token], origin, pool_free[resource, token])
                    if when <= start:
                        near = arrays.minutes[pool_place[resource, token], origin]
                        if pool_place[resource, token] == preferred:
                            near = -1
                        if near < nearest or (near == nearest and when > latest):
                            latest = when
                            nearest = near
                            best = token
                used = min(need, pool_count[resource, best])
                need -= used
                pool_count[resource, best] -= used
                if pool_count[resource, best] == 0:
                    last = pool_size[resource] - 1
                    pool_place[resource, best] = pool_place[resource, last]
                    pool_free[resource, best] = pool_free[resource, last]
                    pool_count[resource, best] = pool_count[resource, last]
                    pool_size[resource] = last
            if arrays.need[pattern, resource] > 0 and arrays.returns[resource]:
                size = pool_size[resource]
                pool_place[resource, size] = there
                pool_free[resource, size] = start + arrays.finish[pattern]
                pool_count[resource, size] = arrays.need[pattern, resource]
                pool_size[resource] = size + 1
        if arrays.bays[origin] < NEVER:
            for minute in range(start, start + arrays.load[pattern]):
                bays_used[origin, minute] += 1
        for slot in range(arrays.slot_crossing.shape[1]):
            crossing = arrays.slot_crossing[pattern, slot]
            if crossing < 0:
                break
            for minute in range(start + arrays.slot_first[pattern, slot], start + arrays.slot_last[pattern, slot]):
                lanes_used[crossing, minute] += 1
        received[there] += total
        if arrays.capacity_per_day[there] < NEVER:
            received_by_day[there, (start + arrays.arrival[pattern] - arrays.midnight) // 1440] += total
        handed = start + arrays.handover[pattern]
        arrived = start + arrays.arrival[pattern]
        for column in range(arrays.touched.shape[1]):
            limit = arrays.touched[pattern, column]
            if limit < 0:
                break
            value = 0
            behind = 0
            for step in range(arrays.fill_stream.shape[1]):
                stream = arrays.fill_stream[letter, step]
                if stream < 0:
                    break
                value += arrays.coefficient[limit, stream, there] * out_people[placed, step]
                behind += arrays.first[limit, stream, there] * out_people[placed, step]
            when = arrived if arrays.limit_arrival[limit] else handed
            if value != 0 and when >= arrays.limit_since[limit]:
                _insert(then_times[limit], then_values[limit], then_size[limit], when, value)
                then_size[limit] += 1
            when = arrived if arrays.first_arrival[limit] else handed
            if behind != 0 and when >= arrays.limit_since[limit]:
                if arrays.limit_step[limit]:
                    _insert(first_times[limit], first_values[limit], first_size[limit], when, behind)
                    first_size[limit] += 1
                else:
                    _insert(then_times[limit], then_values[limit], then_size[limit], when, behind)
                    then_size[limit] += 1
        finish = start + arrays.finish[pattern]
        for step in range(arrays.fill_stream.shape[1]):
            stream = arrays.fill_stream[letter, step]
            if stream < 0:
                break
            people = out_people[placed, step]
            remaining[stream] -= people
            objective += people * arrays.weight[stream] * finish / 60
        left -= total
        out[:5, placed] = gene
        out[5, placed] = start
        placed += 1
        if finish > last_end:
            last_end = finish
        if from_waiting:
            for later in range(retry, waits - 1):
                waiting[:, later] = waiting[:, later + 1]
            waits -= 1
        elif from_fallback:
            fallback_idle = 0
        retry = 0
        if objective > stop_above:
            break
    for stream in range(streams):
        objective += remaining[stream] * arrays.weight[stream] * arrays.stay_hours
    return placed, objective, last_end


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
