"""What is built from frontend/: there, of these very sources, small, and free of anything from elsewhere."""

from __future__ import annotations

import gzip
import importlib.util
import re
from functools import cache
from pathlib import Path
from types import ModuleType

from safepassage.web import board_typescript

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src" / "safepassage" / "web" / "static" / "board"
WITHOUT_MAP, WITH_MAP = 150_000, 600_000
"""Bytes, gzipped, that the first load may have (issue 5)."""


@cache
def hook() -> ModuleType:
    """hatch_build.py as a module."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def packed(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


def test_what_is_built_is_of_these_very_sources() -> None:
    """If not: `make frontend`, or `python hatch_build.py`."""
    hook().build()
    assert {"board.js", "board.css", "sources.sha256"} <= {path.name for path in BUILT.iterdir()}


def test_the_first_load_is_small_enough_for_a_thin_line() -> None:
    assert packed(BUILT / "board.js", BUILT / "board.css") < WITHOUT_MAP
    assert packed(*(path for path in BUILT.iterdir() if path.suffix in {".js", ".mjs", ".css"})) < WITH_MAP


def test_the_lock_file_names_no_host() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


def test_what_is_built_would_pass_a_content_security_policy_without_inline_script_or_eval() -> None:
    for path in BUILT.glob("board.*"):
        text = path.read_text()
        assert re.search(r"\beval\(|new Function\(", text) is None
        assert 'style="' not in text


def test_the_page_knows_the_same_values_as_the_server() -> None:
    """If not: `python -m safepassage.web.board_typescript`."""
    assert board_typescript.PLACE.read_text() == board_typescript.typescript()


def test_every_word_the_page_says_is_in_the_table_of_terms() -> None:
    from safepassage.web.board_terms import terms

    sources = [path.read_text() for path in (ROOT / "frontend" / "src" / "board").iterdir() if path.suffix != ".css"]
    said = {key for text in sources for key in re.findall(r'\bsay\(\s*"([^"]+)"\s*[,)]', text)}
    assert said and said <= terms("en").keys()
