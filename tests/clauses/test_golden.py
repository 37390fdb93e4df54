"""Each kind of clause as it is signed and as it is judged: one expected text per kind, in tests/golden/clauses.

After a wanted change write them anew with SAFEPASSAGE_GOLDEN=write, and read the difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from safepassage.agreement import Clause, Limit, Step, Tally, Theatre
from safepassage.clauses import KINDS
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.apart import Apart
from safepassage.clauses.consent import Consent, Withheld
from safepassage.clauses.escort import Escort
from safepassage.clauses.inspection import Inspection
from safepassage.clauses.last import Last
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.notice import Notice
from safepassage.clauses.observer import Observer
from safepassage.clauses.order import Order
from safepassage.clauses.pause import Pause
from safepassage.clauses.quota import Quota
from safepassage.clauses.tranches import Tranches
from safepassage.clauses.window import Window
from safepassage.world import Span

GOLDEN = Path(__file__).parents[1] / "golden" / "clauses"
CITY, VILLAGES = ("city-out",), ("villages-out",)
STEPS = {"first_steps": (500, 500), "then_steps": (1000, 1000)}
BY_DAY, NOON = (Span(360, 1080),), (Span(720, 780),)

EXAMPLES: tuple[Clause, ...] = (
    Lockstep(id="step", of=CITY, with_=VILLAGES, tolerance=0.1),
    Lockstep(id="step-at-arrival", of=CITY, with_=VILLAGES, tolerance=0.125, counts="arrival", from_=480),
    Tranches(id="halves", first=VILLAGES, then=CITY, first_steps=(500, 500), then_steps=(1000, 1000)),
    Tranches(
        id="halves-arrived",
        first=VILLAGES,
        then=CITY,
        first_steps=(103, 311),
        then_steps=(5, 2),
        counts="arrival",
        until=1440,
    ),
    Tranches(id="other-way-round", first=CITY, then=VILLAGES, first_steps=(0, 1000, 1000), then_steps=(500, 500)),
    Order(id="wounded-first", first=("*/lying",), then=("city-out/fighter",)),
    Order(id="half-arrived", first=VILLAGES, then=CITY, share=0.5, counts="arrival"),
    Order(id="not-far", first=VILLAGES, then=CITY, ahead=0.2),
    Last(id="city-last", first=VILLAGES, then=CITY),
    Last(id="city-last-arrived", first=VILLAGES, then=CITY, counts="arrival", state="proposed"),
    Window(id="daylight", hours=BY_DAY, pauses=NOON),
    Window(id="noon-at-the-gate", pauses=NOON, on=("gate",), from_=600, until=2160),
    Quota(id="daily", of=("*",), most=1500, per="day"),
    Quota(id="coast", of=CITY, most=2, to=("coast",), counts="arrival", state="suspended"),
    Consent(id="all", lapses_hours=24),
    Consent(
        id="withheld",
        on=("city--gate", "gate"),
        parties=("government",),
        withheld=(
            Withheld(by="government", on=("city--gate",), from_=480, until=720),
            Withheld(by="government", from_=2000),
        ),
    ),
    Escort(id="escort", teams=("red-cross", "red-crescent")),
    Observer(id="un-at-the-gate", parties=("un",), on=("gate",)),
    Observer(id="un-all-the-way", parties=("un",)),
    Aboard(id="six-hours", minutes=360),
    Aboard(id="a-night", minutes=750, overnight=True, of=CITY),
    Apart(id="apart", groups=("fighter", "lying", "civilian")),
    Notice(id="notice", hours=6),
    Pause(id="pause", hours=2),
    Inspection(id="light-weapons", on=("gate",), light_weapons_only=True),
    Inspection(id="papers", looked_for="weapons and explosives", looked_for_ar="الأسلحة والمتفجرات", names=True),
)


def tally_text(tally: Tally, theatre: Theatre) -> str:
    streams = " + ".join("/".join(stream) for stream in sorted(tally.streams))
    to = f" to {', '.join(sorted(tally.to))}" if tally.to else ""
    since = f" since {theatre.calendar.clock(tally.since)}" if tally.since is not None else ""
    return f"[{tally.counts} of {streams}{to}{since}]"


def limit_text(limit: Limit, theatre: Theatre) -> Iterator[str]:
    yield f"limit: {limit.text}"
    yield f"  {span_text(limit.span, theatre)}"
    if isinstance(limit, Step):
        yield f"  {tally_text(limit.then, theatre)} <= {limit.most}"
        yield f"  unless {tally_text(limit.first, theatre)} >= {limit.reached}"
        return
    for term in limit.terms:
        yield f"  {term.coefficient:+d} x {tally_text(term.tally, theatre)}"
    yield f"  <= {limit.most}, {limit.scale} a person"


def span_text(span: Span, theatre: Theatre) -> str:
    return f"from {theatre.calendar.clock(span.start)} to {theatre.calendar.clock(span.end)}"


def text_of(clause: Clause, theatre: Theatre) -> Iterator[str]:
    yield f"== {clause.id}"
    yield clause.sentence(theatre, "en")
    yield clause.sentence(theatre, "ar")
    for limit in clause.limits(theatre):
        yield from limit_text(limit, theatre)
    for closure in clause.closures(theatre):
        empty = "" if closure.binds_empty else ", not to empty vehicles"
        yield f"shut: {closure.segment} {span_text(closure.span, theatre)}{empty}: {closure.text}"
    for evacuation in theatre.evacuations:
        if stay := clause.stay(evacuation):
            yield f"aboard: {evacuation} {stay.minutes} minutes, overnight {stay.overnight}"
    for groups in clause.apart():
        yield f"apart: {', '.join(sorted(groups))}"
    if notice := clause.notice_minutes():
        yield f"notice: {notice} minutes"
    if words := clause.not_checkable():
        yield f"not checkable here: {words}"


@pytest.mark.parametrize("kind", [kind.kind for kind in KINDS])
def test_each_kind_reads_and_binds_as_expected(kind: str, theatre: Theatre) -> None:
    examples = [clause for clause in EXAMPLES if clause.kind == kind]
    assert examples, f"give an example of {kind}"
    for clause in examples:
        clause.check_fit(theatre)
    found = "\n\n".join("\n".join(text_of(clause, theatre)) for clause in examples) + "\n"
    golden = GOLDEN / f"{kind}.txt"
    if os.environ.get("SAFEPASSAGE_GOLDEN") == "write":
        golden.write_text(found, encoding="utf-8")
    assert golden.exists(), f"{golden.name} is missing: write it with SAFEPASSAGE_GOLDEN=write, and read it"
    assert found == golden.read_text(encoding="utf-8")


def test_no_expected_text_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == {kind.kind for kind in KINDS}


@pytest.mark.parametrize("clause", EXAMPLES, ids=lambda clause: clause.id)
def test_the_arabic_is_arabic_throughout(clause: Clause, theatre: Theatre) -> None:
    assert not re.findall("[A-Za-z]+", clause.sentence(theatre, "ar"))


@pytest.mark.parametrize("clause", EXAMPLES, ids=lambda clause: clause.id)
def test_both_languages_give_the_same_figures(clause: Clause, theatre: Theatre) -> None:
    """Arabic says one and two in words; the larger figures stand in both."""
    figures = [
        sorted(figure for figure in re.findall(r"[\d,.:]*\d", clause.sentence(theatre, language)) if len(figure) > 1)
        for language in ("en", "ar")
    ]
    assert figures[0] == figures[1]
