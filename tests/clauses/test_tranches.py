"""Tranches: the villages' halves free the city's halves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safepassage.agreement import Theatre
from safepassage.clauses.tranches import Tranches


def tranches(first_steps: tuple[int, ...], then_steps: tuple[int, ...], *, arrival: bool = False) -> Tranches:
    return Tranches(
        id="steps",
        first=("villages-out",),
        then=("city-out",),
        first_steps=first_steps,
        then_steps=then_steps,
        counts="arrival" if arrival else "handover",
    )


STEP_1 = "City evacuation: nobody before 500 of Village evacuation"
STEP_2 = "City evacuation: at most 1,000 before 1,000 of Village evacuation"


def test_each_step_frees_the_next(judge: Callable[..., None]) -> None:
    judge(
        tranches((500, 500), (1000, 1000)),
        f"""
        handover  08:00  city-out      1     broken by 1: {STEP_1}
        handover  09:00  villages-out  500   kept
        handover  10:00  city-out      999   kept
        handover  11:00  villages-out  499   kept
        handover  12:00  city-out      30    broken by 30: {STEP_2}
        handover  13:00  villages-out  1     kept
        handover  14:00  city-out      970   kept
        """,
    )


def test_the_first_side_may_count_at_arrival_while_the_second_waits_at_the_gate(judge: Callable[..., None]) -> None:
    judge(
        tranches((500, 500), (1000, 1000), arrival=True),
        f"""
        handover  08:00  villages-out  500   kept
        handover  09:00  city-out      40    broken by 40: {STEP_1}
        arrival   10:00  villages-out  500   kept
        handover  11:00  city-out      960   kept
        arrival   12:00  city-out      960   kept
        """,
    )


def test_a_step_is_undone_when_its_people_turn_back(judge: Callable[..., None]) -> None:
    judge(
        tranches((500, 500), (1000, 1000)),
        f"""
        handover     09:00  villages-out  500   kept
        handover     10:00  city-out      100   kept
        turned back  10:30  villages-out  500   broken by 100: {STEP_1}
        """,
    )


def test_the_other_way_round_lets_the_first_step_go_at_once(judge: Callable[..., None]) -> None:
    limit = "City evacuation: at most 1,000 before 500 of Village evacuation"
    judge(
        tranches((0, 500, 500), (1000, 1000)),
        f"""
        handover  09:00  city-out      1000  kept
        handover  10:00  city-out      1     broken by 1: {limit}
        handover  11:00  villages-out  500   kept
        """,
    )


def test_the_last_step_takes_the_rest(judge: Callable[..., None]) -> None:
    limit = "City evacuation: at most 100 before 1,000 of Village evacuation"
    judge(
        tranches((400, 100), (100, 100)),
        f"""
        handover  09:00  villages-out  999   kept
        handover  10:00  city-out      101   broken by 1: {limit}
        handover  11:00  villages-out  1     kept
        handover  12:00  city-out      1899  kept
        """,
    )


def test_who_declined_to_leave_is_waited_for_no_longer(
    judge: Callable[..., None], declined: Callable[[str, int], Theatre]
) -> None:
    judge(
        tranches((500, 500), (1000, 1000)),
        """
        handover  09:00  villages-out  300   kept
        handover  10:00  city-out      2000  kept
        """,
        theatre=declined("villages-out", 300),
    )


@given(
    villages=st.integers(0, 1000),
    city=st.integers(0, 2000),
    steps=st.lists(st.tuples(st.integers(0, 250), st.integers(0, 500)), min_size=1, max_size=4),
)
def test_it_means_that_each_step_waits_for_all_before_it(
    villages: int, city: int, steps: list[tuple[int, int]], keeps: Callable[..., bool]
) -> None:
    first_steps, then_steps = zip(*steps, strict=True)
    clause = tranches(tuple(first_steps), tuple(then_steps))
    complete = [villages >= sum(first_steps[: k + 1]) for k in range(len(steps))]
    complete[-1] = villages == 1000
    entered = [city > sum(then_steps[:k]) for k in range(len(steps))]
    allowed = all(done for done, inside in zip(complete, entered, strict=True) if inside)
    assert keeps(clause, out={"villages-out": villages, "city-out": city}) == allowed


def test_steps_beyond_the_people_demanded_do_not_fit(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match=r"1,100 people, but Village evacuation has 1,000; let the steps sum to 1,000"):
        tranches((500, 600), (1000, 1000)).check_fit(theatre)
    with pytest.raises(ValueError, match=r"then_steps = .* City evacuation has 2,000"):
        tranches((500, 500), (1000, 1001)).check_fit(theatre)


def test_every_step_of_the_second_side_needs_one_to_wait_for() -> None:
    with pytest.raises(ValueError, match=r"give first_steps at least as many"):
        tranches((1000,), (1000, 1000))


@pytest.mark.parametrize("steps", [(), (500, -1)])
def test_steps_are_people(steps: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"first_steps .* give the people of each step"):
        tranches(steps, (1000,))
