"""The log of what happened: append and read, in SQLite or PostgreSQL, and the tree that proves it was not rewritten."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from safepassage.log.contract import (
    CONTENT_BYTES_MAX,
    Entry,
    Log,
    LogUnavailable,
    Receipt,
    Submission,
    Waiting,
)
from safepassage.log.note import Checkpoint, NoteRefused, Verifier
from safepassage.log.postgresql import PostgreSQL
from safepassage.log.sqlite import SQLite
from safepassage.log.store import Database, opened
from safepassage.log.verify import Finding, Verdict, verify

__all__ = [
    "Checkpoint",
    "Entry",
    "Finding",
    "Log",
    "LogUnavailable",
    "NoteRefused",
    "Receipt",
    "Submission",
    "Verdict",
    "Verifier",
    "Waiting",
    "open_log",
    "verify",
]

CHECKPOINT_EVERY = 1000
"""A checkpoint is signed whenever so many events more are in the log, and whenever one is asked for."""


def open_log(
    place: str | Path,
    *,
    origin: str = "",
    key: Path | None = None,
    create: bool = True,
    checkpoint_every: int = CHECKPOINT_EVERY,
    content_bytes_max: int = CONTENT_BYTES_MAX,
) -> Log:
    """The log in a file, or at `postgresql://user@host/database`; made there if `create` and there is none.

    `origin`: the log's name in its checkpoints, without spaces. `key`: the file of its private key, made with the log.
    It lies beside the log (NAME.key), for a URL in the home folder (.safepassage/DATABASE.key). Without its key a log
    can be read only. Raises LogUnavailable with the fix.
    """
    database: Database
    try:
        url = make_url(str(place)) if "://" in str(place) else URL.create("sqlite", database=str(place))
    except ArgumentError as error:
        raise LogUnavailable(f"{place}: this is no address of a database; use postgresql://user@host/name") from error
    kind = url.drivername.partition("+")[0]
    if kind == "sqlite" and url.database:
        path = Path(url.database)
        if not create and not path.exists():
            raise LogUnavailable(f"{path}: there is no log here; check the name, or record a first event")
        database, stem, default = SQLite(path), path.stem, path.with_name(f"{path.name}.key")
    elif kind in {"postgresql", "postgres"} and url.database:
        database, stem = PostgreSQL(url), url.database
        default = Path.home() / ".safepassage" / f"{url.database}.key"
    else:
        raise LogUnavailable(f"{url.render_as_string()}: name a file, or postgresql://user@host/name")
    try:
        return opened(
            database,
            origin,
            default if key is None else key,
            default_origin="safepassage/" + re.sub(r"[^\w.-]", "-", stem),
            create=create,
            checkpoint_every=checkpoint_every,
            content_bytes_max=content_bytes_max,
        )
    except BaseException:
        database.engine.dispose()
        raise
