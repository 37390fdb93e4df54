"""How often a secret may be tried: so often from one address, and so often from all of them together."""

from __future__ import annotations

import threading

from safepassage.control import Stopwatch

TRIES_MOST, TRIES_MOST_OF_ALL = 5, 50
"""Wrong tries at one secret from one address, and from all: a stranger elsewhere shuts nobody out so soon."""
TRIES_MINUTES = 5


class Tries:
    """The wrong tries of late. A try counts before it is looked at, so that many at once are no way around."""

    def __init__(self) -> None:
        self._watch = Stopwatch()  # which no setting of the clock moves
        self._tries: dict[str, list[tuple[float, str]]] = {}
        self._lock = threading.Lock()

    def count(self, secret_of: str, origin: str) -> bool:
        """Counts a try from an address; False, and not counted, where there were too many."""
        with self._lock:
            at = self._watch.seconds
            since = at - 60 * TRIES_MINUTES
            late = {of: [one for one in tries if one[0] > since] for of, tries in self._tries.items()}
            self._tries = {of: tries for of, tries in late.items() if tries}
            tries = self._tries.get(secret_of, [])
            if len(tries) >= TRIES_MOST_OF_ALL or sum(where == origin for _, where in tries) >= TRIES_MOST:
                return False
            self._tries[secret_of] = [*tries, (at, origin)]
            return True

    def forgive(self, secret_of: str, origin: str) -> None:
        """Takes back the last try from an address: it was right."""
        with self._lock:
            tries = self._tries.get(secret_of, [])
            last = max((place for place, (_, where) in enumerate(tries) if where == origin), default=None)
            if last is not None:
                del tries[last]
