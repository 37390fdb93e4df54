"""Windows of the plan solved as integer programs: extending a plan day by day, and renewing a stretch of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from safepassage.operation import Operation
from safepassage.planner.bound import Relaxation, Relaxed, as_lp, relax
from safepassage.planner.empties import EmptyTravel
from safepassage.planner.past import Past
from safepassage.planner.patterns import Pattern
from safepassage.world import Span

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long one window may take: seconds by the clock, nodes of the search; it stops within `gap` person-hours."""

    seconds: float
    nodes: int
    gap: float


@dataclass(frozen=True, slots=True, eq=False)
class Start:
    """One movement of a plan: its pattern, its minute, its people by group (None: full), and where it is served from.

    `vehicles_from` and `escort_from` are source index + 1 of the travel tables; 0 says nothing.
    """

    pattern: int
    minute: int
    people: dict[str, int] | None = None
    vehicles_from: int = 0
    escort_from: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """How many movements start in each column of a relaxation, and what they cost with what comes after priced."""

    counts: Floats
    cost: float


class Extension:
    """Lays a plan out from its beginning, in whole movements; what comes after a day is priced.

    What happens after that day is worth what the duals of the whole relaxation say. Starts that cost more than `dear`
    person-hours beyond the relaxation's optimum are left out.
    """

    def __init__(self, relaxation: Relaxation, relaxed: Relaxed, dear: float) -> None:
        self._relaxation = relaxation
        self._dear = dear
        self._duals = relaxed.duals
        rows, columns = len(relaxation.row_lower), len(relaxation.cost)
        self._by_row: csr_array = csc_array(
            (relaxation.value, relaxation.index, relaxation.start), shape=(rows, columns)
        ).tocsr()
        self._minute = np.full(rows, -1)
        for block in relaxation.rows:
            self._minute[block.first : block.first + len(block.minutes)] = block.minutes
        self.start = relaxation.period * relaxation.grid_minutes
        self._reduced = relaxation.cost - relaxation.times(relaxed.duals)

    def extend(self, counts: Floats, whole: Span, until: int, effort: Effort) -> Laid | None:
        """Whole movements in `whole`, given those before it in `counts`, with the rest until `until` relaxed.

        None where the effort found nothing.
        """
        return self._solve(counts, whole, Span(whole.start, until), until, effort, hint=False)

    def renew(self, counts: Floats, whole: Span, until: int, effort: Effort) -> Laid | None:
        """The best whole movements in `whole`, all others until `until` as in `counts`."""
        return self._solve(counts, whole, whole, until, effort, hint=True)

    def _solve(self, counts: Floats, whole: Span, free: Span, until: int, effort: Effort, *, hint: bool) -> Laid | None:
        r = self._relaxation
        starts = len(counts)
        inside = (self._minute >= 0) & (self._minute < until)
        open_rows = self._minute == -1
        open_starts = (self.start >= free.start) & (self.start < free.end)
        keep = np.zeros(len(r.cost), dtype=bool)
        keep[np.unique(self._by_row[inside].indices)] = True
        whole_starts = (self.start >= whole.start) & (self.start < whole.end)
        dear = np.where(whole_starts, self._dear, self._dear / 3)
        keep[:starts] = (self.start < until) & ((open_starts & (self._reduced[:starts] <= dear)) | (counts > 0))
        columns = np.flatnonzero(keep)
        rows = np.flatnonzero(inside | open_rows)
        prices = (r.cost - r.times(np.where(inside, 0.0, self._duals)))[columns]
        matrix = self._by_row[rows][:, columns].tocsc()
        lower, upper = r.lower[columns].copy(), r.upper[columns].copy()
        movements = np.flatnonzero(columns < starts)
        when = self.start[columns[movements]]
        fixed = movements[~open_starts[columns[movements]]]
        lower[fixed] = upper[fixed] = counts[columns[fixed]]
        chosen = np.zeros(len(columns), dtype=bool)
        chosen[movements] = (when >= whole.start) & (when < whole.end)
        row_lower = np.where(open_rows[rows], -np.inf, r.row_lower[rows])
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(columns), len(rows)
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = prices, lower, upper
        lp.row_lower_, lp.row_upper_ = row_lower, r.row_upper[rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = lp.num_col_, lp.num_row_
        lp.a_matrix_.start_ = matrix.indptr.astype(np.int32)
        lp.a_matrix_.index_ = matrix.indices.astype(np.int32)
        lp.a_matrix_.value_ = matrix.data
        lp.integrality_ = integrality(chosen)
        point = solve_whole(lp, effort, hint=counts[columns[movements]] if hint else None)
        if point is None:
            return None
        laid = counts.copy()
        laid[columns[chosen]] = np.rint(point[chosen])
        return Laid(laid, float(prices @ point))


def renew(
    operation: Operation,
    patterns: Sequence[Pattern],
    travel: EmptyTravel,
    grid_minutes: int,
    plan: Sequence[Start],
    window: Span,
    effort: Effort,
    past: Past,
    *,
    whole_people: bool = False,
) -> list[Start] | None:
    """The best movements in a window, all others of the plan as they are (their people may change).

    A model of its own with only these starts, exact where the grid is. `whole_people`: people in whole numbers even
    where clauses would rather split them. None where the effort found nothing.
    """
    masks = [pattern.starts.copy() for pattern in patterns]
    for mask in masks:
        mask[: window.start] = False
        mask[window.end :] = False
    for start in plan:
        masks[start.pattern][start.minute] = True
    used = [number for number, mask in enumerate(masks) if mask.any()]
    some = [replace(patterns[number], starts=masks[number]) for number in used]
    model = relax(operation, some, travel, grid_minutes, past=past, scaled=False)
    lp = as_lp(model)
    starts = len(model.pattern)
    minute = model.period * grid_minutes
    free = (minute + grid_minutes > window.start) & (minute < window.end)
    counts = np.zeros(starts)
    where = {(used[model.pattern[j]], int(model.period[j])): j for j in range(starts)}
    for start in plan:
        counts[where[start.pattern, start.minute // grid_minutes]] += 1
    lower, upper = model.lower.copy(), model.upper.copy()
    fixed = np.flatnonzero(~free)
    lower[fixed] = upper[fixed] = counts[fixed]
    lp.col_lower_, lp.col_upper_ = lower, upper
    movements = np.zeros(len(model.cost), dtype=bool)
    movements[:starts] = free
    if whole_people:
        for held in model.people:
            for columns, _ in held.values():
                movements[columns] = True
    lp.integrality_ = integrality(movements)
    point = solve_whole(lp, effort, hint=counts)
    if point is None:
        return None
    firsts = [dict(_firsts(pattern, grid_minutes)) for pattern in some]
    offsets = np.searchsorted(model.pattern, np.arange(len(some)))
    renewed: list[Start] = []
    for j in range(starts):
        number = int(model.pattern[j])
        count = round(point[j])
        if count:
            carried = {
                group: float(point[columns[j - offsets[number]]]) * unit / count
                for group, (columns, unit) in model.people[number].items()
            }
            people = {group: int(carry + 1e-6) for group, carry in carried.items()}
            renewed += [Start(used[number], firsts[number][int(model.period[j])], people)] * count
    return renewed


def _firsts(pattern: Pattern, grid_minutes: int) -> list[tuple[int, int]]:
    """(period, its first minute at which the pattern may start), for each period."""
    minutes = np.flatnonzero(pattern.starts)
    periods, firsts = np.unique(minutes // grid_minutes, return_index=True)
    return list(zip(periods.tolist(), minutes[firsts].tolist(), strict=True))


def integrality(whole: NDArray[np.bool_]) -> list[highspy.HighsVarType]:
    """The kinds of columns, as the solver has them: those in whole numbers, and the rest."""
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    return [kinds[int(is_whole)] for is_whole in whole]


def solve_whole(lp: highspy.HighsLp, effort: Effort, hint: Floats | None = None) -> Floats | None:
    """The best point found within the effort; None where none was."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", effort.gap)
    model.setOptionValue("mip_max_nodes", effort.nodes)
    if np.isfinite(effort.seconds):
        model.setOptionValue("time_limit", max(0.0, effort.seconds))
    model.passModel(lp)
    if hint is not None:
        model.setSolution(len(hint), np.arange(len(hint), dtype=np.int32), hint)
    model.run()
    if model.getInfo().primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
        return None
    return np.array(model.getSolution().col_value)


def lower_bound(lp: highspy.HighsLp, effort: Effort) -> float:
    """What no whole point goes below, as far as the effort proves; minus infinity where it proves nothing."""
    model = highspy.Highs()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("mip_abs_gap", effort.gap)
    model.setOptionValue("mip_max_nodes", effort.nodes)
    if np.isfinite(effort.seconds):
        model.setOptionValue("time_limit", max(0.0, effort.seconds))
    model.passModel(lp)
    model.run()
    if model.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return np.inf
    bound = float(model.getInfo().mip_dual_bound)
    return bound if np.isfinite(bound) else -np.inf
