"""`python -m safepassage` is the command line."""

from __future__ import annotations

from safepassage.cli import main

main()
