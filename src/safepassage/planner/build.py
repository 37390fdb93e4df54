"""The first plan: a word from the relaxation, or a plain one without it, decoded into movements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from safepassage.movement import Movement
from safepassage.planner.arrays import Arrays, Codes
from safepassage.planner.bound import Relaxation
from safepassage.planner.improve import Draft
from safepassage.planner.patterns import Pattern

Ints = NDArray[np.int64]


def plain_fallback(arrays: Arrays) -> Ints:
    """The letters that finish a word: heaviest people first, the largest convoys first, the quickest first."""
    pattern = arrays.letter_pattern
    lead = arrays.weight[arrays.fill_stream[:, 0]]
    people = arrays.seats[pattern].sum(axis=1)
    return np.lexsort((arrays.finish[pattern], -people, -lead)).astype(np.int64)


def word_of(relaxation: Relaxation, point: NDArray[np.float64], codes: Codes, letter_of: Sequence[int]) -> Ints:
    """The movements of a relaxed point in time: the j-th of a pattern where its count passes j + 1/2."""
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


def movements_of(patterns: Sequence[Pattern], codes: Codes, draft: Draft, *, first_id: int = 1) -> tuple[Movement, ...]:
    """The movements of a decoded word, named m001, m002 ... in the order in which they start."""
    order = np.lexsort((draft.letters, draft.starts))
    digits = max(3, len(str(len(order) + first_id - 1)))
    movements = []
    for rank, row in enumerate(order):
        number, fills = codes.letters[int(draft.letters[row])]
        people: dict[str, dict[str, int]] = {}
        for step, (fleet, group) in enumerate(fills):
            count = int(draft.people[row, step])
            if count:
                people.setdefault(fleet, {})[group] = people.get(fleet, {}).get(group, 0) + count
        id = f"m{rank + first_id:0{digits}d}"
        movements.append(patterns[number].movement(id, int(draft.starts[row]), people))
    return tuple(movements)
