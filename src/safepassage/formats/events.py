"""The event file: what happened as JSON, an object an event, one a line where there are many.

`{"id": ..., "operation": ..., "happened": ..., "noticed": ..., "author": ..., "what": {"kind": "departed", ...}}`

Keys are the fields of `events.Event`, and of the kind inside `what`; one that says its default is left out. An instant
is a time with its offset, a stretch of time an object with `earliest` and `latest`; a count is a number, or an object
with `low`, `best` and `high`. Minutes in clauses and timetables count from the operation's start. `received` is the
log's, and not in the file.
"""

from __future__ import annotations

import json
import re
import types
import unicodedata
from codecs import BOM_UTF8 as BOM
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import IO, Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import rfc8785
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Tag,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic import Field as Key

from safepassage.agreement import Clause
from safepassage.claims import Claim
from safepassage.clauses import KINDS
from safepassage.events import EVENTS, ClaimAssessed, ControlChanged, Event, IncidentOver, What, When
from safepassage.formats.lines import LineIndex
from safepassage.formats.lines import Path as KeyPath
from safepassage.formats.problem import Problem, nearest
from safepassage.formats.shape import NUMBER_MAX, shown
from safepassage.people import Count
from safepassage.world import YEARS

BYTES_MAX = 10_000_000
"""The longest event that is read. The plan for a million people has a few million; a report a few hundred."""
ID_MAX = 200
"""Characters of an id, or of an office's name."""
TEXT_MAX = 20_000
"""Characters of a text."""

UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
HASH = r"^[0-9a-f]{64}$"
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?([+-]\d\d:\d\d|Z)$"
UNSEEN = (
    r"\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb"
)
"""Characters that no text holds: controls, and those that are not seen but change how it reads. Line ends are fine."""
ID = rf"^[^{UNSEEN}\u000a\u200c\u200d]*$"
TEXT = rf"^[^{UNSEEN}]*$"

ABOUT_EVENTS = frozenset(
    {
        (Event, "id"),
        (Event, "corrects"),
        (Event, "after"),
        (Claim, "on"),
        (ClaimAssessed, "claim"),
        (IncidentOver, "incident"),
    }
)
"""Fields that hold the ids of events."""
TEXTS = frozenset(
    {"text", "text_ar", "why", "note", "notes", "elsewhere", "looked_for", "looked_for_ar", "proposals", "sealed"}
)
"""Fields in words; all others are ids."""
MAY_BE_EMPTY = frozenset({(ControlChanged, "held_by")})
"""Ids that have to be there, and may be empty."""
NOT_WRITTEN = frozenset({(Event, "received")})


def _instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    if when.year not in YEARS:
        raise ValueError(f"the year {when.year} cannot be: check the date")
    return when


Instant = Annotated[str, Key(pattern=TIME, json_schema_extra={"format": "date-time"}), AfterValidator(_instant)]
Parsed = tuple[Event | None, tuple[Problem, ...]]
Read = tuple[tuple[Event, ...], tuple[Problem, ...]]


def uuid7(at: datetime, chance: int) -> str:
    """The id of an event entered at an instant: its milliseconds and 74 bits of `chance` (RFC 9562, 5.7)."""
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    if not 0 <= milliseconds < 1 << 48:
        raise ValueError(f"{at.isoformat()} cannot be in an id: give a time after 1970")
    bits = milliseconds << 80 | 7 << 76 | (chance >> 62 & 0xFFF) << 64 | 2 << 62 | chance & (1 << 62) - 1
    digits = f"{bits:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


# Writing


def canonical_event(event: Event) -> bytes:
    """An event in its one form (RFC 8785): the bytes that are stored, hashed and exchanged. `received` is left out."""
    return rfc8785.dumps(event_value(event))


def event_value(event: Event) -> dict[str, Any]:
    """An event as a value of JSON."""
    value: dict[str, Any] = _value(event)
    return value


def _value(value: Any) -> Any:
    made = type(value)
    if made in (str, int, float, bool, types.NoneType):
        return value
    if made is When:
        earliest, latest = value.earliest.isoformat(), value.latest.isoformat()
        return earliest if earliest == latest else {"earliest": earliest, "latest": latest}
    if made is Count and value.low == value.high:
        return value.best
    if is_dataclass(made):
        kind = getattr(made, "kind", None)
        written = {} if kind is None else {"kind": kind}
        for name, key, needed, default in _parts(made):
            said = getattr(value, name)
            if needed or said != default:
                written[key] = _value(said)
        return written
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_value(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _value(item) for key, item in value.items()}
    raise TypeError(f"{made.__name__} has no place in an event")


class Part(NamedTuple):
    """One field of a dataclass and its key in the file."""

    name: str
    key: str
    needed: bool
    default: Any


