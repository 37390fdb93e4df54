"""The planner put together: a model of the operation, a search, a timetable. Read this first."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.planner.assemble import assemble
from safepassage.planner.bound import Certificate
from safepassage.planner.completion import hasten
from safepassage.planner.conflict import Conflict, find_conflict
from safepassage.planner.model import Model
from safepassage.planner.past import Past
from safepassage.planner.patterns import restrictions
from safepassage.planner.replan import changes, past_of, repaired
from safepassage.planner.search import Budget, Progress, Search

DEFAULT_WORK = 100
CONFLICT_SHARE = 0.5
"""What the search for a proof that not everyone can be carried may take of the seconds left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What planning gave: a timetable, the certificate of its bound, and the conflict where people are left behind."""

    timetable: Timetable
    certificate: Certificate | None
    conflict: Conflict | None


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
    """Plan an operation: a plan at once, then the bound, then better plans until seconds, work or patience end.

    `completion`: aim at the earliest end among plans of at most (1 + completion) times the best person-hours found.

    The same operation, seed, work and workers give the same plan where no seconds are counted. With neither seconds nor
    work, `DEFAULT_WORK` units are done.
    """
    if seconds_left is None and work is None:
        work = DEFAULT_WORK
    model = Model.of(operation)
    past = Past.nothing(operation)
    budget = Budget(seconds_left=seconds_left or (lambda: math.inf), work=work, stopped=stopped or (lambda: False))
    search = Search(model, past, seed=seed, budget=budget, tell=progress or (lambda _: None), workers=workers)
    conflicts: list[Conflict] = []

    def puzzled() -> None:
        search.say("conflict", f"{search.left:,} people have no place yet: is there a reason?")
        found = find_conflict(operation, budget.part(CONFLICT_SHARE))
        if found is not None:
            conflicts.append(found)
            search.say("conflict", "proven: not everyone can be carried; planning for as many as can be")

    if completion is None:
        search.go(puzzled)
    else:
        _go_to_completion(search, budget, completion, puzzled)
    conflict = conflicts[0] if conflicts and search.left else None
    movements = search.movements()
    timetable = assemble(
        operation,
        movements,
        search.moves(movements),
        operation_hash=operation_hash,
        version=version,
        seed=seed,
        bound=search.certificate.value if search.certificate else None,
        why_left=_why(conflict),
        proven_impossible=conflict is not None,
        notes=(
            *restrictions(operation),
            *_completion_notes(operation, search),
            *(() if conflict is None else conflict.sentences),
        ),
    )
    return Planned(timetable=timetable, certificate=search.certificate, conflict=conflict)


def _completion_notes(operation: Operation, search: Search) -> tuple[str, ...]:
    if search.no_end_before is None:
        return ()
    clock = operation.calendar.clock(search.no_end_before)
    return (f"Proven: no plan that carries everyone ends before {clock}.",)


def _why(conflict: Conflict | None) -> str:
    if conflict is None:
        return "no plan was found that carries them too; that there is none is not proven"
    named = ", ".join(conflict.clauses) or "the facts of transport"
    return f"proven: not everyone can be carried; in the way: {named}"


def _go_to_completion(search: Search, budget: Budget, allowance: float, puzzled: Callable[[], None]) -> None:
    """Search for person-hours with a third of the budget, for the earliest end with the rest."""
    work = None if budget.work is None else max(1, budget.work // 3)
    search.budget = Budget(work=work, seconds_left=budget.part(1 / 3), stopped=budget.stopped)
    search.go(puzzled)
    budget.work = work
    if search.certificate is not None:
        hasten(search, allowance, budget)


NEARLY = 0.005
"""How much worse than the best a replanned timetable may be that keeps more of the old one."""


def replan(
    operation: Operation,
    timetable: Timetable,
    *,
    at: int,
    operation_hash: str,
    version: str,
    seed: int = 0,
    work: int | None = None,
    seconds_left: Callable[[], float] | None = None,
    stopped: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
    workers: int = 2,
) -> Planned:
    """Plan the rest of a timetable under a changed operation (a road closed, a consent withdrawn, people declined).

    Movements whose loading started before minute `at` are frozen; those that a closure catches turn back or stand. The
    first plan repairs the old one; it is given in the end where nothing better by more than `NEARLY` is found.
    """
    if seconds_left is None and work is None:
        work = DEFAULT_WORK
    model = Model.of(operation)
    past = past_of(operation, timetable, at)
    search = Search(
        model,
        past,
        seed=seed,
        budget=Budget(seconds_left=seconds_left or (lambda: math.inf), work=work, stopped=stopped or (lambda: False)),
        tell=progress or (lambda _: None),
        workers=workers,
        word=repaired(model, timetable, past),
    )
    search.go()
    if search.first.objective + search.settled <= (1 + NEARLY) * (search.best.objective + search.settled):
        search.best = search.first
    movements = search.movements()
    planned = assemble(
        operation,
        (*past.movements, *movements),
        (*past.moves, *search.moves(movements)),
        operation_hash=operation_hash,
        version=version,
        seed=seed,
        bound=search.certificate.value if search.certificate else None,
        why_left="no room was found for them in the rest of the operation",
        frozen_until=at,
        notes=(
            *restrictions(operation),
            changes(timetable, movements, past),
            *(movement.note for movement in past.movements if movement.note),
        ),
    )
    return Planned(timetable=planned, certificate=search.certificate, conflict=None)


def recompute_bound(operation: Operation, certificate: Certificate, timetable: Timetable | None = None) -> float:
    """The bound again from its saved duals: the relaxation is built anew, no solver takes part.

    A replanned `timetable` says what was past; without one nothing is. Raises ValueError where the duals do not fit.
    """
    past = Past.nothing(operation)
    if timetable is not None and timetable.frozen_until is not None:
        past = Past.of(operation, timetable.movements, timetable.empty_moves, timetable.frozen_until)
    relaxation = Model.of(operation).relax(past, grid_minutes=certificate.grid_minutes)
    if len(certificate.duals) != len(relaxation.row_lower):
        raise ValueError(
            f"{len(certificate.duals)} duals for {len(relaxation.row_lower)} rows: "
            "the certificate belongs to another operation, another timetable or another version"
        )
    return past.person_hours(operation) + relaxation.certify(certificate.duals)
