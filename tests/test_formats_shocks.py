"""A shock model is read whole or not at all: laws as they are written, and what is wrong with its line and its fix."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import worlds
from jsonschema import Draft202012Validator

from safepassage.formats.problem import Problem
from safepassage.formats.schema import shocks_schema
from safepassage.formats.shocks import SIZE_MAX, read_shocks
from safepassage.futures.chance import Law
from safepassage.futures.shocks import SHOCKS, Block, Demand, Shock, Slow, VehiclesLost
from safepassage.world import Span

OPERATION = worlds.one_road()
(EVACUATION,) = OPERATION.evacuations
MODEL = f"""format = 1
name = "A bad day"

[[shock]]
kind = "block"
id = "rubble"
basis = "Once in 3 days (rows 4 and 5)."
on = ["village--gate"]
per_day = 0.33
minutes = {{ lognormal = {{ median = 300, p90 = 1200 }} }}

[[shock]]
kind = "demand"
id = "names"
basis = "Once."
evacuations = ["{EVACUATION}"]
per_day = 1
minutes = {{ exponential = 240 }}
"""

Reads = Callable[[str], tuple[str, tuple[Shock, ...], tuple[Problem, ...]]]


@pytest.fixture
def read(tmp_path: Path) -> Reads:
    def of_text(text: str) -> tuple[str, tuple[Shock, ...], tuple[Problem, ...]]:
        path = tmp_path / "valley.shocks.toml"
        path.write_text(text, encoding="utf-8")
        return read_path(path)

    return of_text


def read_path(path: Path) -> tuple[str, tuple[Shock, ...], tuple[Problem, ...]]:
    return read_shocks(path, SHOCKS, Law, lambda shock: shock.check_fit(OPERATION))


def test_a_model_is_its_shocks_in_the_order_of_the_file(read: Reads) -> None:
    name, shocks, problems = read(MODEL)
    assert (name, problems) == ("A bad day", ())
    assert shocks == (
        Block(
            id="rubble",
            basis="Once in 3 days (rows 4 and 5).",
            on=("village--gate",),
            per_day=0.33,
            minutes=Law(shape="lognormal", median=300, p90=1200),
        ),
        Demand(
            id="names",
            basis="Once.",
            evacuations=(EVACUATION,),
            per_day=1,
            minutes=Law(shape="exponential", mean=240),
        ),
    )


def test_a_model_without_a_name_is_called_by_its_file_and_may_hold_no_shock(read: Reads) -> None:
    assert read("format = 1\n") == ("valley.shocks", (), ())


@pytest.mark.parametrize(
    ("written", "law"),
    [
        ("{ fixed = 60 }", Law.fixed(60)),
        ("{ uniform = [60, 180] }", Law(shape="uniform", low=60, high=180)),
        ("{ uniform = { low = 60, high = 180 } }", Law(shape="uniform", low=60, high=180)),
        ("{ exponential = 240 }", Law(shape="exponential", mean=240)),
        ("{ lognormal = [300, 1200] }", Law(shape="lognormal", median=300, p90=1200)),
        ("{ lognormal = { p90 = 1200, median = 300 } }", Law(shape="lognormal", median=300, p90=1200)),
    ],
)
def test_a_law_is_written_by_its_shape(read: Reads, written: str, law: Law) -> None:
    _, shocks, problems = read(MODEL.replace("{ exponential = 240 }", written))
    assert problems == () and isinstance(shocks[1], Demand) and shocks[1].minutes == law


def test_one_id_stands_without_brackets_and_hours_run_over_midnight(read: Reads) -> None:
    """As everywhere in the operation file."""
    night = '[[shock]]\nkind = "slow"\nid = "night"\nbasis = "b"\non = "gate--city"\nfactor = 2\nhours = "18:00-06:00"'
    _, (shock,), problems = read(f"format = 1\n{night}\n")
    assert problems == () and isinstance(shock, Slow)
    assert shock.on == ("gate--city",) and shock.hours == (Span(0, 360), Span(1080, 1440))


@pytest.mark.parametrize(
    ("old", "new", "line", "what", "fix"),
    [
        ("format = 1", "format = 2", 1, "does not say format = 1", "Write format = 1"),
        ("format = 1", "format = true", 1, "does not say format = 1", "Write format = 1"),
        ('name = "A bad day"', "name = 3", 2, "name: 3 is not text", "quotes"),
        ('kind = "block"', "", 4, "the shock has no kind", "withdrawal"),
        ('kind = "block"', "kind = 4", 5, "4 is no kind of shock", "withdrawal"),
        ('id = "rubble"', 'id = "the rubble"', 6, "cannot be an id", "hyphens"),
        ('id = "rubble"', 'id = "names"', 14, "the id 'names' is taken in line 6", "another"),
        ('on = ["village--gate"]', 'on = ["village--gaet"]', 4, "'village--gaet' is no road", "place--place"),
        ('on = ["village--gate"]', "on = 3", 8, "on: 3 is not a list", "brackets"),
        ("per_day = 0.33", "per_day = nan", 9, "per_day: nan is beyond all measure", "plain number"),
        ("per_day = 0.33", f"per_day = 1{400 * '0'}", 9, "beyond all measure", "plain number"),
        ("per_day = 0.33", "per_day = true", 9, "per_day: true is not a number", "without quotes"),
        ("per_day = 0.33", "per_day = -1", 4, "per_day = -1", "zero or more"),
        ("exponential = 240", "exponential = inf", 18, "minutes: inf is beyond all measure", "plain number"),
        ("exponential = 240", "exponential = 0", 18, "minutes: mean = 0", "more than zero"),
        ("exponential = 240", "uniform = [60]", 18, "minutes: uniform needs low and high", "low = ..., high = ..."),
        ("exponential = 240", "fixed = [60]", 18, "minutes: [60] is not a number", "number"),
        ("exponential = 240", "fixed = 1, exponential = 2", 18, "minutes: a table is no law", "fixed = 60"),
        (f'["{EVACUATION}"]', '["nobody"]', 12, "'nobody' is no evacuation", EVACUATION),
        ("[[shock]]\nkind", "[shock]\nkind", 12, "not TOML", "Correct this line."),
        ("per_day = 0.33", "per_day =", 9, "not TOML", "Correct this line."),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_its_fix(
    read: Reads, old: str, new: str, line: int, what: str, fix: str
) -> None:
    assert old in MODEL
    _, _, problems = read(MODEL.replace(old, new, 1))
    assert len(problems) == 1, problems
    (problem,) = problems
    assert (problem.line, problem.severity) == (line, "error")
    assert what in problem.what and fix in problem.fix


def test_all_problems_of_a_model_come_together_in_the_order_of_their_lines(read: Reads) -> None:
    broken = MODEL.replace('"block"', '"blokc"').replace("per_day = 1\n", "per_dya = 1\n").replace("names", "nam es")
    _, _, problems = read(broken)
    assert [(problem.line, problem.fix) for problem in problems] == [
        (5, 'Did you mean "block"?'),
        (12, "Add per_day."),
        (14, "Use letters, digits and single hyphens, such as foua-to-aleppo."),
        (17, 'Did you mean "per_day"?'),
    ]


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        (b'format = 1\nname = "\xff"\n', 2, "not UTF-8"),
        (b"# " + SIZE_MAX * b"x", 1, "larger than 1 MB"),
        (b"a = " + 5000 * b"[", 1, "nested too deeply"),
    ],
)
def test_what_cannot_be_a_model_is_refused_and_not_cut_short(
    tmp_path: Path, content: bytes, line: int, what: str
) -> None:
    path = tmp_path / "valley.shocks.toml"
    path.write_bytes(content)
    _, shocks, (problem,) = read_path(path)
    assert shocks == () and problem.line == line and what in problem.what


def test_a_missing_model_and_a_directory_are_told(tmp_path: Path) -> None:
    assert "no such file" in read_path(tmp_path / "none.shocks.toml")[2][0].what
    assert "cannot be read" in read_path(tmp_path)[2][0].what


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 1", "format = 2"),
        ('kind = "block"', 'kind = "blokc"'),
        ('basis = "Once."', ""),
        ("per_day = 1\n", "per_day = 1\nsince = 3\n"),
        ("per_day = 1\n", 'per_day = "1"\n'),
        ("exponential = 240", "exponental = 240"),
        ("exponential = 240", "uniform = [1]"),
        ("exponential = 240", "fixed = 1, exponential = 2"),
        ('id = "rubble"', 'id = "the rubble"'),
    ],
)
def test_schema_and_reader_reject_alike(read: Reads, old: str, new: str) -> None:
    assert old in MODEL
    validator = Draft202012Validator(shocks_schema(SHOCKS, Law))
    assert validator.is_valid(tomllib.loads(MODEL))
    text = MODEL.replace(old, new, 1)
    assert not validator.is_valid(tomllib.loads(text))
    assert read(text)[2]


def test_every_kind_of_shock_is_in_the_schema_and_needs_its_basis() -> None:
    told = {
        described["properties"]["kind"]["const"]: described["required"]
        for described in shocks_schema(SHOCKS, Law)["$defs"].values()
        if "kind" in described.get("properties", {})
    }
    assert set(told) == {kind.kind for kind in SHOCKS}
    assert all({"kind", "id", "basis"} <= set(needed) for needed in told.values())
    assert {"fleet", "per_day", "vehicles"} <= set(told[VehiclesLost.kind])


def test_a_single_table_is_not_a_list_of_shocks(read: Reads) -> None:
    (problem,) = read('format = 1\n\n[shock]\nkind = "block"\n')[2]
    assert problem.line == 3 and problem.fix == "Write each as [[shock]]."
