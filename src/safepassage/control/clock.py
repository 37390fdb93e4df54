"""The clock: the one place that reads it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._since


def now() -> datetime:
    """The time, in whole seconds of UTC."""
    return datetime.now(UTC).replace(microsecond=0)


def running_from(instant: datetime) -> Clock:
    """A clock for rehearsals: it shows `instant` now, and runs on from there."""
    watch = Stopwatch()
    return lambda: instant.astimezone(UTC) + timedelta(seconds=int(watch.seconds))
