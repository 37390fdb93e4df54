"""The operation file: TOML in, an operation or all of its problems out; and the operation's hash."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, TypeVar

import rfc8785

from safepassage.agreement import Clause, Party, Theatre
from safepassage.clauses import KINDS
from safepassage.fleet import Convoy, Fleet, Handling
from safepassage.formats.lines import LineIndex, Path
from safepassage.formats.problem import Problem, Severity, nearest
from safepassage.formats.sense import findings
from safepassage.formats.shape import (
    MOVEMENTS,
    OPERATION,
    TABLES,
    PartHandling,
    Rejected,
    Rows,
    Table,
    clause_tables,
    shown,
)
from safepassage.operation import Operation
from safepassage.people import Evacuation, Group
from safepassage.world import Calendar, Crossing, EmptyLink, Place, Road, World

FORMAT = 1
SIZE_MAX = 10_000_000
"""Bytes. The largest operations that make sense take a tenth of it."""
DAYS_MAX = 366
PROBLEMS_MAX = 1_000

Value = TypeVar("Value")
Named = TypeVar("Named", Party, Group, Place, Fleet, Evacuation)
Read = tuple[Operation | None, tuple[Problem, ...]]

_SAID = re.compile(r"(\w+: )?((?:\{[^}]*\}|.)*?)(?:[:;] (.*))?", re.DOTALL)

REFERENCES: dict[tuple[str, str], str] = {
    ("place", "held_by"): "party",
    ("road", "between"): "place",
    ("road", "consent"): "party",
    ("crossing", "at"): "place",
    ("crossing", "consent"): "party",
    ("fleet", "carries"): "group",
    ("fleet", "stands"): "place",
    ("convoy", "vehicles"): "fleet",
    ("empty", "between"): "place",
    ("empty", "via"): "road",
    ("evacuation", "origin"): "place",
    ("evacuation", "to"): "place",
    ("evacuation", "out_at"): "crossing",
    ("evacuation", "people"): "group",
    ("movements", "escorts"): "place",
    ("clause", "of"): "people",
    ("clause", "with_"): "people",
    ("clause", "first"): "people",
    ("clause", "then"): "people",
    ("clause", "to"): "place",
    ("clause", "on"): "segment",
    ("clause", "parties"): "party",
    ("clause", "teams"): "party",
    ("withheld", "by"): "party",
    ("withheld", "on"): "segment",
    ("clause", "groups"): "group",
}
"""What the ids under a key of a table stand for."""


def read_operation(path: FilePath | str) -> Read:
    """The operation of a file and its problems; None where one of them is an error."""
    path = FilePath(path)
    file = str(path)

    def refused(what: str, fix: str) -> Read:
        return None, (Problem(file=file, line=1, what=what, fix=fix),)

    if path.is_dir():
        return refused("this is a directory", "Name the operation file in it, such as operation.toml.")
    try:
        with path.open("rb") as stream:
            content = stream.read(SIZE_MAX + 1)
    except FileNotFoundError:
        return refused("there is no such file", "Check the name, or write a new one with `safepassage new`.")
    except OSError as error:
        return refused(f"the file cannot be read: {error.strerror or error}", "Check its permissions.")
    except ValueError:
        return refused("this cannot be the name of a file", "Check the name.")
    if len(content) > SIZE_MAX:
        return refused("the file is larger than 10 MB", "An operation file has at most 10 MB: check that it is one.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"the byte 0x{content[error.start]:02x} is not UTF-8"
        return None, (Problem(file=file, line=line, what=what, fix="Save the file as UTF-8."),)
    return parse_operation(text, file)


def parse_operation(text: str, file: str = "<text>") -> Read:
    """The operation that a text describes and its problems; None where one of them is an error."""
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        return None, (Problem(file=file, line=1, what="brackets are nested too deeply", fix="Check the brackets."),)
    except ValueError as error:
        return None, (_syntax_problem(text, file, error),)
    if not tables:
        problem = Problem(file=file, line=1, what="the file is empty", fix="Write a new one with `safepassage new`.")
        return None, (problem,)
    reading = _Reading(file, text, tables)
    operation = None if reading.newer() else reading.operation()
    problems = sorted(reading.problems, key=lambda problem: problem.line)
    if len(problems) > PROBLEMS_MAX:
        more = f"{len(problems) - PROBLEMS_MAX:,} further problems are not listed"
        last = Problem(file=file, line=problems[PROBLEMS_MAX].line, what=more, fix="Correct those above first.")
        problems[PROBLEMS_MAX:] = [last]
    return operation, tuple(problems)


def operation_hash(operation: Operation) -> str:
    """SHA-256, in hexadecimal, of the operation's RFC 8785 form."""
    return hashlib.sha256(rfc8785.dumps(canonical(operation))).hexdigest()


