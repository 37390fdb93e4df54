"""The verbs of futures: an operation, its timetable and a shock model together, and what comes of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations
from pathlib import Path

from safepassage import futures, report
from safepassage.check import check_plan
from safepassage.control.clock import Stopwatch
from safepassage.control.files import Unreadable, locate
from safepassage.control.plans import VERSION, plan
from safepassage.control.replans import replan_from, shut
from safepassage.formats.batch import read_batch, write_batch
from safepassage.formats.operation import canonical, operation_hash
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.shocks import read_shocks
from safepassage.futures.chance import Law
from safepassage.futures.course import Policy
from safepassage.futures.kernel import Courses
from safepassage.futures.levers import Gain, Held, LeftOut, Lever
from safepassage.futures.shocks import SHOCKS, Shock, ShockModel
from safepassage.futures.stress import BATCH, Stress
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report.document import Document
from safepassage.situation import Situation

SHOCKS_ENDING = ".shocks.toml"
"""The ending of the shock model that lies beside an operation file."""
CORES = os.cpu_count() or 1
REPLAN_WORK = 2
"""Units of the planner's work each time a course asks for another timetable."""
BOUND_SECONDS = 3
"""What a bound may take for levers to be screened by it."""
SAVES_LEAST = 0.01
"""Of the plan's objective: what a lever has to be able to save on a quiet day, where there are too many of them."""


def read_shock_model(path: Path | str, operation: Operation) -> ShockModel:
    """The shock model of a file, fitting this operation. Raises Unreadable with all that is wrong."""

    def fits(shock: Shock) -> None:
        shock.check_fit(operation)

    name, shocks, problems = read_shocks(path, SHOCKS, Law, fits)
    if problems:
        raise Unreadable(problems)
    return ShockModel(name=name, shocks=shocks)


