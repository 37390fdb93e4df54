"""Every picture and the page: well-formed, self-contained, legible, told to those who cannot see it."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
import worlds
from plans import PLACES, Trip, clock, one_after_another, plan, timed, valley

from safepassage.clauses.lockstep import Lockstep
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.report import (
    balance_svg,
    consents_svg,
    convoys_svg,
    crossings_svg,
    fleets_svg,
    map_svg,
    people_out_svg,
    plan_html,
    png,
    roads_svg,
)
from safepassage.report.layout import placed
from safepassage.report.lettering import shortened, text_width
from safepassage.report.plan import gap_said
from safepassage.world import Place, Road, World

SVG = "{http://www.w3.org/2000/svg}"
PICTURES: tuple[Callable[[Operation, Timetable], str], ...] = (
    convoys_svg,
    roads_svg,
    map_svg,
    people_out_svg,
    balance_svg,
    crossings_svg,
    fleets_svg,
    consents_svg,
)


def usual() -> tuple[Operation, Timetable]:
    operation = valley(Lockstep(id="step", of=("out",), with_=("over",), tolerance=0.60))
    return operation, one_after_another(operation)


def dense() -> tuple[Operation, Timetable]:
    """300 movements over two days, 6 minutes apart; no rule is kept, which no picture may mind."""
    operation = valley()
    trips = [
        Trip(
            id=f"out-{index}",
            evacuation="out" if index % 2 else "over",
            way=("town", "gate", "city") if index % 2 else ("village", "ford", "city"),
            vehicles={"buses": 2},
            people={"buses": {"civilian": 100}},
            starts=clock("05:00", day=1 + index // 150) + 6 * (index % 150),
        )
        for index in range(300)
    ]
    return operation, plan(operation, [timed(operation, trip) for trip in trips])


def nothing() -> tuple[Operation, Timetable]:
    operation = valley()
    return operation, plan(operation, [])


CASES = (usual, dense, nothing)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: str(picture.__name__))
@pytest.mark.parametrize("case", CASES)
def test_a_picture_is_well_formed_titled_and_legible(
    picture: Callable[[Operation, Timetable], str], case: Callable[[], tuple[Operation, Timetable]]
) -> None:
    svg = picture(*case())
    if not svg:
        return
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    named = (root.get("aria-labelledby") or "").split()
    told = {
        element.get("id"): element.text
        for element in (root.find(f"{SVG}title"), root.find(f"{SVG}desc"))
        if element is not None
    }
    assert list(told) == named and all(told.values())
    width, height = map(float, (root.get("viewBox") or "").split()[2:])
    for text in root.iter(f"{SVG}text"):
        assert float(text.get("font-size") or 0) >= 10
        assert 0 <= float(text.get("x") or -1) <= width
        assert 0 <= float(text.get("y") or -1) <= height


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: str(picture.__name__))
def test_a_picture_says_something_of_the_usual_case(picture: Callable[[Operation, Timetable], str]) -> None:
    assert picture(*usual()).count("<text") > 5


def test_a_picture_that_has_nothing_to_say_is_not_drawn() -> None:
    operation, timetable = nothing()
    assert (
        balance_svg(operation, timetable)
        == consents_svg(operation, timetable)
        == crossings_svg(operation, timetable)
        == ""
    )


def test_phases_of_a_convoy_differ_by_shape_and_fill_as_well_as_by_colour() -> None:
    root = ET.fromstring(convoys_svg(*usual()))
    (first,) = [group for group in root.iter(f"{SVG}g") if (group.findtext(f"{SVG}title") or "").startswith("m1")]
    fills = [(rect.get("fill") or "")[:5] for rect in first.iter(f"{SVG}rect")]
    heights = {rect.get("height") for rect in first.iter(f"{SVG}rect")}
    assert "#ffff" in fills and "url(#" in fills and len(set(fills)) == 3
    assert len(heights) == 2


class _Page(HTMLParser):
    """What a browser would load, run or announce."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")


