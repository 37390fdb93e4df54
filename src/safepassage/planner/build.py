"""The first plan: a word from the relaxation, or a plain one without it, decoded into movements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from safepassage.movement import Movement
from safepassage.operation import Operation
from safepassage.planner.arrays import Arrays, Codes
from safepassage.planner.assemble import flow
from safepassage.planner.bound import Relaxation
from safepassage.planner.decode import NEVER
from safepassage.planner.empties import EmptyTravel
from safepassage.planner.improve import Draft
from safepassage.planner.past import ESCORT, Stands, needs
from safepassage.planner.patterns import Pattern
from safepassage.planner.windows import Start

Ints = NDArray[np.int64]


def finishing(arrays: Arrays) -> Ints:
    """The word that finishes another: heaviest people first, largest convoys, quickest; full, then ever emptier."""
    pattern = arrays.letter_pattern
    lead = arrays.weight[arrays.fill_stream[:, 0]]
    people = arrays.seats[pattern].sum(axis=1)
    letters = np.lexsort((arrays.finish[pattern], -people, -lead)).astype(np.int64)
    halvings = int(people.max(initial=1)).bit_length()
    shares = [np.full(len(letters), NEVER)] + [np.maximum(1, people[letters] >> half) for half in range(1, halvings)]
    zeros = np.zeros((2, len(shares) * len(letters)), dtype=np.int64)
    return np.vstack([np.tile(letters, len(shares)), zeros[:1], np.concatenate(shares), zeros])


def word_of(relaxation: Relaxation, point: NDArray[np.float64], letter_of: Sequence[int]) -> Ints:
    """The letters of a relaxed point in time: the j-th of a pattern where its count passes j + 1/2."""
    starts = point[: len(relaxation.pattern)]
    found: list[tuple[float, int]] = []
    for number in range(len(letter_of)):
        first, last = np.searchsorted(relaxation.pattern, [number, number + 1])
        reached = np.cumsum(starts[first:last])
        if not len(reached):
            continue
        for count in range(int(reached[-1] + 0.5)):
            position = int(np.searchsorted(reached, count + 0.5))
            found.append((float(relaxation.period[first + position]), letter_of[number]))
    return np.array([letter for _, letter in sorted(found)], dtype=np.int64)


def word_from(starts: Sequence[Start], patterns: Sequence[Pattern], codes: Codes) -> Ints:
    """The word that decodes to these starts: each not earlier, none fuller, its heaviest load of people first."""
    letters: dict[int, list[tuple[int, tuple[tuple[str, str], ...]]]] = {}
    for letter, (number, order) in enumerate(codes.letters):
        letters.setdefault(number, []).append((letter, order))
    columns = []
    for start in sorted(starts, key=lambda start: start.minute):
        choices = letters[start.pattern]
        letter, total = choices[0][0], NEVER
        if start.people is not None:
            people = {group: count for group, count in start.people.items() if count}
            total = sum(people.values())
            lead = max(people, key=lambda group: people[group], default=choices[0][1][0][1])
            fitting = [(letter, order) for letter, order in choices if order[0][1] == lead]
            letter = min(fitting, key=lambda choice: len({group for _, group in choice[1]} ^ set(people)))[0]
            if total >= patterns[start.pattern].capacity:
                total = NEVER
        if total:
            columns.append((letter, start.minute, total, start.vehicles_from, start.escort_from))
    return np.array(columns, dtype=np.int64).reshape(-1, 5).T


def served(
    operation: Operation, patterns: Sequence[Pattern], travel: EmptyTravel, starts: Sequence[Start], stands: Stands
) -> list[Start]:
    """The starts with where most of their vehicles, and their escort, come from in the flow of least empty minutes.

    Raises ValueError where vehicles cannot be there in time.
    """
    movements = [patterns[start.pattern].movement(str(number), start.minute, {}) for number, start in enumerate(starts)]
    best: dict[tuple[str, str, int], tuple[int, str]] = {}
    for fleet, standing in stands.items():
        users = [movement for movement in movements if needs(operation, movement).get(fleet)]
        if users:
            returns = fleet == ESCORT or not operation.fleets[fleet].one_way
            for (here, there, minute, _), count in flow(travel, fleet, users, operation, standing, returns).items():
                key = (fleet, there, minute)
                best[key] = max(best.get(key, (0, "")), (count, here))
    found = []
    for start, movement in zip(starts, movements, strict=True):
        at = (movement.origin, start.minute)
        _, here = max((best.get((fleet, *at), (0, "")) for fleet in movement.vehicles), default=(0, ""))
        _, escort = best.get((ESCORT, *at), (0, ""))
        vehicles_from, escort_from = (travel.sources.index(place) + 1 if place else 0 for place in (here, escort))
        found.append(replace(start, vehicles_from=vehicles_from, escort_from=escort_from))
    return found


def starts_of(draft: Draft, codes: Codes) -> list[Start]:
    """The movements of a draft by pattern and minute."""
    return [
        Start(codes.letters[int(letter)][0], int(minute))
        for letter, minute in zip(draft.word[0], draft.word[5], strict=True)
    ]


def draft_of(
    arrays: Arrays,
    waiting: Ints,
    patterns: Sequence[Pattern],
    codes: Codes,
    word: Ints,
    starts: Sequence[Start],
) -> Draft | None:
    """These starts as they are, not decoded, with their people seated; None where they do not fit. Nothing is checked.

    For movements that are legal only together, such as a swap at one instant: the decoder places one at a time.
    """
    ordered = sorted(
        (start for start in starts if start.people is None or any(start.people.values())), key=lambda s: s.minute
    )
    assert word.shape[1] == len(ordered), "the word is of these starts"
    people = np.zeros((len(ordered) + 1, arrays.fill_stream.shape[1]), dtype=np.int64)
    objective, ends = 0.0, 0
    remaining = waiting.astype(float)
    for row, start in enumerate(ordered):
        pattern, order = patterns[start.pattern], codes.letters[int(word[0, row])][1]
        free = dict(pattern.seats)
        aboard = dict(start.people) if start.people is not None else dict.fromkeys((group for _, group in order), NEVER)
        for step, (fleet, group) in enumerate(order):
            count = min(free[fleet], aboard.get(group, 0))
            free[fleet] -= count
            aboard[group] = aboard.get(group, 0) - count
            stream = arrays.fill_stream[int(word[0, row]), step]
            people[row, step] = count
            remaining[stream] -= count
            objective += count * arrays.weight[stream] * (start.minute + pattern.end) / 60
        if start.people is not None and any(aboard.values()):
            return None
        ends = max(ends, start.minute + pattern.end)
    if (remaining < 0).any():
        return None
    objective += float(remaining @ arrays.weight) * arrays.stay_hours
    minutes = np.array([[start.minute for start in ordered]], dtype=np.int64).reshape(1, -1)
    return Draft(np.vstack([word, minutes]), people[:-1], objective, ends)


def movements_of(
    patterns: Sequence[Pattern], codes: Codes, draft: Draft, *, past: Sequence[Movement] = ()
) -> tuple[Movement, ...]:
    """The movements of a decoded word, named m001, m002 ... in the order in which they start, on from those past."""
    letters, starts = draft.word[0], draft.word[5]
    order = np.lexsort((letters, starts))
    taken = {movement.id for movement in past}
    digits = max(3, len(str(len(order) + len(taken))))
    numbers = range(len(taken) + 1, 2 * len(taken) + len(order) + 1)
    names = (name for number in numbers if (name := f"m{number:0{digits}d}") not in taken)
    movements = []
    for row in order:
        number, fills = codes.letters[int(letters[row])]
        people: dict[str, dict[str, int]] = {}
        for step, (fleet, group) in enumerate(fills):
            count = int(draft.people[row, step])
            if count:
                people.setdefault(fleet, {})[group] = people.get(fleet, {}).get(group, 0) + count
        movements.append(patterns[number].movement(next(names), int(starts[row]), people))
    return tuple(movements)
