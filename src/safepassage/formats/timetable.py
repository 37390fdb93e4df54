"""The timetable file: the movements of a plan as JSON, times in minutes for programs and in local time for people."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from safepassage.formats.lines import LineIndex
from safepassage.formats.lines import Path as KeyPath
from safepassage.formats.operation import canonical, operation_hash
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.shape import shown
from safepassage.formats.writing import write_whole
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.world import Calendar, Span

FORMAT = 1
SIZE_MAX = 100_000_000
"""Bytes. A plan for a million people has a few."""

INSTANTS = frozenset({
    "loading", "unloading", "departs", "arrives", "starts", "ends", "handed_over", "arrived", "turned_back",
    "frozen_until",
})  # fmt: skip
"""Fields in minutes of the operation; beside each stands the same as local time, under its name and `_at`."""

Read = tuple[Timetable | None, tuple[Problem, ...]]


def write_timetable(timetable: Timetable, path: Path | str, calendar: Calendar) -> None:
    """Writes a timetable, whole or not at all, its times also as this calendar has them."""
    tables = {"format": FORMAT, **canonical(timetable)}
    gap = timetable.gap if timetable.gap is not None and isfinite(timetable.gap) else None
    tables |= {"gap": gap, "carried": timetable.carried, "ends": timetable.ends}
    text = json.dumps(_with_local_times(tables, calendar), indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, f"{text}\n".encode())


def read_timetable(path: Path | str, operation: Operation | None = None) -> Read:
    """The timetable of a file and its problems; None where there is one.

    With an operation, that it is a timetable of that operation and names nothing the operation does not have.
    """
    path = Path(path)
    file = str(path)

    def refused(what: str, fix: str, line: int = 1) -> Read:
        return None, (Problem(file=file, line=line, what=what, fix=fix),)

    if path.is_dir():
        return refused("this is a directory", "Name the timetable in it, such as timetable.json.")
    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE_MAX + 1)
    except FileNotFoundError:
        return refused("there is no such file", "Check the name, or make one with `safepassage plan`.")
    except OSError as error:
        return refused(f"the file cannot be read: {error.strerror or error}", "Check its permissions.")
    except ValueError:
        return refused("this cannot be the name of a file", "Check the name.")
    if len(content) > SIZE_MAX:
        return refused("the file is larger than 100 MB", "Check that it is a timetable.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return refused("the file is not UTF-8", "Save it as UTF-8.", content.count(b"\n", 0, error.start) + 1)
    return parse_timetable(text, file, operation)


def parse_timetable(text: str, file: str = "<text>", operation: Operation | None = None) -> Read:
    """The timetable that a text holds and its problems, as `read_timetable`."""
    try:
        record = timetable_record().model_validate_json(text)
    except ValidationError as error:
        return None, _problems(error, text, file)
    lines = LineIndex.of_json(text)
    try:
        timetable: Timetable = _made(record)
    except ValueError as error:
        what, _, fix = str(error).partition(": ")
        return None, (Problem(file=file, line=1, what=what, fix=fix or "Make the timetable again."),)
    if operation is None:
        return timetable, ()
    if timetable.operation_hash != operation_hash(operation):
        what = (
            f"this is a timetable of {shown(timetable.operation)} ({timetable.operation_hash[:12]}), not of"
            f" {shown(operation.name)} as it is now ({operation_hash(operation)[:12]})"
        )
        fix = "Give the operation it was made for, or plan again."
        return None, (Problem(file=file, line=lines.line(("operation_hash",)), what=what, fix=fix),)
    problems = tuple(
        Problem(
            file=file,
            line=lines.line(path),
            what=f"{_said(path)}: unknown {kind} {shown(id)}",
            fix=nearest(id, known),
        )
        for path, kind, id, known in _unknown(timetable, operation)
    )
    return (None if problems else timetable), problems


# The shape of the file, from the dataclasses


class Record(BaseModel):
    """One object of the file."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    made: ClassVar[type]


@cache
def timetable_record() -> type[Record]:
    """The shape of the whole file."""
    return _record(
        Timetable,
        format=(Literal[1], Field(description="The number of this file format.")),
        gap=(float | None, Field(default=None, description="(objective - bound) / bound; for readers.")),
        carried=(int | None, Field(default=None, description="People who arrive; for readers.")),
        ends=(int | None, Field(default=None, description="The end of the last unloading; for readers.")),
        ends_at=(str | None, None),
    )


def _record(described: type, **more: Any) -> type[Record]:
    hints = get_type_hints(described)
    keys: dict[str, Any] = dict(more)
    for field in fields(described):
        default = Field() if field.default is MISSING else field.default
        keys[field.name] = (_recorded(hints[field.name]), default)
        if field.name in INSTANTS:
            local = tuple[str, str] if Span in (hints[field.name], *get_args(hints[field.name])) else str
            keys[f"{field.name}_at"] = (local | None, None)
    record = create_model(described.__name__, __base__=Record, __doc__=described.__doc__, **keys)
    record.made = described
    return record


def _recorded(annotation: Any) -> Any:
    """An annotation of the domain with records in place of dataclasses."""
    origin = get_origin(annotation)
    if is_dataclass(annotation) and isinstance(annotation, type):
        return _record(annotation)
    if origin is tuple:
        return tuple[tuple(_recorded(part) for part in get_args(annotation))]  # type: ignore[misc]
    if origin in (Union, types.UnionType):
        return Union[tuple(_recorded(part) for part in get_args(annotation))]  # noqa: UP007
    return annotation


