"""The compiled twin of `course` for thousands of courses: the same words, in arrays.

It shares with it the draws, the policy and what is refused; nothing of how a course is driven.

Its arrays are those of `network`; `clock` holds the minute and what is the same for all movements. Functions take what
they read and change, so that nothing is passed through for others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np

from safepassage.futures.course import Policy
from safepassage.futures.network import (
    ABOARD,
    AFTER,
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

F = TypeVar("F", bound=Callable[..., object])


OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}
"""Kept on disk, free of the interpreter's lock, and (`_nrt`) of reference counts, which took 95 % of the time: nothing
here makes an array.
"""


def compiled(function: F) -> F:
    """The function as machine code; the first run of all compiles it, for half a minute."""
    jitted: F = numba.njit(**OPTIONS)(function)
    return jitted


def inlined(function: F) -> F:
    """The function as machine code inside its caller: what bundles arrays is not handed over again."""
    jitted: F = numba.njit(inline="always", **OPTIONS)(function)
    return jitted


WAITING, LOADING, LOADED, STANDING, ON_A_ROAD, INSPECTED, UNLOADING, GOING_BACK, DONE, GIVEN_UP = range(10)
"""Phases of a movement; an empty move is WAITING, STANDING, ON_A_ROAD or DONE."""
LOADS_NOW, BOARDS, BEGINS, ENTERS, HANDED_OVER, ARRIVES, TURNS_BACK, IS_BACK, UNLOADED, HOP_BEGINS = range(10)
"""What a trace tells, each with a detail (place, entry, hop) and until when it lasts (how many people board)."""
NOW, PAUSED, TRACED, HOLD, PATIENCE, AGAIN_AFTER, RESERVE, TRIES_MOST, STOPS, LAST_END, PERSON_MINUTES = range(11)
WORST_STOOD, ALL_STOOD, ANY_SHUT, ALL_THERE, NEXT = range(11, 16)
WAITING_COUNT, GOING_COUNT, EMPTY_GOING_COUNT, BOOKED = range(16, 20)
"""What `clock` holds: the minute, the pause after an incident, the policy, and what a course adds up."""


class State(NamedTuple):
    """One course as it stands: what changes of the network, what is shut, halted and slow now, and its sums.

    What is due stands in `waiting`, by its place in the timetable's order; movements begun in `going`, empty moves in
    `empty_going`, by row (the counts are in `clock`). Who has left a list stays in it, to be passed over by phase,
    until the next minute at which anything happens. `held` is how many people wait to begin, by what keeps them.
    """

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
    waiting: Ints
    going: Ints
    empty_going: Ints
    held: Ints
    queue: Ints
    together: Ints
    booked: Ints
    lane_from: Ints
    out_of: Ints
    hourly: Ints
    lead: Floats
    stops: Floats
    waited: Ints
    trace: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """What is kept of courses, one row each. `end` 0: nobody arrived.

    `out` and `arrived` are people by the hour at whose end they are counted, `left` by evacuation, `waited` person-
    minutes by cause; `lead` by pair how far, at most, the first side was ahead of the second, and the second of the
    first, in shares of those demanded; `stops` by pair how many stops found the first ahead, the second, neither, and
    the sum of the first's leads then.
    """

    end: Ints
    out: Ints
    arrived: Ints
    left: Ints
    person_minutes: Ints
    worst_standing: Ints
    standing: Ints
    lead: Floats
    stops: Floats
    waited: Ints

    @classmethod
    def joined(cls, parts: Sequence[Courses]) -> Courses:
        return cls(
            **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)}
        )

    def arrays(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


@compiled
def _wake(wake: Flags, minute: int) -> None:
    if 0 <= minute < wake.shape[0]:
        wake[minute] = True


@compiled
def _tell(trace: Ints, clock: Ints, what: int, row: int, tries: int, detail: int, until: int) -> None:
    number = clock[TRACED]
    clock[TRACED] = number + 1
    if number < trace.shape[0]:
        trace[number, 0] = clock[NOW]
        trace[number, 1] = what
        trace[number, 2] = row
        trace[number, 3] = tries
        trace[number, 4] = detail
        trace[number, 5] = until


@compiled
def _under_way(phase: int) -> bool:
    return LOADING <= phase <= INSPECTED


@compiled
def _at_gate(trip: Ints, row: int) -> bool:
    return bool(
        trip[PHASE, row] == STANDING
        and trip[AT, row] == trip[GATE, row]
        and trip[OUT, row] < 0
        and trip[SLOT_DONE, row] == 1
    )


@compiled
def _slowed(factor: float, minutes: int) -> int:
    return int(np.ceil(minutes * factor - 1e-9)) if factor > 1.0 else minutes


# Troubles


@compiled
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


@compiled
def _cause_of(number: int, shut: Ints, strikes: Ints) -> int:
    return int(shut[number, 2] if number < shut.shape[0] else strikes[number - shut.shape[0], 2])


@compiled
def _shut_way(way: Ints, row: int, legs: int, shut_by: Ints) -> int:
    """The first trouble that shuts a segment of a way; -1 where none does."""
    first = NEVER
    for place in range(legs + 1):
        for column in (ROAD, CROSSING):
            segment = way[row, place, column]
            if segment >= 0 and 0 <= shut_by[segment] < first:
                first = shut_by[segment]
    return int(first if first < NEVER else -1)


@compiled
def _halt(clock: Ints, halted: Ints, halted_of: Flags, halts: Ints) -> None:
    """What halts each evacuation now; -1 where nothing does."""
    now = clock[NOW]
    halts[:] = PAUSE if now < clock[PAUSED] else -1
    for number in range(halted.shape[0]):
        if halted[number, 0] <= now < halted[number, 1]:
            for evacuation in range(halts.shape[0]):
                if halted_of[number, evacuation] and halts[evacuation] < 0:
                    halts[evacuation] = halted[number, 2]


@compiled
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


@compiled
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


@compiled
def _in_tally(counted: Flags, number: int, seat: Ints, row: int) -> int:
    """How many of those aboard a movement a count takes."""
    people = 0
    for entry in range(seat.shape[1]):
        if seat[row, entry, ABOARD] > 0 and counted[number, row, seat[row, entry, STREAM]]:
            people += seat[row, entry, ABOARD]
    return people


@compiled
def _excess(limit: Ints, which: int, term: Ints, column: int) -> int:
    first = limit[which, FIRST]
    if limit[which, STEP]:
        return int(term[first, column] - limit[which, MOST] if term[first + 1, column] < limit[which, REACHED] else 0)
    total = -limit[which, MOST]
    for number in range(first, limit[which, LAST]):
        total += term[number, COEFFICIENT] * term[number, column]
    return int(total)


@compiled
def _limit_against(
    now: int, limit: Ints, term: Ints, counted: Flags, trip: Ints, seat: Ints, rows: Ints, count: int
) -> int:
    """What stops movements from being handed over together now: the first limit broken, or broken by more; -1: none."""
    for number in range(term.shape[0]):
        term[number, AFTER] = term[number, COUNTED]
    for which in range(limit.shape[0]):
        if not limit[which, START] <= now < limit[which, END]:
            continue
        ours = False
        for number in range(limit[which, FIRST], limit[which, LAST]):
            uses, by_arrival = term[number, USES] == 1, term[number, AT_ARRIVAL] == 1
            if now < term[number, SINCE_MINUTE]:
                continue
            for index in range(count):
                row = rows[index]
                if not by_arrival or trip[GATE, row] == trip[LEGS, row]:
                    people = _in_tally(counted, number, seat, row)
                    term[number, AFTER] += people
                    ours = ours or (uses and people > 0)
        if ours and _excess(limit, which, term, AFTER) > max(0, _excess(limit, which, term, COUNTED)):
            return int(limit[which, CLAUSE])
    return -1


@compiled
def _within_quotas(
    now: int, limit: Ints, term: Ints, counted: Flags, trip: Ints, seat: Ints, row: int, out: int, arrives: int
) -> bool:
    """Whether limits of one side only have room, when all under way are handed over as they are timed now."""
    for which in range(limit.shape[0]):
        if not limit[which, ONE_SIDED]:
            continue
        ours = False
        for number in range(limit[which, FIRST], limit[which, LAST]):
            by_arrival = term[number, AT_ARRIVAL] == 1
            term[number, AFTER] = 0
            for other in range(trip.shape[1]):
                phase = trip[PHASE, other]
                if other != row and not (_under_way(phase) or phase in (UNLOADING, DONE)):
                    continue
                people = _in_tally(counted, number, seat, other)
                if people == 0:
                    continue
                if other == row:
                    ours, instant = True, max(now, arrives if by_arrival else out)
                elif by_arrival:
                    instant = trip[ARRIVED, other] if trip[ARRIVED, other] >= 0 else max(now, trip[WILL_ARRIVE, other])
                else:
                    instant = trip[OUT, other] if trip[OUT, other] >= 0 else max(now, trip[WILL_OUT, other])
                if term[number, SINCE_MINUTE] <= instant < limit[which, END]:
                    term[number, AFTER] += people
        if ours and _excess(limit, which, term, AFTER) > 0:
            return False
    return True


@compiled
def _counts_now(now: int, term: Ints, counted: Flags, seat: Ints, row: int, by_arrival: int) -> None:
    """A movement's people count as handed over, or as arrived, from now on."""
    for number in range(term.shape[0]):
        if term[number, AT_ARRIVAL] == by_arrival and now >= term[number, SINCE_MINUTE]:
            term[number, COUNTED] += _in_tally(counted, number, seat, row)


