"""The operation file: what it says becomes the operation; what is wrong with it is said with line and fix."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from safepassage.formats.lines import LineIndex
from safepassage.formats.operation import operation_hash, parse_operation, read_operation
from safepassage.formats.problem import Problem
from safepassage.operation import Operation
from safepassage.people import Count
from safepassage.world import Pace, Span

TEXTS = (
    worlds.ONE_ROAD,
    worlds.TWO_VILLAGES,
    worlds.WOUNDED_FIRST,
    worlds.HUB,
    worlds.NIGHT,
    worlds.PRISONERS_FOR_VILLAGES,
)


def read(text: str) -> Operation:
    operation, problems = parse_operation(text)
    assert operation is not None, "\n".join(map(str, problems))
    return operation


def problems_of(text: str) -> tuple[Problem, ...]:
    return parse_operation(text)[1]


def changed(text: str, old: str, new: str) -> str:
    assert old in text, old
    return text.replace(old, new, 1)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


# What a file says


@pytest.mark.parametrize("make", worlds.ALL, ids=lambda make: make.__name__)
def test_every_world_reads_without_a_word(make: Any) -> None:
    text = getattr(worlds, make.__name__.upper())
    assert problems_of(text) == ()


def test_the_tables_become_the_operation() -> None:
    operation = worlds.hub()
    assert operation.name == "Hub"
    assert operation.hours == (Span(360, 720), Span(750, 1080))
    assert (operation.load_from, operation.load_until) == (300, 1080)
    assert operation.world.places["camp"].capacity_per_day == 300
    assert operation.world.crossings["west-gate"].people_per_hour == 500
    assert operation.evacuations["quarter-to-hub"].out_at == ("east-gate", "west-gate")
    assert operation.evacuations["quarter-to-hub"].people == {"civilian": Count.exactly(800)}
    assert operation.escorts == {"hub": 2}
    assert operation.world.empty_links[0].via == ("quarter--east-gate", "east-gate--hub")
    assert [dict(convoy.vehicles) for convoy in operation.convoys] == [{"buses": 2}, {"buses": 4}]


def test_without_an_escorts_table_no_movement_needs_one() -> None:
    assert worlds.one_road().escorts is None


def test_one_crossing_may_stand_without_brackets() -> None:
    assert worlds.one_road().evacuations["village-to-city"].out_at == ("gate",)


def test_hours_over_midnight_are_two_spans_of_the_day() -> None:
    road = worlds.night().world.roads["town--pass"]
    assert road.paces == (Pace(Span(0, 300), 180), Pace(Span(1200, 1440), 180))
    assert (road.minutes_at(299), road.minutes_at(300), road.minutes_at(1200)) == (180, 120, 180)


def test_a_fleet_takes_from_movements_what_it_does_not_say() -> None:
    text = changed(worlds.ONE_ROAD, "stands = { village = 2 }", "stands = { village = 2 }\nload = { per_vehicle = 9 }")
    load = read(text).fleets["buses"].load
    assert (load.minutes, load.per_vehicle) == (20, 9)


def test_people_may_be_a_range() -> None:
    text = changed(worlds.ONE_ROAD, "civilian = 120", "civilian = { low = 100, best = 120, high = 150 }")
    assert read(text).evacuations["village-to-city"].people["civilian"] == Count(low=100, best=120, high=150)


def test_closures_are_local_times() -> None:
    closure = "closed = [{ from = 2016-12-15T09:00:00, until = 2016-12-15T08:30:00+01:00 }]"
    text = changed(worlds.ONE_ROAD, "people_per_hour = 600", f"people_per_hour = 600\n{closure}")
    assert read(text).world.crossings["gate"].closed == (Span(180, 210),)


def test_a_road_may_be_named_from_either_end() -> None:
    clause = '[[clause]]\nkind = "consent"\non = ["line--prison"]\nparties = ["government"]\n'
    operation = read(worlds.PRISONERS_FOR_VILLAGES + clause)
    (consent,) = [clause for clause in operation.clauses if clause.kind == "consent"]
    assert getattr(consent, "on") == ("prison--line",)  # noqa: B009


def test_tables_inside_a_clause_become_its_values() -> None:
    clause = """
