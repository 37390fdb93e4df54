"""The verbs of planning at the command line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, get_args

import typer

from safepassage import control
from safepassage.agreement import Language
from safepassage.cli.door import (
    NO,
    SHOWN_MOST,
    Door,
    Json,
    OperationSource,
    Page,
    Seconds,
    Seed,
    TimetableFile,
    Work,
    asked_to_stop,
    duration,
    finding_said,
    instant,
    open_door,
    report_record,
    told,
)
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.planner import Planned
from safepassage.report import plan_html, png
from safepassage.report.tables import Table, movement_table, operation_tables, plan_tables
from safepassage.world import Calendar, Span

app = typer.Typer()

# The verbs


@app.command()
def new(
    file: Annotated[Path, typer.Argument(help="The operation file to write.")],
    force: Annotated[bool, typer.Option(help="Replace a file of that name.")] = False,
    as_json: Json = False,
) -> None:
    """Write an operation file to start from.

    It is small, and explains every key.

    \b
    Example:
      safepassage new valley.toml
    """
    with open_door(as_json) as door:
        door.refuse_to_replace(file, force)
        door.wrote([control.write(file, control.new())])
        door.answer({"file": str(file)})
        door.say(f"Edit it, then: safepassage check {file}")


@app.command()
def check(
    operation: OperationSource,
    timetable: TimetableFile = None,
    bound: Annotated[
        Path | None, typer.Option(help="A certificate (.bound.npz): recompute the bound, without a solver.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check an operation file, or a timetable.

    A timetable is judged against every rule and clause, at every instant. Exits with 1 where one is not kept.

    \b
    Example:
      safepassage check aleppo-2016 timetable.json --bound timetable.bound.npz
    """
    with open_door(as_json) as door:
        subject = door.read(operation)
        answer: dict[str, Any] = {"operation": subject.name, "ok": True, "warnings": door.warnings}
        plan = None if timetable is None else control.read_plan(timetable, subject)
        proven = None
        if bound is not None:
            certificate = control.read_bound(bound, subject)
            try:
                proven = control.recompute_bound(subject, certificate, plan)
            except ValueError as error:
                door.refuse(f"{bound}: {error}")
            answer["bound"] = {"stated": certificate.value, "recomputed": proven}
            door.print(f"Bound: {proven:,.3f} weighted person-hours, recomputed from its dual values without a solver.")
            if not _at_most(certificate.value, proven):
                answer["ok"] = False
                door.print(f"NOT PROVEN: {bound} states {certificate.value:,.3f}.")
        if plan is None:
            door.print(
                f"{subject.name}: reads without errors. {subject.people:,} people, {len(subject.world.places)} places, "
                f"{len(subject.clauses)} clauses."
            )
        else:
            report = control.check(subject, plan)
            answer |= report_record(report) | {"ok": bool(answer["ok"]) and report.ok}
            door.report(report, subject.calendar)
            if proven is not None and plan.bound is not None and not _at_most(plan.bound, proven):
                answer["ok"] = False
                door.print(f"NOT PROVEN: the timetable states a bound of {plan.bound:,.3f}.")
        door.answer(answer)
        if not answer["ok"]:
            raise typer.Exit(NO)


@app.command()
def plan(
    operation: OperationSource,
    out: Annotated[Path, typer.Option(help="The timetable to write; its bound goes beside it.")] = Path(
        "timetable.json"
    ),
    seconds: Seconds = None,
    work: Work = None,
    seed: Seed = 0,
    completion: Annotated[
        float | None,
        typer.Option(min=0, help="End as early as an objective at most so much above the best allows (0.05: 5 %)."),
    ] = None,
    page: Page = False,
    as_json: Json = False,
) -> None:
    """Plan the convoys that bring everyone out.

    When each loads, which way it takes, and who is aboard. Ctrl-C gives the best plan so far. With neither --seconds
    nor --work, a fixed amount of work is done.

    \b
    Example:
      safepassage plan aleppo-2016 --seconds 60 --report
    """
    with open_door(as_json) as door:
        subject = door.read(operation)
        door.expect_folder(out)
        with asked_to_stop(door) as stopped, told(door, subject.calendar) as progress:
            planned = control.plan(
                subject,
                seed=seed,
                work=work,
                seconds=seconds,
                completion=completion,
                stopped=stopped,
                progress=progress,
            )
        _planned(door, subject, planned, out, page=page)


