"""Last: the last villager leaves no earlier than the last person of the city."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.agreement import Theatre
from safepassage.clauses.last import Last

CITY_THEN_VILLAGES = Last(id="last", first=("city-out",), then=("villages-out",))
LIMIT = "Village evacuation: the last person not before the last of City evacuation"


def test_all_but_one_may_leave(judge: Callable[..., None]) -> None:
    judge(
        CITY_THEN_VILLAGES,
        f"""
        handover  09:00  villages-out  999   kept
        handover  10:00  villages-out  1     broken by 1: {LIMIT}
        handover  11:00  city-out      1999  kept
        handover  12:00  city-out      1     kept
        """,
    )


def test_both_at_once_will_do(judge: Callable[..., None]) -> None:
    judge(
        CITY_THEN_VILLAGES,
        """
        handover  09:00  villages-out  1000
        handover  09:00  city-out      2000  kept
        """,
    )


def test_the_last_of_the_city_may_have_to_arrive(judge: Callable[..., None]) -> None:
    judge(
        Last(id="last", first=("city-out",), then=("villages-out",), counts="arrival"),
        f"""
        handover  09:00  city-out      2000  kept
        handover  10:00  villages-out  1000  broken by 1: {LIMIT}
        arrival   11:00  city-out      2000  kept
        """,
    )


@given(city=st.integers(1990, 2000), villages=st.integers(990, 1000))
def test_it_means_the_final_person(city: int, villages: int, keeps: Callable[..., bool]) -> None:
    kept = keeps(CITY_THEN_VILLAGES, out={"city-out": city, "villages-out": villages})
    assert kept == (villages < 1000 or city == 2000)


def test_the_last_person_is_of_those_who_still_want_to_leave(
    judge: Callable[..., None], declined: Callable[[str, int], Theatre]
) -> None:
    judge(
        CITY_THEN_VILLAGES,
        f"""
        handover  09:00  villages-out  300   broken by 1: {LIMIT}
        """,
        theatre=declined("villages-out", 300),
    )
    assert CITY_THEN_VILLAGES.limits(declined("villages-out", 0)) == ()


def test_it_does_not_fit_one_side_against_itself(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match="share people"):
        Last(id="last", first=("*",), then=("villages-out",)).check_fit(theatre)
