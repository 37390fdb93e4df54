"""The picture of what a clause costs: every plan named, none that leaves people behind drawn as if it did not."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from safepassage.report import Price, price_svg

SVG = "{http://www.w3.org/2000/svg}"
TIGHT = Price(allowed="2 %", objective=9_000, bound=1_000, ends_hours=40, left_behind=120)
USUAL = Price(allowed="10 %", objective=1_250, bound=1_100, ends_hours=30)
FREE = Price(allowed="no clause", objective=1_050, bound=None, ends_hours=28)


def words(svg: str) -> list[str]:
    return [text.text or "" for text in ET.fromstring(svg).iter(f"{SVG}text")]


def test_each_plan_stands_over_what_the_clause_allowed_with_its_cost_bound_and_end() -> None:
    said = words(price_svg("What it costs", [USUAL, FREE]))
    assert {"What it costs", "10 %", "no clause", "1,250", "1,100", "1,050", "30.0", "28.0"} <= set(said)


def test_a_plan_that_leaves_people_behind_is_told_and_not_drawn() -> None:
    said = words(price_svg("What it costs", [TIGHT, USUAL, FREE]))
    assert "2 %: the plan found leaves 120 behind" in said
    assert "9,000" not in said


def test_nothing_is_drawn_where_no_plan_carries_everyone() -> None:
    assert price_svg("What it costs", [TIGHT]) == ""


def test_one_plan_alone_has_a_scale_too() -> None:
    assert "1,250" in words(price_svg("What it costs", [USUAL]))


def test_a_plan_at_its_bound_is_called_proven() -> None:
    best = Price(allowed="10 %", objective=1_250, bound=1_250, ends_hours=30)
    assert "1,250 proven" in words(price_svg("What it costs", [best, FREE]))
