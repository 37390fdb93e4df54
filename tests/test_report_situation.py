"""The situation report: what its tables say of convoys, roads and clauses, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import worlds
from reports import Desk

from safepassage.agreement import Language
from safepassage.events import Event, Held, RoadCleared
from safepassage.report.situation import situation_report
from safepassage.report.tables import Table
from safepassage.situation import fold

DESK = Desk(worlds.hill_and_dale())
TRIP = DESK.trip("m1", "hill-to-city", 100, "06:00", "06:20", "07:00", "07:30")


def tables(events: Sequence[Event], clock: str, language: Language = "en") -> dict[str, Table]:
    """The first table of each part, by the part's title."""
    situation = fold(DESK.operation, events, as_of=DESK.time(clock))
    parts = situation_report(situation, language=language).parts
    return {part.title: part.tables[0] for part in parts if part.tables}


@pytest.mark.parametrize(("language", "title", "state"), [("en", "Convoys on the way", "held"),
                                                          ("ar", "القوافل في الطريق", "متوقفة")])  # fmt: skip
def test_a_convoy_that_stands_is_called_held(language: Language, title: str, state: str) -> None:
    held = [*TRIP[:3], DESK.at("06:40", Held(movement="m1", at="hill--bridge", by="crowd"))]
    (row,) = tables(held, "07:00", language)[title].rows
    assert row[2] == state


def test_news_that_is_old_is_called_so() -> None:
    cleared = [DESK.at("06:00", RoadCleared(road="hill--bridge"))]
    ages = [
        {row[0]: row[3] for row in tables(cleared, clock)["Roads and crossings"].rows} for clock in ("18:00", "19:00")
    ]
    assert [age["Hill – Bridge"] for age in ages] == ["12 h ago", "13 h ago: old"]
    assert ages[0]["Dale – Bridge"] == "nothing heard"
