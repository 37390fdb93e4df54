"""From a word of letters to a plan: each letter's movement is placed at the earliest start that keeps every rule."""

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
                        if arrays.first_arrival[limit] and not arrays.limit_arrival[limit]:
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
