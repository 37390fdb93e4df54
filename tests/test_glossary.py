"""The glossary knows every word that the product says, and the guide every outcome."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

from safepassage import claims, movement, planner
from safepassage.web.terms_page import tables

DOCS = Path(__file__).parent.parent / "docs"

PLUMBING = {"Term", "Tally", "Stay", "Passage", "Hop", "Span", "Calendar", "World", "Handling", "EmptyHop",
            "SearchTooLong", "Theatre"}  # fmt: skip
"""Classes that nobody meets on a screen."""


def text() -> str:
    return (DOCS / "glossary.md").read_text(encoding="utf-8")


def glossary() -> dict[str, tuple[str, str]]:
    """Arabic and meaning of each word."""
    rows = re.findall(r"^\| ([a-z][a-z -]*) \| ([^|]+) \| ([^|]+) \|$", text(), re.MULTILINE)
    rows = [row for row in rows if row[0] != "word"]
    words = [word for word, *_ in rows]
    assert len(words) == len(set(words)), "a word stands twice"
    return {word: (arabic, meaning) for word, arabic, meaning in rows}


def spoken(name: str) -> str:
    """A class name as words: EmptyMove is an empty move."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower()


def public_values() -> set[str]:
    rooms = ("world", "people", "fleet", "movement", "agreement", "operation", "check")
    modules = [import_module(f"safepassage.{room}") for room in rooms]
    classes = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }
    return classes | {planner.Conflict.__name__, planner.Certificate.__name__}


def test_every_public_value_is_in_the_glossary() -> None:
    assert public_values() >= PLUMBING
    missing = {name for name in public_values() - PLUMBING if spoken(name) not in glossary()}
    assert missing == set()


def test_every_word_of_the_glossary_that_is_a_class_says_so_and_is_one() -> None:
    """`Class` in backticks at the end of a meaning."""
    named = re.findall(r"`([A-Z]\w+)`", text())
    assert len(named) > 15 and set(named) <= public_values()


def test_every_word_has_an_arabic_term() -> None:
    assert len(glossary()) > 30
    unsaid = [word for word, (arabic, _) in glossary().items() if not re.search("[\u0621-\u064a]", arabic)]
    assert unsaid == []


def test_every_outcome_and_ending_is_in_the_glossary() -> None:
    known = glossary()
    for word in (*get_args(movement.Outcome), *get_args(movement.Ending)):
        assert word in known, word


def test_what_claims_do_and_amount_to_is_in_the_glossary() -> None:
    known = glossary()
    for word, said in (("stance", claims.Stance), ("standing of a question", claims.StandingKind)):
        _, _, listed = known[word][1].partition(": ")
        assert listed.split(", ") == list(get_args(said))


BROKEN_PLURALS = {"crossing": "معابر", "question": "مسائل"}
VOWELS = re.compile("[\u064b-\u0652]")


@pytest.mark.parametrize("word", ["claim", "question", "movement", "crossing", "handover", "ledger", "consent"])
def test_pages_and_reports_say_the_word_of_the_glossary(word: str) -> None:
    """Wherever an English term names it, its Arabic has the glossary's word or its plural."""
    arabic = glossary()[word][0].removesuffix("ة")
    forms = (arabic, BROKEN_PLURALS.get(word, arabic))
    every = (term for table in tables().values() for term in table.values())
    named = [term for term in every if re.search(rf"\b{word}s?\b", term.en, re.IGNORECASE)]
    others = [term for term in named if not any(form in VOWELS.sub("", term.ar) for form in forms)]
    assert others == []


def test_every_outcome_is_in_the_guide() -> None:
    guide = (DOCS / "guide.md").read_text(encoding="utf-8")
    for outcome in get_args(movement.Outcome):
        assert f"| {outcome} |" in guide, f"docs/guide.md does not say what {outcome!r} means"
