"""Writes the JSON Schemas of all files, where formats and futures meet: `python -m safepassage.control.schema DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

from safepassage.formats.schema import write_schemas
from safepassage.futures.chance import Law
from safepassage.futures.shocks import SHOCKS

if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]), SHOCKS, Law)