def canonical(value: object) -> Any:
    """A value of the domain as JSON: keys are field names, spans are pairs, a clause says its kind."""
    if is_dataclass(value) and not isinstance(value, type):
        written = {field.name: canonical(getattr(value, field.name)) for field in fields(value) if field.init}
        return {"kind": value.kind, **written} if isinstance(value, Clause) else written
    if isinstance(value, Mapping):
        return {str(key): canonical(item) for key, item in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(canonical(item) for item in value)
    if isinstance(value, (tuple, list)):
        return [canonical(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _syntax_problem(text: str, file: str, error: ValueError) -> Problem:
    said = str(error)
    place = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    if place is None:
        return Problem(file=file, line=1, what=f"this is not TOML: {said[:200]}", fix="Check the numbers and dates.")
    line = int(place[1]) if place[1] else text.rstrip("\n").count("\n") + 1
    where = f"column {place[2]}" if place[2] else "the end of the file"
    return Problem(
        file=file,
        line=line,
        what=f"this is not TOML: {said[: place.start()][:200]}",
        fix=f"Check what stands before {where}; text needs quotes, lists need brackets.",
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One table of the file: where it stands, what it may hold, what of it is usable, and what is not, by field."""

    path: Path
    table: Table
    given: dict[str, Any]
    rejected: set[str]

    @property
    def whole(self) -> bool:
        return all(key.field in self.given for key in self.table.values() if key.needed)

    def at(self, field: str) -> Path:
        return next(((*self.path, key) for key, described in self.table.items() if described.field == field), self.path)


class _Reading:
    """One pass from tables to an operation. Problems are noted on the way; what is unsound is left out."""

    def __init__(self, file: str, text: str, tables: Mapping[str, Any]) -> None:
        self.file = file
        self.text = text
        self.tables = tables
        self.problems: list[Problem] = []
        self.doubtful: set[str] = set()
        """Tables with an error in them: what depends on them is not judged."""
        self.calendar: Calendar | None = None
        self.kinds = {kind.kind: kind for kind in KINDS}
        self.clause_tables = clause_tables()
        self.stands: dict[tuple[str, str], Path] = {
            ("operation", ""): ("operation",),
            ("movements", ""): ("movements",),
            ("evacuation", ""): (),
        }
        """Where each table stands, by its kind and id."""
        self.known: dict[str, dict[str, None]] = {}
        self.road_ids: dict[str, str] = {}

    @cached_property
    def lines(self) -> LineIndex:
        """Made when the first problem needs it."""
        return LineIndex(self.text)

    def problem(self, path: Path, what: str, fix: str, severity: Severity = "error") -> None:
        if severity == "error" and path:
            self.doubtful.add(str(path[0]))
        fix = fix[:1].upper() + fix[1:]
        fix = fix if fix.endswith((".", "?", "!")) else fix + "."
        self.problems.append(Problem(file=self.file, line=self.lines.line(path), what=what, fix=fix, severity=severity))

    def said(self, path: Path, error: ValueError, prefix: str = "") -> None:
        """A ValueError of the domain as a problem. It says what is wrong, a colon, the fix; a key may stand before."""
        if isinstance(error, Rejected):
            self.problem(path, prefix + error.what, error.fix)
            return
        key, what, fix = _SAID.fullmatch(str(error)).groups("")  # type: ignore[union-attr]
        self.problem(path, prefix + key + what, fix or "Correct it.")

    # The file, table by table

    def operation(self) -> Operation | None:
        self._format()
        self._top_level()
        frame = self._frame()
        movements = self._single("movements", MOVEMENTS)
        entries = {key: self._entries(key, table) for key, table in TABLES.items()}
        self._learn_ids()
        for key, found in (*entries.items(), ("movements", [movements])):
            for entry in found:
                self._references(key, entry)
        for entry in entries["fleet"]:
            self._handling(entry, movements)
        convoys = self._built(Convoy, entries["convoy"])
        self.stands |= {("convoy", str(ordinal)): entry.path for ordinal, (entry, _) in enumerate(convoys)}
        operation = Operation(
            calendar=self.calendar or Calendar(starts=datetime.fromisoformat("2000-01-01T00:00:00+00:00"), days=1),
            world=self._world(entries),
            groups=self._by_id("group", entries["group"], Group),
            fleets=self._by_id("fleet", entries["fleet"], Fleet),
            evacuations=self._by_id("evacuation", entries["evacuation"], Evacuation),
            convoys=tuple(convoy for _, convoy in convoys),
            escorts=movements.given.get("escorts"),
            parties=self._by_id("party", entries["party"], Party),
            **{"name": "", **frame},
        )
        operation = replace(operation, clauses=self._clauses(self._clause_entries(), operation.theatre))
        for finding in findings(operation, self.doubtful):
            path = self.stands[finding.about] + tuple(finding.key.split(".", 1) if finding.key else ())
            self.problem(path, finding.what, finding.fix, finding.severity)
        if any(problem.severity == "error" for problem in self.problems):
            return None
        self._assert_complete(operation)
        return operation

    def _assert_complete(self, operation: Operation) -> None:
        """Nothing of a file without errors is left out."""
        world = operation.world
        made = {
            "party": operation.parties,
            "group": operation.groups,
            "place": world.places,
            "road": world.roads,
            "crossing": world.crossings,
            "fleet": operation.fleets,
            "convoy": operation.convoys,
            "empty": world.empty_links,
            "evacuation": operation.evacuations,
            "clause": operation.clauses,
        }
        for key, values in made.items():
            assert len(values) == len(self.tables.get(key, [])), f"{key}: a table was left out without a word"

    def _world(self, entries: Mapping[str, list[_Entry]]) -> World:
        places = self._by_id("place", entries["place"], Place)
        built_roads = self._built(Road, entries["road"])
        roads = self._unique(built_roads, "road", "between", lambda road: road.id, lambda road: frozenset(road.between))
        crossings = self._unique(self._built(Crossing, entries["crossing"]), "crossing", "at", lambda post: post.id)
        built_links = self._built(EmptyLink, entries["empty"])
        links = self._unique(
            built_links, "empty", "between", lambda link: "--".join(link.between), lambda link: frozenset(link.between)
        )
        return World(
            places=places,
            roads={id: road for id, road in roads.items() if places.keys() >= set(road.between)},
            crossings={id: crossing for id, crossing in crossings.items() if id in places},
            empty_links=tuple(link for link in links.values() if places.keys() >= set(link.between)),
        )

    def newer(self) -> bool:
        """Whether the file is of a newer format: then nothing else in it is judged."""
        written = self.tables.get("format")
        if isinstance(written, bool) or not isinstance(written, int) or written <= FORMAT:
            return False
        fix = f"This version of safepassage reads format {FORMAT}: use a newer one."
        self.problem(("format",), f"format = {shown(written)} is newer than this program", fix)
        return True

    def _format(self) -> None:
        written = self.tables.get("format")
        if written is None:
            self.problem((), "`format` is missing", f"Write `format = {FORMAT}` as the first line.")
        elif isinstance(written, bool) or written != FORMAT:
            self.problem(("format",), f"format = {shown(written)}", f"Write `format = {FORMAT}`.")

    def _top_level(self) -> None:
        known = ["format", "operation", "movements", *TABLES, "clause"]
        for key in self.tables:
            if key not in known:
                self.problem((key,), f"unknown table {shown(key)}", nearest(key, known))

    def _frame(self) -> dict[str, Any]:
        given = self._single("operation", OPERATION).given
        if "operation" not in self.tables:
            self.problem((), "[operation] is missing", "Add it, with name, starts and days.")
        starts, days = given.pop("starts", None), given.pop("days", None)
        if days is not None and days > DAYS_MAX:
            self.problem(("operation", "days"), f"days = {days}", f"Give at most {DAYS_MAX} days.")
            days = None
        if starts is not None and days is not None:
            try:
                self.calendar = Calendar(starts=starts, days=days)
            except ValueError as error:
                key = "days" if str(error).startswith("days") else "starts"
                self.said(("operation", key), error)
        slot = given.get("slot_minutes")
        if slot is not None and not 1 <= slot <= 24 * 60:
            self.problem(("operation", "slot_minutes"), f"slot_minutes = {slot}", "Give 1 to 1440 minutes.")
            del given["slot_minutes"]
        return given

    # One table

    def _single(self, key: str, table: Table) -> _Entry:
        written = self.tables.get(key)
        if written is None:
            return _Entry((key,), table, {}, set())
        if not isinstance(written, dict):
            self.problem((key,), f"{key} is not one table", f"Write [{key}] once, with its keys below.")
            return _Entry((key,), table, {}, set())
        return self._given((key,), f"[{key}]", table, written)

    def _rows(self, key: str) -> list[tuple[Path, dict[str, Any]]]:
        return self._tables_in((key,), f"[[{key}]]", self.tables.get(key, []))

    def _tables_in(self, path: Path, title: str, written: object) -> list[tuple[Path, dict[str, Any]]]:
        if not isinstance(written, list):
            name = path[-1]
            fix = (
                f"Write [[{name}]] with two brackets, once for each."
                if len(path) == 1
                else f"Write {name} = [{{ ... }}]."
            )
            self.problem(path, f"{name} is not a list of tables", fix)
            return []
        found: list[tuple[Path, dict[str, Any]]] = []
        for ordinal, row in enumerate(written):
            if isinstance(row, dict):
                found.append(((*path, ordinal), row))
            else:
                self.problem((*path, ordinal), f"{shown(row)} is not a table", f"Write {title} as tables with keys.")
        return found

    def _entries(self, key: str, table: Table) -> list[_Entry]:
        return [self._given(path, f"[[{key}]]", table, written) for path, written in self._rows(key)]

    def _given(self, path: Path, title: str, table: Table, written: Mapping[str, Any]) -> _Entry:
        """What a table gives; keys that are not sound become problems and are left out."""
        given: dict[str, Any] = {}
        rejected: set[str] = set()
        for key, value in written.items():
            if key not in table:
                self.unknown_key((*path, key), title, table)
                continue
            rows = table[key].rows
            if rows is not None:
                given[table[key].field] = self._nested((*path, key), key, rows, value)
                continue
            try:
                given[table[key].field] = table[key].read(value, self.calendar)
            except ValueError as error:
                rejected.add(table[key].field)
                self.said((*path, key), error, f"{key}: ")
        for key, described in table.items():
            if described.needed and key not in written:
                self.problem(path, f"{title} lacks `{key}`", f"Add `{key}`.")
        return _Entry(path, table, given, rejected)

    def _nested(self, path: Path, key: str, rows: Rows, written: object) -> tuple[Any, ...]:
        """The values of tables inside a table."""
        made: list[Any] = []
        for inner, row in self._tables_in(path, key, written):
            entry = self._given(inner, key, rows.table, row)
            self._references(key, entry)
            value = self._value(rows.make, entry)
            if value is not None:
                made.append(value)
        return tuple(made)

    def unknown_key(self, path: Path, title: str, table: Table) -> None:
        doubtful = set(self.doubtful)
        self.problem(path, f"unknown key {shown(path[-1])} in {title}", nearest(str(path[-1]), table))
        self.doubtful = doubtful

    # Ids

    def _learn_ids(self) -> None:
        """The ids of the file, those of unsound tables included, so that one mistake is reported once."""

        def ids(key: str, field: str = "id") -> dict[str, None]:
            return {name: None for _, row in self._rows_quietly(key) if isinstance(name := row.get(field), str)}

        pairs = [row.get("between") for _, row in self._rows_quietly("road")]
        roads = {f"{pair[0]}--{pair[1]}": None for pair in pairs if isinstance(pair, list) and len(pair) == 2}
        self.known = {key: ids(key) for key in ("party", "group", "place", "fleet", "evacuation")}
        self.known["crossing"] = ids("crossing", "at")
        self.known["road"] = roads
        self.known["segment"] = roads | self.known["crossing"]
        self.road_ids = {"--".join(reversed(road.split("--"))): road for road in roads} | {road: road for road in roads}

    def _rows_quietly(self, key: str) -> list[tuple[Path, dict[str, Any]]]:
        rows = self.tables.get(key, [])
        rows = rows if isinstance(rows, list) else []
        return [((key, ordinal), row) for ordinal, row in enumerate(rows) if isinstance(row, dict)]

    def _references(self, key: str, entry: _Entry) -> None:
        """Every id of a table stands for something; ids that do not become problems and are left out."""
        for field, value in list(entry.given.items()):
            wanted = REFERENCES.get((key, field))
            if wanted is None or not value:
                continue
            path = entry.at(field)
            known: Any
            if isinstance(value, Mapping):
                known = {id: number for id, number in value.items() if self._stands(wanted, id, (*path, id))}
            elif isinstance(value, tuple):
                names: tuple[str, ...] = value
                ids = [self.road_ids.get(id, id) for id in names]
                value = tuple(ids)
                known = tuple(id for ordinal, id in enumerate(ids) if self._stands(wanted, id, (*path, ordinal)))
                known = () if field == "between" and len(known) < 2 else known
            else:
                known = value if self._stands(wanted, value, path) else ""
            if known != value:
                entry.rejected.add(field)
            entry.given[field] = known
            if not known:
                del entry.given[field]

    def _stands(self, wanted: str, id: str, path: Path) -> bool:
        if wanted == "people":
            evacuation, _, group = id.partition("/")
            return (evacuation == "*" or self._stands("evacuation", evacuation, path)) and (
                group in ("", "*") or self._stands("group", group, path)
            )
        if id in self.known[wanted]:
            return True
        name = "road or crossing" if wanted == "segment" else wanted
        self.problem(path, f"unknown {name} {shown(id)}", nearest(id, self.known[wanted]))
        return False

    # Values of the domain

    def _value(self, make: Callable[..., Value], entry: _Entry) -> Value | None:
        """The value a table describes, or None: each key that its constructor rejects becomes a problem."""
        while entry.whole:
            try:
                return make(**entry.given)
            except ValueError as error:
                field = self._field_named(entry, error)
                if field is None:
                    if not entry.rejected:  # else it may be what is missing now that the constructor speaks of
                        self.said(entry.path, error)
                    return None
                self.said(entry.at(field), error)
                entry.rejected.add(field)
                del entry.given[field]
        return None

    def _field_named(self, entry: _Entry, error: ValueError) -> str | None:
        """The field an error begins with, if it names one."""
        said = re.match(r"\w+", str(error))
        return next((name for name in entry.given if said and name.rstrip("_") == said[0]), None)

    def _built(self, make: Callable[..., Value], entries: Iterable[_Entry]) -> list[tuple[_Entry, Value]]:
        return [(entry, value) for entry in entries if (value := self._value(make, entry)) is not None]

    def _unique(
        self,
        built: Iterable[tuple[_Entry, Value]],
        kind: str,
        key: str,
        id_of: Callable[[Value], str],
        same: Callable[[Value], object] | None = None,
    ) -> dict[str, Value]:
        """By id. Two of one id, or two that are the same otherwise, are a problem."""
        found: dict[str, Value] = {}
        first: dict[object, Path] = {}
        for entry, value in built:
            id = id_of(value)
            identity = same(value) if same else id
            if identity in first:
                what = f"{kind} {id} is already on line {self.lines.line(first[identity])}"
                fix = "Give one of the two another id." if key == "id" else "Keep one of the two."
                self.problem((*entry.path, key), what, fix)
                continue
            found[id] = value
            first[identity] = (*entry.path, key)
            self.stands[kind, id] = entry.path
        return found

    def _by_id(self, kind: str, entries: Iterable[_Entry], make: Callable[..., Named]) -> dict[str, Named]:
        return self._unique(self._built(make, entries), kind, "id", lambda value: value.id)

    def _clauses(self, entries: Iterable[_Entry], theatre: Theatre) -> tuple[Clause, ...]:
        """The clauses; one without an id is called by its kind, the second of a kind `kind-2` and so on."""
        built: list[tuple[_Entry, Clause]] = []
        ordinals: dict[str, int] = {}
        for entry in entries:
            kind = entry.given["kind"]
            del entry.given["kind"]
            ordinals[kind] = ordinals.get(kind, 0) + 1
            entry.given.setdefault("id", kind if ordinals[kind] == 1 else f"{kind}-{ordinals[kind]}")
            clause = self._value(self.kinds[kind], entry)
            if clause is None:
                continue
            built.append((entry, clause))
            if self.doubtful.isdisjoint(("operation", "place", "road", "crossing", "group", "evacuation", "party")):
                self._said_by(clause, entry, theatre)
        return tuple(self._unique(built, "clause", "id", lambda clause: clause.id).values())

    def _said_by(self, clause: Clause, entry: _Entry, theatre: Theatre) -> None:
        try:
            clause.check_fit(theatre)
        except ValueError as error:
            field = self._field_named(entry, error)
            self.said(entry.at(field) if field else entry.path, error, "" if field else f"clause {clause.id}: ")

    def _clause_entries(self) -> list[_Entry]:
        entries: list[_Entry] = []
        for path, written in self._rows("clause"):
            kind = written.get("kind")
            if kind is None:
                self.problem(path, "[[clause]] lacks `kind`", f"Add one of {', '.join(self.kinds)}.")
            elif not isinstance(kind, str) or kind not in self.kinds:
                self.problem((*path, "kind"), f"unknown kind of clause {shown(kind)}", nearest(str(kind), self.kinds))
            else:
                entry = self._given(path, f"[[clause]] of kind {kind}", self.clause_tables[kind], written)
                self._references("clause", entry)
                entries.append(entry)
        return entries

    def _handling(self, entry: _Entry, movements: _Entry) -> None:
        """Loading and unloading of a fleet: what it does not say itself comes from [movements]."""
        for key in ("load", "unload"):
            own, shared = (given.get(key, PartHandling(None, None)) for given in (entry.given, movements.given))
            parts = {}
            for part in ("minutes", "per_vehicle"):
                value = getattr(own, part) if getattr(own, part) is not None else getattr(shared, part)
                if value is None and self.doubtful.isdisjoint(("movements", "fleet")):
                    what = f"nothing says `{key}.{part}` of fleet {entry.given.get('id', '')}"
                    self.problem(
                        entry.path, what, f"Add {key} = {{ minutes = 20, per_vehicle = 2 }} under [movements]."
                    )
                parts[part] = value or 0
            entry.given[key] = Handling(**parts)
