"""Events as a log sees them, and places where logs are kept."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import rfc8785
import sqlalchemy as sa

from safepassage.log import Log, Submission, open_log

RECEIVED = datetime(2016, 12, 16, 7, 30, tzinfo=UTC)


def event(id: str, *parents: str, **said: Any) -> Submission:
    """An event that waits for these others."""
    return Submission(id=id, parents=parents, content=rfc8785.dumps({"id": id, **said}))


def events(count: int, *, start: int = 1, note: str = "") -> list[Submission]:
    """So many events, named by their numbers."""
    return [event(f"e{number}", note=note) for number in range(start, start + count)]


def stored(content: bytes) -> bytes:
    """The line that an event becomes."""
    return b'{"event":' + content + b',"received":"2016-12-16T07:30:00.000000Z"}'


@dataclass(frozen=True)
class Place:
    """Where a log is kept, and its key."""

    address: str
    key: Path

    def open(self, **how: Any) -> Log:
        return open_log(self.address, **{"key": self.key, "origin": "example.org/log", **how})

    def filled(self, batch: Iterable[Submission], **how: Any) -> Log:
        """A log with these events in it."""
        log = self.open(**how)
        receipts = log.append(list(batch), RECEIVED)
        assert {receipt.answer for receipt in receipts} <= {"accepted"}
        return log

    @contextmanager
    def behind_its_back(self) -> Any:
        """The database itself, with what keeps the log append-only taken away: what a forger would do."""
        url = sa.make_url(self.address) if "://" in self.address else sa.URL.create("sqlite", database=self.address)
        engine = sa.create_engine(url.set(drivername=url.drivername.replace("postgresql", "postgresql+psycopg")))
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
                for name in names.all():
                    connection.exec_driver_sql(f"DROP TRIGGER {name}")
            else:
                connection.exec_driver_sql("DROP FUNCTION IF EXISTS only_grows() CASCADE")
            yield connection
        engine.dispose()


DatabaseError = (sa.exc.DBAPIError, psycopg.Error)