# Times and lanes of a way


@compiled
def _in_time(trip: Ints, row: int, ends: int, loads: int, start_of_day: int) -> bool:
    """Whether the time aboard and midnight allow a movement that begins to load at `loads` and unloads until `ends`."""
    midnight = loads - (loads - start_of_day) % DAY + DAY
    return bool(ends >= 0 and ends - loads <= trip[STAY, row] and (trip[NIGHT, row] == 1 or ends <= midnight))


@compiled
def _reaches(way: Ints, row: int, table: Ints, departs: int, place: int) -> int:
    """When a movement that departs then comes to a place of its way."""
    now, last = departs, table.shape[2] - 1
    for number in range(place):
        now += way[row, number, SLOT]
        now += table[way[row, number, ROAD], MINUTES, min(now, last)]
    return int(now)


@compiled
def _project(trip: Ints, way: Ints, row: int, table: Ints, departs: int) -> None:
    """When the rest of its way will be if nothing comes in between; the lanes for it are booked."""
    now, last, first = departs, table.shape[2] - 1, trip[AT, row]
    for number in range(trip[LEGS, row] + 1):
        way[row, number, FROM] = way[row, number, TO] = 0
    for number in range(first, trip[LEGS, row] + 1):
        if way[row, number, CROSSING] >= 0 and not (number == first and trip[SLOT_DONE, row] == 1):
            way[row, number, FROM] = now
            now += way[row, number, SLOT]
            way[row, number, TO] = now
        if number == trip[GATE, row] and trip[OUT, row] < 0:
            trip[WILL_OUT, row] = now
        if number < trip[LEGS, row]:
            now += table[way[row, number, ROAD], MINUTES, min(now, last)]
    trip[WILL_ARRIVE, row] = now


@compiled
def _bookings(trip: Ints, way: Ints, booked: Ints, going: Ints, clock: Ints) -> int:
    """The bookings of all lanes as rows of crossing, from, to, trip; how many."""
    count = 0
    for index in range(clock[GOING_COUNT]):
        row = going[index]
        if _under_way(trip[PHASE, row]):
            for place in range(trip[LEGS, row] + 1):
                if way[row, place, TO] > way[row, place, FROM]:
                    booked[count, 0] = way[row, place, CROSSING]
                    booked[count, 1] = way[row, place, FROM]
                    booked[count, 2] = way[row, place, TO]
                    count += 1
    return count


@compiled
def _freed(booked: Ints, count: int, crossing: int, lanes: int, instant: int) -> int:
    """When the first of the lanes, all booked at this instant, is free again; -1 where one is free."""
    taken, freed = 0, NEVER
    for number in range(count):
        if booked[number, 0] == crossing and booked[number, 1] <= instant < booked[number, 2]:
            taken += 1
            freed = min(freed, booked[number, 2])
    return int(freed if taken >= lanes else -1)


@compiled
def _lanes_from(
    trip: Ints, way: Ints, row: int, table: Ints, lanes: Ints, booked: Ints, count: int, departs: int, steady: bool
) -> int:
    """`departs` if each crossing of its way has a lane free for its slot; else a later departure, none fitting before.

    Where roads take the same at any hour (`steady`) it comes to the crossing as much later as it departs: it meets the
    same bookings until the first of them ends.
    """
    now, last = departs, table.shape[2] - 1
    for number in range(trip[LEGS, row] + 1):
        crossing = way[row, number, CROSSING]
        if crossing >= 0:
            ends = now + way[row, number, SLOT]
            freed = _freed(booked, count, crossing, lanes[crossing], now)
            for other in range(count):
                begins = booked[other, 1]
                if freed < 0 and booked[other, 0] == crossing and now < begins < ends:
                    freed = _freed(booked, count, crossing, lanes[crossing], begins)
            if freed >= 0:
                return int(departs + freed - now if steady else departs + 1)
            now = ends
        if number < trip[LEGS, row]:
            now += table[way[row, number, ROAD], MINUTES, min(now, last)]
    return departs


