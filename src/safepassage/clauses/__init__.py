"""One kind of clause per file; the tuple that lists them."""

from safepassage.agreement import Clause
from safepassage.clauses.lockstep import Lockstep

KINDS: tuple[type[Clause], ...] = (Lockstep,)
