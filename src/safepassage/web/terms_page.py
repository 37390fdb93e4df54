"""The page of all words of the room, English beside Arabic, for those who review them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from safepassage.report.situation import TERMS as REPORT_TERMS
from safepassage.web import agreement, board_terms, claim_form, claims, entry, log_form, logdesk, situation_report
from safepassage.web.terms import ROOM, Term


def tables() -> Mapping[str, Mapping[str, Term]]:
    """Every table of words, by the page that it is of."""
    return {
        "Frame, signing in, refusals": ROOM,
        "Board": {key: Term(*pair) for key, pair in board_terms.TERMS.items()},
        "Kinds of report": {kind: Term(kind, arabic) for kind, arabic in board_terms.KINDS_AR.items()},
        "Agreement": agreement.TERMS,
        "Claims desk": {**claims.TERMS, **claim_form.TERMS},
        "Log desk": {**logdesk.OWN, **log_form.TERMS},
        "Entering": entry.TERMS,
        "Situation report": {key: Term(*pair) for key, pair in REPORT_TERMS.items()},
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
