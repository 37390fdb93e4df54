"""Completion: the earliest end at hardly more person-hours, and a proof of how early an end there can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from safepassage.planner.bound import Relaxation, solve
from safepassage.planner.model import Model
from safepassage.planner.past import Past
from safepassage.planner.search import Budget, Search

SURE = 1e-3
"""People that a certified relaxation must leave behind before we say that nobody can carry everyone."""
COARSE_MINUTES = 15
PROOF_SHARE = 0.15
"""What the proof of how early an end there can be may take of the seconds left."""
TRIAL_SHARE = 0.6
"""What a trial may take of the seconds left: laying out takes minutes on a large operation."""
DARING = (0.003, 0.05, 0.15, 0.4, 0.7)
"""What share of the allowance the relaxation may use up at the end that a trial aims for."""
BOLD = 2
"""The daring of the first trial: then ever more if it succeeds, ever less until one does."""


def must_leave(relaxation: Relaxation, seconds: float) -> float:
    """A certified number of people whom no timetable of this relaxation carries; zero or less proves nothing."""
    return solve(replace(relaxation, cost=relaxation.people_left), seconds=seconds).value


def earliest_end(model: Model, past: Past, latest: int, seconds_left: Callable[[], float]) -> int:
    """No timetable that carries everyone ends before this minute: bisection over certified coarse relaxations."""
    grid = max(COARSE_MINUTES, model.grid_minutes)
    low, high = past.now, latest
    while high - low > grid and seconds_left() > 0:
        middle = (low + high) // 2
        if must_leave(model.relax(past, ends_by=middle, grid_minutes=grid), seconds_left()) > SURE:
            low = middle
        else:
            high = middle
    return low


def affordable_end(
    model: Model, past: Past, earliest: int, latest: int, most: float, seconds_left: Callable[[], float]
) -> int:
    """The earliest end at which the coarse relaxation needs at most `most` person-hours: where a trial may aim."""
    grid = max(COARSE_MINUTES, model.grid_minutes)
    low, high = earliest, latest
    while high - low > 2 * grid and seconds_left() > 0:
        middle = (low + high) // 2
        if solve(model.relax(past, ends_by=middle, grid_minutes=grid), seconds=seconds_left()).value <= most:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """What a trial has to reach: nobody more left behind, no more person-hours than these."""

    left: int
    most: float

    def met(self, search: Search) -> bool:
        return search.left <= self.left and search.best.objective <= self.most

    def reached_by(self, search: Search, budget: Budget) -> Callable[[], bool]:
        return lambda: budget.stopped() or self.met(search)


def hasten(search: Search, allowance: float, budget: Budget) -> None:
    """Give a search's best plan the earliest end found at no more than (1 + allowance) times its person-hours.

    Each trial plans anew with every unloading to end by an earlier minute; it counts where nobody more is left behind.
    """
    model, past = search.model, search.past
    most = (1 + allowance) * (search.settled + search.best.objective) - search.settled
    grid = max(COARSE_MINUTES, model.grid_minutes)
    free = solve(model.relax(past, grid_minutes=grid), seconds=budget.seconds_left()).value
    search.no_end_before = earliest_end(model, past, search.best.ends, budget.part(PROOF_SHARE))
    at, step = BOLD, 0
    while 0 <= at < len(DARING) and not budget.over():
        latest = search.best.ends
        dearest = [free * (1 + daring * allowance) for daring in (DARING[at], *DARING[at + 1 : at + 2])]
        end = affordable_end(model, past, search.no_end_before, latest, dearest[0], budget.seconds_left)
        guide = affordable_end(model, past, search.no_end_before, end, dearest[-1], budget.seconds_left)
        aim = _Aim(left=search.left, most=most)
        met = end < latest - grid and _trial(search, end, guide, aim, budget, at + 1)
        if step and met == (step < 0):
            return
        step = step or (1 if met else -1)
        at += step


def _trial(search: Search, end: int, guide: int, aim: _Aim, budget: Budget, number: int) -> bool:
    """Plan anew with every unloading to end by a minute; whether the aim was met, with the plan kept if so.

    The relaxation that guides it ends by `guide`, earlier still: whole movements need more room than relaxed ones.
    """
    model = search.model
    other = Search(
        model.until(end),
        search.past,
        seed=search.seed + number,
        budget=Budget(work=budget.work, seconds_left=budget.part(TRIAL_SHARE)),
        tell=lambda _: None,
        workers=search.workers,
        word=search.best.word[:5],
        relaxed_until=guide,
    )
    other.budget.stopped = aim.reached_by(other, budget)
    other.go()
    clock = model.operation.calendar.clock
    met = aim.met(other) and other.best.ends < search.best.ends
    if met:
        search.best = other.best
        search.say("completion", f"ends {clock(search.best.ends)}")
    else:
        search.say("completion", f"no plan found that ends by {clock(end)} within the allowance")
    return met
