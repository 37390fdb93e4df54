"""The planner put together: patterns, bound, first plan, improvement, timetable. Read this first."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from safepassage.movement import Movement, Timetable
from safepassage.operation import Operation
from safepassage.planner.arrays import Arrays, Codes, encode
from safepassage.planner.assemble import assemble, empty_moves
from safepassage.planner.bound import ESCORT, Certificate, Relaxation, Relaxed, relax, solve
from safepassage.planner.build import finishing, movements_of, word_of
from safepassage.planner.empties import EmptyTravel
from safepassage.planner.improve import Annealing, Draft, State, fresh, place, plain
from safepassage.planner.patterns import Pattern, find_patterns

Ints = NDArray[np.int64]

GRID_MINUTES = 5
ROUND_STEPS = 2_000
DEFAULT_WORK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far planning has come: the best objective so far, the bound, and when the plan would end (minute)."""

    stage: str
    text: str
    incumbent: float | None = None
    bound: float | None = None
    ends: int | None = None

    @property
    def gap(self) -> float | None:
        if self.incumbent is None or self.bound is None or self.bound <= 0:
            return None
        return (self.incumbent - self.bound) / self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Why not everyone can be carried: a smallest set of clauses and facts that cannot all hold, in sentences."""

    sentences: tuple[str, ...]
    clauses: tuple[str, ...]
    proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What planning gave: a timetable, the certificate of its bound, and the conflict where people are left behind."""

    timetable: Timetable
    certificate: Certificate | None
    conflict: Conflict | None


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
        patterns = find_patterns(operation)
        stands = [place for fleet in operation.fleets.values() for place in fleet.stands]
        origins = [pattern.origin for pattern in patterns]
        ends = [pattern.destination for pattern in patterns]
        travel = EmptyTravel(operation, [*stands, *(operation.escorts or {}), *ends, *origins], [*origins, *ends])
        arrays, codes = encode(operation, patterns, travel, ESCORT)
        return cls(operation=operation, patterns=patterns, travel=travel, arrays=arrays, codes=codes)

    @cached_property
    def finishing(self) -> Ints:
        return finishing(self.arrays)

    @cached_property
    def movements_most(self) -> int:
        """Room for movements in a plan: as if each carried an eighth of the seats of the smallest convoy, within reason."""
        if not self.patterns:
            return 1
        smallest = min(pattern.capacity for pattern in self.patterns)
        return int(min(20_000, max(200, 3 * self.operation.people // smallest + 100)))

    def fresh(self) -> State:
        return fresh(self.arrays, len(self.operation.world.crossings), self.movements_most)

    @cached_property
    def first_letter(self) -> list[int]:
        """The first letter of each pattern."""
        first = [-1] * len(self.patterns)
        for letter, (number, _) in reversed(list(enumerate(self.codes.letters))):
            first[number] = letter
        return first

    def relax(self, *, ends_by: int | None = None) -> Relaxation:
        return relax(self.operation, self.patterns, self.travel, GRID_MINUTES, ends_by=ends_by)


def plan(
    operation: Operation,
    *,
    operation_hash: str,
    version: str,
    seed: int = 0,
    work: int | None = None,
    seconds_left: Callable[[], float] | None = None,
    stopped: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
    workers: int = 2,
    completion: float | None = None,
) -> Planned:
    """Plan an operation: first a plan at once, then the bound, then improvement until time, work or patience end.

    `work` bounds the rounds of improvement: the same operation, seed, work and workers give the same plan (without a
    limit on seconds). `seconds_left` tells how much time there is; with neither, `DEFAULT_WORK` rounds are done.
    """
    model = Model.of(operation)
    run = _Run(model, seed, work, seconds_left, stopped, progress, workers)
    run.go()
    movements = movements_of(model.patterns, model.codes, run.best)
    return run.planned(movements, operation_hash, version)


class _Run:
    def __init__(
        self,
        model: Model,
        seed: int,
        work: int | None,
        seconds_left: Callable[[], float] | None,
        stopped: Callable[[], bool] | None,
        progress: Callable[[Progress], None] | None,
        workers: int,
    ) -> None:
        self.model, self.seed, self.workers = model, seed, max(1, workers)
        self.seconds_left = seconds_left or (lambda: math.inf)
        self.rounds = work if work is not None else (None if seconds_left is not None else DEFAULT_WORK)
        self.stopped = stopped or (lambda: False)
        self.tell = progress or (lambda _: None)
        self.state = model.fresh()
        self.best = place(model.arrays, self.state, plain(model.arrays, np.zeros(0, dtype=np.int64)), model.finishing)
        self.certificate: Certificate | None = None

    def say(self, stage: str, text: str) -> None:
        bound = self.certificate.value if self.certificate else None
        self.tell(Progress(stage=stage, text=text, incumbent=self.best.objective, bound=bound, ends=self.best.ends))

    def over(self) -> bool:
        return self.stopped() or self.seconds_left() <= 0

    def go(self) -> None:
        """First plan, bound, improvement."""
        model = self.model
        if not model.patterns:
            return
        self.say("first plan", f"{len(model.patterns)} ways to move, {self.best.word.shape[1]} movements")
        annealings = [
            Annealing(model.arrays, self.state, model.finishing, kin_of(model), self.best, self.seed + number, GRID_MINUTES)
            for number in range(self.workers)
        ]
        relaxation = model.relax()
        with ThreadPoolExecutor(self.workers) as pool:
            bounding: Future[Relaxed] = pool.submit(solve, relaxation, seconds=self.seconds_left())
            while self.workers > 1 and self.rounds is None and not bounding.done() and not self.over():
                self.best = annealings[1].cool(ROUND_STEPS, 0.3, self.best)
                self.say("bound", "improving while the bound is computed")
            relaxed = bounding.result()
            self.certificate = Certificate(grid_minutes=GRID_MINUTES, value=relaxed.value, duals=relaxed.duals)
            word = plain(model.arrays, word_of(relaxation, relaxed.point, model.first_letter))
            draft = place(model.arrays, self.state, word, model.finishing)
            self.say("bound", f"at least {relaxed.value:,.0f} person-hours; a plan from it takes {draft.objective:,.0f}")
            if draft.objective < self.best.objective:
                self.best = draft
            started = self.seconds_left()
            done = 0
            while not self.over() and (self.rounds is None or done < self.rounds):
                left = self.seconds_left()
                share = done / self.rounds if self.rounds is not None else 1 - left / started
                jobs = [pool.submit(annealing.cool, ROUND_STEPS, share, draft if done == 0 else None) for annealing in annealings]
                for job in jobs:
                    found = job.result()
                    if found.objective < self.best.objective:
                        self.best = found
                done += 1
                self.say("improve", f"round {done}")

    def planned(self, movements: tuple[Movement, ...], operation_hash: str, version: str) -> Planned:
        operation = self.model.operation
        stands = {
            fleet: [(place, 0, count) for place, count in standing.items()]
            for fleet, standing in [
                *((fleet.id, fleet.stands) for fleet in operation.fleets.values()),
                (ESCORT, operation.escorts or {}),
            ]
        }
        moves = empty_moves(operation, self.model.travel, movements, stands)
        timetable = assemble(
            operation,
            movements,
            moves,
            operation_hash=operation_hash,
            version=version,
            seed=self.seed,
            bound=self.certificate.value if self.certificate else None,
            why_left="no room was found for them within the operation's days and clauses",
        )
        return Planned(timetable=timetable, certificate=self.certificate, conflict=None)


def kin_of(model: Model) -> list[list[int]]:
    """For each letter, those that move the same people: of the same evacuation and first group."""
    leads = [(model.patterns[number].evacuation, order[0][1]) for number, order in model.codes.letters]
    return [[other for other, lead in enumerate(leads) if lead == mine] for mine in leads]


def recompute_bound(operation: Operation, certificate: Certificate) -> float:
    """The bound again from its saved duals: the relaxation is built anew, no solver takes part.

    Raises ValueError where the duals do not fit the operation.
    """
    model = Model.of(operation)
    relaxation = replace_grid(model, certificate.grid_minutes)
    if len(certificate.duals) != len(relaxation.row_lower):
        raise ValueError(
            f"{len(certificate.duals)} duals for {len(relaxation.row_lower)} rows: "
            "the certificate belongs to another operation or another version"
        )
    return relaxation.certify(certificate.duals)


def replace_grid(model: Model, grid_minutes: int) -> Relaxation:
    return relax(model.operation, model.patterns, model.travel, grid_minutes)
