"""Notice: how long before its loading a movement is announced."""

from __future__ import annotations

import pytest

from safepassage.clauses.notice import Notice


@pytest.mark.parametrize(("hours", "minutes"), [(6, 360), (1.5, 90), (0.1, 6), (0.01, 1)])
def test_hours_are_minutes_never_less(hours: float, minutes: int) -> None:
    assert Notice(id="notice", hours=hours).notice_minutes() == minutes


def test_movements_do_not_show_it() -> None:
    assert Notice(id="notice", hours=6).not_checkable()


def test_no_notice_is_no_clause() -> None:
    with pytest.raises(ValueError, match="hours = 0: give more than zero hours"):
        Notice(id="notice", hours=0)
