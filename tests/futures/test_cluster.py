"""Courses on a Dask cluster of this machine: the same as on threads, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal

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


def test_workers_killed_one_after_the_other_change_nothing() -> None:
    """Each in turn, the second when the first is lost for good: whatever a worker had is driven again."""
    here = stress(HILL, PLAN, MODEL, courses=COUNT, seed=4, checked=0).courses
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as local:
        batches: list[int] = []
        had: list[int] = []
        doomed: list[int] = [worker.pid for worker in local.workers.values()]

        def told(number: int, part: Courses) -> bool:
            if len(batches) in (0, 4):
                had.append(sum(len(worker.processing) for worker in local.scheduler.workers.values()))
                os.kill(doomed.pop(), signal.SIGKILL)
            batches.append(number)
            return True

        there = stress(
            HILL, PLAN, MODEL, courses=COUNT, seed=4, cluster=local.scheduler_address, checked=0, told=told
        ).courses
        assert sorted(batches) == list(range(COUNT // BATCH)), "every batch came in, none twice"
        assert not doomed and all(had), "those who were killed still had batches to drive"
    for key, value in here.arrays().items():
        assert (there.arrays()[key] == value).all(), key
