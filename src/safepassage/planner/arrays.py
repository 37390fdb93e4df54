"""The operation and its patterns as arrays, for the compiled decoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from safepassage.agreement import Gate, Tally
from safepassage.operation import Operation
from safepassage.planner.empties import NEVER, EmptyTravel
from safepassage.planner.patterns import Pattern

Ints = NDArray[np.int64]


class Arrays(NamedTuple):
    """Everything the decoder reads. Index order: letter, pattern, resource (fleets, then escorts), stream, limit.

    A letter is a pattern with an order in which groups take its seats.
    """

    end: int
    letter_pattern: Ints
    fill_resource: Ints  # [letter, step], -1 past the last
    fill_stream: Ints
    need: Ints  # [pattern, resource]
    seats: Ints  # [pattern, resource]
    origin: Ints  # [pattern], target index of the travel tables
    destination: Ints  # [pattern], source index
    load: Ints
    handover: Ints
    arrival: Ints
    finish: Ints
    next_start: NDArray[np.int32]  # [pattern, minute], the first allowed start from there on
    slot_crossing: Ints  # [pattern, slot], -1 past the last
    slot_first: Ints
    slot_last: Ints
    lanes: Ints  # [crossing]
    bays: Ints  # [target]
    minutes: Ints  # [source, target], empty
    travel: NDArray[np.int32]  # [source, target, minute] earliest arrival, or empty where nothing varies
    returns: NDArray[np.bool_]  # [resource]
    stands: Ints  # [resource, source]
    demand: Ints  # [stream]
    weight: NDArray[np.float64]  # [stream]
    capacity: Ints  # [source], people a place still receives
    capacity_per_day: Ints  # [source]
    midnight: int
    limit_step: NDArray[np.bool_]  # [limit]
    limit_most: Ints
    limit_reached: Ints
    limit_start: Ints
    limit_end: Ints
    limit_since: Ints
    limit_arrival: NDArray[
        np.bool_
    ]  # what is limited counts at arrival: `then` of a step, the positive terms of a gate
    first_arrival: NDArray[np.bool_]  # what frees it counts at arrival: `first` of a step, the negative terms of a gate
    coefficient: Ints  # [limit, stream, source], of what is limited
    first: Ints  # [limit, stream, source], of what frees it
    touched: Ints  # [pattern, k], limits that may be moved by the pattern, -1 past the last
    stay_hours: float
    escort: int  # resource, -1 where no movement needs one


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """What the indices of the arrays stand for."""

    resources: tuple[str, ...]
    streams: tuple[tuple[str, str], ...]
    letters: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    """Pattern, and the order of (fleet, group) in which seats are taken."""


def encode(operation: Operation, patterns: Sequence[Pattern], travel: EmptyTravel, escort: str) -> tuple[Arrays, Codes]:
    """The arrays of an operation. Every start, place and minute in them is checked by the decoder, not here."""
    end = operation.calendar.end
    resources = tuple(operation.fleets) + ((escort,) if operation.escorts is not None else ())
    streams = tuple(
        (evacuation.id, group)
        for evacuation in operation.evacuations.values()
        for group, people in evacuation.demand().items()
        if people
    )
    stream_index = {stream: number for number, stream in enumerate(streams)}
    limits = operation.limits
    source = {place: number for number, place in enumerate(travel.sources)}
    target = {place: number for number, place in enumerate(travel.targets)}

    def tally(what: Tally, coefficient: int, into: Ints) -> None:
        for stream in what.streams:
            if stream in stream_index:
                for place, number in source.items():
                    if not what.to or place in what.to:
                        into[stream_index[stream], number] += coefficient

    coefficient = np.zeros((len(limits), len(streams), len(source)), dtype=np.int64)
    first = np.zeros_like(coefficient)
    arrival = np.zeros((2, len(limits)), dtype=bool)
    for number, limit in enumerate(limits):
        if isinstance(limit, Gate):
            for term in limit.terms:
                tally(term.tally, term.coefficient, (coefficient if term.coefficient > 0 else first)[number])
                arrival[int(term.coefficient <= 0), number] = term.tally.counts == "arrival"
        else:
            tally(limit.then, 1, coefficient[number])
            tally(limit.first, 1, first[number])
            arrival[:, number] = limit.then.counts == "arrival", limit.first.counts == "arrival"

    letters: list[tuple[int, tuple[tuple[str, str], ...]]] = []
    for number, pattern in enumerate(patterns):
        orders = _orders(operation, pattern, stream_index, np.concatenate([coefficient, first]))
        letters += [(number, order) for order in orders]
    widest = max((len(order) for _, order in letters), default=1)
    fill_resource = np.full((len(letters), widest), -1, dtype=np.int64)
    fill_stream = np.full_like(fill_resource, -1)
    for row, (number, order) in enumerate(letters):
        for column, (fleet, group) in enumerate(order):
            fill_resource[row, column] = resources.index(fleet)
            fill_stream[row, column] = stream_index[patterns[number].evacuation, group]

    need = np.zeros((len(patterns), len(resources)), dtype=np.int64)
    seats = np.zeros_like(need)
    next_start = np.full((len(patterns), end + 2), end + 1, dtype=np.int32)
    crossings = tuple(operation.world.crossings)
    most_slots = max((len(pattern.slots) for pattern in patterns), default=0)
    slots = np.full((3, len(patterns), max(1, most_slots)), -1, dtype=np.int64)
    touched: list[list[int]] = []
    for row, pattern in enumerate(patterns):
        for fleet, count in pattern.vehicles.items():
            need[row, resources.index(fleet)] = count
            seats[row, resources.index(fleet)] = pattern.seats[fleet]
        if operation.escorts is not None:
            need[row, -1] = 1
        allowed = np.flatnonzero(pattern.starts)
        after = np.searchsorted(allowed, np.arange(end + 2))
        next_start[row] = np.append(allowed, end + 1)[after]
        for column, (crossing, begin, last) in enumerate(pattern.slots):
            slots[:, row, column] = crossings.index(crossing), begin, last
        mine = [stream_index[pattern.evacuation, group] for group in _groups(pattern)]
        there = source[pattern.destination]
        touched.append(
            [
                limit
                for limit in range(len(limits))
                if coefficient[limit, mine, there].any() or first[limit, mine, there].any()
            ]
        )
    wide = max((len(row) for row in touched), default=0)
    places = operation.world.places
    stands = np.zeros((len(resources), len(source)), dtype=np.int64)
    for row, resource in enumerate(resources):
        standing = (operation.escorts or {}) if resource == escort else operation.fleets[resource].stands
        for place, count in standing.items():
            stands[row, source[place]] = count

    def of_patterns(values: Sequence[int]) -> Ints:
        return np.array(values, dtype=np.int64)

    def most_of(values: Sequence[int | None]) -> Ints:
        return np.array([NEVER if value is None else value for value in values], dtype=np.int64)

    arrays = Arrays(
        end=end,
        letter_pattern=of_patterns([number for number, _ in letters]),
        fill_resource=fill_resource,
        fill_stream=fill_stream,
        need=need,
        seats=seats,
        origin=of_patterns([target[pattern.origin] for pattern in patterns]),
        destination=of_patterns([source[pattern.destination] for pattern in patterns]),
        load=of_patterns([pattern.load for pattern in patterns]),
        handover=of_patterns([pattern.handover for pattern in patterns]),
        arrival=of_patterns([pattern.arrival for pattern in patterns]),
        finish=of_patterns([pattern.end for pattern in patterns]),
        next_start=next_start,
        slot_crossing=slots[0],
        slot_first=slots[1],
        slot_last=slots[2],
        lanes=np.array([crossing.lanes for crossing in operation.world.crossings.values()] or [1], dtype=np.int64),
        bays=most_of([places[place].bays for place in travel.targets]),
        minutes=travel.minutes,
        travel=travel.arrival,
        returns=np.array([resource == escort or not operation.fleets[resource].one_way for resource in resources]),
        stands=stands,
        demand=np.array([operation.evacuations[evacuation].people[group].best for evacuation, group in streams]),
        weight=np.array([operation.groups[group].weight for _, group in streams], dtype=float),
        capacity=most_of([places[place].capacity for place in travel.sources]),
        capacity_per_day=most_of([places[place].capacity_per_day for place in travel.sources]),
        midnight=operation.calendar.start_of_day,
        limit_step=np.array([not isinstance(limit, Gate) for limit in limits], dtype=bool),
        limit_most=np.array([limit.most for limit in limits], dtype=np.int64),
        limit_reached=np.array([0 if isinstance(limit, Gate) else limit.reached for limit in limits], dtype=np.int64),
        limit_start=np.array([limit.span.start for limit in limits], dtype=np.int64),
        limit_end=np.array([limit.span.end for limit in limits], dtype=np.int64),
        limit_since=np.array([_since(limit.tallies) for limit in limits], dtype=np.int64),
        limit_arrival=arrival[0],
        first_arrival=arrival[1],
        coefficient=coefficient,
        first=first,
        touched=np.array([row + [-1] * (wide + 1 - len(row)) for row in touched], dtype=np.int64).reshape(
            len(patterns), wide + 1
        ),
        stay_hours=operation.left_behind_hours,
        escort=len(operation.fleets) if operation.escorts is not None else -1,
    )
    return arrays, Codes(resources=resources, streams=streams, letters=tuple(letters))


def _since(tallies: Sequence[Tally]) -> int:
    since = {tally.since for tally in tallies if tally.since is not None}
    assert len(since) <= 1, "the terms of one limit count from one instant"
    return since.pop() if since else -NEVER


def _groups(pattern: Pattern) -> tuple[str, ...]:
    return tuple(dict.fromkeys(group for groups in pattern.carries.values() for group in groups))


def _orders(
    operation: Operation, pattern: Pattern, stream_index: dict[tuple[str, str], int], limits: Ints
) -> list[tuple[tuple[str, str], ...]]:
    """The orders in which groups may take the seats: each group first, then its like, or then everyone it may join.

    Groups are alike when every limit counts them the same. Heavier weights come earlier; groups held apart never join.
    """
    groups = sorted(_groups(pattern), key=lambda group: -operation.groups[group].weight)
    signature = {group: limits[:, stream_index[pattern.evacuation, group], :].tobytes() for group in groups}
    found: dict[tuple[tuple[str, str], ...], None] = {}
    for lead in groups:
        for others in (
            [group for group in groups if signature[group] == signature[lead]],
            groups,
        ):
            joined = [lead]
            for group in others:
                if group != lead and not any(len(pair & {group, *joined}) > 1 for pair in operation.apart):
                    joined.append(group)
            order = tuple(
                (fleet, group)
                for group in joined
                for fleet in sorted(pattern.carries, key=lambda fleet: len(pattern.carries[fleet]))
                if group in pattern.carries[fleet]
            )
            found[order] = None
    return list(found)
