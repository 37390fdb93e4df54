"""Order: the wounded before the fighters, the villages before the city, or never far behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.agreement import Theatre
from safepassage.clauses.order import Order


def test_no_fighter_before_the_last_wounded(judge: Callable[..., None]) -> None:
    limit = "Fighters (City evacuation): nobody before 100 of Lying wounded (City evacuation)"
    judge(
        Order(id="wounded-first", first=("city-out/lying",), then=("city-out/fighter",)),
        f"""
        handover  09:00  city-out/civilian  400  kept
        handover  10:00  city-out/lying     99   kept
        handover  11:00  city-out/fighter   50   broken by 50: {limit}
        handover  12:00  city-out/lying     1    kept
        handover  13:00  city-out/fighter   50   kept
        """,
    )


def test_wounded_and_fighters_may_leave_at_the_same_instant(judge: Callable[..., None]) -> None:
    judge(
        Order(id="wounded-first", first=("city-out/lying",), then=("city-out/fighter",)),
        """
        handover  10:00  city-out/fighter  500
        handover  10:00  city-out/lying    100  kept
        """,
    )


def test_fighters_wait_until_the_villagers_have_arrived(judge: Callable[..., None]) -> None:
    limit = "Fighters (City evacuation): nobody before 1,000 of Village evacuation"
    judge(
        Order(id="villagers-safe", first=("villages-out",), then=("city-out/fighter",), counts="arrival"),
        f"""
        handover  09:00  villages-out      1000  kept
        handover  10:00  city-out/fighter  20    broken by 20: {limit}
        arrival   11:00  villages-out      1000  kept
        handover  12:00  city-out/fighter  480   kept
        """,
    )


def test_half_of_the_villages_is_enough(judge: Callable[..., None]) -> None:
    judge(
        Order(id="half", first=("villages-out",), then=("city-out",), share=0.5),
        """
        handover  09:00  villages-out  499  kept
        handover  10:00  city-out      1    broken by 1: City evacuation: nobody before 500 of Village evacuation
        handover  11:00  villages-out  1    kept
        """,
    )


def test_a_part_of_a_person_is_a_person(theatre: Theatre) -> None:
    (step,) = Order(id="half", first=("villages-out/lying",), then=("city-out",), share=0.51).limits(theatre)
    assert "nobody before 21 of" in step.text


def test_never_far_ahead(judge: Callable[..., None]) -> None:
    limit = "City evacuation: at most 20 percentage points ahead of Village evacuation"
    judge(
        Order(id="not-far", first=("villages-out",), then=("city-out",), ahead=0.2),
        f"""
        handover  09:00  city-out      400   kept
        handover  10:00  city-out      2     broken by 2: {limit}
        handover  11:00  villages-out  1000  kept
        handover  12:00  city-out      1598  kept
        """,
    )


@given(villages=st.integers(0, 1000), city=st.integers(0, 2000), percent=st.integers(1, 100))
def test_it_means_the_shares(villages: int, city: int, percent: int, keeps: Callable[..., bool]) -> None:
    out = {"villages-out": villages, "city-out": city}
    started = Order(id="o", first=("villages-out",), then=("city-out",), share=percent / 100)
    assert keeps(started, out=out) == (city == 0 or villages * 100 >= percent * 1000)
    ahead = Order(id="o", first=("villages-out",), then=("city-out",), ahead=percent / 100)
    assert keeps(ahead, out=out) == ((city * 1000 - villages * 2000) * 100 <= percent * 1000 * 2000)


def test_nobody_waits_for_nobody(declined: Callable[[str, int], Theatre]) -> None:
    for clause in (
        Order(id="o", first=("villages-out",), then=("city-out",)),
        Order(id="o", first=("villages-out",), then=("city-out",), ahead=0.1),
    ):
        assert clause.limits(declined("villages-out", 0)) == ()
        with pytest.raises(ValueError, match=r"nobody is demanded there"):
            clause.check_fit(declined("villages-out", 0))


def test_share_or_ahead_but_not_both() -> None:
    with pytest.raises(ValueError, match=r"give one of the two"):
        Order(id="o", first=("villages-out",), then=("city-out",), share=0.5, ahead=0.1)


@pytest.mark.parametrize("share", [0, 50])
def test_a_share_lies_between_nobody_and_everyone(share: float) -> None:
    with pytest.raises(ValueError, match=r"share = .* 0.5 is half"):
        Order(id="o", first=("villages-out",), then=("city-out",), share=share)
    with pytest.raises(ValueError, match=r"ahead = .* lies between 0 and 1"):
        Order(id="o", first=("villages-out",), then=("city-out",), ahead=50)
