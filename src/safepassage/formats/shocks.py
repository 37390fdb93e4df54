"""A shock model as a TOML file beside its operation: what goes wrong, how often, for how long, and on what basis."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

from pydantic import PlainValidator, WithJsonSchema

from safepassage.formats.lines import LineIndex
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.shape import BY_ANNOTATION, NUMBER_MAX, Id, Key, Rejected, Table, Text, shown

S = TypeVar("S")
SIZE_MAX = 1_000_000
"""Bytes. The largest models that make sense take a tenth of it."""
LAWS: Mapping[str, tuple[str, ...]] = {
    "fixed": ("low",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "lognormal": ("median", "p90"),
}
"""What a law is written as, and the numbers it has: { lognormal = { median = 300, p90 = 1200 } }."""


def read_shocks(
    path: Path | str, kinds: Sequence[type[S]], law: type, fits: Callable[[S], None]
) -> tuple[str, tuple[S, ...], tuple[Problem, ...]]:
    """The name and the shocks of a model, each of one of these kinds, and all problems.

    `law` makes a law of its shape and numbers; `fits` raises ValueError where a shock names what its operation lacks.
    """
    path = Path(path)
    file = str(path)

    def refused(what: str, fix: str, line: int = 1) -> tuple[str, tuple[S, ...], tuple[Problem, ...]]:
        return "", (), (Problem(file=file, line=line, what=what, fix=fix),)

    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE_MAX + 1)
        if len(content) > SIZE_MAX:
            return refused("the file is larger than 1 MB", "A shock model has at most 1 MB: check that it is one.")
        text = content.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        return refused("there is no such file", "Check the name; a model is a file such as operation.shocks.toml.")
    except OSError as error:
        return refused(f"the file cannot be read: {error.strerror or error}", "Check its name and permissions.")
    except UnicodeDecodeError as error:
        return refused("it is not UTF-8", "Save the file as UTF-8.", content.count(b"\n", 0, error.start) + 1)
    except RecursionError:
        return refused("brackets are nested too deeply", "Check the brackets.")
    except ValueError as error:
        at = re.search(r"line (\d+)", str(error))
        return refused(f"this is not TOML: {str(error)[:200]}", "Correct this line.", int(at[1]) if at else 1)
    reading = _Reading(file, LineIndex(text), shock_tables(tuple(kinds), law), kinds)
    shocks = reading.shocks(tables, fits)
    return reading.name(tables, path.stem), shocks, tuple(sorted(reading.problems, key=_line))


@cache
def shock_tables(kinds: tuple[type[Any], ...], law: type) -> Mapping[str, Table]:
    """The table of each kind of shock: a key for each field, needed where the field has no default."""
    written = {**BY_ANNOTATION, float: Number, law: _law_written(law)}
    tables: dict[str, Table] = {}
    for kind in kinds:
        hints = get_type_hints(kind)
        table = {"kind": Key("kind", True, Text)}
        for field in fields(kind):
            needed = field.default is MISSING and field.default_factory is MISSING
            table[field.name] = Key(field.name, needed, Id if field.name == "id" else written[hints[field.name]])
        tables[kind.kind] = table
    return tables


def _line(problem: Problem) -> int:
    return problem.line


class _Reading:
    """One pass over a model; every problem is kept."""

    def __init__(
        self, file: str, index: LineIndex, tables: Mapping[str, Table], kinds: Sequence[Callable[..., Any]]
    ) -> None:
        self.file, self.index, self.tables = file, index, tables
        self.make = dict(zip(tables, kinds, strict=True))
        self.problems: list[Problem] = []

    def wrong(self, path: tuple[str | int, ...], what: str, fix: str) -> None:
        fix = fix if fix.endswith((".", "?")) else f"{fix[:1].upper()}{fix[1:]}."
        self.problems.append(Problem(file=self.file, line=self.index.line(path), what=what, fix=fix))

    def name(self, tables: Mapping[str, Any], otherwise: str) -> str:
        name = tables.get("name", otherwise)
        if not isinstance(name, str):
            self.wrong(("name",), f"name: {shown(name)} is not text", "put it in quotes")
            return otherwise
        return name

    def shocks(self, tables: Mapping[str, Any], fits: Callable[[Any], None]) -> tuple[Any, ...]:
        for key in tables:
            if key not in ("format", "name", "shock"):
                self.wrong((key,), f"there is no key {key!r} here", nearest(key, ("format", "name", "shock")))
        if tables.get("format") != 1 or isinstance(tables["format"], bool):
            self.wrong(("format",), "the file does not say format = 1", "Write format = 1 at its top.")
        rows = tables.get("shock", [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.wrong(("shock",), "shock is not a list of tables", "Write each as [[shock]].")
            return ()
        made: list[Any] = []
        seen: dict[str, int] = {}
        for number, row in enumerate(rows):
            shock = self.shock(("shock", number), row)
            if shock is None:
                continue
            try:
                fits(shock)
            except ValueError as error:
                what, _, fix = str(error).partition(": ")
                self.wrong(("shock", number), what, fix or "Correct it.")
            if shock.id in seen:
                line = self.index.line(("shock", seen[shock.id], "id"))
                self.wrong(("shock", number, "id"), f"the id {shock.id!r} is taken in line {line}", "Give another one.")
            seen.setdefault(shock.id, number)
            made.append(shock)
        return tuple(made)

    def shock(self, path: tuple[str | int, ...], row: Mapping[str, Any]) -> Any:
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in self.tables:
            said = f"{shown(kind)} is no kind of shock" if "kind" in row else "the shock has no kind"
            self.wrong((*path, "kind"), said, nearest(str(kind or ""), self.tables))
            return None
        table = self.tables[kind]
        before = len(self.problems)
        given: dict[str, Any] = {}
        for key, value in row.items():
            if key == "kind":
                continue
            if key not in table:
                self.wrong((*path, key), f"a shock of kind {kind!r} has no key {key!r}", nearest(key, table))
                continue
            try:
                given[key] = table[key].read(value, None)
            except Rejected as error:
                self.wrong((*path, key), f"{key}: {error.what}", error.fix)
        for key, described in table.items():
            if described.needed and key not in row:
                self.wrong(path, f"the shock has no {key}", f"Add {key}.")
        return self.make[kind](**given) if len(self.problems) == before else None


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(f"{shown(value)} is not a number", "give a number without quotes")
    if not abs(value) <= NUMBER_MAX:
        raise Rejected(f"{shown(value)} is beyond all measure", "give a plain number")
    return float(value)


_NUMBER_SCHEMA = {"type": "number", "minimum": 0, "maximum": NUMBER_MAX}
Number = Annotated[Any, PlainValidator(_number), WithJsonSchema(_NUMBER_SCHEMA)]


def _law_schema(shape: str) -> dict[str, Any]:
    names = LAWS[shape]
    numbers: dict[str, Any] = _NUMBER_SCHEMA
    if len(names) > 1:
        listed = {"type": "array", "items": _NUMBER_SCHEMA, "minItems": len(names), "maxItems": len(names)}
        named = dict.fromkeys(names, _NUMBER_SCHEMA)
        table = {"type": "object", "properties": named, "required": list(names), "additionalProperties": False}
        numbers = {"anyOf": [table, listed]}
    return {"type": "object", "properties": {shape: numbers}, "required": [shape], "additionalProperties": False}


LAW_SCHEMA = {
    "description": "How long, how many or what share: a fixed value, or the distribution that it is drawn from.",
    "oneOf": [_law_schema(shape) for shape in LAWS],
}


def _law_written(law: type) -> Any:
    """How a law is written: { fixed = 60 }, { uniform = [30, 90] }, { lognormal = { median = 30, p90 = 120 } }."""

    def read(value: object) -> Any:
        if not isinstance(value, dict) or len(value) != 1:
            raise Rejected(f"{shown(value)} is no law", "write such as { exponential = 240 } or { fixed = 60 }")
        ((shape, said),) = value.items()
        if shape not in LAWS:
            raise Rejected(f"there is no law {shape!r}", nearest(shape, LAWS))
        names = LAWS[shape]
        if len(names) == 1:
            numbers = {names[0]: _number(said)}
        elif isinstance(said, list) and len(said) == len(names):
            numbers = dict(zip(names, map(_number, said), strict=True))
        elif isinstance(said, dict) and set(said) == set(names):
            numbers = {name: _number(said[name]) for name in names}
        else:
            wanted = ", ".join(f"{name} = ..." for name in names)
            raise Rejected(f"{shape} needs {' and '.join(names)}", f"write {{ {shape} = {{ {wanted} }} }}")
        try:
            return law(shape=shape, **numbers)
        except ValueError as error:
            what, _, fix = str(error).partition(": ")
            raise Rejected(what, fix) from error

    return Annotated[Any, PlainValidator(read), WithJsonSchema(LAW_SCHEMA)]