@app.command()
def replan(
    operation: OperationSource,
    timetable: Annotated[
        Path | None, typer.Argument(help="The timetable under way. Not with --log, which has the plan adopted.")
    ] = None,
    at: Annotated[
        str, typer.Option("--at", "--as-of", help='The instant of the change, local time: "2016-12-16 10:00".')
    ] = "",
    log: Annotated[
        str | None, typer.Option("--log", metavar="LOG", help="Plan on from what this log says has happened.")
    ] = None,
    reopens: Annotated[
        list[str] | None, typer.Option(help='With --log: when what is reported shut opens, SEGMENT@"2016-12-18 06:00".')
    ] = None,
    close: Annotated[
        list[str] | None, typer.Option(help="A road (place--place) or crossing (place) that is shut. Repeatable.")
    ] = None,
    withdraw: Annotated[list[str] | None, typer.Option(help="A consent withdrawn: PARTY@SEGMENT. Repeatable.")] = None,
    lasting: Annotated[str | None, typer.Option("--for", help="How long it lasts: 24h, 90m, 2d, 1h30m.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when it lasts, local time. Neither: to the end.")] = None,
    out: Annotated[
        Path, typer.Option(help="The timetable to write; the operation as it is now goes beside it (.toml).")
    ] = Path("replanned.json"),
    seconds: Seconds = None,
    work: Work = None,
    seed: Seed = 0,
    page: Page = False,
    as_json: Json = False,
) -> None:
    """Plan again from an instant on.

    What has begun to load by then is past; what a closure catches turns back. A timetable belongs to the operation it
    was made for, so the operation as it is now is written beside the new timetable: use that one from then on.

    With --log, what the record says has happened is past, and what it reports shut is closed. The timetable belongs to
    the operation as it is filed: adopt it with `record --plan`.

    \b
    Examples:
      safepassage replan aleppo-2016 timetable.json --at "2016-12-16 10:00" --close ramouseh--rashideen --for 24h
      safepassage replan tiny --log tiny.log --as-of "2025-03-01 07:00" --seconds 10
    """
    with open_door(as_json) as door:
        if not at:
            door.refuse('--at is missing: give the instant of the change, such as --at "2016-12-16 10:00"')
        door.expect_folder(out)
        if log is not None:
            if any((timetable, close, withdraw, lasting, until)):
                said = "the timetable, --close, --withdraw, --for and --until"
                door.refuse(f"--log says what happened, and --reopens until when it lasts: leave out {said}")
            record = door.record(operation, log)
            _planned_from(door, record, at, reopens or [], out, seconds=seconds, work=work, seed=seed, page=page)
            return
        if reopens:
            door.refuse("--reopens is of what a log reports shut: give --log, or say --until when --close lasts")
        if timetable is None:
            door.refuse("name the timetable under way, or the operation's --log")
        before = door.read(operation)
        underway = control.read_plan(timetable, before)
        calendar = before.calendar
        start = calendar.minute(instant(calendar, at, "--at"))
        if not 0 <= start <= calendar.end:
            door.refuse(f"--at {at}: the operation lasts from {calendar.clock(0)} to {calendar.clock(calendar.end)}")
        span = Span(start, _end(calendar, start, lasting, until))
        if span.end <= span.start:
            door.refuse("the closure ends before it begins: give a later --until, or --for")
        changes = tuple(close or ()), tuple(_party_and_segment(one) for one in withdraw or ())
        try:
            text, subject = control.amend(
                control.locate(operation).read_text(encoding="utf-8-sig"),
                span=span,
                closed=changes[0],
                withdrawn=changes[1],
                file=operation,
            )
        except control.Unreadable:
            raise
        except ValueError as error:
            door.refuse(str(error))
        with asked_to_stop(door) as stopped, told(door, calendar) as progress:
            planned = control.replan(
                subject, underway, at=start, seed=seed, work=work, seconds=seconds, stopped=stopped, progress=progress
            )
        amended = [control.write(out.with_suffix(".toml"), text)] if any(changes) else []
        _planned(door, subject, planned, out, page=page, amended=amended)


@app.command()
def explain(
    operation: OperationSource,
    timetable: TimetableFile = None,
    language: Annotated[str, typer.Option(help="Of the agreement: en or ar.")] = "en",
    as_json: Json = False,
) -> None:
    """Say in sentences what holds people back.

    What a plan amounts to, who is left behind and why, what binds, and what was agreed.

    \b
    Example:
      safepassage explain aleppo-2016 timetable.json
    """
    with open_door(as_json) as door:
        said: tuple[Language, ...] = get_args(Language)
        spoken = next((one for one in said if one == language), None)
        if spoken is None:
            door.refuse(f"--language {language}: give one of {', '.join(said)}")
        subject = door.read(operation)
        plan = None if timetable is None else control.read_plan(timetable, subject)
        sections = control.explain(subject, plan, language=spoken)
        for section in sections:
            door.print(f"{section.title}\n" + "".join(f"  {sentence}\n" for sentence in section.sentences))
        door.answer({"operation": subject.name, "sections": [asdict(section) for section in sections]})


