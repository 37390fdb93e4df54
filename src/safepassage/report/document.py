"""A document of sentences and tables, in one language: as HTML, Markdown, JSON and PDF from the same value."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from safepassage.agreement import Language
from safepassage.report.lettering import FONTS, font_faces
from safepassage.report.tables import Table

Format = ("html", "md", "json", "pdf")
"""What a document can be written as, by the ending of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is said under one title: sentences, pictures (SVG, on pages only), tables. `alarm`: read this first."""

    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    alarm: bool = False
    pictures: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.sentences and not any(table.rows for table in self.tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A page or a few. `headline` is the first thing read; `foot` says what it was made from."""

    language: Language
    kind: str
    title: str
    headline: str
    under: tuple[str, ...]
    parts: tuple[Part, ...]
    foot: tuple[str, ...]
    sensitive: str = ""


def as_json(document: Document) -> str:
    """The document as JSON: the same bytes for the same document."""
    return json.dumps(_plain(document), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _plain(document: Document) -> dict[str, object]:
    tables = asdict(document)
    for part in tables["parts"]:
        del part["pictures"]
        for table in part["tables"]:
            table["numeric"] = sorted(table["numeric"])
    return tables


def as_html(document: Document) -> str:
    """The document as one page that needs nothing beside itself, for the screen and for A4."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("document.html.j2").render(document=document, fonts=font_faces())


def as_markdown(document: Document) -> str:
    """The document as Markdown."""
    lines = [f"# {_marked(document.headline)}", ""]
    lines += [*([f"**{_marked(document.sensitive)}**", ""] if document.sensitive else [])]
    lines += [f"{_marked(document.kind)} · {_marked(document.title)}", ""]
    lines += [line for said in document.under for line in (_marked(said), "")]
    for part in document.parts:
        if part.empty:
            continue
        lines += [f"## {'⚠ ' if part.alarm else ''}{_marked(part.title)}", ""]
        lines += [f"- {_marked(said)}" for said in part.sentences]
        lines += [""] if part.sentences else []
        for table in part.tables:
            if not table.rows:
                continue
            lines += [*([f"**{_marked(table.title)}**", ""] if table.title else [])]
            lines.append("| " + " | ".join(map(_cell, table.columns)) + " |")
            lines.append("|" + "|".join("---:" if one in table.numeric else "---" for one in table.columns) + "|")
            lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in table.rows]
            lines.append("")
    lines += ["---", "", *(line for said in document.foot for line in (_marked(said), ""))]
    return "\n".join(lines).rstrip() + "\n"


def _marked(text: str) -> str:
    """Text that Markdown leaves as it is."""
    text = " ".join(text.split())
    for sign in "\\`*_[]<>#|":
        text = text.replace(sign, f"\\{sign}")
    return text


def _cell(text: str) -> str:
    return _marked(text) or " "


def as_pdf(document: Document, *, made: datetime) -> bytes:
    """The document as PDF, for A4. `made` is the time written into the file; the same one gives the same bytes."""
    source = (Path(__file__).parent / "document.typ").read_bytes()
    return bytes(
        typst.compile(
            source,
            font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]),
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(_plain(document), ensure_ascii=False)},
            timestamp=made,
            format="pdf",
        )
    )
