"""The words of the room: every one in both languages, with the same values in it, and on the page for reviewers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from safepassage.report.terms import Term, Words, number
from safepassage.web import board_terms
from safepassage.web.terms_page import tables, terms_page

ARABIC = re.compile(r"[\u0600-\u06ff]")
DOCS = Path(__file__).parent.parent.parent / "docs"


@pytest.mark.parametrize("title", tables())
def test_every_word_is_there_in_both_languages_and_takes_the_same_values(title: str) -> None:
    for key, term in tables()[title].items():
        assert term.en.count("{}") == term.ar.count("{}") or key == "in english", key
        if re.sub(r"\{\}|\W|\d|_", "", term.en) and not term.en.startswith("العربية"):
            assert ARABIC.search(term.ar), f"{key}: its Arabic is missing"


def test_the_page_for_reviewers_is_made_from_the_tables() -> None:
    """If not: `python -m safepassage.web.terms_page docs/terms.md`."""
    assert (DOCS / "terms.md").read_text(encoding="utf-8") == terms_page()


def test_a_word_that_was_reviewed_is_marked_so_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(board_terms.TERMS, "map", Term("Map", "الخريطة", reviewed=True))
    assert "| Map | الخريطة | yes |" in terms_page() and "1 of " in terms_page()


def test_one_word_cannot_mean_two_things_on_a_page() -> None:
    with pytest.raises(AssertionError, match="rename one"):
        Words("en", {"out": Term("out", "خرجوا")}, {"out": Term("away", "بعيدًا")})


def test_digits_are_the_same_in_both_languages() -> None:
    assert number(36086, "en") == number(36086, "ar") == "36,086"
