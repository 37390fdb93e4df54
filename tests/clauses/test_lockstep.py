"""Lockstep, as a negotiator would read it: 2,000 people of the city against 1,000 of the villages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.agreement import Theatre
from safepassage.clauses.lockstep import Lockstep

TENTH = Lockstep(id="step", of=("city-out",), with_=("villages-out",), tolerance=0.10)
CITY_AHEAD = "City evacuation: at most 10 percentage points ahead of Village evacuation"
VILLAGES_AHEAD = "Village evacuation: at most 10 percentage points ahead of City evacuation"


def test_neither_side_gets_ahead(judge: Callable[..., None]) -> None:
    judge(
        TENTH,
        f"""
        handover  10:00  villages-out  100   kept
        handover  11:00  city-out      400   kept
        handover  12:00  city-out      1     broken by 1: {CITY_AHEAD}
        handover  13:00  city-out      50    broken by 51: {CITY_AHEAD}
        handover  14:00  villages-out  100   kept
        handover  15:00  villages-out  150   broken by 25: {VILLAGES_AHEAD}
        """,
    )


def test_a_swap_at_the_same_instant_counts_together(judge: Callable[..., None]) -> None:
    judge(
        TENTH,
        """
        handover  10:00  villages-out  500
        handover  10:00  city-out      1000  kept
        """,
    )


def test_people_who_turned_back_count_no_more(judge: Callable[..., None]) -> None:
    judge(
        TENTH,
        f"""
        handover     10:00  villages-out  100   kept
        handover     11:00  city-out      400   kept
        turned back  11:30  villages-out  100   broken by 200: {CITY_AHEAD}
        turned back  12:00  city-out      400   kept
        """,
    )


def test_counted_at_arrival_when_so_agreed(judge: Callable[..., None]) -> None:
    judge(
        Lockstep(id="step", of=("city-out",), with_=("villages-out",), tolerance=0.10, counts="arrival"),
        f"""
        handover  10:00  city-out  900   kept
        arrival   12:00  city-out  201   broken by 1: {CITY_AHEAD}
        """,
    )


def test_binds_only_from_its_instant_until_its_end(judge: Callable[..., None]) -> None:
    judge(
        Lockstep(id="step", of=("city-out",), with_=("villages-out",), tolerance=0.10, from_=600, until=720),
        f"""
        handover  09:00  city-out  300   kept
        instant   10:00                  broken by 100: {CITY_AHEAD}
        handover  11:00  city-out  1     broken by 101: {CITY_AHEAD}
        handover  12:00  city-out  900   kept
        """,
    )


def test_what_the_past_broke_may_not_grow(judge: Callable[..., None]) -> None:
    judge(
        TENTH,
        f"""
        handover  09:00  city-out      500   kept
        instant   10:30                      kept
        handover  11:00  villages-out  50    kept
        handover  12:00  city-out      1     broken by 201: {CITY_AHEAD}
        handover  13:00  villages-out  200   kept
        handover  14:00  city-out      300   broken by 101: {CITY_AHEAD}
        """,
        frozen_until="10:30",
    )


@given(city=st.integers(0, 2000), villages=st.integers(0, 1000), percent=st.integers(0, 100))
def test_it_means_the_difference_of_shares(city: int, villages: int, percent: int, keeps: Callable[..., bool]) -> None:
    clause = Lockstep(id="step", of=("city-out",), with_=("villages-out",), tolerance=percent / 100)
    apart = abs(city * 1000 - villages * 2000) * 100
    assert keeps(clause, out={"city-out": city, "villages-out": villages}) == (apart <= percent * 2000 * 1000)


def test_a_share_of_exactly_the_tolerance_is_kept(keeps: Callable[..., bool]) -> None:
    """0.57 x 960 x 1,400 falls below its true value in floating point."""
    of, with_ = ("city-out/civilian",), ("villages-out/civilian",)
    clause = Lockstep(id="step", of=of, with_=with_, tolerance=0.57)
    assert keeps(clause, out={"city-out": 798})
    assert not keeps(clause, out={"city-out": 799})


def test_nobody_left_to_move_means_no_share_to_keep(declined: Callable[[str, int], Theatre]) -> None:
    assert TENTH.limits(declined("villages-out", 0)) == ()


@pytest.mark.parametrize("tolerance", [-0.1, 10])
def test_a_tolerance_is_a_share(tolerance: float) -> None:
    with pytest.raises(ValueError, match=r"0.10 is 10%"):
        Lockstep(id="step", of=("city-out",), with_=("villages-out",), tolerance=tolerance)


def test_it_does_not_fit_one_side_against_itself(theatre: Theatre) -> None:
    clause = Lockstep(id="step", of=("city-out",), with_=("*/civilian",), tolerance=0.1)
    with pytest.raises(ValueError, match=r"share people"):
        clause.check_fit(theatre)


def test_it_does_not_fit_a_side_without_people(declined: Callable[[str, int], Theatre]) -> None:
    with pytest.raises(ValueError, match=r"villages-out: nobody is demanded there"):
        TENTH.check_fit(declined("villages-out", 0))