[[clause]]
kind = "consent"
[[clause.withheld]]
by = "government"
on = "line--prison"
from = 2016-12-15T08:00:00
until = 2016-12-15T09:00:00
"""
    operation = read(worlds.PRISONERS_FOR_VILLAGES + clause)
    assert operation.clause_closed("prison--line") == (Span(120, 180),)


def test_clauses_without_an_id_are_called_by_their_kind() -> None:
    clause = '\n[[clause]]\nkind = "notice"\nhours = {}\n'
    text = worlds.ONE_ROAD + clause.format(2) + clause.format(4) + clause.format(6)
    assert [clause.id for clause in read(text).clauses] == ["notice", "notice-2", "notice-3"]


def test_a_proposed_clause_is_read_and_does_not_bind() -> None:
    text = changed(worlds.TWO_VILLAGES, "tolerance = 0.50", 'tolerance = 0.50\nstate = "proposed"')
    operation = read(text)
    assert len(operation.clauses) == 1
    assert operation.binding == ()


def test_a_byte_order_mark_is_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "operation.toml"
    path.write_bytes(b"\xef\xbb\xbf" + worlds.ONE_ROAD.lstrip().replace("\n", "\r\n").encode())
    operation, problems = read_operation(path)
    assert problems == ()
    assert operation == worlds.one_road()


# The hash


def test_the_hash_is_of_what_is_said_and_not_of_how() -> None:
    text = worlds.ONE_ROAD
    said_otherwise = changed(text, "people_per_hour = 600", "people_per_hour = 600  # a guess\nlanes = 1")
    said_otherwise = changed(said_otherwise, 'name = "Village"\nbays = 1', 'bays = 1\nname = "Village"')
    assert operation_hash(read(said_otherwise)) == operation_hash(read(text))


@pytest.mark.parametrize("old", ["minutes = 30", "civilian = 120", "2016-12-15", 'name = "Gate"', "buses = 2"])
def test_the_hash_changes_with_the_operation(old: str) -> None:
    new = old.replace("0", "1") if old != "2016-12-15" and "Gate" not in old else old.replace("15", "16")
    new = 'name = "Door"' if "Gate" in old else "buses = 1" if old == "buses = 2" else new
    text = worlds.ONE_ROAD
    if old == "buses = 2":
        text = changed(text, "[[convoy]]\nvehicles = { buses = 1 }", "")
    assert operation_hash(read(text)) != operation_hash(read(changed(text, old, new)))


def test_a_clause_of_another_kind_gives_another_hash() -> None:
    hashes = {
        operation_hash(read(worlds.ONE_ROAD + f'\n[[clause]]\nid = "one"\nkind = "{kind}"\nhours = 2\n'))
        for kind in ("notice", "pause")
    }
    assert len(hashes) == 2


# What is wrong with it


ONE = worlds.ONE_ROAD
WRONG = [
    # in ONE_ROAD: what is written, what stands there instead, what the problem says
    ("format = 1\n", "", "`format` is missing"),
    ("format = 1", "format = 2", "newer than this program"),
    ("format = 1", 'format = "1"', 'format = "1"'),
    ("bays = 1", "bayes = 1", 'unknown key "bayes" in [[place]]. Did you mean "bays"?'),
    ("bays = 1", "bays = -1", "bays: -1 is below zero. Give zero or more"),
    ("bays = 1", "bays = 0", "bays = 0, and the people of village-to-city load here"),
    ("bays = 1", "bays = 1.5", "bays: 1.5 is not whole"),
    ("bays = 1", "bays = true", "bays: true is not a number"),
    ("bays = 1", "bays = 0xffffffffffffffffffff", "beyond all measure"),
    ("bays = 1", "bays = 1e400", "beyond all measure"),
    ("bays = 1", "bays = nan", "beyond all measure"),
    ("bays = 1", "at = [36.1]", "1 numbers are given"),
    ("bays = 1", "at = [37.1, 360.0]", "at = [37.1, 360.0]"),
    ("bays = 1", 'held_by = "army"', 'unknown party "army"'),
    ("days = 1", "days = 0", "at least 1 day"),
    ("days = 1", "days = 100000", "Give at most 366 days"),
    ("days = 1", "", "[operation] lacks `days`"),
    ("days = 1", 'hours = "06:00-06:00"\ndays = 1', "no time at all"),
    ("days = 1", 'hours = ["6 to 18"]\ndays = 1', 'write "HH:MM-HH:MM"'),
    ("days = 1", 'load_from = "18:00"\nload_until = "06:00"\ndays = 1', "no time at which loading may start"),
    ("days = 1", "slot_minutes = 0\ndays = 1", "slot_minutes = 0"),
    ("2016-12-15T06:00:00+02:00", "2016-12-15T06:00:00", "has no offset"),
    ("2016-12-15T06:00:00+02:00", "2016-12-15T06:00:30+02:00", "whole minutes"),
    ("2016-12-15T06:00:00+02:00", "0016-12-15T06:00:00+02:00", "the year 16 cannot be right"),
    ("2016-12-15T06:00:00+02:00", '"15 December"', "write date, time and offset"),
    (
        'between = ["village", "gate"]',
        'between = ["vilage", "gate"]',
        'unknown place "vilage". Did you mean "village"?',
    ),
    ('between = ["village", "gate"]', 'between = ["village", "city"]', "no way leads from village to city"),
    ('between = ["village", "gate"]', 'between = ["village"]', "1 places are given"),
    ('between = ["village", "gate"]', 'between = ["city", "gate"]', "road gate--city is already on line"),
    ("minutes = 30", 'minutes = "30 min"', "write 30 without quotes, and leave out 'min'"),
    ("minutes = 30", "minutes = 3000", "the road takes 3000 minutes, the whole operation 1080"),
    ("minutes = 30", "minutes = 30\nhazard = 2", "2 % is 0.02"),
    ("minutes = 30", 'minutes = 30\nclosed = [{ from = "now" }]', "a closure has a beginning and an end"),
    ("minutes = 30", "minutes = 30\nclosed = true", "closed: true is not a list"),
    ("minutes = 30", 'minutes = 30\npaces = [{ hours = "06:00-18:00" }]', "a pace has hours and minutes"),
    (
        "minutes = 30",
        'minutes = 30\npaces = [{ hours = "06:00-18:00", minutes = 9 }, { hours = "17:00-19:00", minutes = 8 }]',
        "two paces share some hours",
    ),
    ("people_per_hour = 600", "people_per_hour = 1", "no convoy fits"),
    ("people_per_hour = 600", "people_per_hour = 4", "the largest convoy takes 1500 minutes here"),
    ("people_per_hour = 600", "people_per_hour = 0", "people_per_hour = 0. Give 1 or more"),
    (
        "[[crossing]]",
        '[[crossing]]\nat = "gate"\npeople_per_hour = 5\n\n[[crossing]]',
        "crossing gate is already on line",
    ),
    ("seats = 50", "seats = 0", "at least 1 seat"),
    ('carries = ["civilian"]', 'carries = ["civilians"]', 'unknown group "civilians". Did you mean "civilian"?'),
    ('carries = ["civilian"]', "carries = []", "fleet buses carries nobody"),
    ('carries = ["civilian"]', "carries = []", "no fleet carries group civilian"),
    ("stands = { village = 2 }", "stands = { village = -2 }", "stands: -2 is below zero"),
    ("stands = { village = 2 }", "stands = { village = 0 }", "fleet buses has no vehicles"),
    ("vehicles = { buses = 2 }", "vehicles = { busses = 2 }", 'unknown fleet "busses". Did you mean "buses"?'),
    ("vehicles = { buses = 2 }", "vehicles = { buses = 20 }", "a convoy of 20 buses, of which there are 2"),
    ("vehicles = { buses = 2 }", "vehicles = { buses = 1 }", "listed twice"),
    ("load = { minutes = 20, per_vehicle = 5 }", "", "nothing says `load.minutes` of fleet buses"),
    ("load = { minutes = 20, per_vehicle = 5 }", "load = 20", "load: 20 is not a table"),
    ("[movements]", "[movements]\nescorts = { village = 0 }", "no escort exists"),
    ("[movements]", "[movements]\nescorts = { vilage = 1 }", 'unknown place "vilage"'),
    ("[movements]", "[[movements]]", "movements is not one table"),
    ("[[fleet]]", "[fleet]", "fleet is not a list of tables"),
    ("[[group]]", "[[grp]]", 'unknown table "grp". Did you mean "group"?'),
    ("civilian = 120", "civilian = 0", "nobody is to be moved"),
    ("civilian = 120", "civilian = 60000000", "60,000,000 people cannot be right"),
    ("civilian = 120", "civilian = -1", "people: -1 is below zero"),
    ("civilian = 120", "civilian = { low = 9, best = 8, high = 10 }", "give 0 <= low <= best <= high"),
    ('to = ["city"]', "to = []", "name at least one place"),
    ('to = ["city"]', 'to = ["village"]', "village is where these people are"),
    ('out_at = "gate"', 'out_at = "city"', 'unknown crossing "city". Known: gate.'),
    ('from = "village"', "", "[[evacuation]] lacks `from`"),
    ('id = "village-to-city"', 'id = "village to city"', "cannot be an id"),
    ('id = "village-to-city"', 'id = "village--city"', "cannot be an id"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[f"{new or old}" for old, new, _ in WRONG])
def test_what_is_wrong_is_said_at_its_line(old: str, new: str, said: str) -> None:
    text = changed(ONE, old, new)
    found = [problem for problem in problems_of(text) if said.lower() in str(problem).lower()]
    assert found, "\n".join(map(str, problems_of(text)))
    (problem,) = found
    assert problem.fix
    if new and not said.startswith(
        ("`format`", "no fleet", "no way", "nothing says", "nobody is", "[", "road", "cross")
    ):
        first, last = line_of(text, new), line_of(text, new) + new.count("\n")
        assert first <= problem.line <= last + 3, (problem, first)


CLAUSES_WRONG = [
    ('kind = "lockstp"', 'unknown kind of clause "lockstp". Did you mean "lockstep"?'),
    ("tolerance = 0.1", "lacks `kind`"),
    ('kind = "lockstep"\nof = "north-to-city"\nwith = "south-to-town"', "lacks `tolerance`"),
    ('kind = "lockstep"\nof = "north-to-city"\nwith = "south-to-town"\ntolerance = 10', "10 % is 0.1"),
    ('kind = "lockstep"\nof = "north-to-cty"\nwith = "south-to-town"\ntolerance = 1', 'Did you mean "north-to-city"?'),
    ('kind = "lockstep"\nof = "*/wounded"\nwith = "south-to-town"\ntolerance = 1', 'unknown group "wounded"'),
    ('kind = "lockstep"\nof = "*"\nwith = "south-to-town"\ntolerance = 1', "share people"),
    ('kind = "last"\nfirst = "north-to-city"\nthen = "south-to-town"\nuntl = 5', 'Did you mean "until"?'),
    ('kind = "notice"\nhours = -1', "hours: -1 is below zero"),
    ('kind = "notice"\nhours = 2\nfrom = 2017-12-15T00:00:00', "never binds"),
    ('kind = "notice"\nhours = 2\nuntil = 2015-12-15T00:00:00', "never binds"),
    ('kind = "notice"\nhours = 2\nuntil = 2026-12-15T00:00:00', "`until` is outside the operation"),
    ('kind = "notice"\nhours = 2\nfrom = 2016-12-15', "write date and time without quotes"),
    (
        'kind = "notice"\nhours = 2\nfrom = 2016-12-15T09:00:00\nuntil = 2016-12-15T08:00:00',
        "until is not later than from",
    ),
    ('kind = "notice"\nid = "lockstep"\nhours = 2', "clause lockstep is already on line"),
    ('kind = "notice"\nhours = 2\nstate = "in forse"', 'Did you mean "in force"?'),
    ('kind = "quota"\nof = "*"\nmost = 5\nto = "north"', "nobody of * goes to north"),
    ('kind = "window"\nhours = ["18:00"]', 'write "HH:MM-HH:MM"'),
    ('kind = "consent"\nwithheld = [{ on = "bridge" }]', "lacks `by`"),
    ('kind = "consent"\non = ["bridge--cty"]', 'unknown road or crossing "bridge--cty". Did you mean "bridge--city"?'),
    (
        'kind = "tranches"\nfirst = "north-to-city"\nthen = "south-to-town"\nfirst_steps = [1, "2"]\nthen_steps = [1]',
        "write 2 without quotes",
    ),
]


@pytest.mark.parametrize(("clause", "said"), CLAUSES_WRONG, ids=[clause for clause, _ in CLAUSES_WRONG])
def test_what_is_wrong_with_a_clause_is_said_at_its_line(clause: str, said: str) -> None:
    text = f"{worlds.TWO_VILLAGES}\n[[clause]]\n{clause}\n"
    (problem,) = problems_of(text)
    assert said.lower() in str(problem).lower()
    assert problem.line >= line_of(text, f"[[clause]]\n{clause}")


def test_all_problems_come_together_in_the_order_of_their_lines() -> None:
    text = changed(ONE, "bays = 1", "bays = -1\nbayes = 2")
    text = changed(text, "minutes = 60", 'minutes = "60"\nkm = -3')
    text = changed(text, "seats = 50", "seats = 0")
    operation, problems = parse_operation(text)
    assert operation is None
    assert [problem.line for problem in problems] == [
        line_of(text, part) for part in ("bays = -1", "bayes", 'minutes = "60"', "km = -3", "seats = 0")
    ]


def test_of_a_newer_format_nothing_else_is_judged() -> None:
    text = changed(changed(ONE, "format = 1", "format = 2"), "bays = 1", "berths = 1")
    (problem,) = problems_of(text)
    assert "newer than this program" in problem.what


def test_what_goes_on_for_ever_is_cut_short() -> None:
    text = ONE + "".join(f"\n[[place]]\nid = 'p{ordinal}'\n" for ordinal in range(1500))
    problems = problems_of(text)
    assert len(problems) == 1001
    assert "500 further problems" in problems[-1].what


def test_one_mistake_is_said_once() -> None:
    """A place whose table is unsound is known all the same: the roads to it are no second mistake."""
    text = changed(ONE, 'name = "Gate"', "name = 5")
    (problem,) = problems_of(text)
    assert problem.line == line_of(text, "name = 5")


def test_a_problem_reads_file_line_what_fix() -> None:
    _, (problem,) = parse_operation(changed(ONE, "bays = 1", "bayes = 1"), "operation.toml")
    line = line_of(changed(ONE, "bays = 1", "bayes = 1"), "bayes")
    assert str(problem) == f'operation.toml:{line}: unknown key "bayes" in [[place]]. Did you mean "bays"?'


def test_a_warning_does_not_keep_the_operation_from_being_used() -> None:
    operation, (problem,) = parse_operation(
        ONE + "\n[[group]]\nid = 'staff'\nname = 'Staff'\n[[fleet]]\nid = 'vans'\n"
        "seats = 8\ncarries = ['staff']\nstands = { city = 2 }\n"
    )
    assert operation is not None
    assert problem.severity == "warning"
    assert "fleet vans carries nobody" in problem.what


# What no single key shows


def test_a_way_passes_exactly_one_out_at() -> None:
    """In series, the two crossings of the hub can only be passed together."""
    text = changed(worlds.HUB, 'between = ["quarter", "west-gate"]', 'between = ["east-gate", "west-gate"]')
    text = changed(text, 'between = ["east-gate", "hub"]\nminutes = 30\n\n[[road]]\n', "")
    text = changed(text, 'via = ["quarter--east-gate", "east-gate--hub"]', "")
    (problem,) = problems_of(text)
    assert "no way leads from quarter to hub or camp that passes exactly one of east-gate, west-gate" in problem.what
    assert problem.line == line_of(text, 'to = ["hub", "camp"]')


def test_a_way_may_not_come_by_a_place_twice() -> None:
    """The crossing is a dead end beside the road: one would have to come back from it."""
    text = changed(ONE, 'between = ["gate", "city"]', 'between = ["village", "city"]')
    (problem,) = problems_of(text)
    assert "no way leads from village to city that passes exactly one of gate" in problem.what


def test_one_destination_of_two_out_of_reach_is_a_warning() -> None:
    text = changed(worlds.HUB, '[[road]]\nbetween = ["hub", "camp"]\nminutes = 25\n', "")
    operation, (problem,) = parse_operation(text)
    assert operation is not None
    assert "no way leads from quarter to camp" in problem.what


def test_an_aboard_limit_below_the_shortest_way_is_a_warning() -> None:
    operation, (problem,) = parse_operation(changed(worlds.NIGHT, "minutes = 300", "minutes = 200"))
    assert operation is not None
    assert "take 240 minutes, and 200 aboard are allowed" in problem.what


def test_a_group_that_no_convoy_carries() -> None:
    text = changed(worlds.WOUNDED_FIRST, "[[convoy]]\nvehicles = { ambulances = 5 }\n", "")
    text = changed(text, "vehicles = { buses = 1, ambulances = 5 }", "vehicles = { buses = 1 }")
    (problem,) = problems_of(text)
    assert "no convoy carries group wounded" in problem.what
    assert problem.fix == "Add a [[convoy]] with ambulances."
    assert problem.line == line_of(text, "people = {")


def test_every_convoy_larger_than_the_tolerance() -> None:
    """The smallest convoy, one bus, is a quarter of the north."""
    text = changed(worlds.TWO_VILLAGES, "tolerance = 0.50", "tolerance = 0.20")
    operation, (problem,) = parse_operation(text)
    assert operation is not None
    assert (
        "every agreed convoy is more than the tolerance: full, the smallest is 25%, the tolerance 20%" in problem.what
    )
    assert problem.line == line_of(text, "tolerance")


def test_some_convoys_larger_than_twice_the_tolerance() -> None:
    """Two buses are all of the south."""
    (problem,) = problems_of(changed(worlds.TWO_VILLAGES, "tolerance = 0.50", "tolerance = 0.40"))
    assert "a convoy of 2 buses is more than twice the tolerance of 40% for south-to-town" in problem.what


ORDERS = """
[[clause]]
id = "north-first"
kind = "order"
first = "north-to-city"
then = "south-to-town"

