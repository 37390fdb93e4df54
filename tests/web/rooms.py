"""Rooms to test: a tiny operation with an account for each role, asked in the process or served on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import worlds
from fastapi import FastAPI
from reports import Desk
from starlette.testclient import TestClient

from safepassage import control
from safepassage.events import Event, PlanAdopted
from safepassage.log import open_log
from safepassage.movement import Timetable
from safepassage.operation import Operation
from safepassage.web.access import ROLES, Role
from safepassage.web.accounts import Accounts
from safepassage.web.app import create_app
from safepassage.web.entrance import SESSION_COOKIE
from safepassage.web.room import Room
from safepassage.web.serve import Opened, RoomServer, listen

TINY = worlds.hill_and_dale()
DESK = Desk(TINY)
PASSWORD = "three small words"  # noqa: S105
PARTY = "dale-council"
HERE = "http://127.0.0.1"


@dataclass
class Peopled:
    """A room, its accounts (one of each role, by the role's name), and its app."""

    room: Room
    accounts: Accounts
    app: FastAPI

    def as_role(self, role: Role | None) -> TestClient:
        """A browser signed in as a role; None: not signed in."""
        client = TestClient(self.app, base_url=HERE, follow_redirects=False)
        if role is not None:
            client.cookies.set(SESSION_COOKIE, self.accounts.open_session(role))
        return client


@contextmanager
def tiny_room(
    log: Path | str, accounts: Path | str, events: Sequence[Event] = (), at: datetime | None = None
) -> Iterator[Peopled]:
    """Hill and Dale with these events, its clock at an instant of its first day (noon)."""
    with room_of(TINY, log, accounts, events, at or DESK.time("12:00")) as tested:
        yield tested


@contextmanager
def room_of(
    operation: Operation, log: Path | str, accounts: Path | str, events: Sequence[Event], at: datetime
) -> Iterator[Peopled]:
    """An operation's room with these events."""
    record = control.Record(operation, open_log(log), clock=control.running_from(at))
    held = Accounts(accounts)
    try:
        receipts = record.append(events) if events else ()
        assert all(receipt.answer == "accepted" for receipt in receipts), receipts
        if held.empty:
            for role in ROLES:
                held.make(role, PASSWORD, role, PARTY if role == "liaison" else "")
        room = Room(record)
        yield Peopled(room=room, accounts=held, app=create_app(room, held, code="first code"))
    finally:
        held.close()
        assert record.log is not None
        record.log.close()


@cache
def tiny_plan() -> Timetable:
    """A plan for Hill and Dale."""
    return control.plan(TINY, work=5).timetable


def plan_adopted(clock: str = "05:00") -> Event:
    """That plan, adopted."""
    return DESK.at(clock, PlanAdopted(timetable=tiny_plan()))


@contextmanager
def served(opened: Opened) -> Iterator[str]:
    """The room on a free port of loopback, by a real server; the address without a slash at its end."""
    listener = listen("127.0.0.1", 0)
    server = RoomServer(opened)
    running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    running.start()
    try:
        yield f"{HERE}:{listener.getsockname()[1]}"
    finally:
        opened.room.end()
        server.should_exit = True
        running.join()
        listener.close()


def opened(tested: Peopled) -> Opened:
    """A tested room as one to be served."""
    return Opened(room=tested.room, app=tested.app, code="")
