"""Disk full, read-only, database gone: one clear error with the fix, and nothing acknowledged."""

from __future__ import annotations

import base64
import hashlib
import os
import resource
import shutil
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import servers
import sqlalchemy as sa

from log.events import RECEIVED, Place, events
from safepassage.log import Log, LogUnavailable, open_log, verify

NOTE = base64.b64encode(b"".join(hashlib.sha256(bytes([number])).digest() for number in range(200))).decode()
"""Nearly nine thousand letters that no database can store in fewer."""
NOBODY = 65534


@contextmanager
def files_no_longer_than(limit: int) -> Iterator[None]:
    """As on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def unprivileged() -> Iterator[None]:
    """Not as root, whom no file mode stops."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def append_until_it_fails(log: Log) -> tuple[list[str], LogUnavailable]:
    """Sends events until the log says no; gives those it answered for, and what it said."""
    acknowledged: list[str] = []
    for start in range(1, 100_000, 20):
        try:
            receipts = log.append(events(20, start=start, note=NOTE), RECEIVED)
        except LogUnavailable as error:
            return acknowledged, error
        acknowledged += [receipt.id for receipt in receipts]
    raise AssertionError("the log never failed")


def all_there(log: Log, acknowledged: list[str]) -> None:
    assert [entry.id for entry in log.entries()] == acknowledged
    assert verify(log).sound


def test_a_full_disk(tmp_path: Path) -> None:
    place = Place(address=str(tmp_path / "a.log"), key=tmp_path / "a.key")
    log = place.filled(events(10, note=NOTE))
    with files_no_longer_than(1_000_000):
        acknowledged, error = append_until_it_fails(log)
        assert "free" in str(error) and "Nothing was acknowledged" in str(error)
    assert len(acknowledged) > 20
    all_there(log, acknowledged)
    (receipt, *_) = log.append(events(10, start=len(acknowledged) + 1, note=NOTE), RECEIVED)
    assert receipt.answer == "accepted"


def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    place = Place(address=str(tmp_path / "a.log"), key=tmp_path / "a.key")
    log = place.filled(events(10, note=NOTE))
    sa.event.listen(
        log._database.engine,  # type: ignore[attr-defined]
        "checkout",
        lambda connection, *_: connection.execute("PRAGMA max_page_count = 150").close(),
    )
    acknowledged, error = append_until_it_fails(log)
    assert "the disk is full: free some space" in str(error)
    all_there(place.open(), acknowledged)


def test_a_read_only_file() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        place = Place(address=str(folder / "a.log"), key=folder / "a.key")
        place.filled(events(3)).close()
        if os.geteuid() == 0:
            for path in (folder, *folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        (folder / "a.log").chmod(0o444)
        with unprivileged():
            log = place.open()
            assert log.size == 3
            with pytest.raises(LogUnavailable, match="read-only: make it and its folder writable"):
                log.append(events(1, start=4), RECEIVED)
            log.close()
            folder.chmod(0o555)
            with pytest.raises(LogUnavailable, match=r"its folder"):
                open_log(folder / "b.log")
            with pytest.raises(LogUnavailable, match=r"writable|may be written"):
                place.open().append(events(1, start=4), RECEIVED)
        folder.chmod(0o755)
        (folder / "a.log").chmod(0o644)
        assert place.open().size == 3
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("content", [b"not a log at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_file_that_is_no_log(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.log").write_bytes(content)
    with pytest.raises(LogUnavailable, match=r"no log|damaged"):
        open_log(tmp_path / "a.log")
    assert (tmp_path / "a.log").read_bytes() == content


def test_a_damaged_file(tmp_path: Path) -> None:
    place = Place(address=str(tmp_path / "a.log"), key=tmp_path / "a.key")
    place.filled(events(2000)).close()
    with (tmp_path / "a.log").open("r+b") as stream:
        stream.seek(20 * 4096)
        stream.write(b"\xff" * 4096 * 20)
    with pytest.raises(LogUnavailable, match="damaged: put a backup back"):
        verify(place.open())


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LogUnavailable, match="check that its folder is there"):
        open_log(tmp_path / "nowhere" / "a.log")


def test_a_log_of_a_newer_version(tmp_path: Path) -> None:
    place = Place(address=str(tmp_path / "a.log"), key=tmp_path / "a.key")
    place.filled(events(1)).close()
    connection = sqlite3.connect(place.address)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = '9'")
    connection.close()
    with pytest.raises(LogUnavailable, match="a newer safepassage"):
        place.open()


def test_another_programs_database(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.log")
    with connection:
        connection.execute("CREATE TABLE entries (what TEXT)")
    connection.close()
    with pytest.raises(LogUnavailable, match="tables of another program"):
        open_log(tmp_path / "a.log")


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    with servers.postgresql() as server:
        place = Place(address=server.new_database(), key=tmp_path / "a.key")
        log = place.filled(events(3))
        server.stop(signal.SIGQUIT)
        for _ in range(2):
            with pytest.raises(LogUnavailable, match="does not answer: start it"):
                log.append(events(2, start=4), RECEIVED)
        with pytest.raises(LogUnavailable, match="does not answer"):
            list(log.entries())
        with pytest.raises(LogUnavailable, match="does not answer"):
            place.open()
        server.start()
        assert [receipt.seq for receipt in log.append(events(2, start=4), RECEIVED)] == [4, 5]
        all_there(log, [f"e{number}" for number in range(1, 6)])


def test_a_server_whose_disk_is_full(tmp_path: Path) -> None:
    with servers.postgresql() as server:
        place = Place(address=server.new_database(), key=tmp_path / "a.key")
        place.open().close()
        server.stop()
        server.start(file_bytes_max=17_000_000)
        log = place.open()
        acknowledged, error = append_until_it_fails(log)
        assert "disk is full: free some space" in str(error)
        assert len(acknowledged) > 1000
        all_there(log, acknowledged)


def test_a_database_or_user_that_is_not_there(server: servers.Server) -> None:
    url = sa.make_url(server.new_database())
    for wrong in (url.set(database="nowhere"), url.set(username="nobody")):
        with pytest.raises(LogUnavailable, match="correct the URL"):
            open_log(wrong.render_as_string())


def test_a_password_is_never_repeated() -> None:
    with pytest.raises(LogUnavailable) as refused:
        open_log("postgresql://safe:secret@localhost:1/log")
    assert "secret" not in str(refused.value) and "does not answer" in str(refused.value)
