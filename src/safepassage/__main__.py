"""The command: the library's verbs, and `serve`, which opens the room. `python -m safepassage` is the same."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from safepassage import control
from safepassage.cli import app, main
from safepassage.cli.door import Json, instant, open_door
from safepassage.web.accounts import AccountsUnavailable
from safepassage.web.serve import (
    DATA,
    DEMO_INSTANT,
    DEMO_OPERATION,
    LOOPBACK,
    NotOpened,
    listen,
    open_kept,
    open_rehearsal,
    serve_room,
)

__all__ = ["app", "main", "serve"]
PORT = 8016


@app.command()
def serve(
    operation: Annotated[
        str | None,
        typer.Argument(metavar="[OPERATION]", help="An operation file, or an example. Default: the one in --data."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help=f"The folder of the room: operation, log, accounts. Default: {DATA}.")
    ] = None,
    database: Annotated[
        str | None, typer.Option(metavar="URL", help="Log and accounts in postgresql://user@host/name instead.")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address to listen at; any other than loopback can be reached by others.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0: any that is free.")] = PORT,
    name: Annotated[list[str] | None, typer.Option(help="A name that users reach the room by. Repeatable.")] = None,
    tiles: Annotated[Path | None, typer.Option(help="A basemap: a PMTiles file with vector tiles.")] = None,
    rehearse: Annotated[
        str | None, typer.Option(metavar="TIME", help="An exercise on an example's record: the clock starts here.")
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="East Aleppo at midday of 17 December 2016, open to whoever is here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Open the operations room: board, agreement, claims, log and report in a browser.

    The first visitor makes the first account, with the code printed here. Nothing is loaded from the internet. Ctrl-C
    closes the room; what was recorded is in the log.

    \b
    Examples:
      safepassage serve --demo
      safepassage serve operation.toml --data room
      safepassage serve --rehearse "2016-12-19 06:00" aleppo-2016
      safepassage serve operation.toml --database postgresql://room@localhost/room --host 192.168.1.5
    """
    with open_door(as_json) as door, ExitStack() as closing:
        rehearsal = demo or rehearse is not None
        if rehearsal and not (data is None and database is None):
            door.refuse("a rehearsal keeps nothing: leave --data and --database out")
        if demo and host not in LOOPBACK:
            door.refuse("--demo lets in whoever comes: it stays on 127.0.0.1")
        names = (host, *(name or ()))
        try:
            listener = closing.enter_context(listen(host, port))
            if rehearsal:
                source = operation or DEMO_OPERATION
                starts = instant(control.read(source).calendar, rehearse or DEMO_INSTANT, "--rehearse")
                opened = open_rehearsal(closing, source, starts, demonstration=demo, tiles=tiles, names=names)
            else:
                opened = open_kept(closing, operation, data=data, database=database, tiles=tiles, names=names)
        except (NotOpened, AccountsUnavailable) as error:
            door.refuse(str(error))
        for problem in opened.room.record.problems:
            door.warn(problem)
        where = f"[{host}]" if ":" in host else host
        address = f"http://{where}:{listener.getsockname()[1]}/"
        door.answer({"operation": opened.room.operation.name, "address": address, "code": opened.code})
        door.print(opened.room.operation.name)
        door.print(f"Open {address}")
        if demo:
            door.print("A demonstration: whoever is on this machine may use it, and nothing is kept when it closes.")
        if opened.code:
            door.print(f"There is no account yet. The code for the first one: {opened.code}")
        if host not in LOOPBACK:
            door.print("Others can reach this address, and it is not encrypted: put a proxy with TLS before it.")
        door.print("Ctrl-C closes the room.")
        sys.stdout.flush()
        serve_room(opened, listener)
        door.print("The room is closed.")


if __name__ == "__main__":
    main()