def _made(value: Any) -> Any:
    """Records as values of the domain. Raises ValueError where a constructor does."""
    if isinstance(value, Record):
        return value.made(**{field.name: _made(getattr(value, field.name)) for field in fields(value.made)})
    if type(value) is tuple:
        return tuple(_made(item) for item in value)
    return value


def _with_local_times(value: Any, calendar: Calendar) -> Any:
    if isinstance(value, list):
        return [_with_local_times(item, calendar) for item in value]
    if not isinstance(value, dict):
        return value
    written: dict[str, Any] = {}
    for key, item in value.items():
        written[key] = _with_local_times(item, calendar)
        if key in INSTANTS and isinstance(item, int):
            written[f"{key}_at"] = _local(item, calendar)
        elif key in INSTANTS and isinstance(item, list):
            written[f"{key}_at"] = [_local(minute, calendar) for minute in item]
    return written


def _local(minute: int, calendar: Calendar) -> str:
    return calendar.when(minute).isoformat(timespec="minutes")


# What is wrong with it


def _problems(error: ValidationError, text: str, file: str) -> tuple[Problem, ...]:
    found: list[Problem] = []
    lines: LineIndex | None = None
    for item in error.errors(include_url=False):
        if item["type"] == "json_invalid":
            said = str(item["ctx"]["error"])
            place = re.search(r" at line (\d+) column \d+$", said)
            what = f"this is not JSON: {said[: place.start()] if place else said}"
            line = int(place[1]) if place else 1
            return (Problem(file=file, line=line, what=what, fix="Make the timetable again, or undo what was edited."),)
        lines = lines or LineIndex.of_json(text)
        path: KeyPath = tuple(item["loc"])
        what, fix = _said_of(path, item)
        found.append(Problem(file=file, line=lines.line(path), what=what, fix=fix))
    return tuple(sorted(found, key=lambda problem: problem.line))


def _said_of(path: KeyPath, item: Mapping[str, Any]) -> tuple[str, str]:
    where = _said(path)
    if item["type"] == "missing":
        return f"{where} is missing", f"Add `{path[-1]}`, or make the timetable again."
    if item["type"] == "extra_forbidden":
        return f"{where} is unknown", "Leave it out."
    if path == ("format",):
        newer = isinstance(item["input"], int) and item["input"] > FORMAT
        fix = "Use a newer version of safepassage." if newer else f"Write {FORMAT}."
        return f"format {shown(item['input'])} cannot be read here", fix
    wanted = str(item["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    return f"{where} is {shown(item['input'])}", f"It should be {wanted}."


def _said(path: KeyPath) -> str:
    """A path as it is written in JSON tools: movements[3].legs[0].road."""
    said = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return said.removeprefix(".") or "the file"


Unknown = tuple[KeyPath, str, str, Mapping[str, Any]]


def _unknown(timetable: Timetable, operation: Operation) -> Iterator[Unknown]:
    """Ids that the operation does not have: where, of what kind, which, and those it has."""
    for path, kind, id in _named(timetable):
        known: Mapping[str, Any] = {
            "evacuation": operation.evacuations,
            "place": operation.world.places,
            "road": operation.world.roads,
            "crossing": operation.world.crossings,
            "fleet": operation.fleets,
            "group": operation.groups,
        }[kind]
        if id not in known:
            yield path, kind, id, known


def _named(timetable: Timetable) -> Iterator[tuple[KeyPath, str, str]]:
    """Every id that a timetable names, with where it stands and of what kind it is."""
    for ordinal, movement in enumerate(timetable.movements):
        at: KeyPath = ("movements", ordinal)
        yield (*at, "evacuation"), "evacuation", movement.evacuation
        yield (*at, "origin"), "place", movement.origin
        yield (*at, "destination"), "place", movement.destination
        yield from (((*at, "vehicles", fleet), "fleet", fleet) for fleet in movement.vehicles)
        for fleet, groups in movement.people.items():
            yield (*at, "people", fleet), "fleet", fleet
            yield from (((*at, "people", fleet, group), "group", group) for group in groups)
        for number, leg in enumerate(movement.legs):
            yield (*at, "legs", number, "road"), "road", leg.road
            yield (*at, "legs", number, "here"), "place", leg.here
            yield (*at, "legs", number, "there"), "place", leg.there
        for number, inspection in enumerate(movement.inspections):
            yield (*at, "inspections", number, "crossing"), "crossing", inspection.crossing
    for ordinal, move in enumerate(timetable.empty_moves):
        at = ("empty_moves", ordinal)
        yield from (((*at, "vehicles", fleet), "fleet", fleet) for fleet in move.vehicles)
        for number, hop in enumerate(move.hops):
            yield (*at, "hops", number, "here"), "place", hop.here
            yield (*at, "hops", number, "there"), "place", hop.there
    for ordinal, left in enumerate(timetable.left_behind):
        yield ("left_behind", ordinal, "evacuation"), "evacuation", left.evacuation
        yield ("left_behind", ordinal, "group"), "group", left.group