@app.command()
def show(
    operation: OperationSource,
    timetable: TimetableFile = None,
    picture: Annotated[str | None, typer.Option(help=f"Draw instead of tables: {', '.join(control.PICTURES)}.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the plan's page to this file.")] = None,
    out: Annotated[Path | None, typer.Option(help="The picture's file, .svg or .png.")] = None,
    force: Annotated[bool, typer.Option(help="Replace files of these names.")] = False,
    as_json: Json = False,
) -> None:
    """Show an operation or a plan, or draw it.

    As tables on the screen; with --picture or --html to a file.

    \b
    Example:
      safepassage show aleppo-2016 timetable.json --picture map --out map.svg
    """
    with open_door(as_json) as door:
        subject = door.read(operation)
        plan = None if timetable is None else control.read_plan(timetable, subject)
        if plan is None and (picture is not None or html is not None):
            door.refuse("a picture or a page needs a TIMETABLE: make one with `safepassage plan`")
        if (picture is None) != (out is None):
            door.refuse("--picture and --out go together, such as --picture map --out map.svg")
        drawn = _drawn(door, subject, plan, picture, out) if plan is not None and picture and out else None
        for path in (out, html):
            if path is not None:
                door.refuse_to_replace(path, force)
        written = []
        if out is not None and drawn is not None:
            written.append(control.write(out, drawn))
        if html is not None and plan is not None:
            written.append(control.write(html, plan_html(subject, plan)))
        if written:
            door.wrote(written)
            door.answer({"files": [str(one.path) for one in written]})
            return
        tables = (
            operation_tables(subject) if plan is None else (*plan_tables(subject, plan), movement_table(subject, plan))
        )
        door.tables(tables)
        door.answer({"operation": subject.name, "tables": {table.title: table.records() for table in tables}})