@compiled
def _room(trip: Ints, site: Ints, received_on: Ints, row: int, day: int, heads: int) -> bool:
    """Whether its destination takes it in, with all who are under way there."""
    place = trip[DESTINATION, row]
    if site[place, CAPACITY] == NEVER and site[place, PER_DAY] == NEVER:
        return True
    coming = heads
    for other in range(trip.shape[1]):
        if other != row and _under_way(trip[PHASE, other]) and trip[DESTINATION, other] == place:
            coming += trip[HEADS, other]
    return bool(
        site[place, RECEIVED] + coming <= site[place, CAPACITY]
        and received_on[place, day] + coming <= site[place, PER_DAY]
    )


# One course, bundled: `n` the network, `k` the troubles, `s` the state


@inlined
def _advantage(n: Network, s: State) -> None:
    """A stop begins: which side of each pair is ahead."""
    stops = s.stops
    for pair in range(n.pair_side.shape[0]):
        lead = _lead(n, s, pair)
        stops[pair, 0 if lead > 1e-12 else (1 if lead < -1e-12 else 2)] += 1
        stops[pair, 3] += lead


@inlined
def _lead(n: Network, s: State, pair: int) -> float:
    """How far the first side of a pair is ahead of the second, in shares of those demanded."""
    out_of = s.out_of
    first = second = 0
    for stream in range(n.pair_side.shape[1]):
        if n.pair_side[pair, stream] == 0:
            first += out_of[stream]
        elif n.pair_side[pair, stream] == 1:
            second += out_of[stream]
    return float(first / n.pair_demand[pair, 0] - second / n.pair_demand[pair, 1])


@inlined
def _hear(n: Network, k: Troubles, s: State) -> None:
    """What is known of troubles at this minute."""
    clock, missing, there, strikes, shut_by, halts = s.clock, s.missing, s.there, s.strikes, s.shut_by, s.halts
    slow = s.slow
    now = clock[NOW]
    for number in range(k.shut.shape[0]):
        if k.shut[number, 0] == now:
            _advantage(n, s)
    for number in range(k.halted.shape[0]):
        if k.halted[number, 0] == now:
            _advantage(n, s)
    for number in range(k.lost.shape[0]):
        if k.lost[number, 0] == now:
            missing[k.lost[number, 1]] += k.lost[number, 2]
    if k.left.shape[0]:
        _leave_alone(clock, k.left, there, n.evacuation_of)
    clock[ANY_SHUT] = _shut_segments(clock, k.shut, k.shut_on, strikes, shut_by)
    _halt(clock, k.halted, k.halted_of, halts)
    if k.slowed.shape[0]:
        slow[:] = 1.0
        for number in range(k.slowed.shape[0]):
            if k.slowed[number, 0] <= now < k.slowed[number, 1]:
                for segment in range(slow.shape[0]):
                    if k.slowed_on[number, segment]:
                        slow[segment] = max(slow[segment], k.factor[number])


@inlined
def _finish(n: Network, s: State) -> None:
    """What ends at this minute."""
    clock, trip, site, wake, way, stands = s.clock, s.trip, s.site, s.wake, s.way, s.stands
    trace, empty = s.trace, s.empty
    now = clock[NOW]
    for number in range(clock[GOING_COUNT]):
        row = s.going[number]
        if trip[UNTIL, row] != now:
            continue
        phase = trip[PHASE, row]
        if phase == LOADING:
            trip[PHASE, row] = LOADED
            trip[SINCE, row] = now
            site[trip[ORIGIN, row], LOADING_NOW] -= 1
            _wake(wake, now + clock[PATIENCE])
        elif phase in (ON_A_ROAD, INSPECTED):
            if phase == ON_A_ROAD:
                trip[AT, row] += 1
                trip[SLOT_DONE, row] = way[row, trip[AT, row], CROSSING] < 0
            else:
                way[row, trip[AT, row], TO] = 0
                trip[SLOT_DONE, row] = 1
            trip[PHASE, row] = STANDING
            trip[SINCE, row] = now
            if trip[OUT, row] < 0:
                _wake(wake, now + clock[PATIENCE])
        elif phase == UNLOADING:
            trip[PHASE, row] = DONE
            for fleet in range(stands.shape[0]):
                if not n.one_way[fleet]:
                    stands[fleet, trip[DESTINATION, row]] += n.needs[row, fleet]
            clock[LAST_END] = now
            clock[PERSON_MINUTES] += now * trip[HEADS, row]
            _stood(clock, trip, row)
            _tell(trace, clock, UNLOADED, row, trip[TRIES, row], 0, trip[UNTIL, row])
        elif phase == GOING_BACK:
            _back(n, s, row)
    for number in range(clock[EMPTY_GOING_COUNT]):
        row = s.empty_going[number]
        if empty[row, EMPTY_UNTIL] == now and empty[row, EMPTY_PHASE] == ON_A_ROAD:
            empty[row, EMPTY_AT] += 1
            empty[row, EMPTY_PHASE] = STANDING
            if empty[row, EMPTY_AT] == empty[row, HOPS]:
                empty[row, EMPTY_PHASE] = DONE
                for fleet in range(stands.shape[0]):
                    stands[fleet, empty[row, EMPTY_TO]] += n.empty_needs[row, fleet]


@compiled
def _stood(clock: Ints, trip: Ints, row: int) -> None:
    clock[WORST_STOOD] = max(clock[WORST_STOOD], trip[STOOD, row])
    clock[ALL_STOOD] += trip[STOOD, row] * trip[HEADS, row]


@inlined
def _back(n: Network, s: State, row: int) -> None:
    """Its people wait again, and it will be tried again."""
    trip, clock, trace, seat, there, stands, wake = s.trip, s.clock, s.trace, s.seat, s.there, s.stands, s.wake
    now = clock[NOW]
    _tell(trace, clock, IS_BACK, row, trip[TRIES, row], 0, trip[UNTIL, row])
    _stood(clock, trip, row)
    for entry in range(seat.shape[1]):
        there[seat[row, entry, STREAM]] += seat[row, entry, ABOARD]
        seat[row, entry, ABOARD] = 0
    for fleet in range(stands.shape[0]):
        stands[fleet, trip[ORIGIN, row]] += n.needs[row, fleet]
    trip[HEADS, row] = 0
    trip[STOOD, row] = 0
    trip[AT, row] = 0
    trip[SLOT_DONE, row] = 0
    trip[AGAIN, row] = now + clock[AGAIN_AFTER] if trip[BLOCKED, row] >= 0 else 0
    trip[PHASE, row] = WAITING if trip[TRIES, row] < clock[TRIES_MOST] else GIVEN_UP
    _list(s.waiting, clock, WAITING_COUNT, n.place_of[row])
    trip[EARLIEST, row] = now + n.notice
    _wake(wake, trip[AGAIN, row])
    _wake(wake, trip[EARLIEST, row])


