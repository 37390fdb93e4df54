"""`safepassage serve`: the operations room on this machine."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import sys
import tempfile
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer
import uvicorn

from safepassage import control
from safepassage.log import LogUnavailable
from safepassage.web.access import Role
from safepassage.web.accounts import Accounts, AccountsUnavailable
from safepassage.web.app import DEMONSTRATOR, LOOPBACK, create_app
from safepassage.web.room import Room

BAD_INPUT = 2
PORT = 8016
DEMO_OPERATION, DEMO_INSTANT = "aleppo-2016", "2016-12-17T12:00:00+02:00"
DATA = Path("safepassage-room")


@dataclass(frozen=True, kw_only=True)
class _Server:
    """Where the room's parts are kept."""

    record: control.Record
    accounts: str | Path


def serve(
    operation: Annotated[
        str | None,
        typer.Argument(
            metavar="[OPERATION]", help="An operation file, or a shipped example. Default: the one in --data."
        ),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help=f"The folder of the room: operation, log, accounts. Default: {DATA}.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Log and accounts in postgresql://user@host/name instead.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen at. Others than loopback are reachable by others.")
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0: any that is free.")] = PORT,
    name: Annotated[
        list[str] | None, typer.Option(help="A name the room is reached by, as users type it. Repeatable.")
    ] = None,
    tiles: Annotated[Path | None, typer.Option(help="A basemap: a PMTiles file with vector tiles.")] = None,
    rehearse: Annotated[
        str | None, typer.Option(metavar="TIME", help="An exercise on an example's record: the clock starts here.")
    ] = None,
    demo: Annotated[
        bool,
        typer.Option("--demo", help="East Aleppo at midday of 17 December 2016, open to whoever uses this machine."),
    ] = False,
) -> None:
    r"""Open the operations room in the browser: board, agreement, claims, log and report.

    The first visitor makes the first account, with the code printed here. Nothing is loaded from the internet. Ctrl-C
    closes the room; what was recorded is in the log.

    \b
    Examples:
      safepassage serve --demo
      safepassage serve operation.toml --data room
      safepassage serve operation.toml --database postgresql://room@localhost/room --host 192.168.1.5
    """
    with ExitStack() as closing:
        try:
            parts = _opened(closing, operation, data, database, rehearse, demo)
            accounts = Accounts(parts.accounts)
        except control.Unreadable as error:
            _refuse(*map(str, error.problems))
        except (LogUnavailable, AccountsUnavailable) as error:
            _refuse(str(error))
        except OSError as error:
            _refuse(f"{error.filename or ''}: {error.strerror or error}")
        closing.callback(accounts.close)
        for problem in parts.record.problems:
            print(f"warning: {problem}", file=sys.stderr)
        if demo and host not in LOOPBACK:
            _refuse("--demo lets in whoever comes: it stays on 127.0.0.1")
        if tiles is not None and not tiles.is_file():
            _refuse(f"{tiles}: there is no such file")
        if demo and accounts.empty:
            role: Role = "coordinator"
            accounts.make(DEMONSTRATOR, secrets.token_urlsafe(), role)
        code = secrets.token_hex(4)
        room = Room(parts.record, demonstration=demo, tiles=tiles)
        app = create_app(room, accounts, hosts=(host, *(name or ())), code=code)
        with _listening(host, port) as listener:
            at = f"http://{host if ':' not in host else f'[{host}]'}:{listener.getsockname()[1]}/"
            _say(room, at, code=code if accounts.empty else "", exposed=host not in LOOPBACK)
            config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=3)
            server = _RoomServer(config, room)
            with suppress(KeyboardInterrupt):
                asyncio.run(server.serve(sockets=[listener]))
        print("The room is closed. What was recorded is in the log." if not demo else "The demonstration is over.")


class _RoomServer(uvicorn.Server):
    """Sends home those who listen to the stream before it waits for the others."""

    def __init__(self, config: uvicorn.Config, room: Room) -> None:
        super().__init__(config)
        self.room = room

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.room.end()
        super().handle_exit(sig, frame)


def _opened(
    closing: ExitStack, operation: str | None, data: Path | None, database: str | None, rehearse: str | None, demo: bool
) -> _Server:
    if demo or rehearse is not None:
        if database is not None or data is not None:
            _refuse("a rehearsal keeps nothing: leave --data and --database out")
        source = operation or DEMO_OPERATION
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="safepassage-")))
        starts = _time(source, rehearse or DEMO_INSTANT)
        record = control.rehearse(source, folder / "operation.log", starts)
        return _Server(record=record, accounts=folder / "accounts.db")
    if database is not None:
        if operation is None:
            _refuse("name the operation's file beside --database")
        return _Server(record=control.open_record(operation, database, create=True), accounts=database)
    folder = data or DATA
    held = folder / "operation.toml"
    if operation is None and not held.exists():
        _refuse(f"{held} is not there: name an operation (it is copied there), or try --demo")
    if operation is not None:
        path = control.locate(operation)
        control.read(operation)
        if held.exists() and held.read_bytes() != path.read_bytes():
            _refuse(f"{held} is another operation: leave {operation} out, or name another folder with --data")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not held.exists():
            shutil.copyfile(path, held)
    return _Server(
        record=control.open_record(held, folder / "operation.log", create=True), accounts=folder / "accounts.db"
    )


def _time(source: str, text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        _refuse(f'--rehearse {text}: write a time such as "2016-12-17 12:00"')
    starts = control.read(source).calendar.starts
    return when if when.utcoffset() is not None else when.replace(tzinfo=starts.tzinfo)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        _refuse(f"{host}:{port} cannot be listened at ({error.strerror}): close what is there, or give another --port")
    return listener


def _say(room: Room, at: str, *, code: str, exposed: bool) -> None:
    print(f"{room.operation.name}\nOpen {at}")
    if room.demonstration:
        print("A demonstration: everyone on this machine may use it, and nothing is kept when it closes.")
    if code:
        print(f"There is no account yet. Code for the first one: {code}")
    if exposed:
        print("Others can reach this address, and it is not encrypted: put a proxy with TLS before it.")
    print("Ctrl-C closes the room.", flush=True)


def _refuse(*texts: str) -> NoReturn:
    for text in texts:
        print(f"error: {text}", file=sys.stderr)
    raise typer.Exit(BAD_INPUT)
