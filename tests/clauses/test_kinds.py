"""What holds for every kind of clause."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest

import safepassage.clauses
from safepassage.agreement import Clause, Theatre
from safepassage.clauses import KINDS
from safepassage.clauses.escort import Escort
from safepassage.clauses.lockstep import Lockstep

ROOM = Path(safepassage.clauses.__file__).parent
TERM = Escort(id="escort", teams=("red-cross",))


def test_one_file_a_kind_and_every_file_is_listed() -> None:
    files = {path.stem for path in ROOM.glob("*.py")} - {"__init__", "wording"}
    assert [kind.__module__.rpartition(".")[2] for kind in KINDS] == [kind.kind for kind in KINDS]
    assert files == {kind.kind for kind in KINDS}


@pytest.mark.parametrize("kind", [kind.kind for kind in KINDS])
def test_one_clause_never_imports_another(kind: str) -> None:
    tree = ast.parse((ROOM / f"{kind}.py").read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name for name in imported if "clauses" in name} <= {"safepassage.clauses.wording"}


def test_the_sentence_says_from_when_until_when(theatre: Theatre) -> None:
    clause = replace(TERM, from_=18 * 60, until=36 * 60)
    assert clause.sentence(theatre, "en").endswith(
        "This binds from 15 December 2016, 18:00 until 16 December 2016, 12:00."
    )
    assert clause.sentence(theatre, "ar").endswith(
        "يسري هذا البند من 15 كانون الأول/ديسمبر 2016، الساعة 18:00 حتى 16 كانون الأول/ديسمبر 2016، الساعة 12:00."
    )


def test_the_sentence_says_that_it_is_not_in_force(theatre: Theatre) -> None:
    assert replace(TERM, state="proposed").sentence(theatre, "en").endswith("Proposed; not yet in force.")
    assert replace(TERM, state="suspended").sentence(theatre, "en").endswith("Suspended.")
    assert replace(TERM, state="proposed").sentence(theatre, "ar").endswith("مقترح، ولم يدخل حيز التنفيذ بعد.")


def test_a_clause_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="until is not later than from: give a later `until`"):
        replace(TERM, from_=600, until=600)


def test_a_clause_binds_from_the_first_midnight_to_the_closing_one(theatre: Theatre) -> None:
    span = TERM.span(theatre)
    assert (span.start, span.end) == (theatre.calendar.start_of_day, theatre.calendar.end + 1)


def test_names_that_stand_for_nobody_do_not_fit(theatre: Theatre) -> None:
    clause: Clause = Lockstep(id="step", of=("city-in",), with_=("villages-out",), tolerance=0.1)
    with pytest.raises(ValueError, match="'city-in' names no people: write evacuation, evacuation/group"):
        clause.check_fit(theatre)
