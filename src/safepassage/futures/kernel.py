"""The compiled twin of `course` for thousands of courses: the same words, in arrays. It shares only the draws with it.

Its arrays are those of `network`; `clock` holds the minute and what is the same for all movements. Functions take what
they read and change, so that nothing is passed through for others.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from safepassage.futures.course import Policy
from safepassage.futures.network import (
    ABOARD,
    AGAIN,
    ARRIVED,
    AT,
    AT_ARRIVAL,
    BACK,
    BAYS,
    BAYS_MOST,
    BLOCKED,
    CAPACITY,
    CAUSE,
    CLAUSE,
    COEFFICIENT,
    COUNTED,
    CROSSING,
    DESTINATION,
    DUE,
    EARLIEST,
    EMPTY_AT,
    EMPTY_DUE,
    EMPTY_FROM,
    EMPTY_OPEN,
    EMPTY_PHASE,
    EMPTY_TO,
    EMPTY_UNTIL,
    END,
    EVACUATION,
    FIRST,
    FROM,
    GATE,
    HEADS,
    HOP_MINUTES,
    HOPS,
    HOURS,
    LANES,
    LAST,
    LEGS,
    LOAD,
    LOADING_NOW,
    LOADS,
    MEANT,
    MINUTES,
    MOST,
    NEVER,
    NIGHT,
    NOTICE,
    ONE_SIDED,
    OPEN,
    ORIGIN,
    OUT,
    PAUSE,
    PER_DAY,
    PHASE,
    PLANNED,
    PLANNED_OUT,
    REACHED,
    RECEIVED,
    ROAD,
    SINCE,
    SINCE_MINUTE,
    SLOT,
    SLOT_DONE,
    START,
    STAY,
    STEP,
    STOOD,
    STREAM,
    TEMPLATE,
    TO,
    TRIES,
    UNLOAD,
    UNTIL,
    USES,
    VEHICLES,
    WILL_ARRIVE,
    WILL_OUT,
    Compiled,
    Flags,
    Floats,
    Ints,
    Network,
    Troubles,
)
from safepassage.world import DAY

COMPILED = numba.njit(cache=True, nogil=True, error_model="numpy")
WAITING, LOADING, LOADED, STANDING, ON_A_ROAD, INSPECTED, UNLOADING, GOING_BACK, DONE, GIVEN_UP = range(10)
"""Phases of a movement; an empty move is WAITING, STANDING, ON_A_ROAD or DONE."""
LOADS_NOW, DEPARTS, BEGINS, ENTERS, HANDED_OVER, ARRIVES, IS_BACK, UNLOADED = range(8)
"""What a trace tells."""
NOW, PAUSED, TRACED, HOLD, PATIENCE, AGAIN_AFTER, RESERVE, TRIES_MOST, STOPS, LAST_END, PERSON_MINUTES = range(11)
WORST_STOOD, ALL_STOOD, ANY_SHUT = range(11, 14)
"""What `clock` holds: the minute, the pause after an incident, the policy, and what a course adds up."""


class State(NamedTuple):
    """One course as it stands: copies of what changes of the network, what is shut, halted and slow now, and its sums."""

    trip: Ints
    way: Ints
    seat: Ints
    empty: Ints
    stands: Ints
    site: Ints
    received_on: Ints
    term: Ints
    there: Ints
    strike: Ints
    clock: Ints
    wake: Flags
    shut_by: Ints
    halts: Ints
    gate_first: Ints
    slow: Floats
    strikes: Ints
    missing: Ints
    reserved: Ints
    queue: Ints
    together: Ints
    booked: Ints
    out_of: Ints
    hourly: Ints
    lead: Floats
    stops: Floats
    waited: Ints
    trace: Ints


class Sums(NamedTuple):
    """What is kept of one course.

    `out` and `arrived` are people by the hour at whose end they are counted, `left` by evacuation, `waited` person-
    minutes by cause; `lead` by pair how far, at most, the first side was ahead of the second, and the second of the
    first, in shares of those demanded; `stops` by pair how many stops found the first ahead, the second, neither, and
    the sum of the first's leads then.
    """

    end: int
    out: Ints
    arrived: Ints
    left: Ints
    person_minutes: int
    worst_standing: int
    standing: int
    lead: Floats
    stops: Floats
    waited: Ints


@COMPILED
def _wake(wake: Flags, minute: int) -> None:
    if 0 <= minute < wake.shape[0]:
        wake[minute] = True


@COMPILED
def _tell(trace: Ints, clock: Ints, what: int, row: int, tries: int, detail: int) -> None:
    number = clock[TRACED]
    clock[TRACED] = number + 1
    if number < trace.shape[0]:
        trace[number, 0] = clock[NOW]
        trace[number, 1] = what
        trace[number, 2] = row
        trace[number, 3] = tries
        trace[number, 4] = detail


@COMPILED
def _under_way(phase: int) -> bool:
    return LOADING <= phase <= INSPECTED


@COMPILED
def _at_gate(one: Ints) -> bool:
    return bool(one[PHASE] == STANDING and one[AT] == one[GATE] and one[OUT] < 0 and one[SLOT_DONE] == 1)


@COMPILED
def _slowed(factor: float, minutes: int) -> int:
    return int(np.ceil(minutes * factor - 1e-9)) if factor > 1.0 else minutes


# Troubles


@COMPILED
def _shut_segments(clock: Ints, shut: Ints, shut_on: Flags, strikes: Ints, shut_by: Ints) -> bool:
    """The first trouble that shuts each segment now, by its number (-1: none); whether any segment is shut."""
    shut_by[:] = -1
    now, found = clock[NOW], False
    fixed = shut.shape[0]
    for number in range(fixed):
        if shut[number, 0] <= now < shut[number, 1]:
            for segment in range(shut_by.shape[0]):
                if shut_on[number, segment] and shut_by[segment] < 0:
                    shut_by[segment] = number
                    found = True
    for number in range(clock[STOPS]):
        if strikes[number, 0] <= now < strikes[number, 1] and shut_by[strikes[number, 3]] < 0:
            shut_by[strikes[number, 3]] = fixed + number
            found = True
    return found


@COMPILED
def _cause_of(number: int, shut: Ints, strikes: Ints) -> int:
    return int(shut[number, 2] if number < shut.shape[0] else strikes[number - shut.shape[0], 2])


@COMPILED
def _shut_way(way: Ints, legs: int, shut_by: Ints) -> int:
    """The first trouble that shuts a segment of a way; -1 where none does."""
    first = NEVER
    for place in range(legs + 1):
        for column in (ROAD, CROSSING):
            segment = way[place, column]
            if segment >= 0 and 0 <= shut_by[segment] < first:
                first = shut_by[segment]
    return int(first if first < NEVER else -1)


@COMPILED
def _halt(clock: Ints, halted: Ints, halted_of: Flags, halts: Ints) -> None:
    """What halts each evacuation now; -1 where nothing does."""
    now = clock[NOW]
    halts[:] = PAUSE if now < clock[PAUSED] else -1
    for number in range(halted.shape[0]):
        if halted[number, 0] <= now < halted[number, 1]:
            for evacuation in range(halts.shape[0]):
                if halted_of[number, evacuation] and halts[evacuation] < 0:
                    halts[evacuation] = halted[number, 2]


@COMPILED
def _leave_alone(clock: Ints, left: Ints, there: Ints, evacuation_of: Ints) -> None:
    """They leave from where most wait; their waiting ends."""
    now = clock[NOW]
    for number in range(left.shape[0]):
        going = left[number, 2] if left[number, 0] == now else 0
        while going > 0:
            most, stream = 0, -1
            for other in range(there.shape[0]):
                if evacuation_of[other] == left[number, 1] and there[other] > most:
                    most, stream = there[other], other
            if stream < 0:
                break
            taken = min(going, most)
            there[stream] -= taken
            going -= taken
            clock[PERSON_MINUTES] += taken * now


@COMPILED
def _lose(missing: Ints, stands: Ints) -> None:
    """What is lost is taken where most of its fleet stand; the rest as they come free."""
    for fleet in range(missing.shape[0]):
        while missing[fleet] > 0:
            place = int(np.argmax(stands[fleet]))
            taken = min(missing[fleet], stands[fleet, place])
            if taken <= 0:
                break
            stands[fleet, place] -= taken
            missing[fleet] -= taken


# Limits


@COMPILED
def _in_tally(counted: Flags, seat: Ints, row: int) -> int:
    """How many of those aboard a movement a count takes."""
    people = 0
    for entry in range(seat.shape[1]):
        if seat[row, entry, ABOARD] > 0 and counted[row, seat[row, entry, STREAM]]:
            people += seat[row, entry, ABOARD]
    return people


@COMPILED
def _excess(limit: Ints, term: Ints, counts: Ints) -> int:
    first = limit[FIRST]
    if limit[STEP]:
        return int(counts[first] - limit[MOST] if counts[first + 1] < limit[REACHED] else 0)
    total = -limit[MOST]
    for number in range(first, limit[LAST]):
        total += term[number, COEFFICIENT] * counts[number]
    return int(total)


@COMPILED
def _limit_against(
    now: int, limit: Ints, term: Ints, counted: Flags, trip: Ints, seat: Ints, rows: Ints, count: int
) -> int:
    """What stops movements from being handed over together now: the first limit broken, or broken by more; -1: none."""
    before = term[:, COUNTED]
    after = before.copy()
    for one in limit:
        if not one[START] <= now < one[END]:
            continue
        ours = False
        for number in range(one[FIRST], one[LAST]):
            uses, by_arrival = term[number, USES] == 1, term[number, AT_ARRIVAL] == 1
            if now < term[number, SINCE_MINUTE]:
                continue
            if uses or not by_arrival:
                for index in range(count):
                    people = _in_tally(counted[number], seat, rows[index])
                    after[number] += people
                    ours = ours or (uses and people > 0)
            if uses and by_arrival:
                for other in range(trip.shape[0]):
                    if trip[other, OUT] >= 0 and trip[other, ARRIVED] < 0:
                        after[number] += _in_tally(counted[number], seat, other)
        if ours and _excess(one, term, after) > max(0, _excess(one, term, before)):
            return int(one[CLAUSE])
    return -1


@COMPILED
def _within_quotas(
    now: int, limit: Ints, term: Ints, counted: Flags, trip: Ints, seat: Ints, row: int, out: int, arrives: int
) -> bool:
    """Whether limits of one side only have room, when all under way are handed over as they are timed now."""
    counts = np.zeros(term.shape[0], dtype=np.int64)
    for one in limit:
        if not one[ONE_SIDED]:
            continue
        ours = False
        for number in range(one[FIRST], one[LAST]):
            by_arrival = term[number, AT_ARRIVAL] == 1
            for other in range(trip.shape[0]):
                phase = trip[other, PHASE]
                if other != row and not (_under_way(phase) or phase == UNLOADING or phase == DONE):
                    continue
                people = _in_tally(counted[number], seat, other)
                if people == 0:
                    continue
                if other == row:
                    ours, instant = True, max(now, arrives if by_arrival else out)
                elif by_arrival:
                    instant = trip[other, ARRIVED] if trip[other, ARRIVED] >= 0 else max(now, trip[other, WILL_ARRIVE])
                else:
                    instant = trip[other, OUT] if trip[other, OUT] >= 0 else max(now, trip[other, WILL_OUT])
                if term[number, SINCE_MINUTE] <= instant < one[END]:
                    counts[number] += people
        if ours and _excess(one, term, counts) > 0:
            return False
    return True


@COMPILED
def _counts_now(now: int, term: Ints, counted: Flags, seat: Ints, row: int, by_arrival: int) -> None:
    """A movement's people count as handed over, or as arrived, from now on."""
    for number in range(term.shape[0]):
        if term[number, AT_ARRIVAL] == by_arrival and now >= term[number, SINCE_MINUTE]:
            term[number, COUNTED] += _in_tally(counted[number], seat, row)


