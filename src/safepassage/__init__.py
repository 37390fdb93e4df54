"""Safe Passage: plan, stress-test, run and account for negotiated evacuations. The public words, and nothing else."""

from __future__ import annotations

from safepassage.control import VERSION as VERSION
from safepassage.control import Record as Record
from safepassage.control import Unreadable as Unreadable
from safepassage.control import Written as Written
from safepassage.control import amend as amend
from safepassage.control import check as check
from safepassage.control import examples as examples
from safepassage.control import explain as explain
from safepassage.control import generate as generate
from safepassage.control import may_depart as may_depart
from safepassage.control import new as new
from safepassage.control import open_record as open_record
from safepassage.control import plan as plan
from safepassage.control import read as read
from safepassage.control import read_bound as read_bound
from safepassage.control import read_plan as read_plan
from safepassage.control import recompute_bound as recompute_bound
from safepassage.control import replan as replan
from safepassage.control import replan_from as replan_from
from safepassage.control import show as show
from safepassage.control import situation_document as situation_document
from safepassage.control import verify as verify
from safepassage.control import write as write
from safepassage.control import write_plan as write_plan
from safepassage.movement import Timetable as Timetable
from safepassage.operation import Operation as Operation
from safepassage.planner import Planned as Planned
from safepassage.planner import Progress as Progress
from safepassage.world import Span as Span