[[clause]]
id = "south-first"
kind = "order"
first = "south-to-town"
then = "north-to-city"
"""


def without_lockstep(text: str) -> str:
    return text[: text.index("[[clause]]")]


def test_clauses_that_wait_for_each_other() -> None:
    """100 fit one instant at either crossing: the 200 of the north can never leave at once."""
    text = without_lockstep(worlds.TWO_VILLAGES) + ORDERS
    operation, (problem,) = parse_operation(text)
    assert operation is not None
    assert "north-first and south-first wait for each other" in problem.what or (
        "south-first and north-first wait for each other" in problem.what
    )
    assert problem.line == line_of(text, '[[clause]]\nid = "south-first"')


def test_clauses_that_a_swap_at_one_instant_satisfies_are_no_problem() -> None:
    """With two lanes at the bridge all 200 and all 100 can be handed over at the same instant."""
    text = changed(worlds.TWO_VILLAGES, 'at = "bridge"', 'at = "bridge"\nlanes = 2')
    assert problems_of(without_lockstep(text) + ORDERS) == ()


def test_clauses_that_bind_one_after_the_other_do_not_wait_for_each_other() -> None:
    orders = changed(ORDERS, 'then = "north-to-city"', 'then = "north-to-city"\nuntil = 2016-12-15T09:00:00')
    assert problems_of(without_lockstep(worlds.TWO_VILLAGES) + orders) == ()


def test_the_last_of_both_may_leave_together() -> None:
    lasts = ORDERS.replace('"order"', '"last"')
    assert problems_of(without_lockstep(worlds.TWO_VILLAGES) + lasts) == ()


def test_a_proposed_clause_waits_for_nobody() -> None:
    orders = changed(ORDERS, 'kind = "order"', 'kind = "order"\nstate = "proposed"')
    assert problems_of(without_lockstep(worlds.TWO_VILLAGES) + orders) == ()


# Files that are none


def test_a_missing_file(tmp_path: Path) -> None:
    operation, (problem,) = read_operation(tmp_path / "none.toml")
    assert operation is None
    assert "no such file" in problem.what


def test_a_directory(tmp_path: Path) -> None:
    assert "directory" in read_operation(tmp_path)[1][0].what


def test_a_name_that_no_file_can_have() -> None:
    assert read_operation("a\0b")[0] is None


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "operation.toml"
    path.write_text("")
    assert "empty" in read_operation(path)[1][0].what


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "operation.toml"
    path.write_bytes(b'format = 1\nname = "\xff"\n')
    (problem,) = read_operation(path)[1]
    assert (problem.line, problem.what) == (2, "the byte 0xff is not UTF-8")


def test_a_hundred_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "operation.toml"
    with path.open("wb") as stream:
        stream.truncate(100_000_000)
    (problem,) = read_operation(path)[1]
    assert "10 MB" in str(problem)


@pytest.mark.parametrize(
    ("text", "line"),
    [("format = 1\nname = ", 2), ("format = 1\n[a\nb = 2", 2), ("a = 1\na = 2", 2), ("x = [\n", 1), ("\x00", 1)],
)
def test_a_syntax_error_is_said_at_its_line(text: str, line: int) -> None:
    (problem,) = problems_of(text)
    assert "not TOML" in problem.what
    assert problem.line == line


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 100_000, "a = " + "9" * 5000, "a = 2016-99-99", "a.b.c." * 2000 + "d = 1"]
)
def test_no_text_is_too_odd(text: str) -> None:
    operation, problems = parse_operation(text)
    assert operation is None
    assert problems


# Lines


def paths_of(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths_of(inner, (*path, key))
    elif isinstance(value, list):
        for ordinal, inner in enumerate(value):
            yield from paths_of(inner, (*path, ordinal))


ODD = '''# a comment with [brackets] and key = 1
a = 1 # x = 2
"quoted key" = """
b = 3
[not.a.table]
"""
'lit' = \'\'\'
c = "\'\'\'
dotted . key = [ 1, # one, ]
  2, { x = "]", y.z = [ "}" ] },
]
[[rows]]
k = "a\\"]"
[rows.inner]
deep = { }
[[rows.inner.list]]
q = 5
[[rows]]
k = 2016-12-15 06:00:00
  [rows.inner]
  deep = { p = 1, "o.p" = [[1], [2]] }
'''


def test_every_key_of_a_text_has_its_line() -> None:
    index = LineIndex(ODD)
    missing = [path for path in paths_of(tomllib.loads(ODD)) if path not in index]
    assert missing == []
    lines = {path: index.line(path) for path in paths_of(tomllib.loads(ODD))}
    assert lines["a",] == 2
    assert lines["quoted key",] == 3
    assert lines["lit",] == 7
    assert lines["dotted", "key"] == 9
    assert lines["dotted", "key", 1] == 10
    assert lines["dotted", "key", 2, "y", "z", 0] == 10
    assert lines["rows", 0, "k"] == 13
    assert lines["rows", 0, "inner", "list", 0, "q"] == 17
    assert lines["rows", 1] == 18
    assert lines["rows", 1, "inner", "deep", "o.p", 1, 0] == 21


@pytest.mark.parametrize("text", TEXTS)
def test_every_key_of_a_world_has_its_line(text: str) -> None:
    index = LineIndex(text)
    for path in paths_of(tomllib.loads(text)):
        assert path in index
        key = path[-1]
        if isinstance(key, str):
            assert key in text.split("\n")[index.line(path) - 1]


# Whatever happens to a file


SCALARS = st.one_of(
    st.integers(),
    st.integers(-3, 100),
    st.floats(),
    st.booleans(),
    st.text(st.characters(codec="utf-8", min_codepoint=32, exclude_characters="\x7f"), max_size=8),
    st.sampled_from(["06:00-18:00", "24:00", "30 min", "*", "*/civilian", "gate", "north-to-city", "a--b"]),
    st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)),
    st.dates(),
    st.times(),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "from", "gate", "best"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def toml(value: Any) -> str:
    """A value as TOML, on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return str(value)  # inf and nan are TOML's words too
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return f'"{escaped}"'
        case datetime():
            return value.replace(tzinfo=None).isoformat() + (value.strftime("%z")[:3] + ":00" if value.tzinfo else "")
        case date() | time():
            return value.isoformat()
        case list():
            return "[" + ", ".join(toml(item) for item in value) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(str(key))} = {toml(item)}" for key, item in value.items()) + "}"
    raise TypeError(value)


