"""`stress`, `levers` and `compare` at the command line: answers, and refusals that name the fix."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from safepassage import control
from safepassage.cli import app

BAD_INPUT = 2


def run(*words: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return result


def answer(*words: str | Path) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "tiny.json"
    operation = control.read("tiny")
    control.write_plan(operation, control.plan(operation, work=2), path)
    return path


def test_a_stress_test_says_first_how_often_everyone_is_out(plan: Path) -> None:
    result = run("stress", "tiny", "--plan", plan, "--courses", "60")
    assert result.exit_code == 0
    assert result.stdout.startswith("Everyone is out in ") and "60 courses" in result.stdout
    for title in (
        "WHEN EVERYONE IS OUT",
        "WHAT STOPS IT",
        "WHO HOLDS THE ADVANTAGE",
        "CHECKED",
        "WHAT THIS DOES NOT SAY",
    ):
        assert title in result.stdout
    assert "20 courses judged as histories by the verifier: nothing that cannot be" in result.stdout


def test_the_same_seed_gives_the_same_answer(plan: Path) -> None:
    asked = ("stress", "tiny", "--plan", plan, "--courses", "60", "--seed", "3")
    assert answer(*asked) == answer(*asked, "--workers", "3")


@pytest.mark.parametrize("ending", ["html", "md", "json", "pdf", "svg", "png"])
def test_a_report_is_written_by_its_ending(plan: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"stress.{ending}"
    assert run("stress", "tiny", "--plan", plan, "--courses", "10", "--out", out).exit_code == 0
    content = out.read_bytes()
    assert len(content) > 1000
    if ending == "html":
        assert b"<svg" in content and b"http" not in content.replace(b"http://www.w3.org", b"")


def test_levers_are_listed_and_ranked(plan: Path, tmp_path: Path) -> None:
    listed = answer("levers", "tiny", "--list")
    assert listed["lane:bridge"] == "one more lane at Bridge"
    found = run(
        "levers", "tiny", "--plan", plan, "--courses", "40", "--seconds", "1", "--only", "lane:bridge",
        "--only", "guarantee:rubble", "--pairs", "2", "--out", tmp_path / "levers.html",
    )  # fmt: skip
    assert found.exit_code == 0
    assert "one more lane at Bridge, and " in (tmp_path / "levers.html").read_text(encoding="utf-8")


def test_programs_get_numbers_and_not_words(plan: Path, tmp_path: Path) -> None:
    """Raw, the fan as rows by hour; a file that ends in .json has the same."""
    out = tmp_path / "stress.json"
    found = answer("stress", "tiny", "--plan", plan, "--courses", "60", "--out", out)
    assert json.loads(out.read_text(encoding="utf-8")) == found
    numbers = found["numbers"]
    assert numbers["courses"] == numbers["courses_asked"] == 60
    assert numbers["left_behind_people"]["low"] <= numbers["left_behind_people"]["mean"]
    rows = numbers["fan"]["out_people"]
    assert len(rows) == len(numbers["fan"]["quantiles"]) == 5
    assert {len(row) for row in rows} == {len(numbers["fan"]["minutes"])}
    assert numbers["days"][0]["everyone_out_share"]["mean"] == numbers["everyone_out_share"]["mean"]
    assert {"stops", "stops_by_party", "stops_by_segment", "advantages", "completion_minutes"} <= set(numbers)


def test_one_course_has_no_interval(plan: Path) -> None:
    found = answer("stress", "tiny", "--plan", plan, "--courses", "1")
    assert found["numbers"]["person_hours"]["low"] is None
    (measures,) = (table for part in found["parts"] for table in part["tables"] if table["title"] == "Measures")
    assert all("(" not in row[1] for row in measures["rows"])
    assert any("there are no intervals" in said for said in found["under"])


def test_compare_says_what_is_told_apart(tmp_path: Path) -> None:
    found = answer("compare", "tiny", "--courses", "100", "--seconds", "1")
    assert found["headline"].startswith("Surely quicker than what is agreed: not tied. It saves ")
    agreed, *others = found["numbers"]["designs"]
    assert agreed["saved_person_hours"] == {"mean": 0, "low": 0, "high": 0}, "what is agreed keeps its timetable"
    assert all(one["first_worst_lead_share"]["most"] >= one["first_worst_lead_share"]["p90"] for one in others)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("stress", "hurricane"), "no shock model lies beside it (hurricane.shocks.toml)"),
        (("stress", "tiny", "--shocks", "nowhere.toml"), "there is no such file"),
        (("stress", "tiny", "--cluster", "nowhere", "--courses", "1", "--seconds", "1"), "nowhere"),
        (
            ("levers", "tiny", "--only", "lane:brigde", "--courses", "5", "--seconds", "1"),
            'Did you mean "lane:bridge"?',
        ),
        (("compare", "tiny", "--of", "nobody", "--with", "hill-to-city"), "'nobody' is no evacuation"),
        (("compare", "tiny", "--of", "hill-to-city", "--with", "hill-to-city"), "name two evacuations"),
        (("compare", "tiny", "--of", "hill-to-city"), "name two evacuations"),
        (("stress", "tiny", "--out", "x.exe"), "x.exe: end it with .html, .pdf, .md, .json, .svg or .png"),
        (("levers", "tiny", "--out", "x.exe"), "end it with .html"),
        (("compare", "tiny", "--out", "x.exe"), "end it with .html"),
        (("compare", "hurricane"), "no clause ties two evacuations: name two with --of and --with"),
    ],
)
def test_a_refusal_names_the_fix(words: tuple[str, ...], said: str) -> None:
    result = run(*words)
    assert result.exit_code == BAD_INPUT
    assert said in " ".join(result.stderr.split())


def test_what_a_report_is_made_from_is_not_replaced(plan: Path) -> None:
    before = plan.read_bytes()
    for verb in ("stress", "levers"):
        result = run(verb, "tiny", "--plan", plan, "--courses", "5", "--out", plan.parent / "." / plan.name)
        assert result.exit_code == BAD_INPUT and "is what it is made from: give another name" in result.stderr
    assert plan.read_bytes() == before


def test_all_problems_of_a_model_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    shutil.copy(control.locate("tiny"), tmp_path / "mine.toml")
    model = tmp_path / "mine.shocks.toml"
    model.write_text(
        """format = 1
