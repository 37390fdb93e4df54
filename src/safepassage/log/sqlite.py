"""SQLite as the log's database: one file, write-ahead log, every commit on the disk, one writer at a time."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event

from safepassage.log.tables import Following

WAIT_SECONDS = 30.0
STATE = "SELECT (SELECT max(seq) FROM entries), EXISTS (SELECT 1 FROM shelf)"
INSERT = "INSERT INTO entries (seq, id, content, leaf, mac) VALUES (?, ?, ?, ?, ?)"
SEAL = "INSERT INTO checkpoints (size, note, frontier) VALUES (?, ?, ?)"


class SQLite:
    """The file at a path."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = str(path)
        self._file: tuple[int, int] | None = None
        self.engine = create_engine(
            URL.create("sqlite", database=str(path)),
            connect_args={"isolation_level": None, "timeout": WAIT_SECONDS},
        )
        event.listen(self.engine, "connect", _set_up)
        event.listen(self.engine, "begin", _begin)

    def serialise(self, connection: Connection) -> None:
        """A write is alone from its beginning: `BEGIN IMMEDIATE` has seen to it."""
        self._still_there()

    def extend(self, following: Following) -> bool:
        """Writes the lines that follow so many; False, and nothing done, where it takes a closer look.

        Straight through the driver, because it is what every append waits for. Raises sqlite3.Error.
        """
        connection = self.engine.raw_connection()
        try:
            self._still_there()
            driver: sqlite3.Connection = connection.driver_connection  # type: ignore[assignment]
            driver.execute("BEGIN IMMEDIATE")
            size, shelved = driver.execute(STATE).fetchone()
            if shelved:
                return False
            lines, checkpoint = following(size or 0)
            driver.executemany(INSERT, lines)
            if checkpoint is not None:
                driver.execute(SEAL, checkpoint)
            driver.execute("COMMIT")
        except sqlite3.IntegrityError:
            return False
        finally:
            connection.close()  # which rolls back what was not committed
        return True

    def _still_there(self) -> None:
        """Raises sqlite3.OperationalError where the file is gone or is another than was opened: nobody would find what
        is written into it.
        """
        try:
            found = self.path.stat()
        except FileNotFoundError:
            raise sqlite3.OperationalError("the file is gone: put it back, then try again") from None
        inode = (found.st_dev, found.st_ino)
        self._file = self._file or inode
        if inode != self._file:
            raise sqlite3.OperationalError("another file has taken its place: start again with the right one")

    def fix(self, error: BaseException | None) -> str:
        """What is wrong and what to do about it, in words."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        return {
            sqlite3.SQLITE_FULL: "the disk is full: free some space on it",
            sqlite3.SQLITE_IOERR: "the disk cannot be written (full, over quota or broken): free space, or change it",
            sqlite3.SQLITE_READONLY: "the file is read-only: make it and its folder writable",
            sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: check that its folder is there and may be written",
            sqlite3.SQLITE_BUSY: f"another program has been writing for {WAIT_SECONDS:.0f} seconds: close it",
            sqlite3.SQLITE_NOTADB: "this file is no log: name another, or put a backup back",
            sqlite3.SQLITE_CORRUPT: "the file is damaged: put a backup back",
        }.get(code, f"the database says: {error}")

    def backup(self, path: Path) -> None:
        """A whole copy, which is a log file itself. Raises sqlite3.Error or OSError where it cannot be written."""
        source = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            target = sqlite3.connect(path)
            try:
                target.execute("PRAGMA synchronous = FULL")
                source.backup(target)
            finally:
                target.close()
        finally:
            source.close()


def _set_up(connection: sqlite3.Connection, _: Any) -> None:
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
