"""The letters of every picture: the fonts that ship with the package, and how wide a text is in them."""

from __future__ import annotations

import struct
from base64 import b64encode
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FAMILY = "'Safe Passage Sans','Safe Passage Arabic',sans-serif"
REGULAR, SEMIBOLD = 400, 600
_FILES = {
    ("Safe Passage Sans", REGULAR): "sans-regular",
    ("Safe Passage Sans", SEMIBOLD): "sans-semibold",
    ("Safe Passage Arabic", REGULAR): "arabic-regular",
    ("Safe Passage Arabic", SEMIBOLD): "arabic-semibold",
}


def font_files() -> list[str]:
    """The package's own fonts, for drawing pictures as PNG."""
    return [str(FONTS / f"{name}.ttf") for name in _FILES.values()]


@cache
def font_faces() -> str:
    """The fonts as CSS with the data inside, so that a page needs nothing beside itself."""
    return "\n".join(
        f"@font-face{{font-family:'{family}';font-weight:{weight};font-style:normal;"
        f"src:url(data:font/woff2;base64,{b64encode((FONTS / f'{name}.woff2').read_bytes()).decode()}) "
        f"format('woff2')}}"
        for (family, weight), name in _FILES.items()
    )


def text_width(text: str, size: float, weight: int = REGULAR) -> float:
    """Width of a text in units of its size, before kerning; Arabic joins, so its width errs on the wide side."""
    latin = _advances(_FILES["Safe Passage Sans", weight])
    arabic = _advances(_FILES["Safe Passage Arabic", weight])
    return size * sum(latin.get(ord(letter), arabic.get(ord(letter), 0.6)) for letter in text)


def shortened(text: str, size: float, room: float, weight: int = REGULAR) -> str:
    """The text, or as much of its beginning as there is room for, with an ellipsis."""
    if text_width(text, size, weight) <= room:
        return text
    while text and text_width(text + "…", size, weight) > room:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""


def wrapped(text: str, size: float, room: float, weight: int = REGULAR) -> list[str]:
    """The text in lines no wider than `room`; a single word that is too long keeps its line."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@cache
def _advances(name: str) -> dict[int, float]:
    """Advance width of every character of a font, in units of its size (TrueType tables cmap, hhea, hmtx, head)."""
    font = (FONTS / f"{name}.ttf").read_bytes()
    tables = {}
    for entry in range(struct.unpack(">H", font[4:6])[0]):
        tag, _, offset, _ = struct.unpack(">4sLLL", font[12 + 16 * entry : 28 + 16 * entry])
        tables[tag] = offset
    units = struct.unpack(">H", font[tables[b"head"] + 18 : tables[b"head"] + 20])[0]
    metrics = struct.unpack(">H", font[tables[b"hhea"] + 34 : tables[b"hhea"] + 36])[0]

    def advance(glyph: int) -> float:
        at = tables[b"hmtx"] + 4 * min(glyph, metrics - 1)
        (width,) = struct.unpack(">H", font[at : at + 2])
        return int(width) / int(units)

    return {letter: advance(glyph) for letter, glyph in _glyphs(font, tables[b"cmap"]).items()}


def _glyphs(font: bytes, cmap: int) -> dict[int, int]:
    """Glyph of every character, from the font's table of format 4."""
    for entry in range(struct.unpack(">H", font[cmap + 2 : cmap + 4])[0]):
        start = cmap + struct.unpack(">HHL", font[cmap + 4 + 8 * entry : cmap + 12 + 8 * entry])[2]
        if struct.unpack(">H", font[start : start + 2])[0] == 4:
            break
    else:
        raise ValueError("the font has no character map of format 4: rebuild it as TrueType with a Windows BMP map")
    count = struct.unpack(">H", font[start + 6 : start + 8])[0] // 2

    def column(index: int, code: str) -> tuple[int, ...]:
        at = start + 14 + 2 * count * index + (2 if index else 0)
        return struct.unpack(f">{count}{code}", font[at : at + 2 * count])

    ends, starts, deltas, offsets = column(0, "H"), column(1, "H"), column(2, "h"), column(3, "H")
    base = start + 16 + 6 * count
    glyphs = {}
    for segment, (first, last, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for letter in range(first, min(last, 0xFFFE) + 1):
            glyph = letter
            if offset:
                at = base + 2 * segment + offset + 2 * (letter - first)
                glyph = struct.unpack(">H", font[at : at + 2])[0]
            glyphs[letter] = (glyph + delta) % 65536 if glyph or not offset else 0
    return glyphs
