"""The certificate of a bound: the dual values from which `check --bound` recomputes it without a solver, as .npz."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from safepassage.formats.problem import Problem
from safepassage.formats.writing import write_whole

FORMAT = 1
SIZE_MAX = 2_000_000_000
"""Bytes of all arrays, unpacked. The bound of a million people has a hundredth of it."""
HEAD = "certificate"
DUALS = "duals."


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A bound on an operation's objective, in weighted person-hours, and the dual values it follows from.

    `grid_minutes` is the grid of the relaxation, `duals` its dual values by family of rows.
    """

    operation_hash: str
    grid_minutes: int
    value: float
    duals: Mapping[str, NDArray[Any]]


def write_certificate(
    path: Path | str, *, operation_hash: str, grid_minutes: int, value: float, duals: Mapping[str, NDArray[Any]]
) -> None:
    """Writes a certificate, whole or not at all. Raises ValueError for values that are not finite numbers."""
    if not isfinite(value):
        raise ValueError(f"value = {value}: a bound is a finite number")
    for name, array in duals.items():
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise ValueError(f"duals {name!r}: give finite numbers")
    head = {"format": FORMAT, "operation_hash": operation_hash, "grid_minutes": grid_minutes, "value": value}
    arrays = {HEAD: np.frombuffer(json.dumps(head).encode(), np.uint8)}
    arrays |= {f"{DUALS}{name}": array for name, array in duals.items()}
    packed = BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    write_whole(path, packed.getvalue())


def read_certificate(
    path: Path | str, operation_hash: str | None = None
) -> tuple[Certificate | None, tuple[Problem, ...]]:
    """The certificate of a file and its problems; None where there is one. With a hash: of that operation only."""
    path = Path(path)

    def refused(what: str, fix: str) -> tuple[None, tuple[Problem, ...]]:
        return None, (Problem(file=str(path), line=1, what=what, fix=fix),)

    again = "Make it again with `safepassage plan`."
    if path.is_dir():
        return refused("this is a directory", "Name the certificate in it, such as bound.npz.")
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(item.file_size for item in packed.infolist()) > SIZE_MAX:
                return refused("it unpacks to more than 2 GB", "Check that it is a certificate.")
        with np.load(path, allow_pickle=False) as loaded:
            arrays = {name: loaded[name] for name in loaded.files}
        head = json.loads(bytes(arrays.pop(HEAD)))
    except FileNotFoundError:
        return refused("there is no such file", "Check the name, or make one with `safepassage plan`.")
    except KeyError:
        return refused("this is no certificate of a bound", again)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        TypeError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        return refused(f"this is no certificate, or a damaged one: {str(error)[:100]}", again)
    except MemoryError:
        return refused("an array in it claims more than this machine can hold", again)
    except OSError as error:
        return refused(f"the file cannot be read: {error.strerror or error}", "Check its permissions.")
    if not isinstance(head, dict):
        return refused("this is no certificate of a bound", again)
    if head.get("format") != FORMAT:
        return refused(
            f"format {str(head.get('format'))[:20]} cannot be read here", "Use a newer version of safepassage."
        )
    certificate = _certificate(head, arrays)
    if certificate is None:
        return refused("its hash, grid, value or duals are not what they should be", again)
    if operation_hash is not None and certificate.operation_hash != operation_hash:
        what = (
            f"this bound is of operation {certificate.operation_hash[:12]}, not of {operation_hash[:12]},"
            " the operation as it is now"
        )
        return refused(what, "Give the operation it was made for, or make the bound again.")
    return certificate, ()


def _certificate(head: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Certificate | None:
    """The certificate, or None where a part of it is of the wrong kind."""
    operation_hash, grid_minutes, value = (head.get(key) for key in ("operation_hash", "grid_minutes", "value"))
    sound = all(
        name.startswith(DUALS) and array.dtype.kind in "fiu" and bool(np.isfinite(array).all())
        for name, array in arrays.items()
    )
    if not (isinstance(operation_hash, str) and isinstance(value, (int, float)) and isfinite(value) and sound):
        return None
    if not isinstance(grid_minutes, int) or grid_minutes < 1:
        return None
    duals = {name.removeprefix(DUALS): array for name, array in arrays.items()}
    return Certificate(operation_hash=operation_hash, grid_minutes=grid_minutes, value=float(value), duals=duals)
