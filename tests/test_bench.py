"""Benchmarks cannot rot: each is run in its small size."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from safepassage import check, plan

BENCHES = sorted((Path(__file__).parent.parent / "bench").glob("*.py"))


def test_there_are_benchmarks() -> None:
    assert BENCHES


@pytest.mark.parametrize("bench", BENCHES, ids=lambda path: path.stem)
def test_a_benchmark_runs_in_its_small_size(bench: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, str(bench)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0 and done.stdout, done.stderr[-4000:]


@pytest.fixture(scope="module")
def peers() -> ModuleType:
    """The bench of our peers as a module; none of them is needed."""
    (path,) = (bench for bench in BENCHES if bench.stem == "peers")
    spec = importlib.util.spec_from_file_location("bench_peers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["own", "crossing", "exchange", "escorted"])
def test_what_peers_are_told_is_the_operation_and_their_answers_become_its_timetables(
    peers: ModuleType, kind: str
) -> None:
    operation = peers.drawn(kind, 5, 1, seed=1).operation
    ours = plan(operation, seed=1, work=3).timetable
    task = peers.task_of(operation, 1)
    starts = [
        sorted(movement.loading.start for movement in ours.movements if movement.evacuation == evacuation)
        for evacuation in operation.evacuations
    ]
    for side, minutes in zip(task["sides"], starts, strict=True):
        assert all(any(first <= minute <= last for first, last in side["starts"]) for minute in minutes)
    for one, load, other, needed in task["needs"]:
        ahead, behind = task["sides"][one]["handover"], task["sides"][other]["handover"]
        assert starts[one][load - 1] + ahead >= starts[other][needed - 1] + behind
    again = peers.timetable_of(operation, starts)
    assert again.objective == pytest.approx(ours.objective)
    assert check(operation, again).findings == ()


def test_answers_that_cannot_all_be_true_are_told(peers: ModuleType) -> None:
    toy, right = peers.toy(4), peers.Answer(objective=8.0, bound=7.0, ends=150)
    assert list(peers.contradictions(toy, {"ours": right, "cpsat": peers.Answer(objective=8.0, bound=8.0)})) == []
    for wrong in (
        {"ours": right, "cpsat": peers.Answer(objective=9.0, bound=9.0)},
        {"ours": right, "cpsat": peers.Answer(objective=6.5)},
        {"ours": peers.Answer(objective=8.0, bound=7.0, ends=160)},
        {"ours": right, "cpsat": peers.Answer(objective=8.0, invalid="rule 5")},
    ):
        assert len(list(peers.contradictions(toy, wrong))) == 1
