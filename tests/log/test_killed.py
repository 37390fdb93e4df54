"""A store killed in the middle loses nothing it acknowledged; `bench/killed.py` does it 20 times over 10,000 events."""

from __future__ import annotations

import signal
from pathlib import Path

import servers

from log.events import Place
from log.killed import kill_again_and_again


def test_a_store_that_is_killed_loses_nothing(place: Place) -> None:
    assert kill_again_and_again(place, kills=2, count=200, seed=1) > 40


def test_a_server_that_falls_over_loses_nothing(tmp_path: Path) -> None:
    with servers.postgresql() as own:

        def fall_over() -> None:
            own.stop(signal.SIGQUIT)
            own.start()

        place = Place(address=own.new_database(), key=tmp_path / "log.key")
        assert kill_again_and_again(place, kills=1, count=200, seed=2, then=fall_over) > 20
