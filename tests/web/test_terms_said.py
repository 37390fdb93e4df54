"""Every word of every table is said somewhere: one that nobody says any more fails here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from safepassage import agreement as parties
from safepassage import control
from safepassage.claims import Credibility, Reliability, Stance, StandingKind
from safepassage.events import EVENTS, IncidentKind, Medium, Sensitivity, Stage
from safepassage.situation import ClausePhase, ConsentPhase, Motion, MovementPhase, SegmentPhase
from safepassage.web import agreement, board_terms, pages
from safepassage.web.access import ROLES, Right
from safepassage.web.terms_page import tables

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "safepassage"
SAYS = re.compile(r"\b(?:words|say|_said|AccountRefused)\(|\bmap\((?=self\.say)|\b(?:terms|TERMS|ROOM)\[")
LITERAL = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
PAIRS = {"(": ")", "[": "]"}


@dataclass(frozen=True, kw_only=True)
class Said:
    """Where a table's words are said by name (files of the project), and for which values of the code."""

    files: tuple[str, ...] = ()
    values: frozenset[str] = frozenset()


def values(*of: Iterable[object], before: str = "") -> frozenset[str]:
    return frozenset(f"{before}{one}" for some in of for one in some)


def sides() -> set[str]:
    """The sides that those who speak in the record of Aleppo are on."""
    events = control.open_record("aleppo-2016").events
    return {event.source.side for event in events if event.source is not None}


BOARD = ("frontend/src/board/*", "src/safepassage/web/board.py", "src/safepassage/web/templates/board_text.html.j2")
WEB = ("src/safepassage/web/*.py", "src/safepassage/web/templates/*")
STATES = (MovementPhase, SegmentPhase, ConsentPhase, ClausePhase, StandingKind)
SAID_BELOW = (
    "what: a count is of a movement, of an evacuation or at a place. Name one.",
    "another event has this id: give it a new one",
    "another event with this id waits: give it a new one",
)
"""Problems that the rooms below name, by the sentence in which they do."""
STRUCK = ("corrected", "taken out", "taken back")


@cache
def said() -> dict[str, Said]:
    """How each table is said, by its title."""
    event_fields = {"question", *(part.name for event in EVENTS.values() for part in fields(event))}
    return {
        "States": Said(values=values(*map(get_args, STATES))),
        "As what people are counted": Said(values=values(get_args(Stage))),
        "Kinds of report": Said(values=values(EVENTS)),
        "Frame, signing in, refusals": Said(
            files=WEB, values=values(pages.NAVIGATION, ROLES) | values(get_args(Right), before="right ")
        ),
        "Board": Said(files=BOARD, values=values(get_args(Motion), before="motion ")),
        "Agreement": Said(
            files=page("agreement"),
            values=values(get_args(agreement.Outcome)) | values(get_args(parties.Role), before="role "),
        ),
        "Claims desk": Said(files=page("claim"), values=values(STRUCK)),
        "Form of a claim": Said(files=page("claim"), values=values(get_args(Stance))),
        "Log desk": Said(files=page("log"), values=values(STRUCK)),
        "Form of a report": Said(
            files=page("log"), values=values(get_args(IncidentKind)) | values(event_fields, before="field ")
        ),
        "Entering": Said(
            files=WEB,
            values=values(*map(get_args, (Medium, Sensitivity, Reliability, Credibility)))
            | values(("accepted", "duplicate", "pending"))
            | values(SAID_BELOW)
            | values(sides(), before="side "),
        ),
        "Situation report": Said(files=("src/safepassage/report/situation.py", *BOARD)),
        "Report page": Said(files=page("report"), values=values(control.REPORTS)),
    }


def page(name: str) -> tuple[str, ...]:
    """The files of a desk: its modules, its templates."""
    return f"src/safepassage/web/{name}*.py", f"src/safepassage/web/templates/{name}*"


@cache
def by_name(files: Collection[str]) -> frozenset[str]:
    """The keys that these files say by name."""
    texts = [path.read_text(encoding="utf-8") for pattern in files for path in ROOT.glob(pattern)]
    return frozenset(key for text in texts for key in spoken(text))


def spoken(text: str) -> Iterator[str]:
    """The literals inside of calls that say a word."""
    for call in SAYS.finditer(text):
        opened, at, depth = text[call.end() - 1], call.end(), 1
        while depth and at < len(text):
            depth += (text[at] == opened) - (text[at] == PAIRS[opened])
            at += 1
        yield from (one or other for one, other in LITERAL.findall(text[call.end() : at]))


def test_what_counts_as_said() -> None:
    text = (
        """{{ words("a" if x == 'b' else "c", words.number(1)) }} say("d ~ e") map(self.say, ("f", "g")) other("h")"""
    )
    assert set(spoken(text)) == {"a", "b", "c", "d ~ e", "f", "g"}


def test_it_is_known_how_each_table_is_said() -> None:
    assert said().keys() == tables().keys()


@pytest.mark.parametrize("title", tables())
def test_every_word_is_said_somewhere(title: str) -> None:
    how = said()[title]
    assert tables()[title].keys() - by_name(how.files) - how.values == set()


def test_the_board_says_every_word_that_it_shares() -> None:
    states = said()["States"].values
    assert board_terms.SHARED.keys() - by_name(BOARD) - states == set()
    assert not board_terms.SHARED.keys() & board_terms.TERMS.keys()
