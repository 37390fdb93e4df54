"""A shock model as a TOML file beside its operation: what goes wrong, how often, for how long, and on what basis."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from safepassage.formats.lines import LineIndex
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.shape import CLOCK, Rejected, shown
from safepassage.world import Span, merge

S = TypeVar("S")
SIZE_MAX = 1_000_000
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
    try:
        text = path.read_bytes()[: SIZE_MAX + 1].decode("utf-8-sig")
        tables = tomllib.loads(text)
    except FileNotFoundError:
        fix = "Check the name; a model is a file such as operation.shocks.toml."
        return "", (), (Problem(file=file, line=1, what="there is no such file", fix=fix),)
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}"
        return "", (), (Problem(file=file, line=1, what=what, fix="Check its name and permissions."),)
    except UnicodeDecodeError:
        return "", (), (Problem(file=file, line=1, what="it is not UTF-8", fix="Save the file as UTF-8."),)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        what = f"this is not TOML: {error}"
        return "", (), (Problem(file=file, line=int(at[1]) if at else 1, what=what, fix="Correct this line."),)
    reading = _Reading(file, LineIndex(text), {kind.kind: kind for kind in kinds}, law)  # type: ignore[attr-defined]
    shocks = reading.shocks(tables, fits)
    name = tables.get("name")
    return (name if isinstance(name, str) else path.stem), shocks, tuple(sorted(reading.problems, key=_line))


def _line(problem: Problem) -> int:
    return problem.line


class _Reading:
    """One pass over a model; every problem is kept."""

    def __init__(self, file: str, index: LineIndex, kinds: Mapping[str, type[Any]], law: type) -> None:
        self.file, self.index, self.kinds, self.law = file, index, kinds, law
        self.problems: list[Problem] = []

    def wrong(self, path: tuple[str | int, ...], what: str, fix: str) -> None:
        fix = fix if fix.endswith((".", "?")) else f"{fix[:1].upper()}{fix[1:]}."
        self.problems.append(Problem(file=self.file, line=self.index.line(path), what=what, fix=fix))

    def shocks(self, tables: Mapping[str, Any], fits: Callable[[Any], None]) -> tuple[Any, ...]:
        for key in tables:
            if key not in ("format", "name", "shock"):
                self.wrong((key,), f"there is no key {key!r} here", nearest(key, ("format", "name", "shock")))
        if tables.get("format") != 1:
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
                line = self.index.line(("shock", seen[shock.id]))
                self.wrong(("shock", number, "id"), f"the id {shock.id!r} is taken in line {line}", "Give another one.")
            seen.setdefault(shock.id, number)
            made.append(shock)
        return tuple(made)

    def shock(self, path: tuple[str | int, ...], row: Mapping[str, Any]) -> Any:
        kind = row.get("kind")
        make = self.kinds.get(kind) if isinstance(kind, str) else None
        if make is None:
            said = f"{shown(kind)} is no kind of shock" if kind is not None else "the shock has no kind"
            self.wrong((*path, "kind"), said, nearest(str(kind or ""), self.kinds))
            return None
        hints, known = get_type_hints(make), {field.name: field for field in fields(make)}
        before = len(self.problems)
        given: dict[str, Any] = {}
        for key, value in row.items():
            if key == "kind":
                continue
            if key not in known:
                self.wrong((*path, key), f"a shock of kind {kind!r} has no key {key!r}", nearest(key, known))
                continue
            try:
                given[key] = self.value(hints[key], value)
            except Rejected as error:
                self.wrong((*path, key), f"{key}: {error.what}", error.fix)
        for key, field in known.items():
            if key not in row and field.default is MISSING and field.default_factory is MISSING:
                self.wrong(path, f"the shock has no {key}", f"Add {key}.")
        return make(**given) if len(self.problems) == before else None

    def value(self, wanted: Any, value: object) -> Any:
        if wanted is self.law:
            return self._law(value)
        if wanted is str:
            if not isinstance(value, str):
                raise Rejected(f"{shown(value)} is not text", "put it in quotes")
            return value
        if wanted is bool:
            if not isinstance(value, bool):
                raise Rejected(f"{shown(value)} is neither true nor false", "write true or false, without quotes")
            return value
        if wanted is float:
            return _number(value)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Rejected(f"{shown(value)} is not a list of texts", 'write such as ["ramouseh"]')
        return _hours(value) if wanted == tuple[Span, ...] else tuple(value)

    def _law(self, value: object) -> Any:
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
            raise Rejected(f"{shape} needs {' and '.join(names)}", f"write {{ {shape} = {{ {names[0]} = ..., ... }} }}")
        try:
            return self.law(shape=shape, **numbers)
        except ValueError as error:
            what, _, fix = str(error).partition(": ")
            raise Rejected(what, fix) from error


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Rejected(f"{shown(value)} is not a number", "give a number without quotes")
    return float(value)


def _hours(value: Sequence[str]) -> tuple[Span, ...]:
    spans = []
    for text in value:
        said = re.fullmatch(rf"({CLOCK})[-\u2013]({CLOCK})", text)
        if said is None:
            raise Rejected(f"{shown(text)} are no hours", 'write such as ["18:00-24:00", "00:00-06:00"]')
        start, end = (int(clock[:-3]) * 60 + int(clock[-2:]) for clock in re.findall(r"\d+:\d\d", text))
        if end <= start:
            raise Rejected(f"{shown(text)} end before they begin", "write two spans, one on each side of midnight")
        spans.append(Span(start, end))
    return merge(spans)