def shocks_beside(source: Path | str, operation: Operation) -> ShockModel:
    """The shock model that lies beside an operation file or ships with an example. Raises Unreadable."""
    beside = locate(source)
    beside = beside.with_name(beside.name.removesuffix(".toml") + SHOCKS_ENDING)
    if not beside.exists():
        what = f"no shock model lies beside it ({beside.name})"
        fix = "Write one, or name one with --shocks; that of the example aleppo-2016 shows every key."
        raise Unreadable([Problem(file=str(source), line=1, what=what, fix=fix)])
    return read_shock_model(beside, operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """How far a stress test is: courses driven, of how many, and the seconds it took."""

    courses: int
    of: int
    seconds: float


def stress(
    operation: Operation,
    timetable: Timetable,
    model: ShockModel,
    *,
    courses: int = 1000,
    seed: int = 0,
    policy: Policy | None = None,
    replan_work: int = REPLAN_WORK,
    workers: int = CORES,
    cluster: str = "",
    checked: int = 20,
    keep: Path | str | None = None,
    told: Callable[[Far], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Stress:
    """A timetable under many courses. `keep`: a folder in which batches are kept, and found again by the same question.

    `told` hears how far it is, `stop` is asked after every batch. Under the policy `replan` the planner does so much
    work (`replan_work`) each time it is asked. Raises ValueError and OSError.
    """
    watch = Stopwatch()
    policy = policy or Policy()
    replan = Replanning(seed=seed, work=replan_work) if policy.kind == "replan" else None
    asked = (VERSION, BATCH, operation_hash(operation), canonical(timetable), model, seed, policy, replan)
    shelf = None if keep is None else _Shelf(Path(keep), asked)
    done = {} if shelf is None else shelf.found()
    driven = sum(len(part.end) for part in done.values())

    def heard(number: int, part: Courses) -> bool:
        nonlocal driven
        driven += len(part.end)
        if shelf is not None:
            shelf.put(number, part)
        if told is not None:
            told(Far(courses=min(driven, courses), of=courses, seconds=watch.seconds))
        return stop is None or not stop()

    return futures.stress(
        operation,
        timetable,
        model,
        courses=courses,
        seed=seed,
        policy=policy,
        replan=replan,
        workers=workers,
        cluster=cluster,
        checked=checked,
        done=done,
        told=heard,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replanning:
    """The planner as a course asks it: what is shut is taken to be so until loading may begin again."""

    seed: int
    work: int

    def __call__(self, situation: Situation) -> Timetable | None:
        operation = situation.operation
        calendar = operation.calendar
        at = calendar.minute(situation.as_of)
        following = min((span.start for span in operation.load_spans if span.start > at), default=calendar.end)
        reopens = dict.fromkeys(shut(situation), calendar.when(following))
        found = replan_from(situation, reopens=reopens, seed=self.seed, work=self.work)
        return found.planned.timetable


class _Shelf:
    """Batches of one question, kept as files named by the question's hash and their number."""

    def __init__(self, folder: Path, asked: object) -> None:
        self.folder, self.name = folder, hashlib.sha256(repr(asked).encode()).hexdigest()[:16]

    def found(self) -> dict[int, Courses]:
        parts = {}
        for path in sorted(self.folder.glob(f"{self.name}-*.npz")):
            arrays = read_batch(path)
            if arrays is not None and set(arrays) == {field.name for field in fields(Courses)}:
                parts[int(path.stem.partition("-")[2])] = Courses(**arrays)
        return parts

    def put(self, number: int, part: Courses) -> None:
        write_batch(self.folder / f"{self.name}-{number:05}.npz", part.arrays())


def planning(seed: int, seconds: float) -> Callable[[Operation, Timetable | None], tuple[Timetable, ...]]:
    """Plans for levers and designs: one made in so many seconds, and the timetable in hand where that still holds."""

    def plans(operation: Operation, before: Timetable | None) -> tuple[Timetable, ...]:
        found = plan(operation, seed=seed, seconds=seconds).timetable
        if before is None:
            return (found,)
        kept = replace(before, operation_hash=operation_hash(operation), bound=None)
        return (found, kept) if check_plan(operation, kept).ok else (found,)

    return plans


def _best_driven(lever: Lever, plans: Sequence[Timetable], base: Stress) -> Timetable:
    """Of plans under a lever the one with fewest person-hours, by courses of other draws than those reported."""
    if len(plans) == 1:
        return plans[0]

    def person_minutes(timetable: Timetable) -> float:
        found = futures.stress(
            lever.operation,
            timetable,
            lever.model,
            courses=base.count,
            seed=base.job.seed + 1,
            policy=base.job.policy,
            workers=CORES,
            checked=0,
        )
        return float(found.courses.person_minutes.mean())

    return min(plans, key=person_minutes)


def levers(
    operation: Operation,
    base: Stress,
    *,
    only: Sequence[str] = (),
    others: Sequence[Lever] = (),
    most: int = 12,
    pairs: int = 0,
    seconds: float = 20,
    bound_seconds: float = BOUND_SECONDS,
    seed: int = 0,
    told: Callable[[str, int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[tuple[Gain, ...], tuple[LeftOut, ...]]:
    """What to ask for, the most person-hours saved first, and the levers left out, with the reason.

    `only`: levers by id. `others`: further ones (see `alternative`), always driven. Of all the others that change the
    plan `most` are driven: where bounds are quick, those go first whose bound proves that they save next to nothing on
    a quiet day (`bound_seconds` for each; where one takes longer this screen is left); the rest are planned, and those
    that save least in the quiet plan go. `pairs`: the best so many are tried two by two as well, where they change
    different things. Raises ValueError for an unknown id.
    """
    model, timetable = base.job.model, base.job.timetable
    known = {lever.id: lever for lever in (*futures.levers(operation, model), *others)}
    if unknown := [id for id in only if id not in known]:
        raise ValueError(f"there is no lever {unknown[0]!r}. {nearest(unknown[0], known)}")
    wanted = [known[id] for id in dict.fromkeys((*only, *(one.id for one in others)))] if only else [*known.values()]
    planned_for = planning(seed, seconds)

    def stopped() -> bool:
        return stop is not None and stop()

    def driven_on(number: int, part: Courses) -> bool:
        return not stopped()

    def plans_of(lever: Lever) -> tuple[Timetable, ...]:
        return planned_for(lever.operation, timetable) if lever.replans else (timetable,)

    def gained(lever: Lever, planned: Sequence[Timetable]) -> Iterator[Gain]:
        if not stopped():
            best = _best_driven(lever, planned, base)
            found = futures.gain(lever, base, best, workers=CORES, told=driven_on)
            if found is not None:
                yield found

    def say(text: str, number: int) -> None:
        if told is not None:
            told(text, number, len(wanted))

    screened = [] if only else [lever for lever in wanted if lever.replans and lever not in others]
    left_out: list[LeftOut] = []
    if len(screened) > most:
        say("which save next to nothing, by their bounds", 0)
        left_out = _proven(screened, timetable, seed, bound_seconds, stopped)[: len(screened) - most]
    gone = {one.lever for one in left_out}
    plans: dict[str, tuple[Timetable, ...]] = {}
    for number, lever in enumerate(one for one in wanted if one.id not in gone):
        if not stopped():
            say(lever.text, number + 1)
            plans[lever.id] = plans_of(lever)
    screened = [one for one in screened if one.id in plans]
    promised = sorted(screened, key=lambda one: min(planned.objective for planned in plans[one.id]))
    left_out += [LeftOut(lever=one.id, text=one.text) for one in promised[most:]]
    gone = {one.lever for one in left_out}
    driven = [lever for lever in wanted if lever.id in plans and lever.id not in gone]
    gains = sorted((gain for one in driven for gain in gained(one, plans[one.id])), key=_least_saved)
    for lever in _two_by_two(operation, model, [known[one.lever] for one in gains[:pairs]]):
        if not stopped():
            say(lever.text, len(wanted))
            gains += gained(lever, plans_of(lever))
    return tuple(sorted(gains, key=_least_saved)), tuple(left_out)


def _two_by_two(operation: Operation, model: ShockModel, best: Sequence[Lever]) -> Iterator[Lever]:
    """Each two of these levers as one, where they change different things."""
    for first, second in combinations(best, 2):
        if futures.pairable(operation, model, first, second):
            yield futures.together(operation, model, first, second)


def _least_saved(gain: Gain) -> float:
    return -gain.person_hours[0]


def _proven(
    levers: Sequence[Lever], timetable: Timetable, seed: int, seconds: float, stopped: Callable[[], bool]
) -> list[LeftOut]:
    """Levers that can save next to nothing on a quiet day, the least first: no plan with them is below their bound.

    None where bounds are not quick here.
    """
    found: list[LeftOut] = []
    for lever in levers:
        watch = Stopwatch()
        bound = plan(lever.operation, seed=seed, work=0, seconds=seconds).timetable.bound
        if bound is None or watch.seconds > seconds or stopped():
            return []
        most_saved = max(0.0, timetable.objective - bound)
        if most_saved <= SAVES_LEAST * timetable.objective:
            found.append(LeftOut(lever=lever.id, text=lever.text, most_saved=most_saved))
    return sorted(found, key=lambda one: one.most_saved or 0.0)


def lever_texts(operation: Operation, model: ShockModel, others: Sequence[Lever] = ()) -> dict[str, str]:
    """The levers that an operation has, by id."""
    return {lever.id: lever.text for lever in (*futures.levers(operation, model), *others)}


def compare(
    operation: Operation,
    base: Stress,
    pair: tuple[str, str],
    *,
    seconds: float = 20,
    seed: int = 0,
    told: Callable[[str, int, int], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> tuple[Held, ...]:
    """How designs of the reciprocity between two evacuations hold up. Raises ValueError for an unknown evacuation."""
    every = futures.designs(operation, *pair)
    planned_for = planning(seed, seconds)

    def driven_on(number: int, part: Courses) -> bool:
        return stop is None or not stop()

    found = []
    for number, design in enumerate(every):
        if stop is not None and stop():
            break
        if told is not None:
            told(design.text, number + 1, len(every))
        (planned,) = planned_for(design.operation, None)
        held = futures.held(design, base, pair, planned, workers=CORES, told=driven_on)
        found += [] if held is None else [held]
    return tuple(found)


def linked(operation: Operation) -> tuple[str, str]:
    """The two evacuations whose exchange counts most people. Raises ValueError where none are linked."""
    ties = [sides for clause in operation.binding if (sides := clause.sides()) is not None]
    named = [(first[0].partition("/")[0], second[0].partition("/")[0]) for first, second, _ in ties]
    if not named:
        raise ValueError("no clause ties two evacuations: name two with --of and --with")
    return max(named, key=lambda pair: sum(operation.evacuations[id].total for id in pair))


# Reports: the document and the picture that is at its heart


def stress_report(operation: Operation, found: Stress) -> tuple[Document, str]:
    """A stress test: its document, and the fan."""
    return report.stress_document(operation, found), report.fan_svg(operation, found)


def levers_report(
    operation: Operation, base: Stress, gains: Sequence[Gain], left_out: Sequence[LeftOut]
) -> tuple[Document, str]:
    """What to ask for: the document, and the gains."""
    return report.levers_document(operation, base, gains, left_out), report.levers_svg(gains)


def compare_report(
    operation: Operation, pair: tuple[str, str], found: Sequence[Held], base: Stress
) -> tuple[Document, str]:
    """Which agreement holds up: the document, and the frontier."""
    sides = (operation.theatre.name(pair[0], "en"), operation.theatre.name(pair[1], "en"))
    return report.compare_document(operation, pair, found, base), report.frontier_svg(found, sides)
