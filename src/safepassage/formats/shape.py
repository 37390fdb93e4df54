"""The shape of an operation file: what each table may hold, derived from the domain's own dataclasses."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, time
from functools import cache
from itertools import pairwise
from typing import Annotated, Any, Literal, NoReturn, Union, get_args, get_origin, get_type_hints

from pydantic import PlainValidator, TypeAdapter, ValidationError, ValidationInfo, WithJsonSchema

from safepassage.agreement import Clause, Party
from safepassage.clauses import KINDS
from safepassage.fleet import Convoy, Fleet, Handling
from safepassage.formats.problem import nearest
from safepassage.people import Count, Evacuation, Group
from safepassage.world import DAY, Calendar, Crossing, EmptyLink, Pace, Place, Road, Span, merge

NUMBER_MAX = 1_000_000_000
"""No number of an operation is larger; what is larger is a slip of the keyboard."""

CLOCK = r"([01]?\d|2[0-3]):([0-5]\d)|24:00"
ID = r"^\w+([-_.]\w+)*$"


class Rejected(ValueError):
    """A value that a file cannot mean."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}: {fix}")
        self.what = what
        self.fix = fix


def _reject(what: str, fix: str) -> NoReturn:
    raise Rejected(what, fix)


def shown(value: object) -> str:
    """A value as the file's author would recognise it, shortened."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, int) and abs(value) > 10**18:
        return "a number of more than 18 digits"
    text = repr(value) if not isinstance(value, str) else '"' + value + '"'
    return text if len(text) <= 60 else text[:57] + "..."


def _text(value: object) -> str:
    if not isinstance(value, str):
        _reject(f"{shown(value)} is not text", "put it in quotes")
    return value


def _id(value: object) -> str:
    text = _text(value)
    if not re.fullmatch(ID, text) or "--" in text:
        _reject(f"{shown(text)} cannot be an id", "use letters, digits and single hyphens, such as foua-to-aleppo")
    return text


def _whole(value: object) -> int:
    if isinstance(value, str) and (number := re.match(r"\s*(-?\d+)\s*(.*)", value)):
        unit = f", and leave out {number[2].strip()!r}: the key says the unit" if number[2].strip() else ""
        _reject(f"{shown(value)} is text", f"write {number[1][:12]} without quotes{unit}")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _reject(f"{shown(value)} is not a number", "give a whole number")
    if not abs(value) <= NUMBER_MAX:
        _reject(f"{shown(value)} is beyond all measure", f"give a whole number of at most {NUMBER_MAX}")
    if value != int(value):
        _reject(f"{shown(value)} is not whole", f"give a whole number, such as {round(value)}")
    if value < 0:
        _reject(f"{shown(value)} is below zero", "give zero or more")
    return int(value)


def _number(value: object) -> float:
    if isinstance(value, str) and (number := re.match(r"\s*(-?\d+(?:\.\d+)?)\s*(.*)", value)):
        written = number[1][:12]
        if number[2].strip().startswith("%"):
            _reject(
                f"{shown(value)} is text", f"write a fraction without quotes: {float(written) / 100:.2f} is {written} %"
            )
        _reject(f"{shown(value)} is text", f"write {written} without quotes and without a unit")
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _reject(f"{shown(value)} is not a number", "give a number")
    if not abs(value) <= NUMBER_MAX:
        _reject(f"{shown(value)} is beyond all measure", "give a plain number")
    return value


def _quantity(value: object) -> float:
    number = _number(value)
    if number < 0:
        _reject(f"{shown(value)} is below zero", "give zero or more")
    return number


def _share(value: object) -> float:
    share = _number(value)
    if not 0 <= share <= 1:
        as_share = f": {share} % is {share / 100:g}" if 1 < share <= 100 else ""
        _reject(f"{shown(value)} is not between 0 and 1", f"write a part of 1 (0.10 is 10 %){as_share}")
    return share


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        _reject(f"{shown(value)} is neither true nor false", "write true or false, without quotes")
    return value


def _items(value: object, wanted: str) -> list[Any]:
    if not isinstance(value, list):
        _reject(f"{shown(value)} is not a list", f"write {wanted}")
    return value


def _names(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    names = _items(value, 'ids in brackets, such as ["foua", "idlib"]')
    return tuple(dict.fromkeys(_text(name) for name in names))


def _wholes(value: object) -> tuple[int, ...]:
    return tuple(_whole(item) for item in _items(value, "whole numbers in brackets, such as [1250, 1250]"))


def _between(value: object) -> tuple[str, str]:
    names = [_text(name) for name in _items(value, 'two places, such as ["foua", "idlib"]')]
    if len(names) != 2:
        _reject(f"{len(names)} places are given", 'name two places, such as ["foua", "idlib"]')
    return names[0], names[1]


def _position(value: object) -> tuple[float, float]:
    numbers = [_number(number) for number in _items(value, "[latitude, longitude], such as [36.17, 37.13]")]
    if len(numbers) != 2:
        _reject(f"{len(numbers)} numbers are given", "write [latitude, longitude], such as [36.17, 37.13]")
    return numbers[0], numbers[1]


def _clock(value: object) -> int:
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if not isinstance(value, str) or not re.fullmatch(CLOCK, value.strip()):
        _reject(f"{shown(value)} is not a time of day", 'write "HH:MM" in quotes, such as "06:00"')
    hour, minute = value.split(":")
    return int(hour) * 60 + int(minute)


def _span_of_day(value: object) -> tuple[Span, ...]:
    parts = re.split(r"[-\u2013]", value) if isinstance(value, str) else []
    if len(parts) != 2 or not all(re.fullmatch(CLOCK, part.strip()) for part in parts):
        _reject(f"{shown(value)} are not hours", 'write "HH:MM-HH:MM" in quotes, such as "06:00-18:00"')
    start, end = (_clock(part) for part in parts)
    if start == end:
        _reject(f"{shown(value)} is no time at all", 'write when it begins and ends; all day is "00:00-24:00"')
    if start < end:
        return (Span(start, end),)
    return tuple(span for span in (Span(0, end), Span(start, DAY)) if span.start < span.end)


def _hours(value: object) -> tuple[Span, ...]:
    spans = [value] if isinstance(value, str) else _items(value, 'hours in brackets, such as ["06:00-18:00"]')
    if not spans:
        _reject("no hours are given", 'write hours, such as ["06:00-18:00"], or leave the key out')
    return merge(span for text in spans for span in _span_of_day(text))


def _instant(value: object, info: ValidationInfo) -> int:
    if isinstance(value, str) or (isinstance(value, date) and not isinstance(value, datetime)):
        _reject(f"{shown(value)} is not an instant", "write date and time without quotes: 2016-12-18T06:00:00")
    if not isinstance(value, datetime):
        _reject(f"{shown(value)} is not an instant", "write date and time: 2016-12-18T06:00:00")
    calendar = info.context
    if not isinstance(calendar, Calendar):
        return 0
    if not 1900 <= value.year <= 2200:
        _reject(f"{shown(value)} is outside the operation", f"it lasts from {calendar.starts:%Y-%m-%d}")
    return calendar.minute(value if value.utcoffset() is not None else value.replace(tzinfo=calendar.starts.tzinfo))


def _table(value: object, keys: Mapping[str, str]) -> dict[str, Any]:
    wanted = "{ " + ", ".join(f"{key} = {example}" for key, example in keys.items()) + " }"
    if not isinstance(value, dict):
        _reject(f"{shown(value)} is not a table", f"write {wanted}")
    if unknown := [key for key in value if key not in keys]:
        _reject(f"unknown key {unknown[0]!r}", f"write {wanted}")
    return value


def _closed(value: object, info: ValidationInfo) -> tuple[Span, ...]:
    keys = {"from": "2016-12-16T09:00:00", "until": "2016-12-17T09:00:00"}
    spans = []
    for item in _items(value, "[{ from = ..., until = ... }]"):
        row = _table(item, keys)
        if len(row) < 2:
            _reject("a closure has a beginning and an end", "write { from = 2016-12-16T09:00:00, until = ... }")
        span = Span(_instant(row["from"], info), _instant(row["until"], info))
        if isinstance(info.context, Calendar) and span.start >= span.end:
            _reject(
                f"closed until {shown(row['until'])}, before it begins", "give an `until` that is later than `from`"
            )
        spans.append(span)
    return merge(spans)


def _paces(value: object) -> tuple[Pace, ...]:
    keys = {"hours": '"18:00-06:00"', "minutes": "40"}
    paces: list[Pace] = []
    for item in _items(value, '[{ hours = "18:00-06:00", minutes = 40 }]'):
        row = _table(item, keys)
        if len(row) < 2:
            _reject("a pace has hours and minutes", 'write { hours = "18:00-06:00", minutes = 40 }')
        minutes = _whole(row["minutes"])
        if minutes < 1:
            _reject(f"minutes = {minutes}", "a road takes at least 1 minute")
        paces += [Pace(span, minutes) for span in _hours(row["hours"])]
    paces.sort()
    for earlier, later in pairwise(paces):
        if earlier.hours.touches(later.hours):
            _reject("two paces share some hours", "let each hour have one pace")
    return tuple(paces)


def _count(value: object) -> Count:
    if isinstance(value, dict):
        row = {
            key: _whole(number) for key, number in _table(value, {"low": "80", "best": "100", "high": "130"}).items()
        }
        if "best" not in row:
            _reject("`best` is missing", "write { low = 80, best = 100, high = 130 }; plans use `best`")
        return Count(low=row.get("low", row["best"]), best=row["best"], high=row.get("high", row["best"]))
    return Count.exactly(_whole(value))


def _numbers_by_id(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        _reject(f"{shown(value)} is not a table", "write ids and numbers, such as { jibreen = 40, idlib = 40 }")
    return {key: _whole(number) for key, number in value.items()}


def _counts_by_id(value: object) -> dict[str, Count]:
    if not isinstance(value, dict):
        _reject(f"{shown(value)} is not a table", "write people by group, such as { civilian = 1200, lying = 40 }")
    return {key: _count(people) for key, people in value.items()}


@dataclass(frozen=True, slots=True)
class PartHandling:
    """Loading or unloading as a file gives it: what it leaves out comes from [movements]."""

    minutes: int | None
    per_vehicle: int | None


def _handling(value: object) -> PartHandling:
    row = {key: _whole(number) for key, number in _table(value, {"minutes": "20", "per_vehicle": "2"}).items()}
    return PartHandling(row.get("minutes"), row.get("per_vehicle"))


def _starts(value: object) -> datetime:
    if not isinstance(value, datetime):
        _reject(
            f"{shown(value)} is not an instant", "write date, time and offset without quotes: 2016-12-15T06:00:00+02:00"
        )
    if not 1900 <= value.year <= 2200:
        _reject(f"the year {value.year} cannot be right", "write date, time and offset: 2016-12-15T06:00:00+02:00")
    if value.utcoffset() is None:
        _reject(f"{shown(value)} has no offset", f"write {value.isoformat()}+02:00, with the offset of the place")
    return value


_CLOCK_SCHEMA = {"type": "string", "pattern": f"^({CLOCK})$"}
_HOURS_SCHEMA = {"type": "string", "pattern": f"^({CLOCK})[-\u2013]({CLOCK})$"}
_WHOLE_SCHEMA = {"type": "integer", "minimum": 0, "maximum": NUMBER_MAX}
_INSTANT_SCHEMA = {"type": "string", "format": "date-time"}
_NAME_SCHEMA = {"type": "string"}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _record(required: tuple[str, ...], **properties: dict[str, Any]) -> dict[str, Any]:
    keys = {key.rstrip("_"): schema for key, schema in properties.items()}
    return {"type": "object", "properties": keys, "required": list(required), "additionalProperties": False}


_COUNT_SCHEMA = {
    "anyOf": [
        _WHOLE_SCHEMA,
        _record(("best",), low=_WHOLE_SCHEMA, best=_WHOLE_SCHEMA, high=_WHOLE_SCHEMA),
    ]
}

Text = Annotated[Any, PlainValidator(_text), WithJsonSchema(_NAME_SCHEMA)]
Id = Annotated[Any, PlainValidator(_id), WithJsonSchema({"type": "string", "pattern": ID})]
Whole = Annotated[Any, PlainValidator(_whole), WithJsonSchema(_WHOLE_SCHEMA)]
Quantity = Annotated[
    Any, PlainValidator(_quantity), WithJsonSchema({"type": "number", "minimum": 0, "maximum": NUMBER_MAX})
]
Share = Annotated[Any, PlainValidator(_share), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
Flag = Annotated[Any, PlainValidator(_flag), WithJsonSchema({"type": "boolean"})]
Names = Annotated[Any, PlainValidator(_names), WithJsonSchema({"anyOf": [_NAME_SCHEMA, _list(_NAME_SCHEMA)]})]
Wholes = Annotated[Any, PlainValidator(_wholes), WithJsonSchema(_list(_WHOLE_SCHEMA))]
Between = Annotated[
    Any, PlainValidator(_between), WithJsonSchema({**_list(_NAME_SCHEMA), "minItems": 2, "maxItems": 2})
]
Position = Annotated[
    Any, PlainValidator(_position), WithJsonSchema({**_list({"type": "number"}), "minItems": 2, "maxItems": 2})
]
Clock = Annotated[Any, PlainValidator(_clock), WithJsonSchema(_CLOCK_SCHEMA)]
Hours = Annotated[Any, PlainValidator(_hours), WithJsonSchema({"anyOf": [_HOURS_SCHEMA, _list(_HOURS_SCHEMA)]})]
Instant = Annotated[Any, PlainValidator(_instant), WithJsonSchema(_INSTANT_SCHEMA)]
Starts = Annotated[Any, PlainValidator(_starts), WithJsonSchema(_INSTANT_SCHEMA)]
Closed = Annotated[
    Any,
    PlainValidator(_closed),
    WithJsonSchema(_list(_record(("from", "until"), from_=_INSTANT_SCHEMA, until=_INSTANT_SCHEMA))),
]
Paces = Annotated[
    Any,
    PlainValidator(_paces),
    WithJsonSchema(_list(_record(("hours", "minutes"), hours=_HOURS_SCHEMA, minutes=_WHOLE_SCHEMA))),
]
NumbersById = Annotated[
    Any, PlainValidator(_numbers_by_id), WithJsonSchema({"type": "object", "additionalProperties": _WHOLE_SCHEMA})
]
CountsById = Annotated[
    Any, PlainValidator(_counts_by_id), WithJsonSchema({"type": "object", "additionalProperties": _COUNT_SCHEMA})
]
Handlings = Annotated[
    Any, PlainValidator(_handling), WithJsonSchema(_record((), minutes=_WHOLE_SCHEMA, per_vehicle=_WHOLE_SCHEMA))
]

BY_ANNOTATION: dict[Any, Any] = {
    str: Text,
    int: Whole,
    float: Quantity,
    bool: Flag,
    Handling: Handlings,
    tuple[str, ...]: Names,
    tuple[int, ...]: Wholes,
    tuple[str, str]: Between,
    tuple[float, float]: Position,
    tuple[Span, ...]: Hours,
    tuple[Pace, ...]: Paces,
    Mapping[str, int]: NumbersById,
    Mapping[str, Count]: CountsById,
}
"""How a field of the domain is written in a file."""

BY_KEY: dict[str, Any] = {
    "id": Id,
    "closed": Closed,
    "from_": Instant,
    "until": Instant,
    "tolerance": Share,
    "share": Share,
    "ahead": Share,
    "hazard": Share,
}
"""Fields whose name says more than their type: ids, instants of the operation, shares."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: the field it fills, how it is written, and whether the table needs it."""

    field: str
    needed: bool
    written: Any
    rows: Rows | None = None

    def read(self, value: object, calendar: Calendar | None) -> Any:
        """The value for the field. Raises ValueError."""
        try:
            return _adapter(self.written).validate_python(value, strict=True, context=calendar)
        except ValidationError as error:
            reason = error.errors(include_url=False)[0].get("ctx", {}).get("error")
            if isinstance(reason, ValueError):
                raise reason from None
        known = [str(word) for word in get_args(self.written)]
        raise Rejected(f"{shown(value)} is not known here", nearest(str(value), known))


