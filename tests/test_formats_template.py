"""The template is an operation that reads without a word, and it shows every key there is."""

from __future__ import annotations

import re

import pytest

from safepassage.clauses import KINDS
from safepassage.formats.operation import parse_operation
from safepassage.formats.shape import MOVEMENTS, OPERATION, TABLES
from safepassage.formats.template import TEMPLATE

COMMENTED_OUT = re.findall(r"^# \w+ = .*$", TEMPLATE, re.MULTILINE)


def test_the_template_reads_without_a_word() -> None:
    operation, problems = parse_operation(TEMPLATE)
    assert problems == ()
    assert operation is not None


@pytest.mark.parametrize("line", COMMENTED_OUT)
def test_what_is_commented_out_may_be_used(line: str) -> None:
    _, problems = parse_operation(TEMPLATE.replace(line, line.removeprefix("# "), 1))
    assert [problem for problem in problems if problem.severity == "error"] == []


@pytest.mark.parametrize("table", [OPERATION, MOVEMENTS, *TABLES.values()], ids=["operation", "movements", *TABLES])
def test_every_key_of_a_table_is_shown(table: dict[str, object]) -> None:
    assert [key for key in table if not re.search(rf"\b{key}\b", TEMPLATE)] == []


@pytest.mark.parametrize("kind", [kind.kind for kind in KINDS])
def test_every_kind_of_clause_is_shown(kind: str) -> None:
    assert re.search(rf'kind = "{kind}"|\b{kind} \(', TEMPLATE)