@pytest.mark.parametrize("case", CASES)
def test_the_page_needs_nothing_beside_itself_and_runs_nothing(case: Callable[[], tuple[Operation, Timetable]]) -> None:
    text = plan_html(*case())
    page = _Page(text)
    assert not {"script", "link", "iframe", "img", "object", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    links = [value for _, name, value in page.attributes if name in ("href", "src", "xlink:href")]
    assert all(link.startswith("#") and link[1:] in page.ids for link in links)
    assert re.findall(r"url\((?!#|data:)", text) == []
    assert "@import" not in text
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_read_by_its_headings_captions_and_scopes(case: Callable[[], tuple[Operation, Timetable]]) -> None:
    page = _Page(plan_html(*case()))
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(there <= here + 1 for here, there in pairwise(levels))
    assert page.tags.count("table") == page.tags.count("caption")
    assert page.tags.count("figure") == page.tags.count("figcaption") == page.tags.count("svg")
    assert page.tags.count("th") == len([name for tag, name, _ in page.attributes if tag == "th" and name == "scope"])
    assert ("html", "lang", "en") in page.attributes


def test_the_page_says_first_how_many_of_how_many_by_when_and_that_it_is_sensitive() -> None:
    text = plan_html(*usual())
    assert "<h1>258 of 258 people are out by Thursday 15 December, 11:01 (day 1).</h1>" in text
    assert text.index("Sensitive:") < text.index("<h1>")
    assert "Everyone is carried." in text


def test_the_page_lists_every_movement_with_its_times_and_every_clause_in_both_languages() -> None:
    operation, timetable = usual()
    text = plan_html(operation, timetable)
    for said in ("m1", "m2", "m3", "06:00–06:20", "10:00–10:25", "11:01", "12:26", "50 Civilians, 8 Lying wounded"):
        assert said in text
    (clause,) = operation.clauses
    assert clause.sentence(operation.theatre, "en") in text
    assert clause.sentence(operation.theatre, "ar") in text


def test_the_page_says_who_is_left_behind_and_why() -> None:
    text = plan_html(*nothing())
    assert "258 people are left behind" in text
    assert text.count("not planned") == 3
    assert "Nothing moves" in text or "nothing moves" in text


def test_words_of_the_file_are_words_not_markup() -> None:
    places = tuple(Place(id=place.id, name=f'<b>{place.name}</b> & "so"') for place in PLACES)
    operation = valley(places=places)
    text = plan_html(operation, one_after_another(operation))
    assert "<b>" not in text
    ET.fromstring(map_svg(operation, one_after_another(operation)))


@pytest.mark.parametrize("world", worlds.ALL, ids=lambda world: str(world.__name__))
def test_every_tiny_world_has_a_page_even_without_a_plan(world: Callable[[], Operation]) -> None:
    operation = world()
    assert f"0 of {operation.people} people" in plan_html(operation, plan(operation, []))


@pytest.mark.parametrize(
    ("objective", "bound", "said"),
    [
        (103.1, 100.0, "Proven within 3.1 % of the best possible."),
        (103.11, 100.0, "Proven within 3.2 % of the best possible."),
        (100.0, 100.0, "Proven: the best possible."),
        (100.0, None, "No bound is known: how far this plan is from the best possible cannot be said."),
    ],
)
def test_the_gap_is_never_said_smaller_than_proven(objective: float, bound: float | None, said: str) -> None:
    assert gap_said(_with(objective, bound)) == said


def _with(objective: float, bound: float | None) -> Timetable:
    return Timetable(
        operation="",
        operation_hash="",
        version="",
        seed=0,
        movements=(),
        empty_moves=(),
        left_behind=(),
        outcome="everyone carried",
        objective=objective,
        person_hours=0,
        exposure=0,
        bound=bound,
    )


def test_the_bound_is_drawn_where_it_is_given() -> None:
    operation, timetable = usual()
    bound = [(clock("05:00"), 0), (clock("06:30"), 258)]
    assert "no plan can be above this" in people_out_svg(operation, timetable, bound)
    assert "no plan can be above this" not in people_out_svg(operation, timetable)


def _size(picture: bytes) -> tuple[int, int]:
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture[16:24])
    return int(width), int(height)


