"""Inspection: what is looked for, and that nobody is asked for a name unless it was agreed."""

from __future__ import annotations

import pytest

from safepassage.agreement import Theatre
from safepassage.clauses.inspection import Inspection


def test_no_names_unless_agreed(theatre: Theatre) -> None:
    assert "Nobody is asked for a name." in Inspection(id="i").sentence(theatre, "en")
    assert "Names may be asked." in Inspection(id="i", names=True).sentence(theatre, "en")


def test_movements_do_not_show_it() -> None:
    assert "inspected" in Inspection(id="i").not_checkable()


def test_it_does_not_fit_an_unknown_segment(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match="'moon' is no road and no crossing"):
        Inspection(id="i", on=("moon",)).check_fit(theatre)