# Times and lanes of a way


@COMPILED
def _in_time(one: Ints, ends: int, loads: int, start_of_day: int) -> bool:
    """Whether the time aboard and midnight allow a movement that begins to load at `loads` and unloads until `ends`."""
    midnight = loads - (loads - start_of_day) % DAY + DAY
    return bool(ends >= 0 and ends - loads <= one[STAY] and (one[NIGHT] == 1 or ends <= midnight))


@COMPILED
def _reaches(way: Ints, table: Ints, departs: int, place: int) -> int:
    """When a movement that departs then comes to a place of its way."""
    now, last = departs, table.shape[2] - 1
    for number in range(place):
        now += way[number, SLOT]
        now += table[way[number, ROAD], MINUTES, min(now, last)]
    return int(now)


@COMPILED
def _project(one: Ints, way: Ints, table: Ints, departs: int) -> None:
    """When the rest of its way will be if nothing comes in between; the lanes for it are booked."""
    now, last, first = departs, table.shape[2] - 1, one[AT]
    for number in range(one[LEGS] + 1):
        way[number, FROM] = way[number, TO] = 0
    for number in range(first, one[LEGS] + 1):
        if way[number, CROSSING] >= 0 and not (number == first and one[SLOT_DONE] == 1):
            way[number, FROM] = now
            now += way[number, SLOT]
            way[number, TO] = now
        if number == one[GATE] and one[OUT] < 0:
            one[WILL_OUT] = now
        if number < one[LEGS]:
            now += table[way[number, ROAD], MINUTES, min(now, last)]
    one[WILL_ARRIVE] = now


