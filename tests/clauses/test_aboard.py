"""Aboard: how long, and whether at night."""

from __future__ import annotations

import pytest

from safepassage.agreement import Stay, Theatre
from safepassage.clauses.aboard import Aboard


def test_the_longest_time_aboard_of_everyone() -> None:
    clause = Aboard(id="aboard", minutes=360)
    assert clause.stay("city-out") == Stay(minutes=360, overnight=False)
    assert clause.stay("villages-out") == Stay(minutes=360, overnight=False)


def test_of_one_evacuation_only() -> None:
    clause = Aboard(id="aboard", minutes=720, of=("villages-out",), overnight=True)
    assert clause.stay("villages-out") == Stay(minutes=720, overnight=True)
    assert clause.stay("city-out") is None


def test_of_everyone_by_star() -> None:
    assert Aboard(id="aboard", minutes=60, of=("*",)).stay("city-out") == Stay(minutes=60)


def test_a_night_may_be_allowed_without_a_longest_time() -> None:
    assert Aboard(id="aboard", overnight=True).stay("city-out") == Stay(minutes=None, overnight=True)


def test_it_says_something() -> None:
    with pytest.raises(ValueError, match="give the longest time aboard, or overnight = true"):
        Aboard(id="aboard")
    with pytest.raises(ValueError, match="minutes = 0: give at least 1"):
        Aboard(id="aboard", minutes=0)


def test_a_movement_is_bound_as_a_whole() -> None:
    with pytest.raises(ValueError, match="name evacuations, without a group"):
        Aboard(id="aboard", minutes=60, of=("city-out/lying",))


def test_it_binds_throughout() -> None:
    with pytest.raises(ValueError, match="from cannot bound the time aboard"):
        Aboard(id="aboard", minutes=60, from_=0)
    with pytest.raises(ValueError, match="until cannot bound the time aboard"):
        Aboard(id="aboard", minutes=60, until=600)


def test_it_does_not_fit_an_unknown_evacuation(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match="'nowhere' names no people"):
        Aboard(id="aboard", minutes=60, of=("nowhere",)).check_fit(theatre)