@inlined
def _move(n: Network, k: Troubles, s: State) -> bool:
    """Whoever can goes on by one step, first come, first served; whether anybody did."""
    queue, trip, wake, empty, shut_by, clock, slow = s.queue, s.trip, s.wake, s.empty, s.shut_by, s.clock, s.slow
    moved, count = False, 0
    for number in range(clock[GOING_COUNT]):
        row = s.going[number]
        phase = trip[PHASE, row]
        if phase == LOADED or (phase == STANDING and not _at_gate(trip, row)):
            place = count
            while place > 0 and trip[SINCE, queue[place - 1]] > trip[SINCE, row]:
                queue[place] = queue[place - 1]
                place -= 1
            queue[place] = row
            count += 1
    for index in range(count):
        row = queue[index]
        if trip[PHASE, row] == LOADED:
            cause = _depart(n, k, s, row)
        elif trip[SLOT_DONE, row] == 0:
            cause = _begin_slot(n, k, s, row)
        elif trip[AT, row] < trip[LEGS, row]:
            cause = _enter_road(n, k, s, row)
        else:
            cause = _arrive(n, s, row)
        trip[CAUSE, row] = cause
        if cause < 0:
            moved = True
            _wake(wake, trip[UNTIL, row])
    for number in range(clock[EMPTY_GOING_COUNT]):
        row = s.empty_going[number]
        if empty[row, EMPTY_PHASE] == STANDING and _hop(empty, n.hop, row, n.table, shut_by, clock, wake):
            _set_out(empty, n.hop, row, n.table, slow, clock, wake, s.trace)
            moved = True
    return moved


@inlined
def _depart(n: Network, k: Troubles, s: State, row: int) -> int:
    """It departs (-1), or what keeps it."""
    trip, clock, halts, way, shut_by, strikes = s.trip, s.clock, s.halts, s.way, s.shut_by, s.strikes
    wake, site, received_on = s.wake, s.site, s.received_on
    now = clock[NOW]
    cause = _halted_or_shut(trip, way, row, halts, clock, shut_by, k.shut, strikes)
    if cause >= 0:
        return cause
    ends = n.ends[trip[TEMPLATE, row]]
    if not _in_time(trip, row, ends[now], trip[LOADS, row], n.start_of_day):
        later = now + 1
        while later <= n.end and not _in_time(trip, row, ends[later], trip[LOADS, row], n.start_of_day):
            later += 1
        _wake(wake, later)
        return HOURS
    day = (ends[now] - trip[UNLOAD, row] - n.start_of_day) // DAY
    if not _room(trip, site, received_on, row, day, trip[HEADS, row]):
        _wake(wake, now + 1)
        return HOURS
    trip[SLOT_DONE, row] = way[row, 0, CROSSING] < 0
    _project(trip, way, row, n.table, now)
    trip[PHASE, row] = STANDING
    trip[SINCE, row] = now
    _wake(wake, now + clock[PATIENCE])
    return -1


@inlined
def _begin_slot(n: Network, k: Troubles, s: State, row: int) -> int:
    trip, clock, way, shut_by, strikes, slow = s.trip, s.clock, s.way, s.shut_by, s.strikes, s.slow
    wake, trace = s.wake, s.trace
    now = clock[NOW]
    at = trip[AT, row]
    crossing = way[row, at, CROSSING]
    if shut_by[crossing] >= 0:
        return _cause_of(shut_by[crossing], k.shut, strikes)
    busy = 0
    for number in range(clock[GOING_COUNT]):
        other = s.going[number]
        if trip[PHASE, other] == INSPECTED and way[other, trip[AT, other], CROSSING] == crossing:
            busy += 1
    if busy >= n.lanes[crossing]:
        return LANES
    takes = _slowed(slow[crossing], way[row, at, SLOT])
    if n.table[crossing, OPEN, now] < now + takes:
        later = now + 1
        while later <= n.end and n.table[crossing, OPEN, later] < later + takes:
            later += 1
        _wake(wake, later)
        return HOURS
    _project(trip, way, row, n.table, now)
    way[row, at, FROM] = now
    way[row, at, TO] = now + takes
    trip[PHASE, row] = INSPECTED
    trip[UNTIL, row] = now + takes
    _tell(trace, clock, BEGINS, row, trip[TRIES, row], at, trip[UNTIL, row])
    return -1


@inlined
def _enter_road(n: Network, k: Troubles, s: State, row: int) -> int:
    trip, clock, way, strike, shut_by, strikes = s.trip, s.clock, s.way, s.strike, s.shut_by, s.strikes
    slow, wake, trace = s.slow, s.wake, s.trace
    now = clock[NOW]
    at = trip[AT, row]
    road = way[row, at, ROAD]
    if strike[row, 0] == at and trip[TRIES, row] == 1:
        strike[row, 0] = -1
        return _fire(n, k, s, row, road)
    if shut_by[road] >= 0:
        return _cause_of(shut_by[road], k.shut, strikes)
    minutes = n.table[road]
    takes = _slowed(slow[road], minutes[MINUTES, now])
    if minutes[OPEN, now] < now + takes:
        later = now + 1
        while later <= n.end and minutes[OPEN, later] < later + _slowed(slow[road], minutes[MINUTES, later]):
            later += 1
        _wake(wake, later)
        return HOURS
    _project(trip, way, row, n.table, now)
    trip[PHASE, row] = ON_A_ROAD
    trip[UNTIL, row] = now + takes
    _tell(trace, clock, ENTERS, row, trip[TRIES, row], at, trip[UNTIL, row])
    return -1


@inlined
def _fire(n: Network, k: Troubles, s: State, row: int, road: int) -> int:
    """Fire as it enters a road: the road is shut, nothing departs during the agreed pause, and it goes back."""
    trip, clock, strike, strikes, wake, shut_by = s.trip, s.clock, s.strike, s.strikes, s.wake, s.shut_by
    halts, way = s.halts, s.way
    now, number = clock[NOW], clock[STOPS]
    _advantage(n, s)
    strikes[number, 0] = now
    strikes[number, 1] = now + strike[row, 1]
    strikes[number, 2] = strike[row, 2]
    strikes[number, 3] = road
    clock[STOPS] = number + 1
    clock[PAUSED] = max(clock[PAUSED], now + n.pause)
    _wake(wake, now + strike[row, 1])
    _wake(wake, clock[PAUSED])
    clock[ANY_SHUT] = _shut_segments(clock, k.shut, k.shut_on, strikes, shut_by)
    _halt(clock, k.halted, k.halted_of, halts)
    if trip[OUT, row] < 0 and _turn_back(trip, way, row, n.table, shut_by, clock, wake, s.trace):
        return -1
    return int(strike[row, 2])


