"""The command line as its users meet it: answers, files, messages, exit codes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from safepassage import control
from safepassage.__main__ import app

FINE, NO, BAD_INPUT = 0, 1, 2


def run(*words: str | Path) -> Result:
    """A command, run in this process."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return result


def names(folder: Path) -> set[str]:
    """The files of a folder."""
    return {path.name for path in folder.iterdir()}


def answer(*words: str | Path, code: int = FINE) -> Any:
    """What a command prints with --json: one JSON value, and nothing else."""
    result = run(*words, "--json")
    assert result.exit_code == code, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="session")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with a timetable of the tiny example, its bound and its page."""
    folder = tmp_path_factory.mktemp("planned")
    result = run("plan", "tiny", "--work", "2", "--report", "--out", folder / "timetable.json")
    assert result.exit_code == FINE, result.stderr
    return folder


@pytest.fixture
def timetable(planned: Path) -> Path:
    return planned / "timetable.json"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and the command run in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Help


def test_every_command_has_help_with_an_example_of_itself() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined]
    planning = {
        "new",
        "check",
        "plan",
        "replan",
        "explain",
        "show",
        "stress",
        "levers",
        "compare",
        "generate",
        "examples",
    }
    recording = {"record", "situation", "claims", "may-depart", "ledger", "report", "replay"}
    proving = {"verify", "export", "import"}
    assert set(commands) == planning | recording | proving | {"serve"}
    for name in commands:
        said = run(name, "--help").stdout
        assert re.search(rf"Examples?:\n +safepassage {name}\b", said), f"{name} has no example"
        assert "--json" in said


def test_the_version_is_the_librarys() -> None:
    assert run("--version").stdout == f"safepassage {control.VERSION}\n"


# new


def test_new_writes_a_file_that_reads(here: Path) -> None:
    assert run("new", "valley.toml").exit_code == FINE
    assert answer("check", "valley.toml")["ok"] is True


def test_new_replaces_nothing_unless_told_to(here: Path) -> None:
    Path("valley.toml").write_text("mine", encoding="utf-8")
    refused = run("new", "valley.toml")
    assert refused.exit_code == BAD_INPUT and "--force" in refused.stderr
    assert Path("valley.toml").read_text(encoding="utf-8") == "mine"
    replaced = run("new", "valley.toml", "--force")
    assert replaced.exit_code == FINE and "Replaced valley.toml" in replaced.stderr


# Bad input


def test_every_problem_of_a_file_is_said_with_its_line(here: Path) -> None:
    text = control.new().replace('name = "', 'nmae = "', 1).replace("days = ", "dyas = ", 1)
    Path("bad.toml").write_text(text, encoding="utf-8")
    result = run("plan", "bad.toml")
    assert result.exit_code == BAD_INPUT
    lines = text.split("\n")
    for wrong in ("nmae", "dyas"):
        number = next(n for n, line in enumerate(lines, 1) if line.startswith(wrong))
        assert f"bad.toml:{number}: " in result.stderr and wrong in result.stderr
    assert names(here) == {"bad.toml"}
    problems = answer("plan", "bad.toml", code=BAD_INPUT)["problems"]
    assert {problem["file"] for problem in problems} == {"bad.toml"}


def test_an_unknown_example_names_the_nearest() -> None:
    result = run("plan", "aleppo-2061")
    assert result.exit_code == BAD_INPUT and 'Did you mean "aleppo-2016"?' in result.stderr


def test_a_timetable_of_another_operation_is_refused(timetable: Path) -> None:
    result = run("check", "aleppo-eve", timetable)
    assert result.exit_code == BAD_INPUT and "this is a timetable of" in result.stderr


def test_a_folder_that_is_not_there_is_said_before_the_work(here: Path) -> None:
    result = run("plan", "tiny", "--out", "nowhere/timetable.json")
    assert result.exit_code == BAD_INPUT and "no folder nowhere" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at", "tomorrow"], "is no time"),
        (["--at", "2030-01-01 10:00"], "the operation lasts from"),
        (["--at", "2025-03-01 07:00", "--close", "hill--town"], "is no road and no crossing"),
        (["--at", "2025-03-01 07:00", "--close", "bridge", "--for", "long"], "is no duration"),
        (["--at", "2025-03-01 07:00", "--close", "bridge", "--until", "2025-03-01 06:00"], "ends before it begins"),
        (["--at", "2025-03-01 07:00", "--withdraw", "hill-council"], "PARTY@SEGMENT"),
        (["--at", "2025-03-01 07:00", "--withdraw", "dale-council@hill--bridge"], "needs no consent of dale-council"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(here: Path, timetable: Path, words: list[str], said: str) -> None:
    result = run("replan", "tiny", timetable, *words)
    assert result.exit_code == BAD_INPUT and said in result.stderr
    assert names(here) == set()


def test_a_picture_needs_a_plan_a_known_name_and_a_known_ending(here: Path, timetable: Path) -> None:
    assert "needs a TIMETABLE" in run("show", "tiny", "--picture", "map", "--out", "map.svg").stderr
    assert "give one of map" in run("show", "tiny", timetable, "--picture", "mop", "--out", "map.svg").stderr
    assert ".svg or .png" in run("show", "tiny", timetable, "--picture", "map", "--out", "map.jpg").stderr
    assert names(here) == set()


# plan and check


def test_a_plan_is_written_with_its_bound_and_its_page(planned: Path) -> None:
    assert names(planned) == {"timetable.json", "timetable.bound.npz", "timetable.html"}


def test_the_answer_of_plan_says_what_was_found(here: Path) -> None:
    found = answer("plan", "tiny", "--work", "2")
    assert found["outcome"] == "everyone carried" and found["carried"] == found["people"] == 300
    assert found["bound"] <= found["objective"] * (1 + 1e-9) and found["check"]["ok"] is True
    assert found["files"] == ["timetable.json", "timetable.bound.npz"]
    assert "Replaced timetable.json" in run("plan", "tiny", "--work", "2").stderr


def test_the_same_seed_and_work_give_the_same_file(here: Path) -> None:
    for name in ("one.json", "two.json"):
        assert run("plan", "tiny", "--work", "3", "--seed", "7", "--out", name).exit_code == FINE
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()


def test_progress_goes_to_standard_error_only(here: Path) -> None:
    result = run("plan", "tiny", "--work", "2")
    assert "stage first plan" in result.stderr and "elapsed" in result.stderr
    assert "stage" not in result.stdout and "300 of 300" in result.stdout


def test_a_good_plan_passes_with_its_bound_recomputed(timetable: Path) -> None:
    found = answer("check", "tiny", timetable, "--bound", timetable.with_suffix(".bound.npz"))
    assert found["ok"] is True and found["findings"] == []
    assert found["bound"]["recomputed"] == pytest.approx(found["bound"]["stated"], abs=1e-6)


def test_a_plan_that_breaks_a_rule_fails(here: Path, timetable: Path) -> None:
    plan = json.loads(timetable.read_text(encoding="utf-8"))
    plan["movements"][0]["people"]["buses"]["civilian"] += 1
    Path("overfull.json").write_text(json.dumps(plan), encoding="utf-8")
    result = run("check", "tiny", "overfull.json")
    assert result.exit_code == NO and "rule 2" in result.stdout and "NOT KEPT" in result.stdout
    assert answer("check", "tiny", "overfull.json", code=NO)["findings"]


def test_a_bound_that_its_dual_values_do_not_prove_fails(here: Path, timetable: Path) -> None:
    arrays = dict(np.load(timetable.with_suffix(".bound.npz")))
    head = json.loads(bytes(arrays["certificate"]))
    head["value"] += 10
    arrays["certificate"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    np.savez("bold.npz", **arrays)
    result = run("check", "tiny", "--bound", "bold.npz")
    assert result.exit_code == NO and "NOT PROVEN" in result.stdout


def test_a_timetable_that_claims_a_better_bound_than_proven_fails(here: Path, timetable: Path) -> None:
    plan = json.loads(timetable.read_text(encoding="utf-8"))
    for movement in plan["movements"]:
        movement["people"]["buses"]["civilian"] -= 1
    bound = answer("check", "tiny", "--bound", timetable.with_suffix(".bound.npz"))["bound"]["recomputed"]
    plan["bound"] = bound + 1
    Path("bold.json").write_text(json.dumps(plan), encoding="utf-8")
    result = run("check", "tiny", "bold.json", "--bound", timetable.with_suffix(".bound.npz"))
    assert result.exit_code == NO and "NOT PROVEN: the timetable states" in result.stdout


# replan


def test_a_closed_crossing_is_replanned_and_the_operation_as_it_is_now_is_written(here: Path, timetable: Path) -> None:
    found = answer(
        *("replan", "tiny", timetable, "--at", "2025-03-01 06:30", "--close", "bridge", "--for", "2h", "--work", "2")
    )
    assert found["check"]["ok"] is True, found["check"]["findings"]
    assert set(found["files"]) >= {"replanned.json", "replanned.toml"}
    now = control.read("replanned.toml")
    replanned = control.read_plan("replanned.json", now)
    shut = now.world.crossings["bridge"].closed[0]
    assert shut.end - shut.start == 120 and replanned.frozen_until == shut.start
    slots = [slot for movement in replanned.movements for slot in movement.inspections]
    assert slots and not any(slot.starts < shut.end and slot.ends > shut.start for slot in slots)
    checked = answer("check", "replanned.toml", "replanned.json", "--bound", "replanned.bound.npz")
    assert checked["ok"] is True and checked["bound"]["recomputed"] == pytest.approx(replanned.bound)


def test_a_withdrawn_consent_keeps_movements_off_its_road(here: Path, timetable: Path) -> None:
    words = ("--at", "2025-03-01 06:00", "--withdraw", "hill-council@hill--bridge", "--until", "2025-03-01 09:00")
    found = answer("replan", "tiny", timetable, *words, "--work", "2")
    assert found["check"]["ok"] is True, found["check"]["findings"]
    now = control.read("replanned.toml")
    replanned = control.read_plan("replanned.json", now)
    end = now.calendar.minute(now.calendar.starts.replace(hour=9))
    legs = [leg for movement in replanned.movements for leg in movement.legs if leg.road == "hill--bridge"]
    assert legs and all(leg.departs >= end for leg in legs)


# explain, show, generate


def test_explain_says_the_answer_and_the_agreement(timetable: Path) -> None:
    said = run("explain", "tiny", timetable).stdout
    assert "Everyone is carried." in said and "never differ by more than 50 percentage points" in said
    arabic = run("explain", "tiny", "--language", "ar").stdout
    assert "موافقة" in arabic
    assert run("explain", "tiny", "--language", "fr").exit_code == BAD_INPUT


def test_show_lists_an_operation_and_a_plan(timetable: Path) -> None:
    assert {"Places", "Roads", "Crossings", "Fleets"} <= set(answer("show", "tiny")["tables"])
    movements = answer("show", "tiny", timetable)["tables"]["Movements"]
    assert sum(int(row["people"]) for row in movements) == 300


def test_show_draws_to_a_file(here: Path, timetable: Path) -> None:
    assert run("show", "tiny", timetable, "--picture", "map", "--out", "map.svg").exit_code == FINE
    assert Path("map.svg").read_text(encoding="utf-8").startswith("<svg")
    assert run("show", "tiny", timetable, "--picture", "convoys", "--out", "day.png").exit_code == FINE
    assert Path("day.png").read_bytes().startswith(b"\x89PNG")
    assert run("show", "tiny", timetable, "--html", "plan.html").exit_code == FINE
    assert "Hill and Dale" in Path("plan.html").read_text(encoding="utf-8")
    assert run("show", "tiny", timetable, "--picture", "map", "--out", "map.svg").exit_code == BAD_INPUT


@pytest.mark.parametrize("picture", control.PICTURES)
def test_every_picture_can_be_drawn(here: Path, timetable: Path, picture: str) -> None:
    assert run("show", "tiny", timetable, "--picture", picture, "--out", "picture.svg").exit_code == FINE


def test_generate_writes_an_operation_of_the_size_asked_for(here: Path) -> None:
    sizes = ("--sites", "3", "--destinations", "2", "--people", "900", "--vehicles", "40", "--seed", "5")
    assert run("generate", *sizes, "--out", "invented.toml").exit_code == FINE
    assert run("generate", *sizes, "--out", "again.toml").exit_code == FINE
    assert Path("invented.toml").read_text(encoding="utf-8") == Path("again.toml").read_text(encoding="utf-8")
    assert control.read("invented.toml").people == 900
    assert run("generate", "--sites", "0", "--out", "none.toml").exit_code == BAD_INPUT


def test_every_shipped_example_reads() -> None:
    found = answer("examples")["examples"]
    assert {row["example"] for row in found} >= {"aleppo-2016", "tiny"}
    for row in found:
        assert run("check", row["example"]).exit_code == FINE


# Ctrl-C


def test_ctrl_c_gives_the_best_so_far(here: Path) -> None:
    text = control.generate(sites=4, destinations=2, people=4_000, vehicles=40, tolerance=0.5, seed=1)
    control.write("four.toml", text)
    command = [sys.executable, "-m", "safepassage", "plan", "four.toml", "--seconds", "300"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as planning:
        assert planning.stderr is not None
        assert any("stage first plan" in line for line in planning.stderr)
        started = time.monotonic()
        planning.send_signal(signal.SIGINT)
        said, messages = planning.communicate(timeout=120)
    assert planning.returncode == FINE, messages
    assert time.monotonic() - started < 60
    assert "Stopping" in messages and "Wrote timetable.json" in messages and "of 4,000" in said
    assert answer("check", "four.toml", "timetable.json")["ok"] is True


def test_a_second_ctrl_c_quits_at_once_and_writes_nothing(here: Path) -> None:
    command = [sys.executable, "-m", "safepassage", "plan", "aleppo-2016", "--seconds", "300"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as planning:
        assert planning.stderr is not None
        assert any("stage first plan" in line for line in planning.stderr)
        planning.send_signal(signal.SIGINT)
        assert any("Stopping" in line for line in planning.stderr)
        planning.send_signal(signal.SIGINT)
        planning.communicate(timeout=60)
    assert planning.returncode == 130 and names(here) == set()
