"""The verbs of planning: files, planner, check and report together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from safepassage import planner, report
from safepassage.agreement import Language
from safepassage.check import Report, check_plan
from safepassage.control.clock import Stopwatch
from safepassage.control.files import Unreadable, Written, write
from safepassage.formats.amendment import with_closure, with_consent_withheld
from safepassage.formats.certificate import read_certificate, write_certificate
from safepassage.formats.operation import operation_hash, parse_operation
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.template import TEMPLATE
from safepassage.formats.timetable import read_timetable, write_timetable
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.planner import Certificate, Planned, Progress
from safepassage.report.words import Section, explained
from safepassage.world import Span

VERSION = "0.1.0"
WORKERS = 2
"""Threads of the planner. The same number everywhere, so that the same work gives the same plan on every machine."""
ROWS = "rows"
"""Under which name a certificate holds the dual values of the bound."""

Picture = Literal["map", "convoys", "roads", "people-out", "balance", "crossings", "fleets", "consents"]
PICTURES: dict[Picture, Callable[[Operation, Timetable], str]] = {
    "map": report.map_svg,
    "convoys": report.convoys_svg,
    "roads": report.roads_svg,
    "people-out": report.people_out_svg,
    "balance": report.balance_svg,
    "crossings": report.crossings_svg,
    "fleets": report.fleets_svg,
    "consents": report.consents_svg,
}


def read_plan(path: Path | str, operation: Operation) -> Timetable:
    """The timetable of a file, made for this operation. Raises Unreadable with all that is wrong."""
    timetable, problems = read_timetable(path, operation)
    if timetable is None:
        raise Unreadable(problems)
    return timetable


def read_bound(path: Path | str, operation: Operation) -> Certificate:
    """The certificate of a bound on this operation. Raises Unreadable with what is wrong."""
    found, problems = read_certificate(path, operation_hash(operation))
    if found is None:
        raise Unreadable(problems)
    if set(found.duals) != {ROWS}:
        what, fix = "its duals are not those of this version's bound", "Make it again with `safepassage plan`."
        raise Unreadable([Problem(file=str(path), line=1, what=what, fix=fix)])
    return Certificate(grid_minutes=found.grid_minutes, value=found.value, duals=found.duals[ROWS])


# The verbs


def new() -> str:
    """A small operation file that explains every key."""
    return TEMPLATE


def plan(
    operation: Operation,
    *,
    seed: int = 0,
    work: int | None = None,
    seconds: float | None = None,
    completion: float | None = None,
    stopped: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Planned:
    """A timetable for an operation, with the proof of its gap, or why not everyone can be carried.

    The same operation, seed and `work` give the same plan; `seconds` bounds the time instead. `completion`: the
    earliest end among plans whose objective is at most so much (0.05 is 5 %) above the best found.
    """
    planned = planner.plan(
        operation,
        operation_hash=operation_hash(operation),
        version=VERSION,
        seed=seed,
        work=work,
        seconds_left=_left(seconds),
        stopped=stopped,
        progress=progress,
        workers=WORKERS,
        completion=completion,
    )
    return _with_reasons(planned)


def replan(
    operation: Operation,
    timetable: Timetable,
    *,
    at: int,
    seed: int = 0,
    work: int | None = None,
    seconds: float | None = None,
    stopped: Callable[[], bool] | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Planned:
    """The timetable again from minute `at` on: what started loading before is past. `operation` is as it is now.

    A movement caught by a closure goes back to its origin, or stands where it is with an alarm. See `amend`.
    """
    planned = planner.replan(
        operation,
        timetable,
        at=at,
        operation_hash=operation_hash(operation),
        version=VERSION,
        seed=seed,
        work=work,
        seconds_left=_left(seconds),
        stopped=stopped,
        progress=progress,
        workers=WORKERS,
    )
    return _with_reasons(planned)


def _with_reasons(planned: Planned) -> Planned:
    """With the conflict said in the timetable too, so that it is in the file."""
    timetable, conflict = planned.timetable, planned.conflict
    missing = tuple(said for said in conflict.sentences if said not in timetable.notes) if conflict else ()
    return replace(planned, timetable=replace(timetable, notes=(*timetable.notes, *missing)))


def _left(seconds: float | None) -> Callable[[], float] | None:
    if seconds is None:
        return None
    watch = Stopwatch()
    return lambda: seconds - watch.seconds


def amend(
    text: str,
    *,
    span: Span,
    closed: Iterable[str] = (),
    withdrawn: Iterable[tuple[str, str]] = (),
    file: str = "<text>",
) -> tuple[str, Operation]:
    """An operation file with roads or crossings closed and consents withdrawn (party, segment) for a while.

    Raises Unreadable where the file is, and ValueError where a segment or party is not in it.
    """
    operation = _parsed(text, file)
    for segment in closed:
        text = with_closure(text, operation, _segment(operation, segment), span)
        operation = _parsed(text, file)
    for party, segment in withdrawn:
        text = with_consent_withheld(text, operation, party, _segment(operation, segment), span)
        operation = _parsed(text, file)
    return text, operation


def _parsed(text: str, file: str) -> Operation:
    operation, problems = parse_operation(text, file)
    if operation is None:
        raise Unreadable(problems)
    return operation


def _segment(operation: Operation, named: str) -> str:
    """A road by either order of its places, or a crossing."""
    turned = "--".join(reversed(named.split("--")))
    known = (*operation.world.roads, *operation.world.crossings)
    for id in (named, turned):
        if id in known:
            return id
    raise ValueError(f"{named!r} is no road and no crossing. {nearest(named, known)}")


def check(operation: Operation, timetable: Timetable) -> Report:
    """Every rule and clause that a plan does not keep; shares no code with the planner."""
    return check_plan(operation, timetable)


def recompute_bound(operation: Operation, certificate: Certificate, timetable: Timetable | None = None) -> float:
    """The bound again from its dual values, without a solver. Raises ValueError where they do not fit the operation.

    Of a replanned timetable, give that too: it says what was past.
    """
    return planner.recompute_bound(operation, certificate, timetable)


def explain(
    operation: Operation, timetable: Timetable | None = None, *, language: Language = "en"
) -> tuple[Section, ...]:
    """What a plan amounts to and why, in sentences; without a plan, what was agreed."""
    return explained(operation, timetable, language=language)


def show(operation: Operation, timetable: Timetable, picture: Picture) -> str:
    """A picture of a plan as SVG; empty where there is nothing to draw."""
    return PICTURES[picture](operation, timetable)


def write_plan(operation: Operation, planned: Planned, path: Path | str, *, page: bool = False) -> list[Written]:
    """Writes a timetable, beside it the certificate of its bound, and its page where asked. Raises OSError."""
    path = Path(path)
    bound, html = path.with_suffix(".bound.npz"), path.with_suffix(".html")
    written = [Written(path=path, replaced=path.exists())]
    write_timetable(planned.timetable, path, operation.calendar)
    if planned.certificate is not None:
        written.append(Written(path=bound, replaced=bound.exists()))
        certificate = planned.certificate
        write_certificate(
            bound,
            operation_hash=planned.timetable.operation_hash,
            grid_minutes=certificate.grid_minutes,
            value=certificate.value,
            duals={ROWS: certificate.duals},
        )
    if page:
        written.append(write(html, report.plan_html(operation, planned.timetable)))
    return written
