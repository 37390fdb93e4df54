"""Many courses of one timetable: driven in batches wherever there are cores, and what they come to, with its spread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

import numpy as np

from safepassage.check import Finding, check_history
from safepassage.futures import kernel
from safepassage.futures.chance import NORMAL
from safepassage.futures.course import Course, Policy, Replan, run
from safepassage.futures.history import history, summed
from safepassage.futures.kernel import Courses
from safepassage.futures.network import Compiled, Floats, Ints
from safepassage.futures.shocks import ShockModel
from safepassage.movement import Timetable
from safepassage.operation import Operation

BATCH = 50
"""Courses that are sent, kept and resumed as one."""
TOGETHER = 10
"""Courses that are drawn, then driven, together: long enough to leave the interpreter to other threads."""
TRACE = 100_000
"""Events kept of a course that is checked; no course comes near."""
ASKED_SECONDS = 0.5
"""How often, while a cluster is quiet, whether it is to stop."""
Driven = Generator[tuple[int, "Courses"], None, None]
SURE = NORMAL.inv_cdf(0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """All that a batch of courses needs, wherever it is driven. `replan`: the planner, for the policy of that name."""

    operation: Operation
    timetable: Timetable
    model: ShockModel
    policy: Policy
    seed: int
    replan: Replan | None = None


def drive(job: Job, numbers: Sequence[int]) -> Courses:
    """These courses, by number."""
    return _drive(_compiled(job), job, numbers)


def _compiled(job: Job) -> Compiled:
    return Compiled(job.operation, job.timetable, job.model)


def _drive(ready: Compiled, job: Job, numbers: Sequence[int]) -> Courses:
    if job.replan is not None:
        return Courses.joined([summed(ready, _planned_anew(job, number)) for number in numbers])
    parts = [numbers[first : first + TOGETHER] for first in range(0, len(numbers), TOGETHER)]
    return Courses.joined([_compiled_courses(ready, job, part)[0] for part in parts])


def _compiled_courses(ready: Compiled, job: Job, numbers: Sequence[int], trace: int = 0) -> tuple[Courses, list[Ints]]:
    troubles = [job.model.troubles(job.operation, job.timetable, job.seed, number) for number in numbers]
    return kernel.run(ready, ready.troubles(troubles), job.policy, trace=trace)


def _planned_anew(job: Job, number: int) -> Course:
    """A course in which the rest is planned anew: by the reference, for the compiled course has no planner."""
    troubles = job.model.troubles(job.operation, job.timetable, job.seed, number)
    return run(job.operation, job.timetable, troubles, policy=job.policy, replan=job.replan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Courses judged as histories: how many, what could not be (never anything), and the dated breaches by rule."""

    courses: int
    errors: tuple[Finding, ...]
    breaches: Mapping[str, int]
    examples: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """A timetable under many courses. `quiet` is the course without any trouble; `causes` names columns of `waited`."""

    job: Job
    causes: tuple[str, ...]
    evacuations: tuple[str, ...]
    pairs: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    quiet: Courses
    courses: Courses
    checked: Checked

    @property
    def count(self) -> int:
        return len(self.courses.end)


