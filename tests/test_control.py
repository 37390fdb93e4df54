"""The control room: files found by path or name, plans that keep to their time, and the library's own words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import worlds

import safepassage
from safepassage import control
from safepassage.control import plans
from safepassage.planner import Conflict, Progress


def test_the_library_says_the_verbs_of_the_command_line() -> None:
    for verb in ("new", "check", "plan", "replan", "explain", "show", "generate", "read"):
        assert getattr(safepassage, verb) is getattr(control, verb)


def test_a_file_goes_before_an_example_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert control.locate("tiny").suffix == ".toml" and control.read("tiny").name == "Hill and Dale"
    Path("tiny").write_text(worlds.ONE_ROAD, encoding="utf-8")
    assert control.locate("tiny") == Path("tiny") and control.read("tiny").name == "One road"


def test_what_is_doubtful_is_heard_and_what_is_wrong_is_raised(tmp_path: Path) -> None:
    path = tmp_path / "road.toml"
    heard: list[str] = []
    path.write_text(worlds.ONE_ROAD.replace("minutes = 60", 'minutes = "60"\nkm = -1'), encoding="utf-8")
    with pytest.raises(control.Unreadable) as raised:
        control.read(path, warned=lambda problem: heard.append(str(problem)))
    assert len(raised.value.problems) >= 2 and heard == []
    assert all(problem.file == str(path) and problem.line > 1 for problem in raised.value.problems)
    control.read("aleppo-2016", warned=lambda problem: heard.append(str(problem)))
    assert heard and heard[0].startswith("aleppo-2016:")


def test_a_time_without_an_offset_is_local() -> None:
    calendar = worlds.one_road().calendar
    assert calendar.minute(calendar.instant("2016-12-15 10:00")) == 240
    assert calendar.minute(calendar.instant("2016-12-15T10:00+03:00")) == 180
    with pytest.raises(ValueError, match="'noon' is no time: write one such as \"2016-12-15 12:00\""):
        calendar.instant("noon")


def test_a_plan_keeps_every_rule_and_its_bound_can_be_recomputed() -> None:
    operation = worlds.two_villages()
    planned = control.plan(operation, work=2)
    assert control.check(operation, planned.timetable).ok
    assert planned.certificate is not None and planned.timetable.bound is not None
    assert control.recompute_bound(operation, planned.certificate) == pytest.approx(planned.timetable.bound)


def test_a_plan_ends_when_its_seconds_are_over() -> None:
    watch = control.Stopwatch()
    control.plan(worlds.two_villages(), seconds=1)
    assert watch.seconds < 30


def test_a_plan_that_is_asked_to_stop_is_still_a_plan() -> None:
    heard: list[Progress] = []
    operation = worlds.two_villages()
    planned = control.plan(operation, seconds=600, stopped=lambda: bool(heard), progress=heard.append)
    assert heard and planned.timetable.movements and control.check(operation, planned.timetable).ok


def test_why_not_everyone_can_be_carried_is_kept_in_the_timetable() -> None:
    planned = control.plan(worlds.one_road(), work=1)
    conflict = Conflict(sentences=("The road is shut.",), clauses=(), proven=True)
    once = plans._with_reasons(replace(planned, conflict=conflict))
    assert "The road is shut." in once.timetable.notes
    assert plans._with_reasons(once).timetable.notes == once.timetable.notes
    sentences = [said for section in control.explain(worlds.one_road(), once.timetable) for said in section.sentences]
    assert "The road is shut." in sentences


def test_a_plan_is_written_and_read_back(tmp_path: Path) -> None:
    operation = worlds.two_villages()
    planned = control.plan(operation, work=1)
    first = control.write_plan(operation, planned, tmp_path / "plan.json", page=True)
    assert [one.path.name for one in first] == ["plan.json", "plan.bound.npz", "plan.html"]
    assert not any(one.replaced for one in first)
    assert all(one.replaced for one in control.write_plan(operation, planned, tmp_path / "plan.json", page=True))
    assert control.read_plan(tmp_path / "plan.json", operation) == planned.timetable
    certificate = control.read_bound(tmp_path / "plan.bound.npz", operation)
    assert planned.certificate is not None and certificate.value == planned.certificate.value
