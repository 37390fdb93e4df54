"""The verbs of futures at the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import typer

from safepassage import control
from safepassage.cli.door import QUIET_SECONDS, Door, Json, OperationSource, asked_to_stop, open_door
from safepassage.futures.course import Policy
from safepassage.futures.shocks import ShockModel
from safepassage.futures.stress import Stress
from safepassage.movement import Timetable
from safepassage.operation import Operation

app = typer.Typer()

Plan = Annotated[
    Path | None, typer.Option("--plan", help="A timetable that `plan` wrote for it. Without: it is planned first.")
]
ShockFile = Annotated[
    Path | None, typer.Option("--shocks", help="A shock model. Without: the one beside the operation.")
]
CourseCount = Annotated[int, typer.Option("--courses", min=1, help="How many courses to drive.")]
SeedOfDraws = Annotated[int, typer.Option("--seed", help="The same seed gives the same courses, wherever they run.")]
PolicyKind = Annotated[
    Literal["hold", "send"],
    typer.Option("--policy", help="hold: keep the order of the timetable. send: whoever can go goes."),
]
StressPolicy = Annotated[
    Literal["hold", "send", "replan"],
    typer.Option(
        "--policy",
        help="hold: keep the order of the timetable. send: whoever can go goes. replan: plan anew after a stop.",
    ),
]
Workers = Annotated[int, typer.Option(min=1, help="Threads of this machine.")]
Cluster = Annotated[str, typer.Option(help="Drive the courses on a Dask scheduler: tcp://host:8786.")]
Out = Annotated[
    Path | None,
    typer.Option(help="Write the report too, by its ending: .html, .md, .json, .pdf, or a picture .svg, .png."),
]
PlanSeconds = Annotated[float, typer.Option("--seconds", min=1, help="Seconds to plan, each time a plan is needed.")]


def _timetable(door: Door, operation: Operation, path: Path | None, seconds: float, seed: int) -> Timetable:
    if path is not None:
        return control.read_plan(path, operation)
    door.say(f"Planning for {seconds:.0f} s; --plan FILE takes a timetable instead.")
    return control.plan(operation, seed=seed, seconds=seconds).timetable


def _model(source: str, operation: Operation, shocks: Path | None) -> ShockModel:
    return control.read_shock_model(shocks, operation) if shocks else control.shocks_beside(source, operation)


def _driven(
    door: Door,
    operation: Operation,
    timetable: Timetable,
    model: ShockModel,
    *,
    courses: int,
    seed: int,
    policy: Literal["hold", "send", "replan"],
    workers: int,
    cluster: str,
    keep: Path | None,
    checked: int,
    stop: Callable[[], bool],
) -> Stress:
    watch, said = control.Stopwatch(), 0.0

    def told(far: control.Far) -> None:
        nonlocal said
        if watch.seconds >= said + QUIET_SECONDS or far.courses == far.of:
            said = watch.seconds
            door.say(f"{far.courses:,} of {far.of:,} courses; elapsed {far.seconds:.1f} s")

    slow = "each plans inside, on the slow reference; that takes seconds to minutes each"
    quick = "the first run ever compiles for about half a minute"
    door.say(f"Driving {courses:,} courses ({slow if policy == 'replan' else quick}).")
    try:
        return control.stress(
            operation,
            timetable,
            model,
            courses=courses,
            seed=seed,
            policy=Policy(kind=policy),
            workers=workers,
            cluster=cluster,
            keep=keep,
            checked=checked,
            told=told,
            stop=stop,
        )
    except ValueError as error:
        door.refuse(str(error))


SO_FAR = "what was driven so far follows"
"""What comes of Ctrl-C here."""


def _expect_out(door: Door, out: Path | None, *inputs: Path | str | None) -> None:
    """Refuses now what could not be written after long work, or would replace what it is made from."""
    if out is None:
        return
    door.expect_folder(out)
    if out.suffix[1:] not in control.FUTURES_REPORTS:
        endings = [f".{ending}" for ending in control.FUTURES_REPORTS]
        door.refuse(f"{out}: end it with {', '.join(endings[:-1])} or {endings[-1]}")
    if any(one is not None and control.locate(one).resolve() == out.resolve() for one in inputs):
        door.refuse(f"{out} is what it is made from: give another name")


def _answer(door: Door, operation: Operation, found: control.FuturesReport, out: Path | None) -> None:
    door.answer(found.value())
    door.document(found.document)
    if out is not None:
        door.wrote([control.write(out, found.content(out.suffix[1:], made=operation.calendar.starts))])


@app.command()
def stress(
    operation: OperationSource,
    plan: Plan = None,
    shocks: ShockFile = None,
    courses: Annotated[int | None, typer.Option(min=1, help="Default: 1000; 20 with --policy replan.")] = None,
    seed: SeedOfDraws = 0,
    policy: StressPolicy = "hold",
    workers: Workers = control.CORES,
    cluster: Cluster = "",
    keep: Annotated[
        Path | None, typer.Option(help="A folder of finished batches: stopped, it goes on from there.")
    ] = None,
    checked: Annotated[int, typer.Option(min=0, help="Courses to judge as histories by the verifier.")] = 20,
    seconds: PlanSeconds = 30,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Drive a timetable through many courses of what may go wrong.

    When is everyone out, who is left behind, how long do people stand aboard, what stops it most, and who holds the
    advantage then. Ctrl-C gives what the courses so far say. With --policy replan the planner is asked for the rest
    each day after something went wrong: by the slow reference, so that a course of a large operation takes minutes.

    \b
    Examples:
      safepassage stress aleppo-2016 --courses 1000 --out stress.html
      safepassage stress tiny --policy replan --courses 20
    """
    with open_door(as_json) as door:
        _expect_out(door, out, operation, plan, shocks)
        subject = door.read(operation)
        model = _model(operation, subject, shocks)
        timetable = _timetable(door, subject, plan, seconds, seed)
        with asked_to_stop(door, SO_FAR) as stopped:
            found = _driven(
                door, subject, timetable, model, courses=courses or (20 if policy == "replan" else 1000), seed=seed,
                policy=policy, workers=workers, cluster=cluster, keep=keep, checked=checked, stop=stopped,
            )  # fmt: skip
        _answer(door, subject, control.stress_report(subject, found), out)


