"""The operations that ship: they read without a problem, and say what the record says."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from plans import Trip, clock, emptied, plan, timed

from safepassage.check import check_plan
from safepassage.clauses.consent import Consent
from safepassage.formats.operation import parse_operation
from safepassage.formats.problem import Problem
from safepassage.movement import Movement
from safepassage.operation import Operation
from safepassage.world import Span, routes

WARNINGS = {
    "al-waer-2017": [],
    "aleppo-as-run": [],
    "aleppo-2016": ["full, a convoy of 20 buses or of 20 buses and 5 ambulances is more than twice the tolerance"],
    "aleppo-eve": ["full, a convoy of 20 buses is more than twice the tolerance"],
    "foua-kefraya-2018": [],
    "hurricane": [],
    "tiny": [],
}
"""Every example, with what its reader is warned of. Both warnings are meant: the other streams use those convoys."""

FIRST = "aleppo-to-idlib"
VILLAGES = "foua-kefraya-to-aleppo"


def text_of(name: str) -> str:
    return files("safepassage").joinpath("examples", f"{name}.toml").read_text(encoding="utf-8")


def read(name: str) -> tuple[Operation, tuple[Problem, ...]]:
    operation, problems = parse_operation(text_of(name), f"{name}.toml")
    assert operation is not None, "\n".join(map(str, problems))
    return operation, problems


def example(name: str) -> Operation:
    return read(name)[0]


def full(operation: Operation, evacuation: str, destination: str, **vehicles: int) -> Movement:
    """A movement of this convoy by the shortest route, starting at minute 0; who is aboard does not matter."""
    stream = operation.evacuations[evacuation]
    (route,) = routes(operation.world, stream.origin, destination, out_at=stream.out_at, most=1)
    trip = Trip(id="m", evacuation=evacuation, way=route.places, vehicles=vehicles, people={}, starts=0)
    return timed(operation, trip)


def test_every_example_is_tried_here() -> None:
    shipped = {path.name for path in files("safepassage").joinpath("examples").iterdir() if path.name.endswith(".toml")}
    models = {name for name in shipped if name.endswith(".shocks.toml")}
    assert shipped - models == {f"{name}.toml" for name in WARNINGS}
    assert {name.replace(".shocks.toml", "") for name in models} <= set(WARNINGS)


@pytest.mark.parametrize("name", WARNINGS)
def test_an_example_reads_without_problems(name: str) -> None:
    _, problems = read(name)
    assert len(problems) == len(WARNINGS[name])
    for problem, warned in zip(problems, WARNINGS[name], strict=True):
        assert problem.severity == "warning" and problem.what.startswith(warned)


@pytest.mark.parametrize("name", WARNINGS)
def test_an_example_says_what_it_teaches_and_names_everything_in_both_languages(name: str) -> None:
    assert "It teaches" in text_of(name).split("format = 1")[0]
    operation = example(name)
    tables = (operation.world.places, operation.groups, operation.fleets, operation.evacuations, operation.parties)
    named = [value for table in tables for value in table.values()]
    assert [value.id for value in named if not (value.name and re.search("[\u0600-\u06ff]", value.name_ar))] == []
    assert [place.id for place in operation.world.places.values() if place.at is None] == []
    for clause in operation.clauses:
        assert clause.sentence(operation.theatre, "en") and clause.sentence(operation.theatre, "ar")


@pytest.mark.parametrize("name", WARNINGS)
def test_every_stream_can_go_by_every_convoy_made_for_it(name: str) -> None:
    """Some start lets all its slots fall into the hours of the crossings, and it ends within the time aboard."""
    operation = example(name)
    for evacuation in operation.evacuations.values():
        for convoy in operation.convoys:
            fleets = [operation.fleets[fleet] for fleet in convoy.vehicles]
            if any(set(fleet.carries).isdisjoint(evacuation.people) for fleet in fleets):
                continue
            if any(fleet.one_way and evacuation.origin not in fleet.stands for fleet in fleets):
                continue
            movement = full(operation, evacuation.id, evacuation.to[0], **convoy.vehicles)
            limit = operation.stay(evacuation.id).minutes
            assert limit is None or movement.ends <= limit
            assert any(
                all(
                    any(
                        span.holds(Span(start + slot.starts, start + slot.ends))
                        for span in operation.open_spans(slot.crossing)
                    )
                    for slot in movement.inspections
                )
                for loading in operation.load_spans
                for start in range(loading.start, loading.end, 5)
            ), f"{evacuation.id} by {dict(convoy.vehicles)}"


@pytest.mark.parametrize("name", ["aleppo-2016", "aleppo-eve", "foua-kefraya-2018", "al-waer-2017"])
def test_every_duration_lies_on_the_grid(name: str) -> None:
    operation = example(name)
    for evacuation in operation.evacuations.values():
        for destination in evacuation.to:
            for convoy in operation.convoys:
                movement = full(operation, evacuation.id, destination, **convoy.vehicles)
                times = [movement.loading.end, movement.ends, *(leg.arrives for leg in movement.legs)]
                times += [slot.ends for slot in movement.inspections]
                assert all(minute % 5 == 0 for minute in times)


def test_aleppo_moves_the_people_of_the_record() -> None:
    operation = example("aleppo-2016")
    assert {id: evacuation.total for id, evacuation in operation.evacuations.items()} == {
        FIRST: 36_086,
        VILLAGES: 2_500,
        "foua-kefraya-second": 1_500,
        "madaya-zabadani-to-idlib": 1_500,
    }
    assert operation.evacuations[FIRST].demand() == {
        "lying": 100,
        "alone": 47,
        "sitting": 711,
        "civilian": 30_228,
        "fighter": 5_000,
    }
    assert {id: (fleet.vehicles, fleet.seats) for id, fleet in operation.fleets.items()} == {
        "buses": (80, 50),
        "ambulances": (45, 4),
        "private": (1_231, 14),
    }
    assert operation.escorts == {"jibreen": 6, "idlib": 4}
    assert operation.calendar.when(operation.calendar.end).isoformat() == "2016-12-23T00:00:00+02:00"


def test_the_times_of_aleppo_are_those_of_the_hand_check() -> None:
    operation = example("aleppo-2016")
    assert full(operation, FIRST, "khan-al-asal", buses=20).ends == 60 + 15 + 40 + 40 + 20 + 25 + 30
    assert full(operation, FIRST, "khan-al-asal", private=40).ends == 100 + 15 + 25 + 40 + 15 + 25 + 50
    assert full(operation, "madaya-zabadani-to-idlib", "khan-al-asal", buses=15).ends == 635, "about 10.5 hours"
    villages = full(operation, VILLAGES, "jibreen", buses=10)
    assert villages.ends == 295, "about 5 hours"
    assert villages.handed_over == 40 + 120 + 10, "on leaving Rashideen"


def test_the_clauses_of_aleppo_that_bind_and_those_only_proposed() -> None:
    operation = example("aleppo-2016")
    proposed = {clause.id for clause in operation.clauses if clause.state != "in force"}
    assert proposed == {"tranches-second-reading", "quota-fighters"}
    assert len(operation.binding) == 14
    assert all(clause.from_ is None for clause in operation.clauses), "bound from the first day, as a plan shows them"


def test_a_tolerance_of_a_tenth_cannot_hold_beside_the_villages_safe_first() -> None:
    """5,000 fighters are 0.139 of Aleppo: when all villagers are out, at most 0.861 of Aleppo is."""
    _, problems = parse_operation(text_of("aleppo-2016").replace("tolerance = 0.15", "tolerance = 0.10"))
    assert any("lockstep and order-fighters wait for each other" in problem.what for problem in problems)


def test_the_eve_is_the_instance_that_planners_are_compared_on() -> None:
    operation = example("aleppo-eve")
    people = {id: evacuation.demand() for id, evacuation in operation.evacuations.items()}
    assert people == {
        "ea-to-id": {"wounded": 300, "other": 9_700},
        "ea-to-go": {"civilian": 40_000},
        "fo-to-go": {"wounded": 300, "other": 3_700},
    }
    assert {id: road.minutes for id, road in operation.world.roads.items()} == {
        "ea--x0": 15,
        "ea--x1": 15,
        "fo--x2": 30,
        "x0--id": 110,
        "x0--go": 30,
        "x1--go": 20,
        "x2--go": 85,
    }
    assert {"--".join(link.between): link.minutes for link in operation.world.empty_links} == {
        "ea--fo": 85,
        "ea--id": 85,
        "ea--go": 25,
        "fo--id": 40,
        "fo--go": 85,
        "id--go": 95,
    }
    assert all(post.people_per_hour == 1_500 and post.lanes == 1 for post in operation.world.crossings.values())
    assert [dict(convoy.vehicles) for convoy in operation.convoys] == [
        *({"buses": size} for size in (5, 10, 15, 20)),
        *({"ambulances": size} for size in (5, 10)),
    ]
    assert [clause.kind for clause in operation.binding] == ["lockstep", "order", "order"]
    assert {group.weight for group in operation.groups.values()} == {1}


def test_the_villages_of_2018_leave_against_prisoners() -> None:
    operation = example("foua-kefraya-2018")
    assert operation.evacuations["villages-to-jibreen"].total == 6_900
    assert operation.evacuations["prisoners-to-idlib"].total == 1_500
    assert operation.fleets["buses"].vehicles == 120
    assert 22 * operation.fleets["buses"].seats == 1_276
    assert 120 * operation.fleets["buses"].seats + 10 * operation.fleets["ambulances"].seats >= 6_900


def test_al_waer_opens_on_four_saturdays() -> None:
    operation = example("al-waer-2017")
    calendar = operation.calendar
    opened = [calendar.when(span.start) for span in operation.open_spans("gate")]
    assert [when.isoformat()[:10] for when in opened] == ["2017-03-18", "2017-03-25", "2017-04-01", "2017-04-08"]
    assert all(when.weekday() == 5 for when in opened)
    quotas = [clause.most for clause in operation.clauses if clause.kind == "quota"]  # type: ignore[attr-defined]
    assert quotas[:3] == [4_800, 2_480, 960] and sum(quotas[:3]) >= operation.people == 8_000
    (consent,) = (clause for clause in operation.clauses if isinstance(clause, Consent))
    assert {closure.segment for closure in consent.closures(operation.theatre)} == {
        "gate--tartous",
        "tartous--qalaat-al-madiq",
    }


def test_the_hurricane_needs_nobodys_consent() -> None:
    operation = example("hurricane")
    assert not operation.clauses and not operation.parties and operation.escorts is None
    assert not operation.world.crossings
    shelters = [place.capacity for place in operation.world.places.values() if place.capacity is not None]
    assert sum(shelters) > operation.people


TABLE = re.compile(
    r"^#   (?P<name>(?:Hill|Dale) \d) +(?P<load>[\d:]+)-(?P<loaded>[\d:]+) +(?P<at>[\d:]+) +(?P<out>[\d:]+)"
    r" +(?P<arrives>[\d:]+) +(?P<done>[\d:]+) ",
    re.MULTILINE,
)


def minute(text: str) -> int:
    """Minute of the tiny operation, which starts at 06:00."""
    return clock(text) - clock("06:00")


def of_dale_and_hill(operation: Operation, starts: dict[str, int]) -> list[Movement]:
    ways = {
        "Hill": ("hill-to-city", ("hill", "bridge", "city")),
        "Dale": ("dale-to-town", ("dale", "bridge", "town")),
    }
    return [
        timed(
            operation,
            Trip(
                id=name,
                evacuation=ways[name[:4]][0],
                way=ways[name[:4]][1],
                vehicles={"buses": 2},
                people={"buses": {"civilian": 100}},
                starts=start,
            ),
        )
        for name, start in starts.items()
    ]


def test_the_table_in_the_tiny_example_is_a_plan_that_keeps_every_rule() -> None:
    operation = example("tiny")
    rows = {row["name"]: row for row in TABLE.finditer(text_of("tiny"))}
    assert list(rows) == ["Hill 1", "Dale 1", "Hill 2"]
    movements = of_dale_and_hill(operation, {name: minute(row["load"]) for name, row in rows.items()})
    for movement in movements:
        row = rows[movement.id]
        assert movement.loading.end == minute(row["loaded"])
        assert movement.inspections[0].starts == minute(row["at"])
        assert movement.handed_over == minute(row["out"])
        assert movement.arrived == minute(row["arrives"])
        assert movement.ends == minute(row["done"])
    fetching = emptied(operation, ("town", "bridge", "dale"), 0, {"buses": 2}, escorts=0)
    timetable = plan(operation, movements, [fetching])
    assert check_plan(operation, timetable).findings == ()
    assert round(timetable.objective, 1) == 766.7


def test_hill_cannot_go_twice_before_dale_goes_once() -> None:
    operation = example("tiny")
    starts = {"Hill 1": 0, "Hill 2": minute("06:10"), "Dale 1": minute("07:00")}
    fetching = emptied(operation, ("town", "bridge", "dale"), 0, {"buses": 2}, escorts=0)
    timetable = plan(operation, of_dale_and_hill(operation, starts), [fetching])
    (finding,) = check_plan(operation, timetable).findings
    assert finding.rule == "lockstep" and finding.movements == ("Hill 2",)
    assert round(timetable.objective, 1) == 666.7, "what the clause costs: 100 person-hours"
