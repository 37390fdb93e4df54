"""Window: when crossings let convoys through."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from safepassage.agreement import Theatre
from safepassage.clauses.window import Window
from safepassage.world import Span

BY_DAY = Span(6 * 60, 18 * 60)
NOON = Span(12 * 60, 13 * 60)


def test_hours_and_a_pause_every_day(shut: Callable[..., None]) -> None:
    shut(
        Window(id="hours", hours=(BY_DAY,), pauses=(NOON,)),
        """
        gate    00:00        movement  shut: closed outside 06:00 to 18:00
        gate    05:59        movement  shut: closed outside 06:00 to 18:00
        gate    06:00        movement  open
        gate    11:59        movement  open
        gate    12:00        movement  shut: pause from 12:00 to 13:00
        gate    13:00        movement  open
        gate    17:59        movement  open
        gate    18:00        movement  shut: closed outside 06:00 to 18:00
        bridge  12:30        movement  shut: pause from 12:00 to 13:00
        bridge  day 2 05:00  movement  shut: closed outside 06:00 to 18:00
        bridge  day 2 10:00  movement  open
        """,
    )


def test_empty_vehicles_pass_at_any_hour(shut: Callable[..., None]) -> None:
    shut(
        Window(id="hours", hours=(BY_DAY,), pauses=(NOON,)),
        """
        gate  03:00  empty  open
        gate  12:30  empty  open
        """,
    )


def test_only_the_crossings_it_names(shut: Callable[..., None]) -> None:
    shut(
        Window(id="hours", hours=(BY_DAY,), on=("gate",)),
        """
        gate    20:00  movement  shut: closed outside 06:00 to 18:00
        bridge  20:00  movement  open
        """,
    )


def test_over_midnight(shut: Callable[..., None]) -> None:
    shut(
        Window(id="night", hours=(Span(0, 4 * 60), Span(22 * 60, 24 * 60))),
        """
        gate  03:59        movement  open
        gate  04:00        movement  shut: closed outside 00:00 to 04:00 and from 22:00 to 24:00
        gate  22:00        movement  open
        gate  day 2 00:00  movement  open
        """,
    )


def test_only_while_it_binds(shut: Callable[..., None]) -> None:
    shut(
        Window(id="hours", hours=(BY_DAY,), pauses=(NOON,), from_=12 * 60 + 30, until=19 * 60),
        """
        gate  05:00        movement  open
        gate  12:29        movement  open
        gate  12:30        movement  shut: pause from 12:00 to 13:00
        gate  18:30        movement  shut: closed outside 06:00 to 18:00
        gate  19:00        movement  open
        gate  day 2 05:00  movement  open
        """,
    )


def test_hours_or_pauses_have_to_be_given() -> None:
    with pytest.raises(ValueError, match="give one of them"):
        Window(id="hours")


def test_a_road_has_its_own_hours(theatre: Theatre) -> None:
    with pytest.raises(ValueError, match="'city--gate' is no crossing"):
        Window(id="hours", hours=(BY_DAY,), on=("city--gate",)).check_fit(theatre)