@COMPILED
def _bookings(trip: Ints, way: Ints, booked: Ints) -> int:
    """The bookings of all lanes as rows of crossing, from, to, trip; how many."""
    count = 0
    for row in range(trip.shape[0]):
        if _under_way(trip[row, PHASE]):
            for place in range(trip[row, LEGS] + 1):
                if way[row, place, TO] > way[row, place, FROM]:
                    booked[count, 0] = way[row, place, CROSSING]
                    booked[count, 1] = way[row, place, FROM]
                    booked[count, 2] = way[row, place, TO]
                    count += 1
    return count


@COMPILED
def _taken(booked: Ints, count: int, crossing: int, instant: int) -> int:
    taken = 0
    for number in range(count):
        if booked[number, 0] == crossing and booked[number, 1] <= instant < booked[number, 2]:
            taken += 1
    return taken


@COMPILED
def _lanes_booked(one: Ints, way: Ints, table: Ints, lanes: Ints, booked: Ints, count: int, departs: int) -> bool:
    """Whether at a crossing of its way all lanes are booked at some instant of its slot."""
    now, last = departs, table.shape[2] - 1
    for number in range(one[LEGS] + 1):
        crossing = way[number, CROSSING]
        if crossing >= 0:
            ends = now + way[number, SLOT]
            if _taken(booked, count, crossing, now) >= lanes[crossing]:
                return True
            for other in range(count):
                begins = booked[other, 1]
                if booked[other, 0] == crossing and now < begins < ends:
                    if _taken(booked, count, crossing, begins) >= lanes[crossing]:
                        return True
            now = ends
        if number < one[LEGS]:
            now += table[way[number, ROAD], MINUTES, min(now, last)]
    return False


@COMPILED
def _room(trip: Ints, site: Ints, received_on: Ints, row: int, day: int, heads: int) -> bool:
    """Whether its destination takes it in, with all who are under way there."""
    place = trip[row, DESTINATION]
    if site[place, CAPACITY] == NEVER and site[place, PER_DAY] == NEVER:
        return True
    coming = heads
    for other in range(trip.shape[0]):
        if other != row and _under_way(trip[other, PHASE]) and trip[other, DESTINATION] == place:
            coming += trip[other, HEADS]
    return bool(
        site[place, RECEIVED] + coming <= site[place, CAPACITY]
        and received_on[place, day] + coming <= site[place, PER_DAY]
    )


# One course, bundled: `n` the network, `k` the troubles, `s` the state


@COMPILED
def _advantage(n: Network, s: State) -> None:
    """A stop begins: which side of each pair is ahead."""
    for pair in range(n.pair_side.shape[0]):
        lead = _lead(n, s, pair)
        s.stops[pair, 0 if lead > 1e-12 else (1 if lead < -1e-12 else 2)] += 1
        s.stops[pair, 3] += lead


@COMPILED
def _lead(n: Network, s: State, pair: int) -> float:
    """How far the first side of a pair is ahead of the second, in shares of those demanded."""
    first = second = 0
    for stream in range(n.pair_side.shape[1]):
        if n.pair_side[pair, stream] == 0:
            first += s.out_of[stream]
        elif n.pair_side[pair, stream] == 1:
            second += s.out_of[stream]
    return float(first / n.pair_demand[pair, 0] - second / n.pair_demand[pair, 1])