def stress(
    operation: Operation,
    timetable: Timetable,
    model: ShockModel,
    *,
    courses: int,
    seed: int,
    policy: Policy | None = None,
    replan: Replan | None = None,
    workers: int = 1,
    cluster: str = "",
    checked: int = 20,
    done: Mapping[int, Courses] | None = None,
    told: Callable[[int, Courses], bool] | None = None,
) -> Stress:
    """Drives so many courses; the same seed gives the same results, whoever drives them and in whatever order.

    `workers`: threads of this machine, unless `cluster` is the address of a Dask scheduler, such as tcp://host:8786.
    `done`: batches from before, by number; `told` hears of every batch that is new, and stops it all by returning
    False: then the result is of the first courses, as far as none of them is missing. `replan`: the planner, for the
    policy of that name, whose courses are driven by the reference and in batches of one. Raises ValueError where a
    shock does not fit the operation or a clause cannot be kept in a course, and OSError where the cluster cannot be
    had.
    """
    if courses < 1:
        raise ValueError(f"courses = {courses}: give 1 or more")
    for shock in model.shocks:
        shock.check_fit(operation)
    policy = policy or Policy()
    if (policy.kind == "replan") != (replan is not None):
        raise ValueError(f"the policy is {policy.kind}: the policy replan, and no other, needs a planner")
    job = Job(operation=operation, timetable=timetable, model=model, policy=policy, seed=seed, replan=replan)
    ready = _compiled(job)
    quiet, _ = kernel.run(ready, ready.troubles([()]), replace(policy, kind="hold"))
    size = BATCH if replan is None else 1
    batches = {number: range(first, min(first + size, courses)) for number, first in enumerate(range(0, courses, size))}
    found = {number: part for number, part in (done or {}).items() if len(part.end) == len(batches.get(number, ()))}
    missing = {number: numbers for number, numbers in batches.items() if number not in found}
    stopped = False

    def more() -> bool:
        return not stopped

    driven = _on_cluster(cluster, job, missing, more) if cluster else _on_threads(ready, job, missing, workers, more)
    for number, part in driven:
        found[number] = part
        stopped = stopped or (told is not None and not told(number, part))
    first = [found[number] for number in takewhile(found.__contains__, batches)]
    if not first:
        raise ValueError("no batch of courses came in: let it run longer")
    return Stress(
        job=job,
        causes=ready.causes,
        evacuations=tuple(ready.evacuations),
        pairs=ready.pairs,
        quiet=quiet,
        courses=Courses.joined(first),
        checked=check(ready, job, range(min(checked, sum(len(part.end) for part in first)))),
    )


def _on_threads(
    ready: Compiled, job: Job, missing: Mapping[int, Sequence[int]], workers: int, more: Callable[[], bool]
) -> Driven:
    """Batches as they come in, begun in order as long as `more` are wanted. The compiled course lets other threads run
    meanwhile.
    """
    with ThreadPoolExecutor(workers) as pool:
        waiting: dict[Future[Courses], int] = {}
        numbers = iter(missing)
        try:
            while True:
                while more() and len(waiting) <= workers and (number := next(numbers, None)) is not None:
                    waiting[pool.submit(_drive, ready, job, missing[number])] = number
                if not waiting:
                    return
                came, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in came:
                    yield waiting.pop(future), future.result()
        finally:
            for future in waiting:
                future.cancel()


def _on_cluster(address: str, job: Job, missing: Mapping[int, Sequence[int]], more: Callable[[], bool]) -> Driven:
    """Batches as they come in from the workers of a Dask scheduler, as long as `more` are wanted.

    Each batch takes its job along: one that a lost worker had is driven again by another, whatever was lost with it.
    """
    try:
        from distributed import Client, wait  # noqa: PLC0415
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError as error:
        raise OSError("Dask is not installed here: pip install 'safepassage[cluster]'") from error
    with Client(address, timeout="10s") as client:
        waiting = {client.submit(drive, job, list(numbers), pure=False): n for n, numbers in missing.items()}
        try:
            while waiting and more():
                with suppress(TimeoutError):
                    wait(list(waiting), timeout=ASKED_SECONDS, return_when="FIRST_COMPLETED")
                for future in [one for one in waiting if one.done()]:
                    yield waiting.pop(future), future.result()
        except (CancelledError, KilledWorker) as error:
            raise OSError(f"the cluster at {address} lost its work ({error}): see to its workers, try again") from error
        finally:
            client.cancel(list(waiting))


