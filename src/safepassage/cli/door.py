"""The door of every verb: where answers go, how files are refused, how long work is told and stopped."""

from __future__ import annotations

import json
import re
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, Any, NoReturn, TextIO

import typer
from rich import box
from rich.console import Console
from rich.live import Live
from rich.table import Table as Grid

from safepassage import control
from safepassage.check import Finding, Report
from safepassage.formats.problem import Problem
from safepassage.log import LogUnavailable
from safepassage.log.bundle import BundleRefused
from safepassage.operation import Operation
from safepassage.planner import Progress
from safepassage.report.document import Document
from safepassage.report.tables import Table
from safepassage.world import Calendar

NO, BAD_INPUT, QUIT = 1, 2, 130
PIPED_WIDTH = 200
"""Columns of tables that do not go to a terminal."""
QUIET_SECONDS = 5.0
"""At most so long without a word of progress where no terminal shows it live."""
SHOWN_MOST = 50
"""Findings printed before it says how many more there are; `--json` has them all."""

OperationSource = Annotated[
    str, typer.Argument(metavar="OPERATION", help="An operation file, or a shipped example by its name.")
]
TimetableFile = Annotated[
    Path | None, typer.Argument(metavar="[TIMETABLE]", help="A timetable that `plan` or `replan` wrote for it.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]
Seed = Annotated[int, typer.Option(help="The same seed and work give the same plan.")]
Work = Annotated[int | None, typer.Option(min=0, help="Most units of work to do.")]
Seconds = Annotated[float | None, typer.Option(min=0, help="Most seconds to take.")]
Page = Annotated[bool, typer.Option("--report", help="Write the plan's page too, beside the timetable (.html).")]


@dataclass(kw_only=True)
class Door:
    """Where answers go: tables and words for people, one JSON value for programs."""

    as_json: bool
    output: Console
    messages: Console
    warnings: list[str] = field(default_factory=list)

    def read(self, source: str) -> Operation:
        return control.read(source, warned=self.warn)

    def record(self, source: str, place: str | None, *, create: bool = False) -> control.Record:
        """The record in the log at `place`, or the one that ships with an example."""
        record = control.open_record(source, place, create=create)
        for problem in record.problems:
            self.warn(problem)
        return record

    def warn(self, problem: Problem) -> None:
        self.warnings.append(str(problem))
        self.say(f"warning: {problem}")

    def say(self, text: str) -> None:
        """A message about the work: never part of the answer."""
        self.messages.print(text)

    def print(self, text: str) -> None:
        """A part of the answer, for people."""
        if not self.as_json:
            self.output.print(text)

    def answer(self, value: Any) -> None:
        """The whole answer, for programs."""
        if self.as_json:
            print(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False))

    def refuse(self, text: str) -> NoReturn:
        self.answer({"problems": [{"what": text}]})
        self.say(f"error: {text}")
        raise typer.Exit(BAD_INPUT)

    def refuse_problems(self, problems: Iterable[Problem]) -> NoReturn:
        problems = tuple(problems)
        self.answer({"problems": [asdict(problem) for problem in problems]})
        for problem in problems:
            self.say(f"{problem.severity}: {problem}")
        raise typer.Exit(BAD_INPUT)

    def refuse_to_replace(self, path: Path, force: bool) -> None:
        self.expect_folder(path)
        if path.exists() and not force:
            self.refuse(f"{path} is there already: give another name, or --force to replace it")

    def expect_folder(self, path: Path) -> None:
        """Refuses now what could not be written after long work."""
        if not path.parent.is_dir():
            self.refuse(f"{path}: there is no folder {path.parent}; make it first")
        if path.is_dir():
            self.refuse(f"{path} is a folder: name a file")

    def spare(self, path: Path, *read: Path | str | None) -> None:
        """Refuses to write over a file that is read here: a log (or what belongs to it), an operation, a timetable."""
        beside = [Path(f"{one}{ending}") for one in read if one is not None for ending in ("", ".key", "-wal", "-shm")]
        if any(one.exists() and path.exists() and one.samefile(path) for one in beside):
            self.refuse(f"{path} is read here and would be lost: give another name")

    def wrote(self, written: Iterable[control.Written]) -> None:
        for one in written:
            self.say(f"{'Replaced' if one.replaced else 'Wrote'} {one.path}")

    def tables(self, tables: Iterable[Table]) -> None:
        for table in tables if not self.as_json else ():
            grid = Grid(title=table.title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
            for column in table.columns:
                grid.add_column(column, justify="right" if column in table.numeric else "left")
            for row in table.rows:
                grid.add_row(*row)
            self.output.print(grid)
            self.output.print()

    def document(self, document: Document) -> None:
        """A document, for people: the headline first."""
        self.print(document.headline)
        for said in document.under:
            self.print(said)
        for part in document.parts:
            if part.empty:
                continue
            self.print(f"\n{'! ' if part.alarm else ''}{part.title.upper()}")
            for said in part.sentences:
                self.print(f"- {said}")
            self.tables(table for table in part.tables if table.rows)
        for said in document.foot:
            self.print(said)

    def report(self, report: Report, calendar: Calendar) -> None:
        """What a check found, for people."""
        for finding in report.findings[:SHOWN_MOST]:
            self.print(finding_said(finding, calendar))
        if more := len(report.findings) - SHOWN_MOST:
            self.print(f"... and {more:,} more; --json has them all") if more > 0 else None
        for said in report.not_checkable:
            self.print(f"not checkable here: {said}")
        looked = ", ".join(f"{count:,} {what}" for what, count in report.checked.items())
        verdict = "Every rule and clause is kept" if report.ok else f"NOT KEPT: {len(report.findings):,} findings"
        self.print(f"{verdict}. Looked at {looked}.")


@contextmanager
def open_door(as_json: bool) -> Iterator[Door]:
    """Turns what is wrong with files into messages and exit codes, in one place."""
    door = Door(as_json=as_json, output=_console(sys.stdout), messages=_console(sys.stderr))
    try:
        yield door
    except control.Unreadable as error:
        door.refuse_problems(error.problems)
    except (LogUnavailable, BundleRefused) as error:
        door.refuse(str(error))
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        door.refuse(f"{where}{error.strerror or error}")


def _console(stream: TextIO) -> Console:
    width = None if stream.isatty() else PIPED_WIDTH
    return Console(file=stream, width=width, markup=False, highlight=False, emoji=False, soft_wrap=not stream.isatty())


def finding_said(finding: Finding, calendar: Calendar) -> str:
    """A finding as one line."""
    when = "" if finding.at is None else f"{calendar.clock(finding.at)}: "
    return f"{finding.severity}: {finding.rule}: {when}{finding.text}"


def report_record(report: Report) -> dict[str, Any]:
    """A check's report as a value of JSON."""
    return {
        "ok": report.ok,
        "findings": [asdict(finding) for finding in report.findings],
        "not_checkable": list(report.not_checkable),
        "checked": dict(report.checked),
    }


# Progress and Ctrl-C


@contextmanager
def asked_to_stop(door: Door) -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed. A second one ends the program."""
    asked: list[int] = []

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        door.say("Stopping: the best plan so far follows. Ctrl-C again quits at once, without it.")

    before = signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def told(door: Door, calendar: Calendar) -> Iterator[Callable[[Progress], None]]:
    """Shows how planning comes along: live on a terminal, else a line for each stage and every few seconds."""
    watch = control.Stopwatch()
    latest = Progress(stage="start", text="reading the operation")
    stage, said = "", 0.0

    def keep(progress: Progress) -> None:
        nonlocal latest
        latest = progress

    def tell(progress: Progress) -> None:
        nonlocal stage, said
        if progress.stage != stage or watch.seconds >= said + QUIET_SECONDS:
            stage, said = progress.stage, watch.seconds
            door.say("; ".join(f"{name} {value}" for name, value in _progress_rows(progress, calendar, watch.seconds)))

    if not door.messages.is_terminal:
        yield tell
        return
    screen = Live(
        console=door.messages,
        transient=True,
        get_renderable=lambda: _progress_grid(latest, calendar, watch.seconds),
    )
    with screen:
        yield keep


def _progress_rows(progress: Progress, calendar: Calendar, seconds: float) -> list[tuple[str, str]]:
    rows = [("stage", f"{progress.stage}: {progress.text}")]
    if progress.incumbent is not None:
        rows.append(("objective", f"{progress.incumbent:,.0f}"))
    if progress.bound is not None:
        rows.append(("bound", f"{progress.bound:,.0f}"))
    if progress.gap is not None:
        rows.append(("gap", f"{100 * progress.gap:.2f} %"))
    if progress.ends is not None:
        rows.append(("ends", calendar.clock(progress.ends)))
    return [*rows, ("elapsed", f"{seconds:.1f} s")]


def _progress_grid(progress: Progress, calendar: Calendar, seconds: float) -> Grid:
    grid = Grid.grid(padding=(0, 2))
    for name, value in _progress_rows(progress, calendar, seconds):
        grid.add_row(name, value)
    return grid


# Words of the command line as values


def instant(calendar: Calendar, text: str, option: str) -> datetime:
    """A time given at the command line, or a refusal that shows how to write it."""
    try:
        return calendar.instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


LONGEST = 366 * 1440
"""Minutes of a year: no operation lasts longer."""
_DURATION = re.compile(r"(?:(?P<days>\d+)d)?(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m(?:in)?)?")


def duration(text: str, option: str) -> int:
    """Minutes of `24h`, `90m`, `2d` or `1h30m`, or a refusal that shows how to write it."""
    found = _DURATION.fullmatch(text.replace(" ", ""))
    days, hours, minutes = (int(part or 0) for part in found.groups()) if found else (0, 0, 0)
    total = (days * 24 + hours) * 60 + minutes
    if not 0 < total <= LONGEST:
        raise typer.BadParameter(f"{text!r} is no duration: write 24h, 90m, 2d or 1h30m", param_hint=option)
    return total