@COMPILED
def _hear(n: Network, k: Troubles, s: State) -> None:
    """What is known of troubles at this minute."""
    now = s.clock[NOW]
    for number in range(k.shut.shape[0]):
        if k.shut[number, 0] == now:
            _advantage(n, s)
    for number in range(k.halted.shape[0]):
        if k.halted[number, 0] == now:
            _advantage(n, s)
    for number in range(k.lost.shape[0]):
        if k.lost[number, 0] == now:
            s.missing[k.lost[number, 1]] += k.lost[number, 2]
    if k.left.shape[0]:
        _leave_alone(s.clock, k.left, s.there, n.evacuation_of)
    s.clock[ANY_SHUT] = _shut_segments(s.clock, k.shut, k.shut_on, s.strikes, s.shut_by)
    _halt(s.clock, k.halted, k.halted_of, s.halts)
    if k.slowed.shape[0]:
        s.slow[:] = 1.0
        for number in range(k.slowed.shape[0]):
            if k.slowed[number, 0] <= now < k.slowed[number, 1]:
                for segment in range(s.slow.shape[0]):
                    if k.slowed_on[number, segment]:
                        s.slow[segment] = max(s.slow[segment], k.factor[number])


@COMPILED
def _finish(n: Network, s: State) -> None:
    """What ends at this minute."""
    now = s.clock[NOW]
    for row in range(s.trip.shape[0]):
        one = s.trip[row]
        if one[UNTIL] != now:
            continue
        phase = one[PHASE]
        if phase == LOADING:
            one[PHASE] = LOADED
            one[SINCE] = now
            s.site[one[ORIGIN], LOADING_NOW] -= 1
            _wake(s.wake, now + s.clock[PATIENCE])
        elif phase in (ON_A_ROAD, INSPECTED):
            if phase == ON_A_ROAD:
                one[AT] += 1
                one[SLOT_DONE] = s.way[row, one[AT], CROSSING] < 0
            else:
                s.way[row, one[AT], TO] = 0
                one[SLOT_DONE] = 1
            one[PHASE] = STANDING
            one[SINCE] = now
            if one[OUT] < 0:
                _wake(s.wake, now + s.clock[PATIENCE])
        elif phase == UNLOADING:
            one[PHASE] = DONE
            for fleet in range(s.stands.shape[0]):
                if not n.one_way[fleet]:
                    s.stands[fleet, one[DESTINATION]] += n.needs[row, fleet]
            s.clock[LAST_END] = now
            s.clock[PERSON_MINUTES] += now * one[HEADS]
            _stood(s.clock, one)
            _tell(s.trace, s.clock, UNLOADED, row, one[TRIES], 0)
        elif phase == GOING_BACK:
            _back(n, s, row)
    for row in range(s.empty.shape[0]):
        move = s.empty[row]
        if move[EMPTY_UNTIL] == now and move[EMPTY_PHASE] == ON_A_ROAD:
            move[EMPTY_AT] += 1
            move[EMPTY_PHASE] = STANDING
            if move[EMPTY_AT] == move[HOPS]:
                move[EMPTY_PHASE] = DONE
                for fleet in range(s.stands.shape[0]):
                    s.stands[fleet, move[EMPTY_TO]] += n.empty_needs[row, fleet]


@COMPILED
def _stood(clock: Ints, one: Ints) -> None:
    clock[WORST_STOOD] = max(clock[WORST_STOOD], one[STOOD])
    clock[ALL_STOOD] += one[STOOD] * one[HEADS]


@COMPILED
def _back(n: Network, s: State, row: int) -> None:
    """Its people wait again, and it will be tried again."""
    one, now = s.trip[row], s.clock[NOW]
    _tell(s.trace, s.clock, IS_BACK, row, one[TRIES], 0)
    _stood(s.clock, one)
    for entry in range(s.seat.shape[1]):
        s.there[s.seat[row, entry, STREAM]] += s.seat[row, entry, ABOARD]
        s.seat[row, entry, ABOARD] = 0
    for fleet in range(s.stands.shape[0]):
        s.stands[fleet, one[ORIGIN]] += n.needs[row, fleet]
    one[HEADS] = 0
    one[STOOD] = 0
    one[AT] = 0
    one[SLOT_DONE] = 0
    one[AGAIN] = now + s.clock[AGAIN_AFTER] if one[BLOCKED] >= 0 else 0
    one[PHASE] = WAITING if one[TRIES] < s.clock[TRIES_MOST] else GIVEN_UP
    one[EARLIEST] = now + n.notice
    _wake(s.wake, one[AGAIN])
    _wake(s.wake, one[EARLIEST])
    _wake(s.wake, one[EARLIEST] + s.clock[RESERVE])


@COMPILED
def _move(n: Network, k: Troubles, s: State) -> bool:
    """Whoever can goes on by one step, first come, first served; whether anybody did."""
    moved, count, queue = False, 0, s.queue
    for row in range(s.trip.shape[0]):
        phase = s.trip[row, PHASE]
        if phase == LOADED or (phase == STANDING and not _at_gate(s.trip[row])):
            place = count
            while place > 0 and s.trip[queue[place - 1], SINCE] > s.trip[row, SINCE]:
                queue[place] = queue[place - 1]
                place -= 1
            queue[place] = row
            count += 1
    for index in range(count):
        row = queue[index]
        one = s.trip[row]
        if one[PHASE] == LOADED:
            cause = _depart(n, k, s, row)
        elif one[SLOT_DONE] == 0:
            cause = _begin_slot(n, k, s, row)
        elif one[AT] < one[LEGS]:
            cause = _enter_road(n, k, s, row)
        else:
            cause = _arrive(n, s, row)
        one[CAUSE] = cause
        if cause < 0:
            moved = True
            _wake(s.wake, one[UNTIL])
    for row in range(s.empty.shape[0]):
        move = s.empty[row]
        if move[EMPTY_PHASE] == STANDING and _hop(move, n.hop[row], n.table, s.shut_by, s.clock, s.wake):
            _set_out(move, n.hop[row], n.table, s.slow, s.clock, s.wake)
            moved = True
    return moved


