"""One kind of clause per file; the tuple that lists them."""

from safepassage.agreement import Clause
from safepassage.clauses.aboard import Aboard
from safepassage.clauses.apart import Apart
from safepassage.clauses.consent import Consent
from safepassage.clauses.escort import Escort
from safepassage.clauses.inspection import Inspection
from safepassage.clauses.last import Last
from safepassage.clauses.lockstep import Lockstep
from safepassage.clauses.notice import Notice
from safepassage.clauses.observer import Observer
from safepassage.clauses.order import Order
from safepassage.clauses.pause import Pause
from safepassage.clauses.quota import Quota
from safepassage.clauses.tranches import Tranches
from safepassage.clauses.window import Window

KINDS: tuple[type[Clause], ...] = (
    Lockstep,
    Tranches,
    Order,
    Last,
    Window,
    Quota,
    Consent,
    Escort,
    Observer,
    Aboard,
    Apart,
    Notice,
    Pause,
    Inspection,
)