def test_a_picture_as_png_has_its_size_and_the_same_bytes_again() -> None:
    svg = people_out_svg(*usual())
    assert _size(png(svg, zoom=1)) == (1100, 330)
    assert png(svg, zoom=1) == png(svg, zoom=1)


def _letters(words: str) -> bytes:
    return png(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40" font-family="\'Safe Passage '
        "Sans','Safe Passage Arabic'\">"
        f'<text x="100" y="28" font-size="24" text-anchor="middle">{words}</text></svg>',
        zoom=1,
    )


def test_arabic_letters_join_and_run_from_right_to_left_in_png() -> None:
    apart = "\N{ZERO WIDTH NON-JOINER}".join("حلب")
    assert _letters("حلب") != _letters(apart)
    assert _letters("حلب") == _letters("\N{RIGHT-TO-LEFT MARK}حلب")
    assert _letters("حلب") != _letters("\N{LEFT-TO-RIGHT OVERRIDE}حلب")


def test_a_png_uses_no_font_of_the_machine() -> None:
    # Neither sign is in the package's fonts: both are the same empty box, whatever else is installed.
    assert _letters("\N{SNOWMAN}") == _letters("\N{UMBRELLA}") != _letters("S")


def test_widths_grow_with_the_text_and_a_shortened_text_fits() -> None:
    assert text_width("iii", 10) < text_width("mmm", 10)
    assert text_width("Ramouseh", 12, 600) > text_width("Ramouseh", 12)
    name = "A place with a very long name indeed"
    short = shortened(name, 12, 90)
    assert short.endswith("…") and text_width(short, 12) <= 90
    assert shortened("Gate", 12, 90) == "Gate"


def _world(at: Sequence[tuple[str, tuple[float, float] | None]]) -> World:
    names = [name for name, _ in at]
    roads = [Road(between=(here, there), minutes=10) for here, there in pairwise(names)]
    return World(
        places={name: Place(id=name, name=name, at=position) for name, position in at},
        roads={road.id: road for road in roads},
        crossings={},
    )


def test_places_a_few_hundred_metres_apart_part_on_a_map_that_spans_300_km() -> None:
    at = [("north", (36.1740, 37.138)), ("near", (36.1712, 37.137)), ("far", (33.7, 36.1)), ("east", (36.18, 37.3))]
    points, by_position = placed(_world(at), [name for name, _ in at], 900, 500, (150, 70))
    assert by_position
    assert points["north"][1] < points["near"][1] < points["far"][1]
    assert points["far"][0] < points["near"][0] < points["east"][0]
    dx, dy = (abs(points["north"][axis] - points["near"][axis]) for axis in (0, 1))
    assert dx > 100 or dy > 50
    assert all(-1 <= x <= 901 and -1 <= y <= 501 for x, y in points.values())


def test_wide_gaps_shrink_and_near_ones_grow_on_a_map() -> None:
    at = [("here", (36.0, 37.00)), ("there", (36.0, 37.01)), ("far", (36.0, 40.00))]
    points, _ = placed(_world(at), [name for name, _ in at], 900, 500, (10, 10))
    near, wide = points["there"][0] - points["here"][0], points["far"][0] - points["there"][0]
    assert 0 < near < wide < 10 * near


def test_places_at_one_position_do_not_cover_each_other() -> None:
    at = [("here", (36.0, 37.0)), ("same", (36.0, 37.0)), ("east", (36.0, 38.0)), ("south", (35.0, 37.5))]
    points, _ = placed(_world(at), [name for name, _ in at], 900, 500, (150, 70))
    dx, dy = (abs(points["here"][axis] - points["same"][axis]) for axis in (0, 1))
    assert dx > 100 or dy > 50


def test_places_without_positions_stand_by_their_roads_and_always_the_same_way() -> None:
    at: list[tuple[str, tuple[float, float] | None]] = [(name, None) for name in "abcdef"]
    points, by_position = placed(_world(at), "abcdef", 900, 500, (150, 70))
    assert not by_position
    xs = [points[name][0] for name in "abcdef"]
    assert xs in (sorted(xs), sorted(xs, reverse=True))
    assert points == placed(_world(at), "abcdef", 900, 500, (150, 70))[0]
