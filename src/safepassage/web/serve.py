"""Opening the room on this machine: where its parts are kept, where it listens, and serving it until it closes."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

import uvicorn
from fastapi import FastAPI

from safepassage import control
from safepassage.web.accounts import Accounts, secret
from safepassage.web.app import DEMONSTRATOR, create_app
from safepassage.web.room import Room

LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEMO_OPERATION, DEMO_INSTANT = "aleppo-2016", "2016-12-17T12:00:00+02:00"
DATA = Path("safepassage-room")


class NotOpened(ValueError):
    """Why the room cannot be opened, and the fix."""


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A room ready to be served. `code`: what the maker of the first account has to know; empty: there is one."""

    room: Room
    app: FastAPI
    code: str


def open_kept(
    closing: ExitStack,
    operation: str | None,
    *,
    data: Path | None = None,
    database: str | None = None,
    tiles: Path | None = None,
    names: Sequence[str] = (),
) -> Opened:
    """A room whose record and accounts are kept: in a folder, or in PostgreSQL.

    Raises NotOpened, Unreadable, LogUnavailable, AccountsUnavailable and OSError.
    """
    _expect(tiles)
    if database is not None:
        if data is not None:
            raise NotOpened("--data and --database name two places: leave one of them out")
        if not re.match(r"postgres(ql)?(\+psycopg)?://", database):
            raise NotOpened("--database takes postgresql://user@host/name: name a folder with --data instead")
        if operation is None:
            raise NotOpened("name the operation's file beside --database")
        record = control.open_record(operation, database, create=True)
        return _opened(closing, record, database, tiles, names)
    folder = data or DATA
    if folder.exists() and not folder.is_dir():
        raise NotOpened(f"{folder} is a file: name a folder with --data")
    held = folder / "operation.toml"
    if operation is None and not held.exists():
        raise NotOpened(f"{held} is not there: name an operation (it is copied there), or try --demo")
    if operation is not None:
        control.read(operation)
        path = control.locate(operation)
        if held.exists() and held.read_bytes() != path.read_bytes():
            raise NotOpened(f"{held} is another operation: leave {operation} out, or name another folder with --data")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not held.exists():
            control.write(held, path.read_bytes())
    record = control.open_record(held, folder / "operation.log", create=True)
    return _opened(closing, record, folder / "accounts.db", tiles, names)


def open_rehearsal(
    closing: ExitStack,
    operation: str = DEMO_OPERATION,
    starts: datetime | None = None,
    *,
    demonstration: bool = False,
    tiles: Path | None = None,
    names: Sequence[str] = (),
) -> Opened:
    """A room on the record of an example, its clock set to then, that keeps nothing when it closes.

    `demonstration`: whoever comes is let in. Raises as `open_kept` does.
    """
    _expect(tiles)
    folder = Path(closing.enter_context(TemporaryDirectory(prefix="safepassage-")))
    record = control.rehearse(operation, folder / "operation.log", starts or datetime.fromisoformat(DEMO_INSTANT))
    opened = _opened(closing, record, folder / "accounts.db", tiles, names, demonstration=demonstration)
    return Opened(room=opened.room, app=opened.app, code="") if demonstration else opened


def _expect(tiles: Path | None) -> None:
    """Refuses a basemap that is not there, before anything is made."""
    if tiles is not None and not tiles.is_file():
        raise NotOpened(f"{tiles}: there is no such file")


def _opened(
    closing: ExitStack,
    record: control.Record,
    accounts_at: Path | str,
    tiles: Path | None,
    names: Sequence[str],
    *,
    demonstration: bool = False,
) -> Opened:
    assert record.log is not None
    closing.callback(record.log.close)
    accounts = Accounts(accounts_at)
    closing.callback(accounts.close)
    if demonstration:
        accounts.make(DEMONSTRATOR, secret(), "coordinator")
    room = Room(record, demonstration=demonstration, tiles=tiles)
    code = secret()[:8] if accounts.empty else ""
    return Opened(room=room, app=create_app(room, accounts, hosts=names, code=code), code=code)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises NotOpened."""
    if not host:
        raise NotOpened("--host is empty: give 127.0.0.1, or 0.0.0.0 to listen at every address of this machine")
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # whoever comes before the server is ready waits, and is not refused
    except OSError as error:
        listener.close()
        why = f"{host}:{port} cannot be listened at ({error.strerror})"
        raise NotOpened(f"{why}: close what is there, or give another --host or --port") from error
    return listener


class RoomServer(uvicorn.Server):
    """The server of a room. Asked to stop, it sends home those who listen to the stream before it waits for others."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(
            uvicorn.Config(
                opened.app, log_level="warning", server_header=False, access_log=False, timeout_graceful_shutdown=3
            )
        )
        self.room = opened.room

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.room.end()
        super().handle_exit(sig, frame)


def serve_room(opened: Opened, listener: socket.socket) -> None:
    """Serves the room until it is asked to stop, by Ctrl-C or otherwise."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(RoomServer(opened).serve(sockets=[listener]))
