"""The pages in docs say what the product says: clauses as they are, examples as they ship, names as they are used."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from safepassage.clauses import KINDS
from safepassage.formats.clause_page import COMMON, EXAMPLES, THEATRE, clause_page
from safepassage.formats.operation import parse_operation
from safepassage.formats.shape import clause_tables
from safepassage.formats.shocks import LAWS, shock_tables
from safepassage.futures.chance import Law
from safepassage.futures.course import Policy
from safepassage.futures.shocks import SHOCKS

DOCS = Path(__file__).parent.parent / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return [block for said, block in BLOCK.findall(text(page)) if said == language]


# docs/clauses.md


def test_the_page_of_clauses_is_current() -> None:
    """If not: python -m safepassage.formats.clause_page docs/clauses.md"""
    assert text("clauses.md") == clause_page()


@pytest.mark.parametrize("example", blocks("clauses.md", "toml"), ids=lambda example: example.split('"')[1])
def test_each_example_of_a_clause_is_a_clause(example: str) -> None:
    read, problems = parse_operation(THEATRE + example)
    assert read is not None and problems == (), problems
    assert len(read.clauses) == 1


def test_every_kind_of_clause_and_every_key_of_it_is_on_the_page() -> None:
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text("clauses.md"), re.MULTILINE | re.DOTALL))
    assert list(sections) == [kind.kind for kind in KINDS] and sections.keys() == EXAMPLES.keys()
    for kind, keys in clause_tables().items():
        missing = [key for key in keys if key not in COMMON and f"| `{key}` |" not in sections[kind]]
        assert missing == [], kind


# docs/guide.md and docs/mathematics.md; test_docs.py runs what is in them


def test_what_the_guide_shows_of_the_first_example_stands_in_it() -> None:
    shipped = files("safepassage") / "examples"
    example = "".join((shipped / name).read_text(encoding="utf-8") for name in ("tiny.toml", "tiny.shocks.toml"))
    shown = blocks("guide.md", "toml")
    assert shown
    for block in shown:
        for table in block.strip().split("\n\n"):
            assert table in example, table


def test_every_kind_of_shock_and_every_key_of_it_is_in_the_guide() -> None:
    rows = re.findall(r"^\| `([a-z ]+)` \| [^|]+ \| ([^|]+) \|$", text("guide.md"), re.MULTILINE)
    told = {kind: set(re.findall(r"`(\w+)`", keys)) for kind, keys in rows}
    tables = shock_tables(SHOCKS, Law)
    assert told == {kind: set(keys) - {"kind", "id", "basis"} for kind, keys in tables.items()}


def test_every_shape_of_a_law_and_what_a_policy_waits_is_in_the_guide() -> None:
    for shape in LAWS:
        assert f"{{ {shape} = " in text("guide.md"), shape
    assert Policy().patience_minutes == 120
    assert "for two hours go back" in text("guide.md") and "120 minutes" in text("glossary.md")


def test_the_keys_that_the_mathematics_names_are_of_the_code() -> None:
    """Names in backticks with an underscore, and files, are in the planner or the rooms below it."""
    package = Path(str(files("safepassage")))
    source = "".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    names = re.findall(r"`(\w+\.py|_?[a-z]+(?:_[a-z]+)+|[A-Z]+(?:_[A-Z]+)+)`", text("mathematics.md"))
    assert len(names) > 8
    for name in names:
        known = any(path.as_posix().endswith(name) for path in package.rglob("*.py")) if "." in name else name in source
        assert known, name
