"""A finished batch of courses as a file of arrays, kept so that a stopped stress test can go on."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from safepassage.formats.writing import write_whole

Arrays = Mapping[str, Any]
"""Arrays by name."""


def write_batch(path: Path, arrays: Arrays) -> None:
    """Writes the arrays whole or not at all. Raises OSError."""
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, content.getvalue())


def read_batch(path: Path) -> Arrays | None:
    """The arrays of a file; None where it is no such file any more, so that the batch is driven again."""
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as found:
            return {key: found[key] for key in found.files}
    except (ValueError, EOFError, zipfile.BadZipFile):
        return None
