"""The situation report: its page, which prints well on A4, the same as JSON, and as files to take along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import HTMLResponse, Response

from safepassage import control
from safepassage.report.document import Document
from safepassage.report.terms import Term
from safepassage.web.pages import Asked, asked

router = APIRouter()
Now = Annotated[Asked, Depends(asked)]
KINDS = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
}

TERMS: Mapping[str, Term] = {
    "take along": Term("Take it along", "للتنزيل"),
    "html": Term("Page (.html)", "صفحة (.html)"),
    "pdf": Term("For print (.pdf)", "للطباعة (.pdf)"),
    "md": Term("Text (.md)", "نص (.md)"),
    "json": Term("For programs (.json)", "للبرامج (.json)"),
}


def report_view(asked: Asked) -> Document:
    """The report that a viewer is shown, written once for all who are shown the same."""
    situation = asked.situation
    return asked.room.kept(
        situation,
        ("report", asked.language),
        lambda: control.situation_document(situation, language=asked.language, rehearsed=asked.room.record.rehearsed),
    )


@router.get("/report", include_in_schema=False)
def report_page(asked: Now) -> HTMLResponse:
    """The report as a page of the room."""
    return asked.page("report.html.j2", None, TERMS, document=report_view(asked), endings=control.REPORTS)


@router.get("/api/report")
def report_json(asked: Now) -> dict[str, Any]:
    """The report: headline, sentences and tables."""
    return control.document_value(report_view(asked))


@router.get("/report.{ending}", include_in_schema=False)
def report_file(asked: Now, ending: str) -> Response:
    """The report as a file, with the checkpoint of the log that it was made from."""
    if ending not in KINDS:
        raise HTTPException(404, f"there is no report.{ending}: html, pdf, md or json")
    record, situation = asked.room.record, asked.situation
    document = control.situation_document(
        situation, language=asked.language, checkpoint=control.checkpoint_said(record), rehearsed=record.rehearsed
    )
    content = control.report_content(document, ending, made=record.now)
    headers = {"Content-Disposition": f'attachment; filename="{file_name(asked, ending)}"'}
    return Response(content, media_type=KINDS[ending], headers=headers)


def file_name(asked: Asked, ending: str) -> str:
    """Operation, instant and language: what a folder of reports is sorted by."""
    name = re.sub(r"[^a-z0-9]+", "-", asked.room.operation.name.lower()).strip("-") or "operation"
    return f"{name[:60]}-{asked.situation.as_of:%Y-%m-%d-%H%M}-{asked.language}.{ending}"