def check(ready: Compiled, job: Job, numbers: Iterable[int]) -> Checked:
    """Judges courses as histories (DESIGN section 4): what cannot be is an error, what went wrong a dated breach."""
    breaches: dict[str, int] = {}
    errors: list[Finding] = []
    examples: dict[str, Finding] = {}
    count = 0
    for number in numbers:
        if job.replan is not None:
            found = _planned_anew(job, number)
            report = check_history(job.operation, found.movements, found.empty_moves)
        else:
            _, (trace,) = _compiled_courses(ready, job, [number], TRACE)
            report = check_history(job.operation, *history(ready, trace))
        errors += [finding for finding in report.findings if finding.severity == "error"]
        for finding in report.findings:
            breaches[finding.rule] = breaches.get(finding.rule, 0) + 1
            examples.setdefault(finding.rule, finding)
        count += 1
    return Checked(courses=count, errors=tuple(errors), breaches=breaches, examples=tuple(examples.values()))


# What courses come to


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A mean with its 95 % confidence interval, and the spread of the single courses: 10th, 50th, 90th percentile."""

    mean: float
    low: float
    high: float
    p10: float
    p50: float
    p90: float


def estimate(values: Floats | Ints) -> Estimate:
    """The mean by the central limit theorem; with one value the interval is that value."""
    held = np.asarray(values, dtype=np.float64)
    mean = float(held.mean())
    half = SURE * float(held.std(ddof=1)) / len(held) ** 0.5 if len(held) > 1 else 0.0
    p10, p50, p90 = (float(value) for value in np.quantile(held, (0.1, 0.5, 0.9)))
    return Estimate(mean=mean, low=mean - half, high=mean + half, p10=p10, p50=p50, p90=p90)


def share(hits: int, count: int) -> tuple[float, float, float]:
    """A share with its 95 % confidence interval (Wilson)."""
    part, square = hits / count, SURE * SURE
    centre = (part + square / (2 * count)) / (1 + square / count)
    half = SURE / (1 + square / count) * (part * (1 - part) / count + square / (4 * count * count)) ** 0.5
    return part, max(0.0, centre - half), min(1.0, centre + half)


def all_out(courses: Courses) -> Any:
    """Which courses brought out everyone who was there."""
    return courses.left.sum(axis=1) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What stops an operation: hours that people waited for it past their time, by course, and how often it did."""

    cause: str
    person_hours: Estimate
    courses: float


def stops(stress: Stress) -> tuple[Stop, ...]:
    """What stops it most, first; hours, vehicles and lanes among them: they make up for what came before."""
    found = [
        Stop(cause=cause, person_hours=estimate(column / 60), courses=float((column > 0).mean()))
        for cause, column in zip(stress.causes, stress.courses.waited.T, strict=True)
        if column.any()
    ]
    return tuple(sorted(found, key=lambda stop: -stop.person_hours.mean))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advantage:
    """Two sides of an exchange: how far each was ahead at worst (share of its people), and who was when it stopped.

    `first_ahead` and `second_ahead` are shares of all stops, `mean_lead` the first's mean lead at a stop.
    """

    clause: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    first_lead: Estimate
    second_lead: Estimate
    first_ahead: float
    second_ahead: float
    stops: int
    mean_lead: float


def advantages(stress: Stress) -> tuple[Advantage, ...]:
    """By pair of linked evacuations, who held the advantage."""
    found = []
    for number, (clause, first, second) in enumerate(stress.pairs):
        counted = stress.courses.stops[:, number].sum(axis=0)
        total = max(1.0, float(counted[:3].sum()))
        found.append(
            Advantage(
                clause=clause,
                first=first,
                second=second,
                first_lead=estimate(stress.courses.lead[:, number, 0]),
                second_lead=estimate(stress.courses.lead[:, number, 1]),
                first_ahead=float(counted[0]) / total,
                second_ahead=float(counted[1]) / total,
                stops=int(counted[:3].sum()),
                mean_lead=float(counted[3]) / total,
            )
        )
    return tuple(found)


FAN = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Quantiles of the fan."""


def fan(courses: Courses) -> Floats:
    """People out by hour: one row for each quantile of FAN."""
    return np.asarray(np.quantile(courses.out, FAN, axis=0))
