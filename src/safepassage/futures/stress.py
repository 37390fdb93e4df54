"""Many courses of one timetable: driven in batches wherever there are cores, and what they come to, with its spread."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import takewhile
from math import inf
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from safepassage.check import Finding, check_history
from safepassage.futures import kernel
from safepassage.futures.chance import NORMAL
from safepassage.futures.course import Course, Policy, Replan, run
from safepassage.futures.history import history, summed
from safepassage.futures.kernel import Courses
from safepassage.futures.network import OTHER_CAUSES, Compiled, Floats, Ints
from safepassage.futures.shocks import Full, Halted, Shock, ShockModel, Shut, Slowed, Struck
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


def drive(packed: bytes, numbers: Sequence[int]) -> Courses:
    """These courses of a packed job, by number: what a worker elsewhere does."""
    job, ready = _unpacked(packed)
    return _drive(ready, job, numbers)


@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> tuple[Job, Compiled]:
    """Once for all batches of a job that a worker has."""
    job: Job = pickle.loads(packed)  # noqa: S301 - from our own client, as all that a scheduler hands on
    return job, _compiled(job)


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
class DatedBreach:
    """A dated breach of a checked course: the shocks that held or struck at that minute, and the last one before."""

    finding: Finding
    course: int
    amid: tuple[str, ...]
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Courses judged as histories: how many, what could not be (never anything), and the dated breaches by rule."""

    courses: int
    errors: tuple[Finding, ...]
    breaches: Mapping[str, int]
    examples: tuple[DatedBreach, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """A timetable under many courses. `quiet` is the course without any trouble; `causes` names columns of `waited`.

    `asked`: so many courses were asked for; where there are fewer, it was stopped.
    """

    job: Job
    asked: int
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
        asked=courses,
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
        from distributed import Client  # noqa: PLC0415
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError as error:
        raise OSError("Dask is not installed here: pip install 'safepassage[cluster]'") from error
    with Client(address, timeout="10s") as client:
        packed, came = pickle.dumps(job), SimpleQueue[Any]()
        waiting = {client.submit(drive, packed, list(numbers), pure=False): n for n, numbers in missing.items()}
        try:
            for future in waiting:
                future.add_done_callback(came.put)
            while waiting and more():
                with suppress(Empty):
                    future = came.get(timeout=ASKED_SECONDS)
                    yield waiting.pop(future), future.result()
        except (CancelledError, KilledWorker) as error:
            raise OSError(f"the cluster at {address} lost its work ({error}): see to its workers, try again") from error
        finally:
            client.cancel(list(waiting))


def check(ready: Compiled, job: Job, numbers: Iterable[int]) -> Checked:
    """Judges courses as histories (DESIGN section 4): what cannot be is an error, what went wrong a dated breach."""
    breaches: dict[str, int] = {}
    errors: list[Finding] = []
    examples: dict[str, DatedBreach] = {}
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
            if finding.rule not in examples:
                examples[finding.rule] = _breach(job, number, finding)
        count += 1
    return Checked(courses=count, errors=tuple(errors), breaches=breaches, examples=tuple(examples.values()))


def _breach(job: Job, course: int, finding: Finding) -> DatedBreach:
    """What went on when a rule was broken; fire strikes a movement, whenever it comes by."""
    troubles, at = job.model.troubles(job.operation, job.timetable, job.seed, course), finding.at
    spans = [(one.shock, one.span) for one in troubles if isinstance(one, Shut | Halted | Slowed)]
    own = {movement.partition("/")[0] for movement in finding.movements}
    amid = [shock for shock, span in spans if at is not None and span.start <= at < span.end]
    amid += [one.shock for one in troubles if isinstance(one, Struck) and one.movement in own]
    before = [(span.end, shock) for shock, span in spans if at is not None and span.end <= at]
    return DatedBreach(
        finding=finding, course=course, amid=tuple(dict.fromkeys(amid)), after=max(before, default=(0, ""))[1]
    )


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
    """The mean by the central limit theorem; of one value nothing is known, and the interval is without end."""
    held = np.asarray(values, dtype=np.float64)
    mean = float(held.mean())
    half = SURE * float(held.std(ddof=1)) / len(held) ** 0.5 if len(held) > 1 else inf
    p10, p50, p90 = (float(value) for value in np.quantile(held, (0.1, 0.5, 0.9)))
    return Estimate(mean=mean, low=mean - half, high=mean + half, p10=p10, p50=p50, p90=p90)


Interval = tuple[float, float, float]
"""A value with the ends of its 95 % confidence interval."""


def share(hits: float, count: float) -> Interval:
    """A share with its 95 % confidence interval (Wilson)."""
    part, square = hits / count, SURE * SURE
    centre = (part + square / (2 * count)) / (1 + square / count)
    half = SURE / (1 + square / count) * (part * (1 - part) / count + square / (4 * count * count)) ** 0.5
    return part, max(0.0, centre - half), min(1.0, centre + half)


def ratio(parts: Floats, wholes: Floats) -> Interval:
    """The sum of the parts by that of the wholes, one of each a course: what is of one course goes together.

    The interval is by the spread of courses, not of what is counted within them (the ratio estimator).
    """
    total, count = float(wholes.sum()), len(wholes)
    mean = float(parts.sum()) / total if total else 0.0
    if count < 2 or not total:
        return mean, -inf, inf
    half = SURE * (count / (count - 1) * float(((parts - mean * wholes) ** 2).sum())) ** 0.5 / total
    return mean, mean - half, mean + half


def share_of(hits: Floats, counts: Floats) -> Interval:
    """A share of what is counted within courses: Wilson's interval, with as many counts as `ratio` finds them worth."""
    mean, _, high = ratio(hits, counts)
    if not counts.any():
        return 0.0, 0.0, 1.0
    error = (high - mean) / SURE
    worth = mean * (1 - mean) / error**2 if 0 < error < inf else float((counts > 0).sum())
    return share(mean * worth, worth)


def all_out(courses: Courses) -> Any:
    """Which courses brought out everyone who was there."""
    return courses.left.sum(axis=1) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ByDay:
    """By the end of a day: people out, and the share of courses that are over, with everyone there."""

    day: int
    out: Estimate
    quiet_out: int
    everyone_out: Interval


def by_day(stress: Stress) -> tuple[ByDay, ...]:
    """What courses have come to by the end of each day."""
    calendar, courses = stress.job.operation.calendar, stress.courses
    found = []
    for day in range(calendar.days):
        end = calendar.day_span(day).end
        hour = min((end - 1) // 60, courses.out.shape[1] - 1)
        found.append(
            ByDay(
                day=day,
                out=estimate(courses.out[:, hour]),
                quiet_out=int(stress.quiet.out[0, hour]),
                everyone_out=share(int((all_out(courses) & (courses.end <= end)).sum()), stress.count),
            )
        )
    return tuple(found)


def completion(courses: Courses) -> tuple[float | None, float | None, float | None]:
    """The minute by which everyone is there in 1 course of 10, in half, in 9 of 10; None where that is after the end.

    What would have come after the operation's end is not known: such courses are censored there.
    """
    minutes = np.where(all_out(courses), courses.end, inf)
    fast, middle, slow = np.quantile(minutes, (0.1, 0.5, 0.9), method="inverted_cdf").tolist()
    return _known(fast), _known(middle), _known(slow)


def _known(minute: float) -> float | None:
    return minute if minute < inf else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What stops an operation: hours that people waited for it past their time, by course.

    `courses`: the share of courses in which it stopped anybody; `most`: in which nothing of its kind did so for longer.
    """

    what: str
    person_hours: Estimate
    courses: Interval
    most: Interval


def stops(stress: Stress) -> tuple[Stop, ...]:
    """Shocks and clauses, what stops it most first; hours, vehicles and lanes among them make up for what came before.

    Where several stop a movement at once, its waiting counts for one of them.
    """
    return _stops(stress, {cause: (cause,) for cause in stress.causes})


def stops_by_party(stress: Stress) -> tuple[Stop, ...]:
    """By party: all shocks together that name it."""
    groups: dict[str, tuple[str, ...]] = {}
    for shock in stress.job.model.shocks:
        if party := getattr(shock, "party", ""):
            groups[party] = (*groups.get(party, ()), shock.id)
    return _stops(stress, groups)


def stops_by_segment(stress: Stress) -> tuple[Stop, ...]:
    """By road and crossing: all shocks together that name it. A shock on several counts in full at each."""
    groups: dict[str, tuple[str, ...]] = {}
    for shock in stress.job.model.shocks:
        for segment in segments(stress.job.operation, shock):
            groups[segment] = (*groups.get(segment, ()), shock.id)
    return _stops(stress, groups)


def segments(operation: Operation, shock: Shock) -> tuple[str, ...]:
    """The roads and crossings that a shock names; none where it is not about any, or may be on all of them."""
    if isinstance(shock, Full):
        return tuple(id for id, road in operation.world.roads.items() if shock.place in road.between)
    return operation.theatre.segments(getattr(shock, "on", ()))


def _stops(stress: Stress, groups: Mapping[str, Sequence[str]]) -> tuple[Stop, ...]:
    """Causes put together in groups; those without any waiting are left out."""
    column = dict(zip(stress.causes, stress.courses.waited.T / 60, strict=True))
    hours = {what: np.sum([column[cause] for cause in causes], axis=0) for what, causes in groups.items()}
    rivals = [waited for what, waited in hours.items() if what not in OTHER_CAUSES]
    longest = np.max([np.zeros(stress.count), *rivals], axis=0)
    found = [
        Stop(
            what=what,
            person_hours=estimate(waited),
            courses=share(int((waited > 0).sum()), stress.count),
            most=share(int(((waited > 0) & (waited >= longest)).sum()), stress.count),
        )
        for what, waited in hours.items()
        if waited.any()
    ]
    return tuple(sorted(found, key=lambda stop: -stop.person_hours.mean))


@dataclass(frozen=True, slots=True, kw_only=True)
class Advantage:
    """Two sides of an exchange: how far each was ahead at worst (share of its people), and who was when it stopped.

    `first_lead_most` and `second_lead_most` are the worst of all courses; `first_ahead` and `second_ahead` shares of
    all stops, `mean_lead` the first's mean lead at a stop, with intervals by course.
    """

    clause: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    first_lead: Estimate
    second_lead: Estimate
    first_lead_most: float
    second_lead_most: float
    first_ahead: Interval
    second_ahead: Interval
    stops: int
    mean_lead: Interval


def advantages(stress: Stress) -> tuple[Advantage, ...]:
    """By pair of linked evacuations, who held the advantage."""
    found = []
    for number, (clause, first, second) in enumerate(stress.pairs):
        lead, stopped = stress.courses.lead[:, number], stress.courses.stops[:, number]
        counts = stopped[:, :3].sum(axis=1)
        found.append(
            Advantage(
                clause=clause,
                first=first,
                second=second,
                first_lead=estimate(lead[:, 0]),
                second_lead=estimate(lead[:, 1]),
                first_lead_most=float(lead[:, 0].max()),
                second_lead_most=float(lead[:, 1].max()),
                first_ahead=share_of(stopped[:, 0], counts),
                second_ahead=share_of(stopped[:, 1], counts),
                stops=int(counts.sum()),
                mean_lead=ratio(stopped[:, 3], counts),
            )
        )
    return tuple(found)


FAN = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the fan."""


def fan(courses: Courses) -> Floats:
    """People out by hour, one row for each quantile of FAN: of each hour by itself, so that no row is one course."""
    return np.asarray(np.quantile(courses.out, FAN, axis=0))