def written(tables: dict[str, Any]) -> str:
    return "".join(f"{toml(key)} = {toml(value)}\n" for key, value in tables.items())


@settings(max_examples=300, deadline=None)
@given(data=st.data(), text=st.sampled_from(TEXTS))
def test_a_mutated_file_is_read_or_its_problems_are_said(data: st.DataObject, text: str) -> None:
    tables = tomllib.loads(text)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(paths_of(tables), key=str)))
        holder: Any = tables
        for step in path[:-1]:
            holder = holder[step]
        action = data.draw(st.sampled_from(["delete", "replace", "rename", "repeat"]))
        if action == "delete":
            del holder[path[-1]]
        elif action == "replace":
            holder[path[-1]] = data.draw(VALUES)
        elif isinstance(holder, list):
            holder.append(holder[int(path[-1])])
        else:
            holder[f"{path[-1]}_"] = holder.pop(path[-1])
    mutated = written(tables)
    operation, problems = parse_operation(mutated)
    assert operation is not None or problems
    lines = mutated.count("\n") + 1
    assert all(1 <= problem.line <= lines for problem in problems)
    assert all(problem.what and problem.fix for problem in problems)
    if operation is not None:
        assert re.fullmatch("[0-9a-f]{64}", operation_hash(operation))


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(max_size=60)
    | st.sampled_from(TEXTS).flatmap(
        lambda text: st.integers(0, len(text)).flatmap(
            lambda at: st.text(max_size=3).map(lambda new: text[:at] + new + text[at + 2 :])
        )
    )
)
def test_any_text_is_read_or_its_problems_are_said(text: str) -> None:
    operation, problems = parse_operation(text)
    assert operation is not None or problems