@cache
def _parts(described: type) -> tuple[Part, ...]:
    return tuple(
        Part(field.name, field.name.rstrip("_"), _needed(field), None if _needed(field) else _default(field))
        for field in fields(described)
        if field.init and (described, field.name) not in NOT_WRITTEN
    )


def _needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


# The shape of the file, from the dataclasses


class Record(BaseModel):
    """One object of the file."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


@cache
def event_record() -> TypeAdapter[Event]:
    """The shape of an event, and what reads it."""
    return TypeAdapter(_recorded(Event, Event, ""))


def _record(described: type) -> Any:
    """What reads one value of a dataclass: an object with a key for each field, then its constructor."""
    hints = get_type_hints(described)
    keys: dict[str, Any] = {}
    kind: str | None = getattr(described, "kind", None)
    if kind is not None:
        keys["kind"] = (Literal[kind], Key())
    for part in _parts(described):
        written = _recorded(hints[part.name], described, part.name)
        keys[part.name] = (written, Key(alias=part.key) if part.needed else Key(default=part.default, alias=part.key))
    record = create_model(described.__name__, __base__=Record, __doc__=described.__doc__, **keys)
    names = tuple(part.name for part in _parts(described))

    def made(read: BaseModel) -> Any:
        given = read.__dict__
        return described(**{name: given[name] for name in names})

    return Annotated[record, AfterValidator(made)]


@cache
def _recorded(annotation: Any, owner: type, name: str) -> Any:
    """How a field of the domain is written in the file."""
    origin = get_origin(annotation)
    if annotation == What:
        return Annotated[Union[tuple(_record(kind) for kind in EVENTS.values())], Key(discriminator="kind")]  # noqa: UP007
    if annotation is Clause:
        return Annotated[Union[tuple(_record(kind) for kind in KINDS)], Key(discriminator="kind")]  # noqa: UP007
    if annotation is When:
        return _short("an instant", Instant, "a stretch", _record(When), str, When.at)
    if annotation is Count:
        return _short(
            "a number", Annotated[int, Key(ge=0, le=NUMBER_MAX)], "a range", _record(Count), int, Count.exactly
        )
    if annotation is datetime:
        return Instant
    if annotation is str:
        return _string(owner, name)
    if annotation is int:
        return Annotated[int, Key(ge=-NUMBER_MAX, le=NUMBER_MAX)]
    if is_dataclass(annotation) and isinstance(annotation, type):
        return _record(annotation)
    if origin is tuple:
        return tuple[tuple(part if part is ... else _recorded(part, owner, name) for part in get_args(annotation))]  # type: ignore[misc]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        _, held = get_args(annotation)
        return dict[Annotated[str, Key(min_length=1, max_length=ID_MAX, pattern=ID)], _recorded(held, owner, name)]  # type: ignore[misc]
    if origin in (Union, types.UnionType):
        return Union[tuple(_recorded(part, owner, name) for part in get_args(annotation))]  # noqa: UP007
    return annotation


def _string(owner: type, name: str) -> Any:
    if (owner, name) in ABOUT_EVENTS:
        either = UUID7 if name in ("id", "after") or _required(owner, name) else f"^$|{UUID7}"
        return Annotated[str, Key(pattern=either)]
    if (owner, name) == (Event, "operation"):
        return Annotated[str, Key(pattern=HASH)]
    if name in TEXTS:
        return Annotated[str, Key(max_length=TEXT_MAX, pattern=TEXT)]
    least = 1 if _required(owner, name) and (owner, name) not in MAY_BE_EMPTY else None
    return Annotated[str, Key(min_length=least, max_length=ID_MAX, pattern=ID)]


def _required(owner: type, name: str) -> bool:
    return next(part.needed for part in _parts(owner) if part.name == name)


def _short(brief: str, short: Any, full: str, long: Any, written: type, make: Callable[[Any], Any]) -> Any:
    """A value that is written in short, or as an object."""
    return Annotated[
        Union[Annotated[short, AfterValidator(make), Tag(brief)], Annotated[long, Tag(full)]],  # noqa: UP007
        Discriminator(lambda value: brief if isinstance(value, written) else full),
    ]


# Reading


def parse_event(content: bytes | str | Mapping[str, Any], *, file: str = "<text>", line: int = 1) -> Parsed:
    """The event of a text, or of a value of JSON, and its problems; None where there is one."""
    text = json.dumps(content) if isinstance(content, Mapping) else content
    if len(text) > BYTES_MAX:
        what = f"an event of {len(text):,} bytes is too long"
        return None, (Problem(file=file, line=line, what=what, fix=f"An event has at most {BYTES_MAX:,}."),)
    try:
        return event_record().validate_json(text), ()
    except ValidationError as error:
        return None, tuple(_problems(error, text, file, line))


def read_events(path: Path | str) -> Read:
    """The events of a file of JSON lines, and what is wrong with it. A line that stands there twice counts once."""
    path = Path(path)
    events: dict[str, tuple[int, Event]] = {}
    problems: list[Problem] = []
    try:
        with path.open("rb") as stream:
            for number, content in enumerate(_lines(stream), 1):
                _take(content, str(path), number, events, problems)
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}"
        problems.append(Problem(file=str(path), line=1, what=what, fix="Check its name and its permissions."))
    except ValueError:
        problems.append(
            Problem(file=str(path), line=1, what="this cannot be the name of a file", fix="Check the name.")
        )
    return tuple(event for _, event in events.values()), tuple(problems)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file. Of one that is too long only the beginning, and nothing of the file after it."""
    while line := stream.readline(BYTES_MAX + 2):
        yield line.removeprefix(BOM).strip()
        if len(line) > BYTES_MAX + 1:
            return


