"""The log of what happened: append and read, in SQLite or PostgreSQL, and the tree that proves it was not rewritten."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from safepassage.log.bundle import Bundle, BundleRefused, bundled, merge, read_bundle, write_bundle
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
from safepassage.log.persons import KeyGone, PersonKeys, SealBroken
from safepassage.log.postgresql import PostgreSQL, address
from safepassage.log.sqlite import SQLite
from safepassage.log.store import Database, opened
from safepassage.log.verify import Finding, Verdict, verify

__all__ = [
    "Bundle",
    "BundleRefused",
    "Checkpoint",
    "Entry",
    "Finding",
    "KeyGone",
    "Log",
    "LogUnavailable",
    "NoteRefused",
    "PersonKeys",
    "Receipt",
    "SealBroken",
    "Submission",
    "Verdict",
    "Verifier",
    "Waiting",
    "address",
    "bundled",
    "key_of",
    "merge",
    "open_log",
    "read_bundle",
    "verify",
    "write_bundle",
]

CHECKPOINT_EVERY = 1000
"""A checkpoint is signed whenever so many events more are in the log, and whenever one is asked for."""


def _url(place: str | Path) -> URL:
    try:
        url = make_url(str(place)) if "://" in str(place) else URL.create("sqlite", database=str(place))
    except (ArgumentError, ValueError) as error:
        raise LogUnavailable("this is no address of a database; use postgresql://user@host/name") from error
    if url.drivername.partition("+")[0] not in {"sqlite", "postgresql", "postgres"} or not url.database:
        raise LogUnavailable(f"{address(url)}: name a file, or use postgresql://user@host/name")
    return url


def key_of(place: str | Path) -> Path:
    """Where a log's private key lies unless said otherwise: beside its file (NAME.key), else in the home folder.

    The keys of persons (`PersonKeys`) belong beside it, in a folder of the same name that ends in `.persons`.
    """
    url = _url(place)
    assert url.database
    if url.drivername.startswith("sqlite"):
        return Path(f"{url.database}.key")
    return Path.home() / ".safepassage" / f"{url.database}.key"


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

    `origin`: the log's name in its checkpoints, without spaces. `key`: the file of its private key, made with the log;
    `key_of(place)` unless given. Without its key a log can be read only. Raises LogUnavailable with the fix.
    """
    url = _url(place)
    assert url.database
    database: Database
    if url.drivername.startswith("sqlite"):
        path = Path(url.database)
        if not create and not path.exists():
            raise LogUnavailable(f"{path}: there is no log here; check the name, or record a first event")
        if create:
            with suppress(OSError):  # the database says what is wrong, and how to mend it
                path.touch(mode=0o600)
        database, stem = SQLite(path), path.stem
    else:
        database, stem = PostgreSQL(url), url.database
    try:
        return opened(
            database,
            origin,
            key_of(place) if key is None else key,
            default_origin="safepassage/" + re.sub(r"[^\w.-]", "-", stem),
            create=create,
            checkpoint_every=checkpoint_every,
            content_bytes_max=content_bytes_max,
        )
    except BaseException:
        database.engine.dispose()
        raise