@app.command()
def levers(
    operation: OperationSource,
    plan: Plan = None,
    shocks: ShockFile = None,
    courses: CourseCount = 500,
    seed: SeedOfDraws = 0,
    policy: PolicyKind = "hold",
    only: Annotated[
        list[str] | None, typer.Option(help="A lever by its id, such as lane:ramouseh. Repeatable.")
    ] = None,
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with", help="Another operation file as a lever: this one edited, a road added for instance. Repeatable."
        ),
    ] = None,
    pairs: Annotated[int, typer.Option(min=0, help="Try the best so many levers two by two as well.")] = 0,
    most: Annotated[int, typer.Option(min=1, help="Drive so many of the levers that need a plan.")] = 12,
    seconds: PlanSeconds = 15,
    listed: Annotated[bool, typer.Option("--list", help="Only say which levers there are.")] = False,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Say what to ask for in the talks: what each concession would save.

    Each lever is planned and driven through the same courses as the operation is, and ranked by person-hours saved.
    What no lever says, a second corridor for instance, say in a copy of the operation file, and give that --with.

    \b
    Examples:
      safepassage levers aleppo-2016 --courses 500 --out levers.html
      safepassage levers valley.toml --with valley-second-road.toml
    """
    with open_door(as_json) as door:
        _expect_out(door, out, operation, plan, shocks, *(with_ or ()))
        subject = door.read(operation)
        model = _model(operation, subject, shocks)
        try:
            others = [control.alternative(subject, model, door.read(one), Path(one).stem) for one in with_ or ()]
        except ValueError as error:
            door.refuse(str(error))
        if listed:
            found = control.lever_texts(subject, model, others)
            door.answer(found)
            for id, text in found.items():
                door.print(f"{id}: {text}")
            return
        timetable = _timetable(door, subject, plan, seconds, seed)
        with asked_to_stop(door, SO_FAR) as stopped:
            base = _driven(
                door, subject, timetable, model, courses=courses, seed=seed, policy=policy,
                workers=control.CORES, cluster="", keep=None, checked=0, stop=stopped,
            )  # fmt: skip
            try:
                gains, left_out = control.levers(
                    subject, base, only=only or (), others=others, most=most, pairs=pairs, seconds=seconds, seed=seed,
                    stop=stopped, told=lambda text, number, of: door.say(f"lever {number} of {of}: {text}"),
                )  # fmt: skip
                report = control.levers_report(subject, base, gains, left_out, stopped=stopped())
            except ValueError as error:
                door.refuse(str(error))
        _answer(door, subject, report, out)


@app.command()
def compare(
    operation: OperationSource,
    of: Annotated[
        str, typer.Option(help="One evacuation. Without: the two that the agreement ties and most people are in.")
    ] = "",
    with_: Annotated[str, typer.Option("--with", help="The other one.")] = "",
    shocks: ShockFile = None,
    courses: CourseCount = 500,
    seed: SeedOfDraws = 0,
    policy: PolicyKind = "hold",
    seconds: PlanSeconds = 15,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Compare ways to tie two evacuations to each other: which agreement holds up.

    Lockstep, tranches, all of one side first, or not tied: what each saves against what is agreed, and how far one
    side gets ahead of the other at worst.

    \b
    Example:
      safepassage compare aleppo-2016 --courses 300 --out compare.html
    """
    with open_door(as_json) as door:
        _expect_out(door, out, operation, shocks)
        if bool(of) != bool(with_) or (of and of == with_):
            door.refuse("name two evacuations, one with --of and the other with --with, or none of them")
        subject = door.read(operation)
        try:
            pair = (of, with_) if of else control.linked(subject)
            control.designs(subject, *pair)
        except ValueError as error:
            door.refuse(str(error))
        model = _model(operation, subject, shocks)
        timetable = _timetable(door, subject, None, seconds, seed)
        with asked_to_stop(door, SO_FAR) as stopped:
            base = _driven(
                door, subject, timetable, model, courses=courses, seed=seed, policy=policy,
                workers=control.CORES, cluster="", keep=None, checked=0, stop=stopped,
            )  # fmt: skip
            found = control.compare(
                subject, base, pair, seconds=seconds, seed=seed, stop=stopped,
                told=lambda text, number, count: door.say(f"design {number} of {count}: {text}"),
            )  # fmt: skip
            try:
                report = control.compare_report(subject, pair, found, base, stopped=stopped())
            except ValueError as error:
                door.refuse(str(error))
        _answer(door, subject, report, out)
