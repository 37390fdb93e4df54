"""Courses on a Dask cluster of this machine: the same as on threads, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal

import pytest
import worlds
from distributed import LocalCluster

from safepassage.futures import Courses, stress
from safepassage.futures.chance import Law
from safepassage.futures.shocks import Block, ShockModel
from safepassage.futures.stress import BATCH

from .pairs import planned

HILL = worlds.hill_and_dale()
PLAN = planned(HILL)
MODEL = ShockModel(
    name="test",
    shocks=(Block(id="rubble", basis="test", on=("hill--bridge",), per_day=3, minutes=Law.fixed(60)),),
)
COUNT = 20 * BATCH


def test_a_worker_killed_in_mid_sweep_changes_nothing() -> None:
    here = stress(HILL, PLAN, MODEL, courses=COUNT, seed=4, checked=0).courses
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as local:
        batches: list[int] = []
        had: list[int] = []
        doomed: int = local.workers[0].pid

        def told(number: int, part: Courses) -> bool:
            if not batches:
                had.extend(len(worker.processing) for worker in local.scheduler.workers.values() if worker.name == 0)
                os.kill(doomed, signal.SIGKILL)
            batches.append(number)
            return True

        there = stress(
            HILL, PLAN, MODEL, courses=COUNT, seed=4, cluster=local.scheduler_address, checked=0, told=told
        ).courses
        assert sorted(batches) == list(range(COUNT // BATCH)), "every batch came in, none twice"
        assert had and had[0] > 0, "the worker that was killed still had batches to drive"
        with pytest.raises(ProcessLookupError):
            os.kill(doomed, 0)
    for key, value in here.arrays().items():
        assert (there.arrays()[key] == value).all(), key
