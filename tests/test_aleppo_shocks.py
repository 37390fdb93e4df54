"""The shock models of Aleppo and its course, held to the record: rows that are there, and none from after the cut."""

from __future__ import annotations

import json
import re
from datetime import datetime
from importlib.resources import files
from typing import Any

import pytest

from safepassage import control

EXAMPLES = files("safepassage") / "examples"
CUT = datetime.fromisoformat("2016-12-19T00:00:00+02:00")


def text(name: str) -> str:
    return (EXAMPLES / name).read_text(encoding="utf-8")


def row_of(event: dict[str, Any]) -> str:
    """The row that an event was made from: "64a"."""
    return str(event["note"].removeprefix("row ").split(",")[0])


def happened(event: dict[str, Any]) -> tuple[datetime, datetime]:
    """The first and the last instant at which it may have happened."""
    when = event["happened"]
    first, last = (when["earliest"], when["latest"]) if isinstance(when, dict) else (when, when)
    return datetime.fromisoformat(first), datetime.fromisoformat(last)


RECORD = [json.loads(line) for line in text("aleppo-2016.record.jsonl").splitlines()]
BEGUN = {row_of(event): happened(event)[0] for event in reversed(RECORD)}
COURSE = json.loads(text("aleppo-as-run.course.json"))


def rows_named(basis: str) -> set[str]:
    """Rows that a basis names: "row 33", "rows 20, 23, 83, 85", "rows 64 to 69"."""
    named: set[str] = set()
    for said in re.findall(r"[Rr]ows? (\d+\w?(?:(?:, | and | to )\d+\w?)*)", basis):
        first_last = re.fullmatch(r"(\d+) to (\d+)", said)
        named |= (
            {str(row) for row in range(int(first_last[1]), int(first_last[2]) + 1)}
            if first_last
            else set(re.findall(r"\d+\w?", said))
        )
    return named


def begun(row: str) -> datetime:
    """When the first event of a row began; row 64 is also 64a, 64b and 64c."""
    of_row = [when for name, when in BEGUN.items() if name == row or re.fullmatch(rf"{row}[a-z]", name)]
    assert of_row, f"the record has no row {row}"
    return min(of_row)


def test_a_basis_is_read_for_the_rows_it_names() -> None:
    assert rows_named("once (18 December; rows 64 to 66)") == {"64", "65", "66"}
    assert rows_named("28 h. Rows 20, 23, 83, 85.") == {"20", "23", "83", "85"}
    assert rows_named("(rows 64a and 64b), then row 3") == {"64a", "64b", "3"}


@pytest.mark.parametrize("name", ["aleppo-2016", "aleppo-as-run"])
def test_every_row_that_a_basis_names_is_in_the_record(name: str) -> None:
    model = control.shocks_beside(name, control.read(name))
    named = [row for shock in model.shocks for row in rows_named(shock.basis)]
    assert len(named) >= 9
    assert all(begun(row) for row in named)


def test_the_model_that_is_judged_on_later_days_names_nothing_of_them() -> None:
    model = control.shocks_beside("aleppo-as-run", control.read("aleppo-as-run"))
    assert [row for shock in model.shocks for row in rows_named(shock.basis) if begun(row) >= CUT] == []
    days = [int(day) for shock in model.shocks for day in re.findall(r"(\d+) December", shock.basis)]
    assert days and max(days) <= 18


def test_the_course_is_every_count_of_the_record_in_its_order() -> None:
    """People out of East Aleppo, cumulated, as published; nothing picked, nothing averaged."""
    counted = []
    for event in RECORD:
        what = event["what"]
        if what["kind"] != "people counted" or what.get("evacuation") != COURSE["evacuation"]:
            continue
        if what["stage"] in ("handed over", "arrived"):
            people = sum(one["best"] if isinstance(one, dict) else one for one in what["people"].values())
            first, last = happened(event)
            counted.append((last, first, people, event["source"]["origin"], what["stage"], row_of(event)))
    told = zip(
        map(datetime.fromisoformat, COURSE["times"]),
        map(datetime.fromisoformat, COURSE["earliest"]),
        COURSE["people"],
        COURSE["source"],
        COURSE["stage"],
        COURSE["row"],
        strict=True,
    )
    assert list(told) == sorted(counted)


def test_one_publisher_counts_upwards() -> None:
    icrc = [people for people, source in zip(COURSE["people"], COURSE["source"], strict=True) if source == "ICRC"]
    assert icrc == sorted(icrc) and len(icrc) == 6
