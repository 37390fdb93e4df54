"""The control room: the one place where clock, files, log, verbs and planner meet."""

from safepassage.control.clock import Stopwatch as Stopwatch
from safepassage.control.files import Unreadable as Unreadable
from safepassage.control.files import Written as Written
from safepassage.control.files import examples as examples
from safepassage.control.files import locate as locate
from safepassage.control.files import read as read
from safepassage.control.files import write as write
from safepassage.control.plans import PICTURES as PICTURES
from safepassage.control.plans import VERSION as VERSION
from safepassage.control.plans import Picture as Picture
from safepassage.control.plans import amend as amend
from safepassage.control.plans import check as check
from safepassage.control.plans import explain as explain
from safepassage.control.plans import minute_of as minute_of
from safepassage.control.plans import new as new
from safepassage.control.plans import plan as plan
from safepassage.control.plans import read_bound as read_bound
from safepassage.control.plans import read_plan as read_plan
from safepassage.control.plans import recompute_bound as recompute_bound
from safepassage.control.plans import replan as replan
from safepassage.control.plans import show as show
from safepassage.control.plans import write_plan as write_plan
from safepassage.generate import generate as generate
