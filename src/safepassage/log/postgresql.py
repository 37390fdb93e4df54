"""PostgreSQL as the log's database: writers take turns by an advisory lock, every commit is on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

TURN = 0x5AFE_9A55
"""The advisory lock of writers. Two logs are two databases, and the lock is the database's own."""


class PostgreSQL:
    """The database at a URL, all of it the log's."""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername="postgresql+psycopg")
        self.name = url.render_as_string(hide_password=True)
        self.engine = create_engine(self.url)

    def serialise(self, connection: Connection) -> None:
        """Waits for this writer's turn, before anything is read. The next statement sees what the last writer wrote."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        connection.execute(text("SET LOCAL synchronous_commit = on"))

    def fix(self, error: DBAPIError) -> str:
        """What is wrong and what to do about it, in words."""
        code = getattr(error.orig, "sqlstate", None)
        if code is None and "FATAL:" in str(error.orig):
            said = str(error.orig).rpartition("FATAL:")[2].strip().splitlines()[0]
            return f"the server answers, but refuses ({said}): correct the URL, or wait while it starts"
        if code is None or code[:2] in {"08", "57"}:
            return "the database does not answer: start it, check the network, and try again"
        if code in {"53100", "54000", "58030"}:
            return "the database's disk is full: free some space on it"
        if code in {"25006", "42501"}:
            return "the database may not be written: use the primary server, and a user who may write"
        return f"the database says: {error.orig}"

    def backup(self, path: Path) -> None:
        """An archive by pg_dump, for pg_restore. Raises OSError where it is not installed or fails."""
        tool = shutil.which("pg_dump")
        if tool is None:
            raise FileNotFoundError("pg_dump is not installed: install the client programs of PostgreSQL")
        where = {
            "PGHOST": self.url.host or self.url.query.get("host"),
            "PGPORT": self.url.port,
            "PGUSER": self.url.username,
            "PGPASSWORD": self.url.password,
            "PGDATABASE": self.url.database,
        }
        done = subprocess.run(  # noqa: S603 - a program found on the path, no shell, the password not among its words
            [tool, "--format=custom", "--no-password", f"--file={path}"],
            env={**os.environ, **{name: str(value) for name, value in where.items() if value is not None}},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OSError(f"pg_dump: {done.stderr.strip()}")