@COMPILED
def _depart(n: Network, k: Troubles, s: State, row: int) -> int:
    """It departs (-1), or what keeps it."""
    one, now = s.trip[row], s.clock[NOW]
    cause = s.halts[one[EVACUATION]]
    if cause < 0 and s.clock[ANY_SHUT]:
        number = _shut_way(s.way[row], one[LEGS], s.shut_by)
        cause = _cause_of(number, k.shut, s.strikes) if number >= 0 else -1
    if cause >= 0:
        return int(cause)
    ends = n.ends[one[TEMPLATE]]
    if not _in_time(one, ends[now], one[LOADS], n.start_of_day):
        later = now + 1
        while later <= n.end and not _in_time(one, ends[later], one[LOADS], n.start_of_day):
            later += 1
        _wake(s.wake, later)
        return HOURS
    day = (ends[now] - one[UNLOAD] - n.start_of_day) // DAY
    if not _room(s.trip, s.site, s.received_on, row, day, one[HEADS]):
        _wake(s.wake, now + 1)
        return HOURS
    _tell(s.trace, s.clock, DEPARTS, row, one[TRIES], 0)
    one[SLOT_DONE] = s.way[row, 0, CROSSING] < 0
    _project(one, s.way[row], n.table, now)
    one[PHASE] = STANDING
    one[SINCE] = now
    _wake(s.wake, now + s.clock[PATIENCE])
    return -1


@COMPILED
def _begin_slot(n: Network, k: Troubles, s: State, row: int) -> int:
    one, now = s.trip[row], s.clock[NOW]
    at = one[AT]
    crossing = s.way[row, at, CROSSING]
    if s.shut_by[crossing] >= 0:
        return _cause_of(s.shut_by[crossing], k.shut, s.strikes)
    busy = 0
    for other in range(s.trip.shape[0]):
        if s.trip[other, PHASE] == INSPECTED and s.way[other, s.trip[other, AT], CROSSING] == crossing:
            busy += 1
    if busy >= n.lanes[crossing]:
        return LANES
    takes = _slowed(s.slow[crossing], s.way[row, at, SLOT])
    if n.table[crossing, OPEN, now] < now + takes:
        later = now + 1
        while later <= n.end and n.table[crossing, OPEN, later] < later + takes:
            later += 1
        _wake(s.wake, later)
        return HOURS
    _project(one, s.way[row], n.table, now)
    s.way[row, at, FROM] = now
    s.way[row, at, TO] = now + takes
    one[PHASE] = INSPECTED
    one[UNTIL] = now + takes
    _tell(s.trace, s.clock, BEGINS, row, one[TRIES], at)
    return -1


@COMPILED
def _enter_road(n: Network, k: Troubles, s: State, row: int) -> int:
    one, now = s.trip[row], s.clock[NOW]
    at = one[AT]
    road = s.way[row, at, ROAD]
    if s.strike[row, 0] == at and one[TRIES] == 1:
        s.strike[row, 0] = -1
        return _fire(n, k, s, row, road)
    if s.shut_by[road] >= 0:
        return _cause_of(s.shut_by[road], k.shut, s.strikes)
    minutes = n.table[road]
    takes = _slowed(s.slow[road], minutes[MINUTES, now])
    if minutes[OPEN, now] < now + takes:
        later = now + 1
        while later <= n.end and minutes[OPEN, later] < later + _slowed(s.slow[road], minutes[MINUTES, later]):
            later += 1
        _wake(s.wake, later)
        return HOURS
    _project(one, s.way[row], n.table, now)
    one[PHASE] = ON_A_ROAD
    one[UNTIL] = now + takes
    _tell(s.trace, s.clock, ENTERS, row, one[TRIES], at)
    return -1


@COMPILED
def _fire(n: Network, k: Troubles, s: State, row: int, road: int) -> int:
    """Fire as it enters a road: the road is shut, nothing departs during the agreed pause, and it goes back."""
    one, now, number = s.trip[row], s.clock[NOW], s.clock[STOPS]
    _advantage(n, s)
    s.strikes[number, 0] = now
    s.strikes[number, 1] = now + s.strike[row, 1]
    s.strikes[number, 2] = s.strike[row, 2]
    s.strikes[number, 3] = road
    s.clock[STOPS] = number + 1
    s.clock[PAUSED] = max(s.clock[PAUSED], now + n.pause)
    _wake(s.wake, now + s.strike[row, 1])
    _wake(s.wake, s.clock[PAUSED])
    s.clock[ANY_SHUT] = _shut_segments(s.clock, k.shut, k.shut_on, s.strikes, s.shut_by)
    _halt(s.clock, k.halted, k.halted_of, s.halts)
    if one[OUT] < 0 and _turn_back(one, s.way[row], n.table, s.shut_by, s.clock, s.wake):
        return -1
    return int(s.strike[row, 2])


