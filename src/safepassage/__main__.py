"""The command: the library's verbs, and the room that serves them. `python -m safepassage` is the same."""

from __future__ import annotations

from safepassage import cli
from safepassage.web.serve import serve

cli.app.command()(serve)


def main() -> None:
    """Runs the command line."""
    cli.main()


if __name__ == "__main__":
    main()
