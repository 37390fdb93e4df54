"""Who may do what: roles, rights, one rule for every route, and what of the record a viewer is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from safepassage.events import ConsentGiven, Event, MovementAnnounced, PlanAdopted, Sensitivity
from safepassage.operation import Operation

Role = Literal["coordinator", "dispatcher", "mediator", "verifier", "liaison", "information"]
Right = Literal["enter", "see", "see claims", "claim", "assess", "see log", "record", "negotiate", "keep accounts"]
"""`enter`: whoever reaches the address, signed in or not. `negotiate`: ask which clauses cannot all hold."""

ROLES: tuple[Role, ...] = get_args(Role)

RIGHTS: Mapping[Role, frozenset[Right]] = {
    "coordinator": frozenset(get_args(Right)),
    "dispatcher": frozenset({"enter", "see", "see claims", "claim", "see log", "record"}),
    "mediator": frozenset({"enter", "see", "see claims", "claim", "negotiate"}),
    "verifier": frozenset({"enter", "see", "see claims", "claim", "assess", "see log"}),
    "liaison": frozenset({"enter", "see"}),
    "information": frozenset({"enter", "see"}),
}
"""A liaison speaks for one party, and foresees only what takes the segments that its party consents to."""

KNOWS: Mapping[Role, frozenset[Sensitivity]] = {
    "coordinator": frozenset({"public", "restricted", "secret"}),
    "dispatcher": frozenset({"public", "restricted", "secret"}),
    "mediator": frozenset({"public", "restricted"}),
    "verifier": frozenset({"public", "restricted", "secret"}),
    "liaison": frozenset({"public"}),
    "information": frozenset({"public"}),
}
"""Of which sensitivity are the events that a role's picture is folded from: all, for who sends convoys."""

FORESEES: frozenset[Role] = frozenset({"coordinator", "dispatcher"})
"""Who sees all of what is to come: they send the convoys."""

RULES: Mapping[tuple[str, str], Right] = {
    ("GET", "/"): "enter",
    ("GET", "/sign-in"): "enter",
    ("POST", "/sign-in"): "enter",
    ("GET", "/set-up"): "enter",
    ("POST", "/set-up"): "enter",
    ("GET", "/static/{path:path}"): "enter",
    ("GET", "/health"): "enter",
    ("POST", "/sign-out"): "see",
    ("POST", "/password"): "see",
    ("GET", "/account"): "see",
    ("GET", "/api/openapi.json"): "see",
    ("GET", "/board"): "see",
    ("GET", "/api/board"): "see",
    ("GET", "/api/board/marks"): "see",
    ("GET", "/tiles.pmtiles"): "see",
    ("GET", "/stream"): "see",
    ("GET", "/agreement"): "see",
    ("GET", "/api/agreement"): "see",
    ("POST", "/agreement/conflict"): "negotiate",
    ("POST", "/api/agreement/conflict"): "negotiate",
    ("GET", "/report"): "see",
    ("GET", "/api/report"): "see",
    ("GET", "/report.{ending}"): "see",
    ("POST", "/api/events"): "record",
    ("GET", "/claims"): "see claims",
    ("GET", "/api/claims"): "see claims",
    ("POST", "/claims"): "claim",
    ("POST", "/claims/assessment"): "assess",
    ("GET", "/log"): "see log",
    ("GET", "/api/log"): "see log",
    ("POST", "/log"): "record",
    ("GET", "/accounts"): "keep accounts",
    ("POST", "/accounts"): "keep accounts",
    ("POST", "/accounts/{name}"): "keep accounts",
    ("POST", "/accounts/{name}/close"): "keep accounts",
    ("POST", "/accounts/{name}/open"): "keep accounts",
}
"""The policy: what each route asks for. A route without a rule does not start the room."""


FORETELLING = (PlanAdopted, MovementAnnounced)
"""Events that tell what is to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What of the record somebody is shown.

    `future`: planned departures and routes: all, none, or those over these segments.
    """

    future: bool | frozenset[str] = False
    sensitivities: frozenset[Sensitivity] = frozenset({"public"})
    claims: bool = False
    log: bool = False

    @property
    def future_on(self) -> frozenset[str] | None:
        """The segments of which what is to come is shown; None: all."""
        if isinstance(self.future, bool):
            return None if self.future else frozenset()
        return self.future

    def folds(self, event: Event) -> bool:
        """Whether the picture may rest on an event: on the plan too, of which a view shows what may be seen."""
        what = event.what
        if isinstance(what, ConsentGiven) and what.movements and not self._foresees(what.on):
            return False  # which convoy is to go where, and until when
        foreseen = isinstance(event.what, FORETELLING) and bool(self.future) and event.sensitivity != "secret"
        return foreseen or event.sensitivity in self.sensitivities

    def _foresees(self, segments: Iterable[str]) -> bool:
        """Whether what is to come on all of these may be seen."""
        return self.future is True or (self.future is not False and self.future.issuperset(segments))

    def reads(self, event: Event) -> bool:
        """Whether an event may be read by itself, in feed, log and stream."""
        return self.folds(event) and (self.future is True or not isinstance(event.what, FORETELLING))


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Somebody signed in: the account's name, its role, and the party that a liaison speaks for."""

    account: str
    role: Role
    party: str = ""

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    def sight(self, operation: Operation) -> Sight:
        """What of an operation's record they are shown."""
        future: bool | frozenset[str] = self.role in FORESEES
        if self.role == "liaison":
            future = segments_of(operation, self.party)
        return Sight(
            future=future,
            sensitivities=KNOWS[self.role],
            claims=self.may("see claims"),
            log=self.may("see log"),
        )


def segments_of(operation: Operation, party: str) -> frozenset[str]:
    """The roads and crossings that a party's consent is needed for."""
    world = operation.world
    return frozenset(id for id in (*world.roads, *world.crossings) if party in world.segment_consent(id))
