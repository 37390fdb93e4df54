"""Observer: present, or no departure."""

from __future__ import annotations

import pytest

from safepassage.agreement import Theatre
from safepassage.clauses.observer import Observer


def test_all_of_them_have_to_be_there(theatre: Theatre) -> None:
    clause = Observer(id="observer", parties=("un", "red-cross"), on=("gate",))
    assert "United Nations and Red Cross present at the Gate crossing" in clause.sentence(theatre, "en")


def test_movements_do_not_show_it() -> None:
    assert "present" in Observer(id="observer", parties=("un",)).not_checkable()


def test_somebody_has_to_observe() -> None:
    with pytest.raises(ValueError, match="name at least one party that observes"):
        Observer(id="observer", parties=())


def test_it_does_not_fit_an_unknown_segment(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match="'moon' is no road and no crossing"):
        Observer(id="observer", parties=("un",), on=("moon",)).check_fit(theatre)
