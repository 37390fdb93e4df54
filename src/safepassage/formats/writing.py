"""Writing a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile


def write_whole(path: Path | str, content: bytes) -> None:
    """Replaces a file by this content in one step: a reader, or a power cut, finds the old file or the new one.

    A new file can be read by its owner only, since departures are the most sensitive that an operation knows.
    Raises OSError where the file cannot be written; the old one is then untouched.
    """
    path = Path(path)
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        try:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(stream.name, path)
        except BaseException:
            os.unlink(stream.name)
            raise
