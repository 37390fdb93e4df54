"""The JSON Schemas in docs/schema are those of the types, and accept what the readers accept."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import worlds
from jsonschema import Draft202012Validator

from safepassage.clauses import KINDS
from safepassage.formats.operation import parse_operation
from safepassage.formats.schema import operation_schema, schemas, shocks_schema, timetable_schema
from safepassage.formats.template import TEMPLATE
from safepassage.futures.chance import Law
from safepassage.futures.shocks import SHOCKS

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "src/safepassage/examples").glob("**/*.toml"))
MODELS = [path for path in SHIPPED if path.name.endswith(".shocks.toml")]
EXAMPLES = [path for path in SHIPPED if path not in MODELS]
SCHEMAS = schemas(SHOCKS, Law)
SHOCKS_SCHEMA = shocks_schema(SHOCKS, Law)


def as_json(value: Any) -> Any:
    """TOML's values as JSON has them: times as text."""
    return json.loads(json.dumps(value, default=lambda time: time.isoformat()))


def rejected(text: str, schema: dict[str, Any] | None = None) -> list[str]:
    validator = Draft202012Validator(operation_schema() if schema is None else schema)
    return [error.message for error in validator.iter_errors(as_json(tomllib.loads(text)))]


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_schemas_that_are_checked_in_are_current(name: str) -> None:
    """If not: python -m safepassage.control.schema docs/schema"""
    assert (ROOT / "docs/schema" / name).read_text(encoding="utf-8") == SCHEMAS[name]


@pytest.mark.parametrize(
    "schema", [operation_schema(), timetable_schema(), SHOCKS_SCHEMA], ids=["operation", "timetable", "shocks"]
)
def test_the_schemas_are_schemas(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("make", worlds.ALL, ids=lambda make: make.__name__)
def test_every_world_keeps_to_the_schema(make: Any) -> None:
    assert rejected(getattr(worlds, make.__name__.upper())) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_keeps_to_the_schema(path: Path) -> None:
    assert rejected(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_shock_model_that_ships_keeps_to_the_schema(path: Path) -> None:
    assert rejected(path.read_text(encoding="utf-8"), SHOCKS_SCHEMA) == []


def test_the_template_keeps_to_the_schema() -> None:
    assert rejected(TEMPLATE) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bays = 1", "bayes = 1"),
        ("bays = 1", 'bays = "1"'),
        ("format = 1", "format = 2"),
        ("people = {", "peopel = {"),
        ("civilian = 120", "civilian = -1"),
        ("[movements]", '[[clause]]\nkind = "lockstp"\n[movements]'),
        ("[movements]", '[[clause]]\nkind = "notice"\nhuors = 2\n[movements]'),
    ],
)
def test_schema_and_reader_reject_alike(old: str, new: str) -> None:
    text = worlds.ONE_ROAD.replace(old, new, 1)
    assert text != worlds.ONE_ROAD
    assert rejected(text)
    assert parse_operation(text)[0] is None


def test_every_kind_of_clause_is_in_the_schema() -> None:
    named = {
        definition["properties"]["kind"]["const"]
        for definition in operation_schema()["$defs"].values()
        if "kind" in definition["properties"]
    }
    assert named == {kind.kind for kind in KINDS}


def test_times_of_a_file_are_text_in_the_schema() -> None:
    assert as_json([datetime(2016, 12, 15, 6), date(2016, 12, 15)]) == ["2016-12-15T06:00:00", "2016-12-15"]
