"""JSON Schemas of the operation file and the shock model (as JSON), the timetable and the event, from their types."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel, ConfigDict, Field, create_model

from safepassage.agreement import Party
from safepassage.clauses import KINDS
from safepassage.fleet import Convoy, Fleet
from safepassage.formats.events import HASH, ID, TEXT, TIME, UUID7, event_record
from safepassage.formats.shape import MOVEMENTS, OPERATION, TABLES, Table, Text, clause_tables
from safepassage.formats.shocks import LAW_SCHEMA, shock_tables
from safepassage.formats.timetable import timetable_record
from safepassage.people import Evacuation, Group
from safepassage.world import Crossing, EmptyLink, Place, Road

DESCRIBED: dict[str, type] = {
    "party": Party,
    "group": Group,
    "place": Place,
    "road": Road,
    "crossing": Crossing,
    "fleet": Fleet,
    "convoy": Convoy,
    "empty": EmptyLink,
    "evacuation": Evacuation,
}
"""What each repeated table describes."""


class Closed(BaseModel):
    """A table that holds the keys it lists and no others."""

    model_config = ConfigDict(extra="forbid")


def _model(name: str, table: Table, text: str, **fixed: Any) -> type[Closed]:
    keys: dict[str, Any] = {}
    for key, described in table.items():
        written = described.written
        if described.rows is not None:
            made: Any = _model(described.rows.make.__name__, described.rows.table, described.rows.make.__doc__ or "")
            written = list[made]
        keys[described.field] = (written, Field(alias=key) if described.needed else Field(default=None, alias=key))
    return create_model(name, __base__=Closed, __doc__=text, **(keys | fixed))


def operation_schema() -> dict[str, Any]:
    """The schema of an operation file, as the JSON that its TOML stands for."""
    repeated: dict[str, Any] = {}
    for key, table in TABLES.items():
        model: Any = _model(DESCRIBED[key].__name__, table, DESCRIBED[key].__doc__ or "")
        repeated[key] = (list[model], None)
    clause: Any = _one_of(KINDS, clause_tables())
    model = create_model(
        "OperationFile",
        __base__=Closed,
        __doc__="A negotiated evacuation: one operation, its world, its people, its fleets and its agreement.",
        format=(Literal[1], Field()),
        operation=(_model("OperationTable", OPERATION, "Its name, its days and its hours."), Field()),
        movements=(_model("Movements", MOVEMENTS, "What every movement needs."), None),
        clause=(list[clause], None),
        **repeated,
    )
    return _published("operation", model.model_json_schema(by_alias=True))


def shocks_schema(kinds: Sequence[type[Any]], law: type) -> dict[str, Any]:
    """The schema of a shock model with these kinds of shock, as the JSON that its TOML stands for."""
    shock: Any = _one_of(kinds, shock_tables(tuple(kinds), law))
    model = create_model(
        "ShockModel",
        __base__=Closed,
        __doc__="What may go wrong in an operation: how often, for how long, and on what basis.",
        format=(Literal[1], Field()),
        name=(Text, None),
        shock=(list[shock], None),
    )
    schema: dict[str, Any] = _referring(_published("shocks", model.model_json_schema(by_alias=True)), "Law", LAW_SCHEMA)
    schema["$defs"]["Law"] = LAW_SCHEMA
    return schema


def _referring(schema: Any, name: str, described: Mapping[str, Any]) -> Any:
    """A schema that refers to what is described once under this name."""
    if schema == described:
        return {"$ref": f"#/$defs/{name}"}
    if isinstance(schema, list):
        return [_referring(part, name, described) for part in schema]
    if isinstance(schema, dict):
        return {key: _referring(value, name, described) for key, value in schema.items()}
    return schema


def _one_of(kinds: Sequence[type[Any]], tables: Mapping[str, Table]) -> Any:
    """One of these kinds, told apart by their key `kind`."""
    models = tuple(
        _model(kind.__name__, tables[kind.kind], kind.__doc__ or "", kind=(Literal[kind.kind], Field()))
        for kind in kinds
    )
    return Annotated[Union[models], Field(discriminator="kind")]  # noqa: UP007


def timetable_schema() -> dict[str, Any]:
    """The schema of a timetable file."""
    return _published("timetable", timetable_record().model_json_schema())


STRINGS = {ID: "id", TEXT: "text", TIME: "instant", UUID7: "event", f"^$|{UUID7}": "event-or-none", HASH: "hash"}
"""Kinds of string in an event, by their patterns."""


def event_schema() -> dict[str, Any]:
    """The schema of an event."""
    named: dict[str, Any] = {}
    schema = _with_named_strings(event_record().json_schema(), named)
    schema["$defs"] = {**dict(sorted(named.items())), **schema["$defs"]}
    return _published("event", schema)


def _with_named_strings(schema: Any, named: dict[str, Any]) -> Any:
    """A schema in which each kind of string is described once, in `named`."""
    if isinstance(schema, list):
        return [_with_named_strings(part, named) for part in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: _with_named_strings(value, named) for key, value in schema.items()}
    if "patternProperties" in schema:
        ((pattern, held),) = schema.pop("patternProperties").items()
        return {**schema, "propertyNames": {"$ref": f"#/$defs/{STRINGS[pattern]}"}, "additionalProperties": held}
    if schema.get("pattern") not in STRINGS:
        return schema
    name = STRINGS[schema["pattern"]]
    kind = {key: schema.pop(key) for key in ("type", "pattern", "maxLength", "format") if key in schema}
    named[name] = kind
    return {"$ref": f"#/$defs/{name}", **schema}


def schemas(kinds: Sequence[type[Any]], law: type) -> dict[str, str]:
    """The text of each schema file, by name; `kinds` of shock and their `law` as for `read_shocks`."""
    made = {
        "operation.json": operation_schema(),
        "shocks.json": shocks_schema(kinds, law),
        "timetable.json": timetable_schema(),
        "event.json": event_schema(),
    }
    return {name: json.dumps(schema, indent=2, ensure_ascii=False) + "\n" for name, schema in made.items()}


def write_schemas(directory: Path, kinds: Sequence[type[Any]], law: type) -> None:
    """Writes each schema file into a directory that is there."""
    for name, text in schemas(kinds, law).items():
        (directory / name).write_text(text, encoding="utf-8")


def _published(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"{name}.json", **_plain(schema)}


def _plain(schema: Any) -> Any:
    """A schema without titles that repeat the key, and without defaults of null, which TOML cannot write."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: value
        for key, value in schema.items()
        if not (key == "default" and value is None) and not (key == "title" and isinstance(value, str))
    }
    return {key: _plain(value) for key, value in kept.items()}
