"""How figures and times are said, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from safepassage.agreement import Theatre, enumeration
from safepassage.clauses.wording import duration, people, percent, points, segments


@pytest.mark.parametrize(
    ("number", "english", "arabic"),
    [
        (0, "0 people", "0 شخص"),
        (1, "1 person", "شخص واحد"),
        (2, "2 people", "شخصين"),
        (3, "3 people", "3 أشخاص"),
        (10, "10 people", "10 أشخاص"),
        (11, "11 people", "11 شخصًا"),
        (99, "99 people", "99 شخصًا"),
        (100, "100 people", "100 شخص"),
        (103, "103 people", "103 أشخاص"),
        (1250, "1,250 people", "1,250 شخصًا"),
        (18000, "18,000 people", "18,000 شخص"),
    ],
)
def test_people(number: int, english: str, arabic: str) -> None:
    assert people(number, "en") == english
    assert people(number, "ar") == arabic


@pytest.mark.parametrize(
    ("minutes", "english", "arabic"),
    [
        (1, "1 minute", "دقيقة واحدة"),
        (45, "45 minutes", "45 دقيقة"),
        (60, "1 hour", "ساعة واحدة"),
        (120, "2 hours", "ساعتين"),
        (360, "6 hours", "6 ساعات"),
        (750, "12 hours and 30 minutes", "12 ساعة و30 دقيقة"),
    ],
)
def test_durations(minutes: int, english: str, arabic: str) -> None:
    assert duration(minutes, "en") == english
    assert duration(minutes, "ar") == arabic


def test_shares_are_said_exactly() -> None:
    assert percent(0.125) == "12.5%"
    assert percent(1) == "100%"
    assert points(0.15, "en") == "15 percentage points"
    assert points(0.01, "en") == "1 percentage point"
    assert points(0.125, "ar") == "12.5 نقطة مئوية"


def test_one_or_several_are_enumerated() -> None:
    assert enumeration(["a", "b", "c"], "en", "or") == "a, b or c"
    assert enumeration(["أ", "ب", "ج"], "ar") == "أ وب وج"
    assert enumeration(["أ"], "ar") == "أ" and enumeration([], "ar") == enumeration([], "en") == ""


def test_an_evacuation_is_named_as_one_in_arabic(theatre: Theatre) -> None:
    """A name that says so itself is not doubled; one that does not stands in quotation marks."""
    assert theatre.names(["city-out"], "ar") == "إجلاء المدينة"
    route = replace(theatre.evacuations["city-out"], name_ar="المدينة إلى الساحل")
    other = replace(theatre, evacuations={**theatre.evacuations, "city-out": route})
    assert other.names(["city-out/civilian"], "ar") == "فئة «المدنيون» في إجلاء «المدينة إلى الساحل»"


def test_a_crossing_that_is_called_so_is_not_called_so_twice(theatre: Theatre) -> None:
    places = theatre.world.places
    gate = replace(places["gate"], name="West crossing", name_ar="معبر الغرب")
    other = replace(theatre, world=replace(theatre.world, places={**places, "gate": gate}))
    assert [segments(theatre, ["gate"], "en"), segments(theatre, ["gate"], "ar")] == [
        "the Gate crossing",
        "معبر البوابة",
    ]
    assert [segments(other, ["gate"], "en"), segments(other, ["gate"], "ar")] == ["the West crossing", "معبر الغرب"]
