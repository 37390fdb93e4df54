"""Consent: the yes of those who hold a road, and what its absence shuts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from safepassage.agreement import Theatre
from safepassage.clauses.consent import Consent, Withheld

MORNING = (8 * 60, 12 * 60)


def withheld(by: str, *on: str) -> Withheld:
    return Withheld(by=by, on=on, from_=MORNING[0], until=MORNING[1])


def test_consent_withheld_shuts_the_road_even_to_empty_vehicles(shut: Callable[..., None]) -> None:
    shut(
        Consent(id="consent", withheld=(withheld("opposition", "gate--north"),)),
        """
        gate--north  07:59  movement  open
        gate--north  08:00  movement  shut: Opposition withholds its consent
        gate--north  11:59  empty     shut: Opposition withholds its consent
        gate--north  12:00  movement  open
        city--gate   10:00  movement  open
        """,
    )


def test_withheld_everywhere_is_withheld_wherever_it_is_needed(shut: Callable[..., None]) -> None:
    shut(
        Consent(id="consent", withheld=(withheld("government"),)),
        """
        city--gate   10:00  movement  shut: Government withholds its consent
        gate         10:00  movement  shut: Government withholds its consent
        gate--north  10:00  movement  open
        gate--coast  10:00  movement  open
        """,
    )


def test_without_an_end_it_is_withheld_as_long_as_the_clause_binds(shut: Callable[..., None]) -> None:
    shut(
        Consent(id="consent", until=20 * 60, withheld=(Withheld(by="government", on=("gate",)),)),
        """
        gate  00:00  movement  shut: Government withholds its consent
        gate  19:59  movement  shut: Government withholds its consent
        gate  20:00  movement  open
        """,
    )


def test_withheld_binds_only_while_the_clause_does(shut: Callable[..., None]) -> None:
    shut(
        Consent(id="consent", from_=9 * 60, until=11 * 60, withheld=(withheld("government", "gate"),)),
        """
        gate  08:59  movement  open
        gate  09:00  movement  shut: Government withholds its consent
        gate  11:00  movement  open
        """,
    )


def test_a_plan_assumes_what_is_not_withheld(theatre: Theatre) -> None:
    clause = Consent(id="consent", lapses_hours=24)
    assert clause.closures(theatre) == ()
    assert "movements do not show it" in clause.not_checkable()


def test_whose_consent_each_segment_needs(theatre: Theatre) -> None:
    assert Consent(id="consent").needed(theatre) == {
        "city--gate": ("government", "opposition"),
        "gate--north": ("opposition",),
        "villages--bridge": ("opposition",),
        "gate": ("government",),
    }
    assert Consent(id="consent", parties=("government",)).needed(theatre) == {
        "city--gate": ("government",),
        "gate": ("government",),
    }
    assert Consent(id="consent", on=("gate--north",)).needed(theatre) == {"gate--north": ("opposition",)}


@pytest.mark.parametrize(
    ("clause", "problem"),
    [
        (Consent(id="c", on=("gate--coast",)), "gate--coast needs no consent of anybody"),
        (Consent(id="c", on=("gate",), parties=("opposition",)), "gate needs no consent of opposition"),
        (Consent(id="c", parties=("un",)), "nothing here needs the consent of un"),
        (Consent(id="c", on=("north--gate",)), "'north--gate' is no road and no crossing"),
        (Consent(id="c", withheld=(withheld("opposition", "gate"),)), "gate needs no consent of opposition"),
        (Consent(id="c", withheld=(withheld("un"),)), "nothing here needs the consent of un"),
        (
            Consent(id="c", on=("gate",), withheld=(withheld("opposition"),)),
            "nothing here needs the consent of opposition",
        ),
    ],
)
def test_it_does_not_fit_a_segment_that_needs_no_such_consent(clause: Consent, problem: str, theatre: Theatre) -> None:
    with pytest.raises(ValueError, match=problem):
        clause.check_fit(theatre)


def test_what_is_withheld_ends_after_it_begins() -> None:
    with pytest.raises(ValueError, match="until is not later than from"):
        Withheld(by="government", from_=600, until=600)


def test_a_consent_that_lapses_at_once_is_none() -> None:
    with pytest.raises(ValueError, match="lapses_hours = 0: give more than zero"):
        Consent(id="c", lapses_hours=0)
