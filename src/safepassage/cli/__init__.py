"""The command line: the library's verbs by the same names. It parses, calls and prints; it decides nothing."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from safepassage import control
from safepassage.cli import futures, plans, records
from safepassage.cli.door import QUIT

app = typer.Typer(
    help="Plan negotiated evacuations, stress-test them, and keep the record: convoys, consents, claims, clauses.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        print(f"safepassage {control.VERSION}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Plan negotiated evacuations, stress-test them, and keep the record: convoys, consents, claims, clauses."""


for verbs in (plans.app, futures.app, records.app):
    app.registered_commands += verbs.registered_commands


def main() -> None:
    """Runs the command line. A second Ctrl-C ends it at once, whatever its threads are at."""
    try:
        app()
    except KeyboardInterrupt:
        print("Quit. Nothing half-written was left behind.", file=sys.stderr, flush=True)
        sys.stdout.flush()
        os._exit(QUIT)
