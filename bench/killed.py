"""A log killed again and again while it appends, in SQLite and PostgreSQL: `large` is 20 times in 10,000 appends."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import servers
from log.events import Place
from log.killed import kill_again_and_again

SIZES = {"small": (1, 50), "large": (20, 10_000)}


def main() -> None:
    """Raises AssertionError at the first acknowledged event that is gone."""
    kills, count = SIZES[sys.argv[1] if len(sys.argv) > 1 else "small"]
    with servers.postgresql() as server, tempfile.TemporaryDirectory() as folder:
        for name, address in (("SQLite", str(Path(folder) / "a.log")), ("PostgreSQL", server.new_database())):
            place = Place(address=address, key=Path(folder) / f"{name}.key")
            started = time.monotonic()
            there = kill_again_and_again(place, kills=kills, count=count, seed=7)
            seconds = time.monotonic() - started
            print(f"{name}: killed {kills} times in the middle of {count:,} appends, one by one ({seconds:.0f} s):")
            print(f"  every acknowledged event is there, none twice, verified each time; {there:,} events in the end")


if __name__ == "__main__":
    main()
