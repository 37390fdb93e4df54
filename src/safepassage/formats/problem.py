"""What is wrong with a file, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

COMPARED_MAX = 200
"""Longer words, and more known words than this, are not searched for the nearest."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a file. An error keeps the file from being used; a warning does not."""

    file: str
    line: int
    what: str
    fix: str
    severity: Severity = "error"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what.rstrip('.')}. {self.fix}"


def nearest(word: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word: the nearest known one, or the known ones."""
    known = list(dict.fromkeys(known))
    if not known:
        return "This file defines none."
    comparable = len(word) <= COMPARED_MAX and len(known) <= COMPARED_MAX
    close = get_close_matches(word, known, n=1, cutoff=0.65) if comparable else []
    if close:
        return f'Did you mean "{close[0]}"?'
    shown = ", ".join(known[:12])
    return f"Known: {shown}{', ...' if len(known) > 12 else ''}."