@inlined
def _arrive(n: Network, s: State, row: int) -> int:
    trip, clock, site, received_on, term, seat = s.trip, s.clock, s.site, s.received_on, s.term, s.seat
    hourly, trace = s.hourly, s.trace
    now = clock[NOW]
    place, day = trip[DESTINATION, row], (now - n.start_of_day) // DAY
    trip[ARRIVED, row] = now
    site[place, RECEIVED] += trip[HEADS, row]
    if day < received_on.shape[1]:
        received_on[place, day] += trip[HEADS, row]
    _counts_now(now, term, n.counted, seat, row, 1)
    hourly[1, now // 60] += trip[HEADS, row]
    trip[PHASE, row] = UNLOADING
    trip[UNTIL, row] = now + trip[UNLOAD, row]
    _tell(trace, clock, ARRIVES, row, trip[TRIES, row], 0, trip[UNTIL, row])
    return -1


@compiled
def _turn_back(
    trip: Ints, way: Ints, row: int, table: Ints, shut_by: Ints, clock: Ints, wake: Flags, trace: Ints
) -> bool:
    """It goes back by the way it came and unloads at its origin; False where that is shut or leads one way only."""
    now, last = clock[NOW], table.shape[2] - 1
    for number in range(trip[AT, row]):
        if way[row, number, BACK] == 0 or shut_by[way[row, number, ROAD]] >= 0:
            return False
    for number in range(trip[AT, row] - 1, -1, -1):
        now += table[way[row, number, ROAD], MINUTES, min(now, last)]
    for number in range(trip[LEGS, row] + 1):
        way[row, number, TO] = 0
    trip[PHASE, row] = GOING_BACK
    trip[UNTIL, row] = now + trip[UNLOAD, row]
    trip[CAUSE, row] = -1
    _wake(wake, trip[UNTIL, row])
    _tell(trace, clock, TURNS_BACK, row, trip[TRIES, row], trip[AT, row], trip[UNTIL, row])
    return True


@compiled
def _go_back(
    trip: Ints, way: Ints, table: Ints, shut_by: Ints, clock: Ints, wake: Flags, trace: Ints, going: Ints
) -> None:
    """Who has stood for too long before handover goes back, where the way back is open."""
    now = clock[NOW]
    for index in range(clock[GOING_COUNT]):
        row = going[index]
        stands = trip[PHASE, row] == LOADED or (trip[PHASE, row] == STANDING and trip[OUT, row] < 0)
        if (
            stands
            and now - trip[SINCE, row] >= clock[PATIENCE]
            and not _turn_back(trip, way, row, table, shut_by, clock, wake, trace)
        ):
            trip[SINCE, row] = now
            _wake(wake, now + clock[PATIENCE])


@inlined
def _hand_over(n: Network, s: State) -> bool:
    """Who stands at the gate is let through as the limits allow: one, else two, else all; whether anybody was."""
    queue, clock, trip, together, term, seat = s.queue, s.clock, s.trip, s.together, s.term, s.seat
    count, ready, now = 0, queue, clock[NOW]
    for number in range(clock[GOING_COUNT]):
        row = s.going[number]
        if trip[PHASE, row] == STANDING and _at_gate(trip, row):
            place = count
            while place > 0 and trip[PLANNED_OUT, ready[place - 1]] > trip[PLANNED_OUT, row]:
                ready[place] = ready[place - 1]
                place -= 1
            ready[place] = row
            count += 1
    for index in range(count):
        together[0] = ready[index]
        clause = _limit_against(now, n.limit, term, n.counted, trip, seat, together, 1)
        if clause < 0:
            _let_through(n, s, together, 1)
            return True
        trip[BLOCKED, ready[index]] = clause
        trip[CAUSE, ready[index]] = clause
    for index in range(count):
        for other in range(index + 1, count):
            together[0] = ready[index]
            together[1] = ready[other]
            if _limit_against(now, n.limit, term, n.counted, trip, seat, together, 2) < 0:
                _let_through(n, s, together, 2)
                return True
    if count > 2 and _limit_against(now, n.limit, term, n.counted, trip, seat, ready, count) < 0:
        _let_through(n, s, ready, count)
        return True
    return False


@inlined
def _let_through(n: Network, s: State, rows: Ints, count: int) -> None:
    clock, trip, term, seat, hourly, out_of = s.clock, s.trip, s.term, s.seat, s.hourly, s.out_of
    trace, lead = s.trace, s.lead
    now = clock[NOW]
    for index in range(count):
        row = rows[index]
        trip[OUT, row] = now
        trip[SINCE, row] = now
        trip[BLOCKED, row] = -1
        trip[CAUSE, row] = -1
        _counts_now(now, term, n.counted, seat, row, 0)
        hourly[0, now // 60] += trip[HEADS, row]
        for entry in range(seat.shape[1]):
            out_of[seat[row, entry, STREAM]] += seat[row, entry, ABOARD]
        _tell(trace, clock, HANDED_OVER, row, trip[TRIES, row], 0, trip[UNTIL, row])
    for pair in range(n.pair_side.shape[0]):
        ahead = _lead(n, s, pair)
        lead[pair, 0] = max(lead[pair, 0], ahead)
        lead[pair, 1] = max(lead[pair, 1], -ahead)


@inlined
def _short(stands: Ints, reserved: Ints, needs: Ints, row: int, place: int) -> bool:
    """Whether too few vehicles or escorts stand there beside those that are reserved."""
    for fleet in range(stands.shape[0]):
        if needs[row, fleet] > 0 and stands[fleet, place] - reserved[fleet, place] < needs[row, fleet]:
            return True
    return False


@inlined
def _add(stands: Ints, needs: Ints, row: int, place: int, times: int) -> None:
    for fleet in range(stands.shape[0]):
        stands[fleet, place] += times * needs[row, fleet]


@inlined
def _start(n: Network, k: Troubles, s: State) -> None:
    """Whoever is due and can go starts, in the order of the timetable; who cannot keeps vehicles reserved."""
    clock, trip, empty, stands, reserved = s.clock, s.trip, s.empty, s.stands, s.reserved
    needs, gate_first, wake, way, seat = n.needs, s.gate_first, s.wake, s.way, s.seat
    shut_by, there, halts, site, strikes, shut = s.shut_by, s.there, s.halts, s.site, s.strikes, k.shut
    waiting, held = s.waiting, s.held
    now = clock[NOW]
    reserved[:] = 0
    held[:] = 0
    clock[BOOKED] = -1
    gate_first[:] = NEVER
    for index in range(clock[GOING_COUNT]):
        row = s.going[index]
        if trip[PHASE, row] == STANDING and trip[BLOCKED, row] >= 0 and _at_gate(trip, row):
            gate_first[trip[EVACUATION, row]] = min(gate_first[trip[EVACUATION, row]], row)
    for index in range(clock[WAITING_COUNT]):
        row = n.order[waiting[index]]
        if row < 0:
            row = ~row
            if empty[row, EMPTY_PHASE] == WAITING and _start_empty(
                n.empty_needs, n.hop, n.table, empty, stands, reserved, row, shut_by, s.slow, clock, wake, s.trace
            ):
                _list(s.empty_going, clock, EMPTY_GOING_COUNT, row)
            continue
        if trip[PHASE, row] != WAITING:
            continue
        if not clock[ALL_THERE] and not _anybody(seat, there, row):
            trip[PHASE, row] = GIVEN_UP
            continue
        cause = _halted_or_shut(trip, way, row, halts, clock, shut_by, shut, strikes)
        if cause < 0 and (gate_first[trip[EVACUATION, row]] < row or now < trip[AGAIN, row]):
            cause = _stopped_by_limit(n, s, row)
            _leave_seats(trip, seat, row)
        if cause < 0:
            cause = _lacks(trip, row, stands, reserved, needs, site, now)
        if cause < 0:
            cause = _load(n, s, row)
        if cause >= 0:
            held[cause] += trip[PLANNED, row]
            if clock[HOLD] and now < trip[EARLIEST, row] + clock[RESERVE]:
                _add(reserved, needs, row, trip[ORIGIN, row], 1)
                _wake(wake, trip[EARLIEST, row] + clock[RESERVE])


@inlined
def _leave_seats(trip: Ints, seat: Ints, row: int) -> None:
    trip[HEADS, row] = 0
    for entry in range(seat.shape[1]):
        seat[row, entry, ABOARD] = 0


@inlined
def _start_empty(
    needs: Ints, hop: Ints, table: Ints, empty: Ints, stands: Ints, reserved: Ints, row: int, shut_by: Ints,
    slow: Floats, clock: Ints, wake: Flags, trace: Ints,
) -> bool:  # fmt: skip
    """Whether an empty move that is due starts; one that does not keeps its vehicles reserved."""
    now, place = clock[NOW], empty[row, EMPTY_FROM]
    if not _short(stands, reserved, needs, row, place) and _leave(empty, hop, row, table, shut_by, clock, wake) < 0:
        _add(stands, needs, row, place, -1)
        _wake(wake, now + 1)
        _set_out(empty, hop, row, table, slow, clock, wake, trace)
        return True
    if clock[HOLD] and now < empty[row, EMPTY_DUE] + clock[RESERVE]:
        _add(reserved, needs, row, place, 1)
        _wake(wake, empty[row, EMPTY_DUE] + clock[RESERVE])
    return False


@compiled
def _list(rows: Ints, clock: Ints, counted: int, row: int) -> None:
    """Puts a row into a list in its order, once."""
    place = clock[counted]
    while place > 0 and rows[place - 1] > row:
        place -= 1
    if place > 0 and rows[place - 1] == row:
        return
    for other in range(clock[counted], place, -1):
        rows[other] = rows[other - 1]
    rows[place] = row
    clock[counted] += 1


@inlined
def _due(n: Network, s: State) -> None:
    """Lists what is due by now; leaves out what has begun, or is done, since."""
    trip, empty, clock, waiting, going, empty_going = s.trip, s.empty, s.clock, s.waiting, s.going, s.empty_going
    kept = 0
    for index in range(clock[WAITING_COUNT]):
        row = n.order[waiting[index]]
        if (trip[PHASE, row] if row >= 0 else empty[~row, EMPTY_PHASE]) == WAITING:
            waiting[kept] = waiting[index]
            kept += 1
    while clock[NEXT] < n.order.shape[0] and n.due[clock[NEXT]] <= clock[NOW]:
        waiting[kept] = clock[NEXT]
        kept += 1
        clock[NEXT] += 1
    clock[WAITING_COUNT] = kept
    kept = 0
    for index in range(clock[GOING_COUNT]):
        if trip[PHASE, going[index]] not in (WAITING, DONE, GIVEN_UP):
            going[kept] = going[index]
            kept += 1
    clock[GOING_COUNT] = kept
    kept = 0
    for index in range(clock[EMPTY_GOING_COUNT]):
        if empty[empty_going[index], EMPTY_PHASE] != DONE:
            empty_going[kept] = empty_going[index]
            kept += 1
    clock[EMPTY_GOING_COUNT] = kept


@inlined
def _anybody(seat: Ints, there: Ints, row: int) -> bool:
    """Whether any of its people are still there."""
    for entry in range(seat.shape[1]):
        waits = there[seat[row, entry, STREAM]]
        if waits > 0 and seat[row, entry, MEANT] > 0:
            return True
    return False


@compiled
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
    trip[HEADS, row] = heads
    return bool(heads > 0)


@inlined
def _halted_or_shut(
    trip: Ints, way: Ints, row: int, halts: Ints, clock: Ints, shut_by: Ints, shut: Ints, strikes: Ints
) -> int:
    """What halts its evacuation, or else shuts its way; -1 where nothing does."""
    cause = halts[trip[EVACUATION, row]]
    if cause < 0 and clock[ANY_SHUT]:
        number = _shut_way(way, row, trip[LEGS, row], shut_by)
        cause = _cause_of(number, shut, strikes) if number >= 0 else -1
    return int(cause)


@inlined
def _lacks(trip: Ints, row: int, stands: Ints, reserved: Ints, needs: Ints, site: Ints, now: int) -> int:
    """What a movement that may load lacks: vehicles, a bay, notice; -1 where nothing."""
    place = trip[ORIGIN, row]
    if _short(stands, reserved, needs, row, place):
        return VEHICLES
    if site[place, LOADING_NOW] >= site[place, BAYS_MOST]:
        return BAYS
    return NOTICE if now < trip[EARLIEST, row] else -1


@inlined
def _load(n: Network, s: State, row: int) -> int:
    """It starts to load (-1) if the whole way fits."""
    if not _lane_fits(n, s, row) or not _board(s.trip, s.seat, s.there, row) or not _fits(n, s, row):
        _leave_seats(s.trip, s.seat, row)
        return HOURS
    clock, trip, seat, there, way, wake = s.clock, s.trip, s.seat, s.there, s.way, s.wake
    now, place = clock[NOW], trip[ORIGIN, row]
    departs = now + trip[LOAD, row]
    _add(s.stands, n.needs, row, place, -1)
    for entry in range(seat.shape[1]):
        there[seat[row, entry, STREAM]] -= seat[row, entry, ABOARD]
    s.site[place, LOADING_NOW] += 1
    trip[PHASE, row] = LOADING
    _list(s.going, clock, GOING_COUNT, row)
    trip[LOADS, row] = now
    trip[UNTIL, row] = departs
    trip[AT, row] = 0
    trip[SLOT_DONE, row] = 0
    trip[OUT, row] = -1
    trip[ARRIVED, row] = -1
    trip[TRIES, row] += 1
    _wake(wake, now + 1)
    _wake(wake, departs)
    _project(trip, way, row, n.table, departs)
    clock[BOOKED] = -1
    _tell(s.trace, clock, LOADS_NOW, row, trip[TRIES, row], 0, departs)
    for entry in range(seat.shape[1]):
        if seat[row, entry, ABOARD] > 0:
            _tell(s.trace, clock, BOARDS, row, trip[TRIES, row], entry, seat[row, entry, ABOARD])
    return -1


@inlined
def _lane_fits(n: Network, s: State, row: int) -> bool:
    """Whether hours and lanes allow the whole way from now; if not, when to look again. Equal ways have one answer."""
    clock, trip, way, booked, lane_from = s.clock, s.trip, s.way, s.booked, s.lane_from
    now, template, load = clock[NOW], trip[TEMPLATE, row], trip[LOAD, row]
    if clock[BOOKED] < 0:
        clock[BOOKED] = _bookings(trip, way, booked, s.going, clock)
        lane_from[:] = -1
    later = lane_from[template]
    if later < 0:
        later = n.starts[template, now]
        if later == now:
            bookings, steady = clock[BOOKED], n.steady[template]
            while later <= n.end:
                free = _lanes_from(trip, way, row, n.table, n.lanes, booked, bookings, later + load, steady) - load
                if free == later:
                    break
                later = n.starts[template, min(free, n.end + 1)]
        lane_from[template] = later
    if later > now:
        _wake(s.wake, later)
        return False
    return True


@inlined
def _fits(n: Network, s: State, row: int) -> bool:
    """Whether its destination and quotas allow the whole way from now; if not, when to look again."""
    clock, trip, seat, way = s.clock, s.trip, s.seat, s.way
    now, template = clock[NOW], trip[TEMPLATE, row]
    departs = now + trip[LOAD, row]
    arrives = n.ends[template, departs] - trip[UNLOAD, row]
    out = _reaches(way, row, n.table, departs, trip[GATE, row]) + way[row, trip[GATE, row], SLOT]
    day = (arrives - n.start_of_day) // DAY
    if not _room(trip, s.site, s.received_on, row, day, trip[HEADS, row]) or (
        not _within_quotas(now, n.limit, s.term, n.counted, trip, seat, row, out, arrives)
    ):
        _wake(s.wake, now + 1)
        return False
    return True


@inlined
def _stopped_by_limit(n: Network, s: State, row: int) -> int:
    """The limit at which a convoy before it stands, or which stopped it and would stop it again."""
    clock, trip, term, seat, together = s.clock, s.trip, s.term, s.seat, s.together
    now, first = clock[NOW], s.gate_first[trip[EVACUATION, row]]
    if first < row:
        return int(trip[BLOCKED, first])
    together[0] = row
    _board(trip, seat, s.there, row)
    if _limit_against(now, n.limit, term, n.counted, trip, seat, together, 1) < 0:
        return -1
    for number in range(clock[GOING_COUNT]):
        other = s.going[number]
        if trip[PHASE, other] == STANDING and _at_gate(trip, other):
            together[1] = other
            if _limit_against(now, n.limit, term, n.counted, trip, seat, together, 2) < 0:
                return -1
    return int(trip[BLOCKED, row])


@compiled
def _hop_takes(hop: Ints, row: int, number: int, table: Ints, departs: int) -> int:
    if hop[row, number, HOP_MINUTES] >= 0:
        return int(hop[row, number, HOP_MINUTES])
    return int(table[hop[row, number, 1], MINUTES, min(departs, table.shape[2] - 1)])


@compiled
def _hop_open(hop: Ints, row: int, number: int, table: Ints, departs: int, takes: int) -> bool:
    last = table.shape[2] - 1
    for index in range(1, hop.shape[2]):
        if hop[row, number, index] >= 0 and (
            departs > last or table[hop[row, number, index], EMPTY_OPEN, departs] < departs + takes
        ):
            return False
    return True


@compiled
def _hop_shut(hop: Ints, row: int, number: int, shut_by: Ints) -> bool:
    for index in range(1, hop.shape[2]):
        if hop[row, number, index] >= 0 and shut_by[hop[row, number, index]] >= 0:
            return True
    return False


@compiled
def _leave(empty: Ints, hop: Ints, row: int, table: Ints, shut_by: Ints, clock: Ints, wake: Flags) -> int:
    """Whether roads let an empty move start (-1), or what keeps it."""
    now, last = clock[NOW], table.shape[2] - 1
    departs = now
    for number in range(empty[row, HOPS]):
        if clock[ANY_SHUT] and _hop_shut(hop, row, number, shut_by):
            return VEHICLES
        takes = _hop_takes(hop, row, number, table, departs)
        if departs + takes > last or not _hop_open(hop, row, number, table, departs, takes):
            _wake(wake, now + 1)
            return HOURS
        departs += takes
    return -1


@compiled
def _hop(empty: Ints, hop: Ints, row: int, table: Ints, shut_by: Ints, clock: Ints, wake: Flags) -> bool:
    """Whether an empty move that stands may go on by its next hop."""
    now = clock[NOW]
    if _hop_shut(hop, row, empty[row, EMPTY_AT], shut_by):
        return False
    if not _hop_open(
        hop, row, empty[row, EMPTY_AT], table, now, _hop_takes(hop, row, empty[row, EMPTY_AT], table, now)
    ):
        _wake(wake, now + 1)
        return False
    return True


@compiled
def _set_out(
    empty: Ints, hop: Ints, row: int, table: Ints, slow: Floats, clock: Ints, wake: Flags, trace: Ints
) -> None:
    now, number = clock[NOW], empty[row, EMPTY_AT]
    minutes = _hop_takes(hop, row, number, table, now)
    takes = minutes
    for index in range(1, hop.shape[2]):
        if hop[row, number, index] >= 0:
            takes = max(takes, _slowed(slow[hop[row, number, index]], minutes))
    empty[row, EMPTY_PHASE] = ON_A_ROAD
    empty[row, EMPTY_UNTIL] = now + takes
    _wake(wake, now + takes)
    _tell(trace, clock, HOP_BEGINS, row, 0, number, now + takes)


@compiled
def _count(trip: Ints, waited: Ints, held: Ints, minutes: int, going: Ints, clock: Ints) -> None:
    """What stopped movements for these minutes, and who stood loaded meanwhile."""
    for cause in range(held.shape[0]):
        waited[cause] += held[cause] * minutes
    for index in range(clock[GOING_COUNT]):
        row = going[index]
        if trip[CAUSE, row] >= 0:
            trip[STOOD, row] += minutes
            waited[trip[CAUSE, row]] += trip[HEADS, row] * minutes
            trip[CAUSE, row] = -1


@compiled
def _ends_at_once(trip: Ints, now: int, going: Ints, clock: Ints) -> bool:
    """Whether something that just began ends at this very minute: loading that takes none."""
    for index in range(clock[GOING_COUNT]):
        row = going[index]
        phase = trip[PHASE, row]
        if trip[UNTIL, row] == now and phase in (LOADING, ON_A_ROAD, INSPECTED, UNLOADING, GOING_BACK):
            return True
    return False


@compiled
def _go(n: Network, k: Troubles, s: State) -> None:
    """Drives a course from the first minute to the last, as the reference does."""
    wake, trip, waited, clock, missing, stands = s.wake, s.trip, s.waited, s.clock, s.missing, s.stands
    way, shut_by = s.way, s.shut_by
    before = 0
    for minute in range(n.end + 1):
        if not wake[minute]:
            continue
        _count(trip, waited, s.held, minute - before, s.going, clock)
        clock[NOW] = minute
        before = minute
        _due(n, s)
        _hear(n, k, s)
        again = True
        while again:
            _finish(n, s)
            _lose(missing, stands)
            while _move(n, k, s) or _hand_over(n, s):
                pass
            _go_back(trip, way, n.table, shut_by, clock, wake, s.trace, s.going)
            _start(n, k, s)
            again = _ends_at_once(trip, minute, s.going, clock)
    for row in range(trip.shape[1]):
        if _under_way(trip[PHASE, row]) or trip[PHASE, row] in (UNLOADING, GOING_BACK):
            _stood(clock, trip, row)


@compiled
def _go_all(n: Network, k: Troubles, s: State) -> None:
    """Drives the courses one after another: what a course changes stays near while it is driven."""
    for one in range(s.clock.shape[0]):
        troubles = Troubles(
            k.shut[one], k.shut_on[one], k.halted[one], k.halted_of[one], k.slowed[one], k.slowed_on[one],
            k.factor[one], k.strike[one], k.lost[one], k.left[one], k.there[one],
        )  # fmt: skip
        state = State(
            s.trip[one], s.way[one], s.seat[one], s.empty[one], s.stands[one], s.site[one], s.received_on[one],
            s.term[one], s.there[one], s.strike[one], s.clock[one], s.wake[one], s.shut_by[one], s.halts[one],
            s.gate_first[one], s.slow[one], s.strikes[one], s.missing[one], s.reserved[one], s.waiting[one],
            s.going[one], s.empty_going[one], s.held[one], s.queue[one], s.together[one], s.booked[one],
            s.lane_from[one], s.out_of[one], s.hourly[one], s.lead[one], s.stops[one], s.waited[one], s.trace[one],
        )  # fmt: skip
        _go(n, troubles, state)


def run(ready: Compiled, troubles: Troubles, policy: Policy, *, trace: int = 0) -> tuple[Courses, list[Ints]]:
    """Drives these courses; gives what is kept, and of each the first `trace` events.

    An event is minute, what, row of the movement, try, detail, and until when. Raises ValueError for the policy that
    plans anew: only the reference can.
    """
    if policy.kind == "replan":
        raise ValueError("the compiled course cannot plan: drive the policy replan by the reference")
    n, k, count = ready.network, troubles, len(troubles.there)
    rows, segments = n.trip.shape[1], n.table.shape[0]
    clock = _zeros(count, BOOKED + 1)
    clock[:, [HOLD, PATIENCE, AGAIN_AFTER, RESERVE, TRIES_MOST]] = (
        policy.kind == "hold",
        policy.patience_minutes,
        policy.again_minutes,
        policy.reserve_minutes,
        policy.tries_most,
    )
    clock[:, ALL_THERE] = (k.left[:, :, 0] < 0).all(axis=1) & (k.there == n.there).all(axis=1)
    s = State(
        trip=_each(n.trip, count),
        way=_each(n.way, count),
        seat=_each(n.seat, count),
        empty=_each(n.empty, count),
        stands=_each(n.stands, count),
        site=_each(n.site, count),
        received_on=_zeros(count, len(ready.places), n.days + 1),
        term=_each(n.term, count),
        there=k.there.copy(),
        strike=k.strike.copy(),
        clock=clock,
        wake=_wakes(n, k),
        shut_by=_zeros(count, segments),
        halts=_zeros(count, len(ready.evacuations)),
        gate_first=_zeros(count, len(ready.evacuations)),
        slow=np.ones((count, segments)),
        strikes=_zeros(count, rows, 4),
        missing=_zeros(count, len(n.stands)),
        reserved=_zeros(count, *n.stands.shape),
        waiting=_zeros(count, len(n.order)),
        going=_zeros(count, rows),
        empty_going=_zeros(count, len(n.empty)),
        held=_zeros(count, len(ready.causes)),
        queue=_zeros(count, rows),
        together=_zeros(count, 2),
        booked=_zeros(count, rows * n.way.shape[1], 3),
        lane_from=_zeros(count, len(n.ends)),
        out_of=_zeros(count, len(ready.streams)),
        hourly=_zeros(count, 2, n.end // 60 + 1),
        lead=np.zeros((count, len(ready.pairs), 2)),
        stops=np.zeros((count, len(ready.pairs), 4)),
        waited=_zeros(count, len(ready.causes)),
        trace=_zeros(count, trace, 6),
    )
    _go_all(n, k, s)
    aboard = np.where((s.trip[:, PHASE] != DONE)[:, :, None], s.seat[:, :, :, ABOARD], 0)
    left = _zeros(count, len(ready.evacuations))
    for stream, evacuation in enumerate(n.evacuation_of):
        left[:, evacuation] += s.there[:, stream] + (aboard * (n.seat[:, :, STREAM] == stream)).sum(axis=(1, 2))
    found = Courses(
        end=clock[:, LAST_END],
        out=np.cumsum(s.hourly[:, 0], axis=1),
        arrived=np.cumsum(s.hourly[:, 1], axis=1),
        left=left,
        person_minutes=clock[:, PERSON_MINUTES] + left.sum(axis=1) * 2 * n.end,
        worst_standing=clock[:, WORST_STOOD],
        standing=clock[:, ALL_STOOD],
        lead=s.lead,
        stops=s.stops,
        waited=s.waited,
    )
    return found, [told[: int(number)] for told, number in zip(s.trace, clock[:, TRACED], strict=True)]


def _zeros(*shape: int) -> Ints:
    return np.zeros(shape, dtype=np.int64)


def _each(array: Ints, count: int) -> Ints:
    """A copy for each course."""
    return np.repeat(array[None], count, axis=0)


def _wakes(n: Network, k: Troubles) -> Flags:
    """The minutes that are known beforehand to be looked at, by course."""
    wake = np.zeros((len(k.there), n.end + 1), dtype=np.bool_)
    always = np.concatenate([n.due, n.limit[:, START], n.limit[:, END], [0, n.end]])
    wake[:, always[(always >= 0) & (always <= n.end)]] = True
    for spans in (k.shut[:, :, :2], k.halted[:, :, :2], k.slowed, k.lost[:, :, :1], k.left[:, :, :1]):
        which, number, side = np.nonzero((spans >= 0) & (spans <= n.end))
        wake[which, spans[which, number, side]] = True
    return wake