@dataclass(frozen=True, slots=True)
class Rows:
    """A key that holds tables of its own: what each may hold, and the value it describes."""

    table: Mapping[str, Key]
    make: Callable[..., Any]


@cache
def _adapter(written: Any) -> TypeAdapter[Any]:
    return TypeAdapter(written)


Table = Mapping[str, Key]
"""What a table of the file may hold, by key."""


def _key(name: str, annotation: Any, needed: bool) -> Key:
    if name in BY_KEY:
        return Key(name, needed, BY_KEY[name])
    if get_origin(annotation) in (Union, types.UnionType):
        (annotation,) = [part for part in get_args(annotation) if part is not type(None)]
    if annotation in BY_ANNOTATION:
        return Key(name, needed, BY_ANNOTATION[annotation])
    if get_origin(annotation) is Literal:
        return Key(name, needed, annotation)
    (part, _) = get_args(annotation)
    return Key(name, needed, list[dict[str, Any]], Rows(table(part), part))


def table(described: type, *, renamed: Mapping[str, str] | None = None, optional: tuple[str, ...] = ()) -> Table:
    """The table that describes one value of a dataclass: a key for each field, needed where the field has no default.

    `renamed`: fields whose key differs; `optional`: fields the file may leave out though the value needs them. A field
    that ends in an underscore, being a Python word, is written without it.
    """
    hints = get_type_hints(described)
    keys: dict[str, Key] = {}
    for field in fields(described):
        if field.init:
            needed = field.default is MISSING and field.default_factory is MISSING and field.name not in optional
            key = (renamed or {}).get(field.name, field.name.rstrip("_"))
            keys[key] = _key(field.name, hints[field.name], needed)
    return keys


OPERATION: Table = {
    "name": Key("name", True, Text),
    "starts": Key("starts", True, Starts),
    "days": Key("days", True, Whole),
    "hours": Key("hours", False, Hours),
    "load_from": Key("load_from", False, Clock),
    "load_until": Key("load_until", False, Clock),
    "slot_minutes": Key("slot_minutes", False, Whole),
}

MOVEMENTS: Table = {
    "escorts": Key("escorts", False, NumbersById),
    "load": Key("load", False, Handlings),
    "unload": Key("unload", False, Handlings),
}

TABLES: Mapping[str, Table] = {
    "party": table(Party),
    "group": table(Group),
    "place": table(Place),
    "road": table(Road),
    "crossing": table(Crossing),
    "fleet": table(Fleet, optional=("load", "unload")),
    "convoy": table(Convoy),
    "empty": table(EmptyLink),
    "evacuation": table(Evacuation, renamed={"origin": "from"}),
}
"""The repeated tables but the clauses."""


def clause_tables(kinds: Iterable[type[Clause]] = KINDS) -> dict[str, Table]:
    """The table of each kind of clause."""
    return {kind.kind: {"kind": Key("kind", False, Text), **table(kind, optional=("id",))} for kind in kinds}
