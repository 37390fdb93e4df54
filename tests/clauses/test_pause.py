"""Pause: how long nothing departs after an incident."""

from __future__ import annotations

import pytest

from safepassage.clauses.pause import Pause


def test_movements_do_not_show_it() -> None:
    assert "incidents" in Pause(id="pause", hours=6).not_checkable()


def test_no_pause_is_no_clause() -> None:
    with pytest.raises(ValueError, match="hours = 0: give more than zero hours"):
        Pause(id="pause", hours=0)
