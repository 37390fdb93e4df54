"""An operation made ready for planning: its patterns, empty travel and arrays, in one value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import gcd

import numpy as np
from numpy.typing import NDArray

from safepassage.operation import Operation
from safepassage.planner.arrays import Arrays, Codes, encode
from safepassage.planner.bound import Relaxation, relax
from safepassage.planner.build import finishing
from safepassage.planner.empties import EmptyTravel
from safepassage.planner.improve import State, state_after
from safepassage.planner.past import ESCORT, Past
from safepassage.planner.patterns import Pattern, find_patterns

GRIDS_MINUTES = (5, 10, 15, 30, 60, 120)
COLUMNS_MOST = 400_000
SKETCH_COLUMNS_MOST = 70_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """An operation made ready for planning."""

    operation: Operation
    patterns: tuple[Pattern, ...]
    travel: EmptyTravel
    arrays: Arrays
    codes: Codes

    @classmethod
    def of(cls, operation: Operation) -> Model:
        return cls._from(operation, find_patterns(operation))

    def until(self, minute: int) -> Model:
        """The same with every unloading to end by a minute; letters and patterns keep their numbers."""
        patterns = []
        for pattern in self.patterns:
            starts = pattern.starts.copy()
            starts[max(0, minute - pattern.end + 1) :] = False
            patterns.append(replace(pattern, starts=starts))
        return self._from(self.operation, tuple(patterns))

    @classmethod
    def _from(cls, operation: Operation, patterns: tuple[Pattern, ...]) -> Model:
        stands = [place for fleet in operation.fleets.values() for place in fleet.stands]
        origins = [pattern.origin for pattern in patterns]
        ends = [pattern.destination for pattern in patterns]
        travel = EmptyTravel(operation, [*stands, *(operation.escorts or {}), *ends, *origins], [*origins, *ends])
        arrays, codes = encode(operation, patterns, travel, ESCORT)
        return cls(operation=operation, patterns=patterns, travel=travel, arrays=arrays, codes=codes)

    @cached_property
    def finishing(self) -> NDArray[np.int64]:
        """The word that finishes any other."""
        return finishing(self.arrays)

    def grid_within(self, columns_most: float) -> int:
        """The finest grid on which the relaxation has about so many columns at most."""
        starts = sum(
            int(pattern.starts.sum()) * (1 if len(groups) == 1 else 1 + len(groups))
            for pattern in self.patterns
            for groups in [{group for carried in pattern.carries.values() for group in carried}]
        )
        size = starts + self.operation.calendar.end * len(self.codes.resources) * len(self.travel.sources)
        return next((grid for grid in GRIDS_MINUTES if size / grid <= columns_most), GRIDS_MINUTES[-1])

    @cached_property
    def grid_minutes(self) -> int:
        """The grid of the bound: the finest that a solver gets through."""
        return self.grid_within(COLUMNS_MOST)

    @cached_property
    def sketch_minutes(self) -> int:
        """The grid of a first, quick bound."""
        return self.grid_within(SKETCH_COLUMNS_MOST)

    @cached_property
    def exact_on_grid(self) -> bool:
        """Whether all durations are whole periods, so that a relaxed whole movement is a real one."""
        offsets = (
            minute
            for pattern in self.patterns
            for minute in (pattern.load, pattern.end, *(m for _, *slot in pattern.slots for m in slot))
        )
        return gcd(0, *offsets, *self.travel.minutes.ravel().tolist()) % self.grid_minutes == 0

    @cached_property
    def movements_most(self) -> int:
        """Room for movements in a plan: three times what full convoys of the smallest shape would need."""
        smallest = min((pattern.capacity for pattern in self.patterns), default=1)
        return int(min(20_000, max(200, 3 * self.operation.people // smallest + 100)))

    @cached_property
    def first_letter(self) -> list[int]:
        """The first letter of each pattern."""
        first = [-1] * len(self.patterns)
        for letter, (number, _) in reversed(list(enumerate(self.codes.letters))):
            first[number] = letter
        return first

    @cached_property
    def kin(self) -> list[list[int]]:
        """For each letter, those that move the same people: of the same evacuation and first group."""
        leads = [(self.patterns[number].evacuation, order[0][1]) for number, order in self.codes.letters]
        return [[other for other, lead in enumerate(leads) if lead == mine] for mine in leads]

    def relax(self, past: Past, *, ends_by: int | None = None, grid_minutes: int | None = None) -> Relaxation:
        grid = grid_minutes or self.grid_minutes
        return relax(self.operation, self.patterns, self.travel, grid, past=past, ends_by=ends_by)

    def relax_whole(self, past: Past) -> Relaxation:
        """The relaxation that becomes the operation itself once its movements are whole."""
        return relax(self.operation, self.patterns, self.travel, self.grid_minutes, past=past, scaled=False)

    def state(self, past: Past) -> State:
        return state_after(self.operation, self.arrays, self.codes, self.travel, past, self.movements_most)
