"""Appending in a process of its own that is killed in the middle, again and again; what it was told must be there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from log.events import RECEIVED, Place, event
from safepassage.log import open_log, verify

AGAIN = 20
"""So many that were answered for are sent once more."""


def said(number: int) -> str:
    return f"e{number}"


def append_all(address: str, key: str, first: int, last: int) -> None:
    """Sends events one by one; says each that the log has answered for."""
    log = open_log(address, key=Path(key), checkpoint_every=100)
    for number in range(first, last + 1):
        (receipt,) = log.append([event(said(number), note="x" * 300)], RECEIVED)
        assert receipt.answer in {"accepted", "duplicate"}, receipt
        sys.stdout.write(f"{receipt.seq} {receipt.id} {receipt.leaf}\n")
        sys.stdout.flush()


Acknowledged = dict[str, tuple[str, str]]
"""Place and hash by id, as the receipts said."""


def append_and_kill(place: Place, acknowledged: Acknowledged, *, last: int, kill_after: int | None) -> None:
    """Appends in a process of its own, some of it once more, and kills that after so many answers that are new."""
    first = max(1, len(acknowledged) - AGAIN)
    with subprocess.Popen(
        [sys.executable, "-m", "log.killed", place.address, str(place.key), str(first), str(last)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.PIPE,
        text=True,
    ) as appending:
        assert appending.stdout is not None
        wanted = None if kill_after is None else len(acknowledged) + kill_after
        for line in appending.stdout:
            if line.endswith("\n"):
                seq, id, leaf = line.split()
                assert acknowledged.setdefault(id, (seq, leaf)) == (seq, leaf), "the receipt is always the same"
            if len(acknowledged) == wanted:
                appending.kill()
    assert appending.returncode == (0 if kill_after is None else -signal.SIGKILL)


def kill_again_and_again(
    place: Place, *, kills: int, count: int, seed: int, then: Callable[[], None] = lambda: None
) -> int:
    """Appends so many events, is killed somewhere in the middle, goes on from there; gives how many there are at last.

    `then`: what else happens at each kill, such as the server falling over. Raises AssertionError where an acknowledged
    event is gone, or one is in the log twice, or the log does not verify.
    """
    chance = random.Random(seed)
    acknowledged: Acknowledged = {}
    place.open(origin="").close()
    for round in range(kills + 1):
        whole = round == kills
        last = len(acknowledged) + (AGAIN if whole else count)
        append_and_kill(place, acknowledged, last=last, kill_after=None if whole else chance.randrange(1, count))
        if not whole:
            then()
        log = place.open(origin="")
        lines = [(entry.id, (str(entry.seq), entry.leaf)) for entry in log.entries()]
        found = dict(lines)
        assert len(lines) == len(found), "nothing is there twice"
        assert acknowledged.items() <= found.items(), "every acknowledged event is there"
        assert len(found) - len(acknowledged) <= 1, "at most the one under way was not answered for"
        assert verify(log, log.checkpoints()).sound
        log.close()
    assert len(found) == last == len(acknowledged)
    return last


if __name__ == "__main__":
    append_all(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