def _take(content: bytes, file: str, line: int, events: dict[str, tuple[int, Event]], problems: list[Problem]) -> None:
    if not content:
        return
    event, wrong = parse_event(content, file=file, line=line)
    problems += wrong
    if event is None:
        return
    first, earlier = events.setdefault(event.id, (line, event))
    if earlier != event:
        what = f"the id {event.id} is that of another event, on line {first}"
        problems.append(Problem(file=file, line=line, what=what, fix="Give each event an id of its own."))


# What is wrong with it

TAGS = frozenset({"an instant", "a stretch", "a number", "a range", *EVENTS, *(kind.kind for kind in KINDS)})
"""What stands in the path of an error and not in the file."""
A_TIME = "2016-12-16T09:00:00+02:00"


def _problems(error: ValidationError, text: str | bytes, file: str, line: int) -> Iterator[Problem]:
    lines: LineIndex | None = None
    for item in error.errors(include_url=False):
        if item["type"] == "json_invalid":
            said = re.sub(r" at line (\d+) column (\d+)$", "", str(item["ctx"]["error"]))
            yield Problem(file=file, line=line, what=f"this is not JSON: {said}", fix="Write one object an event.")
            return
        lines = lines or LineIndex.of_json(text if isinstance(text, str) else text.decode("utf-8", "replace"))
        path = tuple(step for step in item["loc"] if step not in TAGS)
        what, fix = _said_of(path, item)
        yield Problem(file=file, line=line + lines.line(path) - 1, what=what, fix=fix)


def _said_of(path: KeyPath, item: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong at a path, and what to write instead."""
    where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".") or "the event"
    given, kind = item["input"], item["type"]
    if kind == "missing":
        return f"{where} is missing", f"Add `{path[-1]}`."
    if kind == "extra_forbidden":
        fix = "The log sets it: leave it out." if path == ("received",) else "Leave it out, or use a newer version."
        return f"{where} is unknown", fix
    if kind == "union_tag_not_found":
        return f"{where} has no kind", "Add `kind`."
    if kind == "union_tag_invalid":
        tag = str(item["ctx"]["tag"])
        return f"{where}: {shown(tag)} is no kind known here", nearest(tag, _kinds(path))
    if kind == "string_too_long":
        return f"{where} has {len(given):,} characters", f"It has at most {item['ctx']['max_length']:,}."
    if kind == "string_too_short":
        return f"{where} is empty", "Fill it in."
    if kind == "string_pattern_mismatch":
        return _misspelt(where, given, item["ctx"]["pattern"])
    if kind == "value_error":
        what, _, fix = str(item["ctx"]["error"]).partition(": ")
        return f"{where}: {what}", f"{fix[:1].upper()}{fix[1:]}." if fix else "Check it."
    wanted = str(item["msg"]).removeprefix("Input should be ").removeprefix("a valid ")
    return f"{where} is {shown(given)}", f"It should be {wanted}."


def _kinds(path: KeyPath) -> Iterable[str]:
    return EVENTS if path == ("what",) else (kind.kind for kind in KINDS)


def _misspelt(where: str, given: str, pattern: str) -> tuple[str, str]:
    if UUID7 in pattern:
        return f"{where} is {shown(given)}", "The id of an event is a UUID of version 7, in small letters."
    if pattern == TIME:
        return f"{where} is {shown(given)}", f"Write a time with its offset, such as {A_TIME}."
    if pattern == HASH:
        return f"{where} is {shown(given)}", "Give the hash of the operation: 64 digits 0-9 and a-f."
    found = re.search(pattern.replace("^[^", "[").replace("]*$", "]"), given)
    unseen = (
        f"U+{ord(found[0]):04X} {unicodedata.name(found[0], 'a control character')}" if found else "what is not seen"
    )
    return f"{where} holds {unseen}", "Leave it out: text holds only what can be seen."
