"""The page of all words, for those who review their Arabic: `python -m safepassage.web.terms_page docs/terms.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from safepassage.control import write
from safepassage.report import situation as report
from safepassage.report.terms import STAGES, STATES, Term
from safepassage.web import agreement, board_terms, claim_form, claims, entry, log_form, logdesk, situation_report
from safepassage.web.terms import ROOM


def tables() -> Mapping[str, Mapping[str, Term]]:
    """Every table of words, by the page that it is of."""
    return {
        "States": STATES,
        "As what people are counted": STAGES,
        "Kinds of report": board_terms.KINDS,
        "Frame, signing in, refusals": ROOM,
        "Board": board_terms.TERMS,
        "Agreement": agreement.TERMS,
        "Claims desk": claims.TERMS,
        "Form of a claim": claim_form.TERMS,
        "Log desk": logdesk.TERMS,
        "Form of a report": log_form.TERMS,
        "Entering": entry.TERMS,
        "Situation report": report.TERMS,
        "Report page": situation_report.TERMS,
    }


def terms_page() -> str:
    """The page as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    every = [term for table in tables().values() for term in table.values()]
    done = sum(term.reviewed for term in every)
    yield "# The words of the room"
    yield ""
    yield f"Made from the code; a test holds it to that. {done} of {len(every)} were reviewed by a speaker of Arabic."
    yield "To correct one, change it where it stands and set `reviewed=True`. `{}` takes a value."
    for title, table in tables().items():
        yield from ("", f"## {title}", "", "| English | Arabic | reviewed |", "|---|---|---|")
        for term in table.values():
            yield f"| {_cell(term.en)} | {_cell(term.ar)} | {'yes' if term.reviewed else 'no'} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ") or " "


if __name__ == "__main__":
    write(Path(sys.argv[1]), terms_page())
