"""Where each key of a TOML or JSON text stands, so that a problem can name its line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

Path = tuple[str | int, ...]
"""Keys and ordinals from the top of the file: ("place", 3, "bays")."""

_SKIP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class _Scan:
    """One pass over a text that is known to be TOML, or a value that is JSON: it notes where keys stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.counted = 0
        self.line = 1
        self.found: dict[Path, int] = {}
        self.ordinals: dict[Path, int] = {}

    def line_here(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def skip(self) -> str:
        """Past blanks and comments; the character that follows, or nothing at the end."""
        blank = _SKIP.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        taken = pattern.match(self.text, self.at)
        if taken is None:
            self.at += 1
            return ""
        self.at = taken.end()
        return taken[0]

    def key(self) -> tuple[str, ...]:
        parts = []
        while True:
            parts.append(self._key_part())
            if self.skip() != ".":
                return tuple(parts)
            self.at += 1
            self.skip()

    def _key_part(self) -> str:
        if self.text[self.at : self.at + 1] not in ('"', "'"):
            return self.take(_BARE)
        quoted = self.take(_STRING)
        if quoted.startswith("'"):
            return quoted[1:-1]
        return _ESCAPE.sub(
            lambda found: chr(int(found[1][1:], 16)) if found[1][0] in "uU" else _ESCAPED.get(found[1], found[1]),
            quoted[1:-1],
        )

    def note(self, path: Path) -> None:
        self.found.setdefault(path, self.line_here())

    def within(self, key: tuple[str, ...], start: Path = ()) -> Path:
        """The path of a key, through the last of each array of tables on the way."""
        path = start
        for part in key:
            path = (*path, part)
            if path in self.ordinals and len(path) - len(start) < len(key):
                path = (*path, self.ordinals[path])
        return path

    def file(self) -> dict[Path, int]:
        table: Path = ()
        while first := self.skip():
            if first != "[":
                self.pair(table)
                continue
            repeated = self.text.startswith("[[", self.at)
            self.at += 2 if repeated else 1
            self.skip()
            self.line_here()
            table = self.within(self.key())
            self.note(table)
            if repeated:
                self.ordinals[table] = self.ordinals.get(table, -1) + 1
                table = (*table, self.ordinals[table])
                self.note(table)
            self.skip()
            self.at += 2 if repeated else 1
        return self.found

    def pair(self, table: Path) -> None:
        start = self.at
        path = (*table, *self.key())
        for length in range(len(table) + 1, len(path) + 1):
            self.found.setdefault(path[:length], self.line_of(start))
        if self.skip() == "=":
            self.at += 1
            self.skip()
        self.value(path)

    def line_of(self, position: int) -> int:
        self.line += self.text.count("\n", self.counted, position)
        self.counted = max(self.counted, position)
        return self.line

    def value(self, path: Path) -> None:
        """Past one value, noting what stands inside arrays and inline tables."""
        open_: list[tuple[str, Path, int]] = []
        while True:
            first = self.skip()
            if first == "":
                return
            if open_ and open_[-1][0] == first:
                self.at += 1
                open_.pop()
            elif first in "[{":
                self.at += 1
                open_.append(("]" if first == "[" else "}", path, 0))
                path = self._inside(open_, path)
                continue
            elif first in "\"'":
                self.take(_STRING)
            else:
                self.take(_SCALAR)
            while open_ and self.skip() == ",":
                self.at += 1
                closing, owner, ordinal = open_.pop()
                open_.append((closing, owner, ordinal + 1))
                break
            if not open_:
                return
            path = self._inside(open_, path)

    def _inside(self, open_: list[tuple[str, Path, int]], path: Path) -> Path:
        """The path of the value that follows inside the innermost array or inline table."""
        closing, owner, ordinal = open_[-1]
        following = self.skip()
        if following in ("", closing):
            return owner
        if closing == "]":
            inner: Path = (*owner, ordinal)
            self.note(inner)
            return inner
        self.line_here()
        line = self.line
        inner = (*owner, *self.key())
        for length in range(len(owner) + 1, len(inner) + 1):
            self.found.setdefault(inner[:length], line)
        if self.skip() in ("=", ":"):
            self.at += 1
        return inner


class LineIndex:
    """Line of each key of a TOML or JSON text, the first line being 1."""

    def __init__(self, text: str) -> None:
        self._lines: Mapping[Path, int] = _Scan(text).file()

    @classmethod
    def of_json(cls, text: str) -> LineIndex:
        index = cls("")
        scan = _Scan(text)
        scan.value(())
        index._lines = scan.found
        return index

    def line(self, path: Path) -> int:
        """The line of a key, or of the nearest table around it that is in the file."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def __contains__(self, path: Any) -> bool:
        return path in self._lines