@COMPILED
def _arrive(n: Network, s: State, row: int) -> int:
    one, now = s.trip[row], s.clock[NOW]
    place, day = one[DESTINATION], (now - n.start_of_day) // DAY
    one[ARRIVED] = now
    s.site[place, RECEIVED] += one[HEADS]
    if day < s.received_on.shape[1]:
        s.received_on[place, day] += one[HEADS]
    _counts_now(now, s.term, n.counted, s.seat, row, 1)
    s.hourly[1, now // 60] += one[HEADS]
    one[PHASE] = UNLOADING
    one[UNTIL] = now + one[UNLOAD]
    _tell(s.trace, s.clock, ARRIVES, row, one[TRIES], 0)
    return -1


@COMPILED
def _turn_back(one: Ints, way: Ints, table: Ints, shut_by: Ints, clock: Ints, wake: Flags) -> bool:
    """It goes back by the way it came and unloads at its origin; False where that is shut or leads one way only."""
    now, last = clock[NOW], table.shape[2] - 1
    for number in range(one[AT]):
        if way[number, BACK] == 0 or shut_by[way[number, ROAD]] >= 0:
            return False
    for number in range(one[AT] - 1, -1, -1):
        now += table[way[number, ROAD], MINUTES, min(now, last)]
    for number in range(one[LEGS] + 1):
        way[number, TO] = 0
    one[PHASE] = GOING_BACK
    one[UNTIL] = now + one[UNLOAD]
    one[CAUSE] = -1
    _wake(wake, one[UNTIL])
    return True


@COMPILED
def _go_back(trip: Ints, way: Ints, table: Ints, shut_by: Ints, clock: Ints, wake: Flags) -> None:
    """Who has stood for too long before handover goes back, where the way back is open."""
    now = clock[NOW]
    for row in range(trip.shape[0]):
        one = trip[row]
        stands = one[PHASE] == LOADED or (one[PHASE] == STANDING and one[OUT] < 0)
        if (
            stands
            and now - one[SINCE] >= clock[PATIENCE]
            and not _turn_back(one, way[row], table, shut_by, clock, wake)
        ):
            one[SINCE] = now
            _wake(wake, now + clock[PATIENCE])


@COMPILED
def _hand_over(n: Network, s: State) -> bool:
    """Who stands at the gate is let through as the limits allow: one, else two, else all; whether anybody was."""
    count, ready, now = 0, s.queue, s.clock[NOW]
    for row in range(s.trip.shape[0]):
        if s.trip[row, PHASE] == STANDING and _at_gate(s.trip[row]):
            place = count
            while place > 0 and s.trip[ready[place - 1], PLANNED_OUT] > s.trip[row, PLANNED_OUT]:
                ready[place] = ready[place - 1]
                place -= 1
            ready[place] = row
            count += 1
    for index in range(count):
        s.together[0] = ready[index]
        clause = _limit_against(now, n.limit, s.term, n.counted, s.trip, s.seat, s.together, 1)
        if clause < 0:
            _let_through(n, s, s.together, 1)
            return True
        s.trip[ready[index], BLOCKED] = clause
        s.trip[ready[index], CAUSE] = clause
    for index in range(count):
        for other in range(index + 1, count):
            s.together[0] = ready[index]
            s.together[1] = ready[other]
            if _limit_against(now, n.limit, s.term, n.counted, s.trip, s.seat, s.together, 2) < 0:
                _let_through(n, s, s.together, 2)
                return True
    if count > 2 and _limit_against(now, n.limit, s.term, n.counted, s.trip, s.seat, ready, count) < 0:
        _let_through(n, s, ready, count)
        return True
    return False


@COMPILED
def _let_through(n: Network, s: State, rows: Ints, count: int) -> None:
    now = s.clock[NOW]
    for index in range(count):
        row = rows[index]
        one = s.trip[row]
        one[OUT] = now
        one[SINCE] = now
        one[BLOCKED] = -1
        one[CAUSE] = -1
        _counts_now(now, s.term, n.counted, s.seat, row, 0)
        s.hourly[0, now // 60] += one[HEADS]
        for entry in range(s.seat.shape[1]):
            s.out_of[s.seat[row, entry, STREAM]] += s.seat[row, entry, ABOARD]
        _tell(s.trace, s.clock, HANDED_OVER, row, one[TRIES], 0)
    for pair in range(n.pair_side.shape[0]):
        lead = _lead(n, s, pair)
        s.lead[pair, 0] = max(s.lead[pair, 0], lead)
        s.lead[pair, 1] = max(s.lead[pair, 1], -lead)


@COMPILED
def _start(n: Network, k: Troubles, s: State) -> None:
    """Whoever is due and can go starts, in the order of the timetable; who cannot keeps vehicles reserved."""
    now, fleets = s.clock[NOW], s.stands.shape[0]
    s.reserved[:] = 0
    s.gate_first[:] = NEVER
    for row in range(s.trip.shape[0]):
        one = s.trip[row]
        if one[PHASE] == STANDING and one[BLOCKED] >= 0 and _at_gate(one):
            s.gate_first[one[EVACUATION]] = min(s.gate_first[one[EVACUATION]], row)
    bookings = -1
    for index in range(n.action.shape[0]):
        if n.action[index, 0] > now:
            break
        row = n.action[index, 2]
        if n.action[index, 1] == 0:
            one = s.trip[row]
            if one[PHASE] != WAITING:
                continue
            place, start, needs = one[ORIGIN], one[EARLIEST], n.needs[row]
            if not _board(s.trip, s.seat, s.there, row):
                one[PHASE] = GIVEN_UP
                continue
            cause = s.halts[one[EVACUATION]]
            if cause < 0 and s.clock[ANY_SHUT]:
                number = _shut_way(s.way[row], one[LEGS], s.shut_by)
                cause = _cause_of(number, k.shut, s.strikes) if number >= 0 else -1
            if cause < 0:
                cause = _stopped_by_limit(n, s, row)
            if cause < 0:
                for fleet in range(fleets):
                    if needs[fleet] > 0 and s.stands[fleet, place] - s.reserved[fleet, place] < needs[fleet]:
                        cause = VEHICLES
            if cause < 0 and s.site[place, LOADING_NOW] >= s.site[place, BAYS_MOST]:
                cause = BAYS
            if cause < 0 and now < start:
                cause = NOTICE
            if cause < 0:
                if bookings < 0:
                    bookings = _bookings(s.trip, s.way, s.booked)
                cause = _load(n, s, row, bookings)
            one[CAUSE] = cause
            if cause < 0:
                bookings = -1
                _wake(s.wake, now + 1)
            else:
                one[HEADS] = 0
                for entry in range(s.seat.shape[1]):
                    s.seat[row, entry, ABOARD] = 0
        else:
            if s.empty[row, EMPTY_PHASE] != WAITING:
                continue
            place, start, needs = s.empty[row, EMPTY_FROM], s.empty[row, EMPTY_DUE], n.empty_needs[row]
            cause = _leave(s.empty[row], n.hop[row], n.table, s.shut_by, s.clock, s.wake)
            if cause < 0:
                for fleet in range(fleets):
                    if needs[fleet] > 0 and s.stands[fleet, place] - s.reserved[fleet, place] < needs[fleet]:
                        cause = VEHICLES
            if cause < 0:
                s.stands[:, place] -= needs
                _wake(s.wake, now + 1)
                _set_out(s.empty[row], n.hop[row], n.table, s.slow, s.clock, s.wake)
        if cause >= 0 and s.clock[HOLD] and now < start + s.clock[RESERVE]:
            s.reserved[:, place] += needs


@COMPILED
def _board(trip: Ints, seat: Ints, there: Ints, row: int) -> bool:
    """Those of its people who are there; whether anybody is."""
    heads = 0
    for entry in range(seat.shape[1]):
        stream = seat[row, entry, STREAM]
        coming = min(seat[row, entry, MEANT], there[stream])
        seat[row, entry, ABOARD] = coming
        there[stream] -= coming
        heads += coming
    for entry in range(seat.shape[1]):
        there[seat[row, entry, STREAM]] += seat[row, entry, ABOARD]
    trip[row, HEADS] = heads
    return bool(heads > 0)


@COMPILED
def _load(n: Network, s: State, row: int, bookings: int) -> int:
    """It starts to load (-1) if hours, lanes, its destination and quotas allow the whole way."""
    one, now, way = s.trip[row], s.clock[NOW], s.way[row]
    starts = n.starts[one[TEMPLATE]]
    later = starts[now]
    while later <= n.end and _lanes_booked(one, way, n.table, n.lanes, s.booked, bookings, later + one[LOAD]):
        later = starts[later + 1]
    if later > now:
        _wake(s.wake, later)
        return HOURS
    departs = now + one[LOAD]
    arrives = n.ends[one[TEMPLATE], departs] - one[UNLOAD]
    out = _reaches(way, n.table, departs, one[GATE]) + way[one[GATE], SLOT]
    if not _room(s.trip, s.site, s.received_on, row, (arrives - n.start_of_day) // DAY, one[HEADS]) or (
        not _within_quotas(now, n.limit, s.term, n.counted, s.trip, s.seat, row, out, arrives)
    ):
        _wake(s.wake, now + 1)
        return HOURS
    s.stands[:, one[ORIGIN]] -= n.needs[row]
    for entry in range(s.seat.shape[1]):
        s.there[s.seat[row, entry, STREAM]] -= s.seat[row, entry, ABOARD]
    s.site[one[ORIGIN], LOADING_NOW] += 1
    one[PHASE] = LOADING
    one[LOADS] = now
    one[UNTIL] = departs
    one[AT] = 0
    one[SLOT_DONE] = 0
    one[OUT] = -1
    one[ARRIVED] = -1
    one[TRIES] += 1
    _wake(s.wake, departs)
    _project(one, way, n.table, departs)
    _tell(s.trace, s.clock, LOADS_NOW, row, one[TRIES], one[HEADS])
    return -1


@COMPILED
def _stopped_by_limit(n: Network, s: State, row: int) -> int:
    """The limit at which a convoy before it stands, or which stopped it and would stop it again."""
    now, first = s.clock[NOW], s.gate_first[s.trip[row, EVACUATION]]
    if first < row:
        return int(s.trip[first, BLOCKED])
    if now < s.trip[row, AGAIN]:
        s.together[0] = row
        if _limit_against(now, n.limit, s.term, n.counted, s.trip, s.seat, s.together, 1) < 0:
            return -1
        for other in range(s.trip.shape[0]):
            if s.trip[other, PHASE] == STANDING and _at_gate(s.trip[other]):
                s.together[1] = other
                if _limit_against(now, n.limit, s.term, n.counted, s.trip, s.seat, s.together, 2) < 0:
                    return -1
        return int(s.trip[row, BLOCKED])
    return -1


@COMPILED
def _hop_takes(hop: Ints, table: Ints, departs: int) -> int:
    if hop[HOP_MINUTES] >= 0:
        return int(hop[HOP_MINUTES])
    return int(table[hop[1], MINUTES, min(departs, table.shape[2] - 1)])


@COMPILED
def _hop_open(hop: Ints, table: Ints, departs: int, takes: int) -> bool:
    last = table.shape[2] - 1
    for index in range(1, hop.shape[0]):
        if hop[index] >= 0 and (departs > last or table[hop[index], EMPTY_OPEN, departs] < departs + takes):
            return False
    return True


@COMPILED
def _hop_shut(hop: Ints, shut_by: Ints) -> bool:
    for index in range(1, hop.shape[0]):
        if hop[index] >= 0 and shut_by[hop[index]] >= 0:
            return True
    return False


@COMPILED
def _leave(move: Ints, hop: Ints, table: Ints, shut_by: Ints, clock: Ints, wake: Flags) -> int:
    """Whether roads let an empty move start (-1), or what keeps it."""
    now, last = clock[NOW], table.shape[2] - 1
    departs = now
    for number in range(move[HOPS]):
        if clock[ANY_SHUT] and _hop_shut(hop[number], shut_by):
            return VEHICLES
        takes = _hop_takes(hop[number], table, departs)
        if departs + takes > last or not _hop_open(hop[number], table, departs, takes):
            _wake(wake, now + 1)
            return HOURS
        departs += takes
    return -1


@COMPILED
def _hop(move: Ints, hop: Ints, table: Ints, shut_by: Ints, clock: Ints, wake: Flags) -> bool:
    """Whether an empty move that stands may go on by its next hop."""
    now = clock[NOW]
    if _hop_shut(hop[move[EMPTY_AT]], shut_by):
        return False
    if not _hop_open(hop[move[EMPTY_AT]], table, now, _hop_takes(hop[move[EMPTY_AT]], table, now)):
        _wake(wake, now + 1)
        return False
    return True


@COMPILED
def _set_out(move: Ints, hop: Ints, table: Ints, slow: Floats, clock: Ints, wake: Flags) -> None:
    now, next_hop = clock[NOW], hop[move[EMPTY_AT]]
    minutes = _hop_takes(next_hop, table, now)
    takes = minutes
    for index in range(1, next_hop.shape[0]):
        if next_hop[index] >= 0:
            takes = max(takes, _slowed(slow[next_hop[index]], minutes))
    move[EMPTY_PHASE] = ON_A_ROAD
    move[EMPTY_UNTIL] = now + takes
    _wake(wake, now + takes)


@COMPILED
def _count(trip: Ints, waited: Ints, minutes: int) -> None:
    """What stopped movements for these minutes, and who stood loaded meanwhile."""
    for row in range(trip.shape[0]):
        one = trip[row]
        if one[CAUSE] >= 0:
            people = one[PLANNED]
            if one[PHASE] != WAITING:
                people = one[HEADS]
                one[STOOD] += minutes
            waited[one[CAUSE]] += people * minutes
            one[CAUSE] = -1


@COMPILED
def _go(n: Network, k: Troubles, s: State) -> None:
    """Drives a course from the first minute to the last, as the reference does."""
    before = 0
    for minute in range(n.end + 1):
        if not s.wake[minute]:
            continue
        _count(s.trip, s.waited, minute - before)
        s.clock[NOW] = minute
        before = minute
        _hear(n, k, s)
        _finish(n, s)
        _lose(s.missing, s.stands)
        while _move(n, k, s) or _hand_over(n, s):
            pass
        _go_back(s.trip, s.way, n.table, s.shut_by, s.clock, s.wake)
        _start(n, k, s)
    for row in range(s.trip.shape[0]):
        if _under_way(s.trip[row, PHASE]) or s.trip[row, PHASE] in (UNLOADING, GOING_BACK):
            _stood(s.clock, s.trip[row])


def course(compiled: Compiled, troubles: Troubles, policy: Policy, *, trace: int = 0) -> tuple[Sums, Ints]:
    """One course, and its first `trace` events (minute, what, row of the movement, try, detail)."""
    n, k = compiled.network, troubles
    rows, segments = n.trip.shape[0], n.table.shape[0]
    clock = np.zeros(ANY_SHUT + 1, dtype=np.int64)
    clock[[HOLD, PATIENCE, AGAIN_AFTER, RESERVE, TRIES_MOST]] = (
        policy.kind == "hold",
        policy.patience_minutes,
        policy.again_minutes,
        policy.reserve_minutes,
        policy.tries_most,
    )
    s = State(
        trip=n.trip.copy(),
        way=n.way.copy(),
        seat=n.seat.copy(),
        empty=n.empty.copy(),
        stands=n.stands.copy(),
        site=n.site.copy(),
        received_on=np.zeros((len(compiled.places), n.days + 1), dtype=np.int64),
        term=n.term.copy(),
        there=k.there.copy(),
        strike=k.strike.copy(),
        clock=clock,
        wake=np.zeros(n.end + 1, dtype=np.bool_),
        shut_by=np.full(segments, -1, dtype=np.int64),
        halts=np.full(len(compiled.evacuations), -1, dtype=np.int64),
        gate_first=np.zeros(len(compiled.evacuations), dtype=np.int64),
        slow=np.ones(segments),
        strikes=np.zeros((rows, 4), dtype=np.int64),
        missing=np.zeros(n.stands.shape[0], dtype=np.int64),
        reserved=np.zeros_like(n.stands),
        queue=np.zeros(rows, dtype=np.int64),
        together=np.zeros(2, dtype=np.int64),
        booked=np.zeros((rows * n.way.shape[1], 3), dtype=np.int64),
        out_of=np.zeros(len(compiled.streams), dtype=np.int64),
        hourly=np.zeros((2, n.end // 60 + 1), dtype=np.int64),
        lead=np.zeros((len(compiled.pairs), 2)),
        stops=np.zeros((len(compiled.pairs), 4)),
        waited=np.zeros(len(compiled.causes), dtype=np.int64),
        trace=np.zeros((trace, 5), dtype=np.int64),
    )
    reserve = policy.reserve_minutes
    minutes = np.concatenate([
        n.trip[:, DUE], n.trip[:, DUE] + reserve, n.empty[:, EMPTY_DUE], n.empty[:, EMPTY_DUE] + reserve,
        n.limit[:, START], n.limit[:, END], k.shut[:, :2].ravel(), k.halted[:, :2].ravel(), k.slowed.ravel(),
        k.lost[:, 0], k.left[:, 0], np.array([0, n.end]),
    ])  # fmt: skip
    s.wake[minutes[(minutes >= 0) & (minutes <= n.end)]] = True
    _go(n, k, s)
    waiting = s.there.copy()
    aboard = s.trip[:, PHASE] != DONE
    np.add.at(waiting, s.seat[aboard][:, :, STREAM].ravel(), s.seat[aboard][:, :, ABOARD].ravel())
    left = np.zeros(len(compiled.evacuations), dtype=np.int64)
    np.add.at(left, n.evacuation_of, waiting)
    sums = Sums(
        end=int(clock[LAST_END]),
        out=np.cumsum(s.hourly[0]),
        arrived=np.cumsum(s.hourly[1]),
        left=left,
        person_minutes=int(clock[PERSON_MINUTES] + left.sum() * 2 * n.end),
        worst_standing=int(clock[WORST_STOOD]),
        standing=int(clock[ALL_STOOD]),
        lead=s.lead,
        stops=s.stops,
        waited=s.waited,
    )
    return sums, s.trace[: int(clock[TRACED])]
