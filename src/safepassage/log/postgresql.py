"""PostgreSQL as the log's database: writers take turns by an advisory lock, every commit is on the disk."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
from sqlalchemy import URL, Connection, create_engine

from safepassage.log.tables import Following

TURN = 0x5AFE_9A55
"""The advisory lock of writers. Two logs are two databases, and the lock is the database's own."""

ALONE = f"""SELECT pg_advisory_xact_lock({TURN});
DO $$ BEGIN
  IF to_regclass('entries') IS NOT NULL THEN LOCK TABLE entries IN SHARE ROW EXCLUSIVE MODE; END IF;
END $$"""
"""The lock of the table also holds up those who wait for no turn (`extend`)."""
INSERT = """INSERT INTO entries (seq, id, content, leaf, mac)
SELECT * FROM unnest(%b::bigint[], %b::varchar[], %b::bytea[], %b::bytea[], %b::bytea[])
WHERE NOT EXISTS (SELECT 1 FROM shelf)"""
"""Many lines in one statement, by columns. Nothing goes past the shelf: what waits there may wait for this."""
SEAL = "INSERT INTO checkpoints (size, note, frontier) VALUES (%s, %s, %b)"


def address(url: URL) -> str:
    """A database's address as it may be read by others: without its passwords, in whichever place they stand."""
    secret = [key for key in url.query if "password" in key]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


class PostgreSQL:
    """The database at a URL, all of it the log's."""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername="postgresql+psycopg")
        self.name = address(url)
        self.engine = create_engine(self.url, connect_args={"options": "-c synchronous_commit=on"})
        self.size: int | None = None  # as this process left the log

    def serialise(self, connection: Connection) -> None:
        """Waits for this writer's turn, before anything is read. The next statement sees what the last writer wrote."""
        self.size = None
        connection.exec_driver_sql(ALONE)

    def extend(self, following: Following) -> bool:
        """Writes the lines that follow so many; False, and nothing done, where it takes a closer look.

        Straight through the driver, as little as it can be, because it is what every append waits for. It waits for no
        turn: where another has written meanwhile, the places are taken. Raises psycopg.Error.
        """
        connection = self.engine.raw_connection()
        guess, self.size = self.size, None
        try:
            driver: psycopg.Connection = connection.driver_connection  # type: ignore[assignment]
            with driver.cursor() as cursor:
                if guess is None:
                    (guess,) = cursor.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone() or (0,)
                lines, checkpoint = following(guess)
                cursor.execute(INSERT, [list(column) for column in zip(*lines, strict=True)])
                if cursor.rowcount != len(lines):
                    return False
                if checkpoint is not None:
                    cursor.execute(SEAL, checkpoint)
            driver.commit()
        except psycopg.errors.UniqueViolation:
            return False
        except psycopg.OperationalError:
            connection.invalidate()
            self.engine.dispose()
            raise
        finally:
            connection.close()  # which rolls back what was not committed
        self.size = guess + len(lines)
        return True

    def fix(self, error: BaseException | None) -> str:
        """What is wrong and what to do about it, in words."""
        code = getattr(error, "sqlstate", None)
        if code is None and "FATAL:" in str(error):
            said = str(error).rpartition("FATAL:")[2].strip().splitlines()[0]
            return f"the server answers, but refuses ({said}): correct the URL, or wait while it starts"
        if code is None or code[:2] in {"08", "57"}:
            return "the database does not answer: start it, check the network, and try again"
        if code in {"53100", "54000", "58030"}:
            return "the database's disk is full: free some space on it"
        if code in {"25006", "42501"}:
            return "the database may not be written: use the primary server, and a user who may write"
        return f"the database says: {error}"

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