@app.command()
def generate(
    out: Annotated[Path, typer.Option(help="The operation file to write.")],
    sites: Annotated[int, typer.Option(help="Places that people leave.")] = 10,
    destinations: Annotated[int, typer.Option(help="Places that receive them.")] = 3,
    people: Annotated[int, typer.Option(help="People to bring out, in all.")] = 20_000,
    vehicles: Annotated[int, typer.Option(help="Buses, in all.")] = 100,
    escorts: Annotated[int | None, typer.Option(help="Escort teams, in all. None given: none is needed.")] = None,
    tolerance: Annotated[
        float | None, typer.Option(help="Neighbouring sites move in lockstep within this (0.25: 25 %).")
    ] = None,
    days: Annotated[int, typer.Option(help="Days it may take.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
    force: Annotated[bool, typer.Option(help="Replace a file of that name.")] = False,
    as_json: Json = False,
) -> None:
    """Write an invented operation of any size.

    To try things on. The same numbers and seed give the same file.

    \b
    Example:
      safepassage generate --sites 10 --destinations 3 --people 20000 --vehicles 100 --out invented.toml
    """
    with open_door(as_json) as door:
        door.refuse_to_replace(out, force)
        try:
            text = control.generate(
                sites=sites,
                destinations=destinations,
                people=people,
                vehicles=vehicles,
                escorts=escorts,
                tolerance=tolerance,
                days=days,
                seed=seed,
            )
        except ValueError as error:
            door.refuse(str(error))
        door.wrote([control.write(out, text)])
        door.answer({"file": str(out), "seed": seed})


@app.command()
def examples(as_json: Json = False) -> None:
    """List the operations that ship with it.

    Any command takes one of them by its name.

    \b
    Example:
      safepassage examples
    """
    with open_door(as_json) as door:
        found = {name: control.read(name) for name in control.examples()}
        rows = tuple((id, one.name, f"{one.people:,}", f"{one.calendar.days}") for id, one in found.items())
        columns = ("example", "operation", "people", "days")
        door.tables([Table(title="", columns=columns, rows=rows, numeric=frozenset({"people", "days"}))])
        door.answer({"examples": [dict(zip(columns, row, strict=True)) for row in rows]})


def _planned_from(
    door: Door,
    record: control.Record,
    at: str,
    reopens: list[str],
    out: Path,
    *,
    seconds: float | None,
    work: int | None,
    seed: int,
    page: bool,
) -> None:
    """Plans what remains by a record: what is on the road is past, what is reported shut is closed."""
    calendar = record.operation.calendar
    opening = dict(_segment_and_time(calendar, one) for one in reopens)
    found = record.situation(instant(calendar, at, "--at"))
    try:
        with asked_to_stop(door) as stopped, told(door, calendar) as progress:
            done = control.replan_from(
                found, reopens=opening, seed=seed, work=work, seconds=seconds, stopped=stopped, progress=progress
            )
    except ValueError as error:
        door.refuse(str(error))
    compared = {"kept": done.kept, "moved": done.moved, "dropped": done.dropped, "new": done.new}
    for word, ids in compared.items():
        door.print(f"{len(ids):,} movements {word}" + (f": {', '.join(ids[:12])}" if ids else ""))
    closed = {segment: until.isoformat() for segment, until in done.closed.items()}
    _planned(door, done.operation, done.planned, out, page=page, more={"closed": closed, **compared})


def _planned(
    door: Door,
    operation: Operation,
    planned: Planned,
    out: Path,
    *,
    page: bool,
    amended: Iterable[control.Written] = (),
    more: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Writes a plan, checks it, and says what it is. `more`: what else is answered."""
    timetable = planned.timetable
    written = [*control.write_plan(operation, planned, out, page=page), *amended]
    report = control.check(operation, timetable)
    door.tables(plan_tables(operation, timetable))
    for note in timetable.notes:
        door.print(note)
    door.wrote(written)
    door.answer(
        {
            "operation": operation.name,
            "outcome": timetable.outcome,
            "people": operation.people,
            "carried": timetable.carried,
            "ends": timetable.ends,
            "ends_at": operation.calendar.when(timetable.ends).isoformat(timespec="minutes"),
            "objective": timetable.objective,
            "bound": timetable.bound,
            "gap": timetable.gap,
            "left_behind": [asdict(one) for one in timetable.left_behind],
            "notes": list(timetable.notes),
            "warnings": door.warnings,
            "files": [str(one.path) for one in written],
            "check": report_record(report),
            **more,
        }
    )
    left = sum(one.people for one in timetable.left_behind)
    if left:
        door.say(f"{left:,} OF {operation.people:,} PEOPLE ARE LEFT BEHIND. See `safepassage explain`.")
    if not report.ok:
        for finding in report.findings[:SHOWN_MOST]:
            door.say(finding_said(finding, operation.calendar))
        door.say(
            f"The plan does not keep {len(report.findings):,} rules or clauses. This is a fault of the planner, not"
            " of your file: do not use the plan, and report it with the operation file and the seed."
        )
    if not report.ok or not _is_an_answer(timetable, operation):
        raise typer.Exit(NO)


def _is_an_answer(timetable: Timetable, operation: Operation) -> bool:
    """People left behind are an answer, said loudly; nobody carried at all is a no."""
    return bool(timetable.movements) or operation.people == 0


def _at_most(stated: float, proven: float) -> bool:
    return stated <= proven + 1e-6 * max(1.0, abs(proven))


def _end(calendar: Calendar, start: int, lasting: str | None, until: str | None) -> int:
    if lasting is not None and until is not None:
        raise typer.BadParameter("give --for or --until, not both", param_hint="--for")
    if lasting is not None:
        return start + duration(lasting, "--for")
    return calendar.end if until is None else calendar.minute(instant(calendar, until, "--until"))


def _segment_and_time(calendar: Calendar, text: str) -> tuple[str, datetime]:
    segment, _, opens = text.partition("@")
    if not (segment and opens):
        example = f'hill--bridge@"{calendar.starts:%Y-%m-%d} 12:00"'
        raise typer.BadParameter(f"{text!r}: write SEGMENT@TIME, such as {example}", param_hint="--reopens")
    return segment, instant(calendar, opens, "--reopens")


def _party_and_segment(text: str) -> tuple[str, str]:
    party, at, segment = text.partition("@")
    if not (party and at and segment):
        raise typer.BadParameter(f"{text!r}: write PARTY@SEGMENT, such as russia@ramouseh", param_hint="--withdraw")
    return party, segment


def _drawn(door: Door, operation: Operation, timetable: Timetable, picture: str, out: Path) -> str | bytes:
    """A picture as the file's ending asks."""
    wanted = next((name for name in control.PICTURES if name == picture), None)
    if wanted is None:
        door.refuse(f"--picture {picture}: give one of {', '.join(control.PICTURES)}")
    if out.suffix not in (".svg", ".png"):
        door.refuse(f"--out {out}: a picture's file ends in .svg or .png")
    svg = control.show(operation, timetable, wanted)
    if not svg:
        door.refuse(f"there is nothing to draw: this plan has no {wanted}")
    return png(svg) if out.suffix == ".png" else svg
