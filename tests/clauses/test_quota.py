"""Quota: so many people a day, to a place, or in all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from safepassage.agreement import Theatre
from safepassage.clauses.quota import Quota


def test_so_many_a_day(judge: Callable[..., None]) -> None:
    judge(
        Quota(id="daily", of=("city-out",), most=500, per="day"),
        """
        handover  09:00        city-out      500  kept
        handover  10:00        villages-out  900  kept
        handover  23:59        city-out      20   broken by 20: City evacuation: at most 500 on 15 Dec
        handover  day 2 00:00  city-out      499  kept
        handover  day 2 12:00  city-out      2    broken by 1: City evacuation: at most 500 on 16 Dec
        """,
    )


def test_the_closing_midnight_is_a_day_of_its_own(judge: Callable[..., None]) -> None:
    judge(
        Quota(id="daily", of=("city-out",), most=500, per="day", counts="arrival"),
        """
        arrival  day 2 23:00  city-out  500  kept
        arrival  day 3 00:00  city-out  501  broken by 1: City evacuation: at most 500 on 17 Dec
        """,
    )


def test_so_many_fighters_in_all(judge: Callable[..., None]) -> None:
    judge(
        Quota(id="fighters", of=("*/fighter",), most=200),
        """
        handover  09:00        city-out/fighter   150  kept
        handover  10:00        city-out/civilian  900  kept
        handover  day 2 09:00  city-out/fighter   60   broken by 10: Fighters (all evacuations): at most 200 in all
        """,
    )


def test_so_many_to_a_place(judge: Callable[..., None]) -> None:
    judge(
        Quota(id="coast", of=("city-out",), most=300, to=("coast",), counts="arrival"),
        """
        handover  09:00  city-out to coast  400  kept
        arrival   10:00  city-out to coast  300  kept
        arrival   11:00  city-out to north  900  kept
        arrival   12:00  city-out to coast  1    broken by 1: City evacuation: at most 300 to Coast in all
        """,
    )


def test_who_left_before_it_bound_counts_that_day(judge: Callable[..., None]) -> None:
    judge(
        Quota(id="daily", of=("city-out",), most=500, per="day", from_=12 * 60),
        """
        handover  09:00        city-out  400  kept
        handover  13:00        city-out  101  broken by 1: City evacuation: at most 500 on 15 Dec
        handover  day 2 09:00  city-out  500  kept
        """,
    )


def test_most_is_people() -> None:
    with pytest.raises(ValueError, match=r"most = -1: give zero people or more"):
        Quota(id="none", of=("*",), most=-1)


def test_it_does_not_fit_a_place_nobody_goes_to(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match=r"nobody of city-out goes to south; name one of coast, north"):
        Quota(id="south", of=("city-out",), most=10, to=("south",)).check_fit(theatre)
