"""Escort: who may escort."""

from __future__ import annotations

import pytest

from safepassage.agreement import Theatre
from safepassage.clauses.escort import Escort


def test_any_of_the_teams_will_do(theatre: Theatre) -> None:
    clause = Escort(id="escort", teams=("red-cross", "red-crescent"))
    assert "Red Cross or Red Crescent" in clause.sentence(theatre, "en")


def test_movements_do_not_show_it() -> None:
    assert "who escorted" in Escort(id="escort", teams=("red-cross",)).not_checkable()


def test_somebody_has_to() -> None:
    with pytest.raises(ValueError, match="name at least one party that may escort"):
        Escort(id="escort", teams=())