names = "x"

[[shock]]
kind = "blok"
id = "a"

[[shock]]
kind = "block"
id = "b"
basis = "b"
on = ["bridge--town"]
per_day = "2"
minutes = { exponental = 5 }
since = 3

[[shock]]
kind = "block"
id = "c"
basis = "c"
on = ["bridge--cite"]
per_day = 1
minutes = { lognormal = { median = 9, p90 = 3 } }

[[shock]]
kind = "withdrawal"
id = "d"
basis = "d"
party = "dale-council"
on = ["bridge--town"]
per_day = 1
minutes = { fixed = 5 }

[[shock]]
kind = "demand"
id = "d"
evacuations = ["hill"]
per_day = 1
minutes = 60
""",
        encoding="utf-8",
    )
    result = run("stress", tmp_path / "mine.toml", "--json")
    assert result.exit_code == BAD_INPUT
    told = [(one["line"], one["what"], one["fix"]) for one in json.loads(result.stdout)["problems"]]
    assert told == [
        (2, "there is no key 'names' here", 'Did you mean "name"?'),
        (5, '"blok" is no kind of shock', 'Did you mean "block"?'),
        (13, 'per_day: "2" is not a number', "Give a number without quotes."),
        (14, "minutes: there is no law 'exponental'", 'Did you mean "exponential"?'),
        (15, "a shock of kind 'block' has no key 'since'", told[4][2]),
        (23, "minutes: median = 9.0, p90 = 3.0", "Give 0 < median < p90."),
        (25, "bridge--town does not need the consent of dale-council", "Leave it out of `on`."),
        (34, "the shock has no basis", "Add basis."),
        (39, "minutes: 60 is no law", "Write such as { exponential = 240 } or { fixed = 60 }."),
    ]


@pytest.mark.parametrize("name", ["aleppo-2016", "aleppo-as-run", "tiny"])
def test_the_models_that_ship_fit_their_operations_and_say_their_basis(name: str) -> None:
    model = control.shocks_beside(name, control.read(name))
    assert model.shocks and all(len(shock.basis) > 20 for shock in model.shocks)


def test_another_operation_file_is_a_lever_of_its_name(plan: Path, tmp_path: Path) -> None:
    text = (files("safepassage") / "examples" / "tiny.toml").read_text(encoding="utf-8")
    assert text.count("tolerance = 0.50") == 1
    other, longer = tmp_path / "no-waiting.toml", tmp_path / "longer.toml"
    other.write_text(text.replace("tolerance = 0.50", "tolerance = 1.0"), encoding="utf-8")
    longer.write_text(text.replace("days = 1", "days = 2"), encoding="utf-8")
    asked = ("levers", "tiny", "--plan", plan, "--courses", "20", "--seconds", "1")
    result = run(*asked, "--with", other, "--only", "with:no-waiting")
    assert result.exit_code == 0 and "what no-waiting changes" in result.stdout
    assert "with:no-waiting" in run("levers", "tiny", "--with", other, "--list").stdout
    refused = run(*asked, "--with", longer)
    assert refused.exit_code == BAD_INPUT and "give both the same days" in refused.stderr
