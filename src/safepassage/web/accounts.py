"""Accounts and sessions: who may come in, kept in tables of their own, apart from the log and its copies."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import URL, Column, Connection, ForeignKey, MetaData, String, Table, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from safepassage.control import Clock, Stopwatch, now
from safepassage.log import address
from safepassage.web.access import ROLES, Role, Viewer
from safepassage.web.terms import ROOM
from safepassage.web.tries import TRIES_MINUTES, Tries

PASSWORD_LETTERS_MIN = 10
SESSION_HOURS = 12
"""A session ends so long after it was last used: a shift."""
USED_MINUTES = 5
"""How exactly the last use of a session is known."""
KNOWN_SECONDS, KNOWN_MOST = 5, 10_000
"""For how long it is known who a session belongs to: so long after it was ended by another program it is still open."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")

metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("password", String(200), nullable=False),
    Column("role", String(20), nullable=False),
    Column("party", String(80), nullable=False),
    Column("closed", sa.Boolean, nullable=False, default=False),
)
"""`password`: Argon2id, with its salt and costs. `party`: of a liaison. A closed account is kept: the log names it."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("account", String(40), ForeignKey(accounts.c.name), nullable=False),
    Column("used", String(32), nullable=False),
)
"""`token`: its SHA-256 only, so that a copy of the table opens no door. `used`: when it was last used."""


class AccountRefused(ValueError):
    """What is wrong with an account or a password, and the fix: in English, and as a term with values for any page.

    `field`: where it was typed.
    """

    def __init__(self, field: str, term: str, *values: object) -> None:
        super().__init__(ROOM[term].en.format(*values))
        self.field, self.term, self.values = field, term, values


class AccountsUnavailable(Exception):
    """The accounts could not be read or written. The message names the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as a coordinator sees it."""

    name: str
    role: Role
    party: str
    closed: bool

    @property
    def viewer(self) -> Viewer:
        return Viewer(account=self.name, role=self.role, party=self.party)


class Accounts:
    """The accounts of a room, in a file or at postgresql://user@host/database. Raises AccountsUnavailable.

    `endings` moves whenever a session may have ended here. `tries`: of passwords and other secrets.
    """

    def __init__(self, place: str | Path, *, clock: Clock = now) -> None:
        text = str(place)
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
        if url.drivername in {"postgresql", "postgres"}:
            url = url.set(drivername="postgresql+psycopg")
        if url.drivername == "sqlite" and url.database:
            Path(url.database).touch(mode=0o600)
        self._where = address(url)
        self._engine = sa.create_engine(url)
        self._clock = clock
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex())
        self._watch = Stopwatch()  # how old a thing is, whatever the clock is set to
        self._known: dict[str, tuple[Viewer, float]] = {}
        self._lock = threading.Lock()
        self.endings = 0
        self.tries = Tries()
        with self._connected() as connection:
            metadata.create_all(connection)

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise AccountsUnavailable(f"{self._where}: the accounts cannot be had ({error.orig})") from error

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """What is read here stays so until it is written: nobody else writes accounts meanwhile."""
        lock = {"sqlite": "BEGIN IMMEDIATE", "postgresql": f"LOCK TABLE {accounts.name} IN SHARE ROW EXCLUSIVE MODE"}
        with self._connected() as connection:
            connection.exec_driver_sql(lock[self._engine.dialect.name])
            yield connection

    def close(self) -> None:
        self._engine.dispose()

    # Accounts

    @property
    def empty(self) -> bool:
        """Whether there is no account yet."""
        with self._connected() as connection:
            return connection.execute(sa.select(accounts.c.name).limit(1)).first() is None

    def all(self) -> tuple[Account, ...]:
        """Every account, by name."""
        with self._connected() as connection:
            rows = connection.execute(sa.select(accounts).order_by(accounts.c.name)).mappings().all()
        return tuple(
            Account(name=row["name"], role=row["role"], party=row["party"], closed=row["closed"]) for row in rows
        )

    def make(self, name: str, password: str, role: str, party: str = "", *, first: bool = False) -> Account:
        """A new account. `first`: only where there is none yet. Raises AccountRefused."""
        name = name.strip().lower()
        if not NAME.fullmatch(name):
            raise AccountRefused("name", "no account name")
        chosen = next((one for one in ROLES if one == role), None)
        if chosen is None:
            raise AccountRefused("role", "no role")
        if (chosen == "liaison") != bool(party):
            raise AccountRefused("party", "party of a liaison")
        row = {
            "name": name,
            "password": self._hashed(password),
            "role": chosen,
            "party": party,
            "closed": False,
        }
        with self._alone() as connection:
            taken = connection.execute(sa.select(accounts.c.name)).scalars().all()
            if first and taken:
                raise AccountRefused("name", "set up already")
            if name in taken:
                raise AccountRefused("name", "name taken", name)
            connection.execute(accounts.insert(), row)
        return Account(name=name, role=chosen, party=party, closed=False)

    def change_password(self, name: str, old: str, new: str, origin: str = "") -> None:
        """Sets a password by its owner, and ends all sessions of theirs. Raises AccountRefused."""
        self._hold(name, old, origin)
        self._set(name, password=self._hashed(new))

    def set_password(self, name: str, new: str) -> None:
        """Sets a password by a coordinator, and ends all sessions of the account. Raises AccountRefused."""
        self._set(name, password=self._hashed(new))

    def close_account(self, name: str) -> None:
        """Ends an account and its sessions; it stays on the list. Raises AccountRefused."""
        self._set(name, closed=True)

    def open_account(self, name: str) -> None:
        """Opens a closed account again, with the password it had. Raises AccountRefused."""
        self._set(name, closed=False)

    def _set(self, name: str, **values: object) -> None:
        missing = AccountRefused("name", "no account", name)
        if not NAME.fullmatch(name):
            raise missing
        with self._alone() as connection:
            if not connection.execute(accounts.update().where(accounts.c.name == name).values(**values)).rowcount:
                raise missing
            keeps = sa.select(accounts.c.name).where(accounts.c.role == "coordinator", ~accounts.c.closed)
            if values.get("closed") and connection.execute(keeps).first() is None:
                raise AccountRefused("name", "last coordinator")
            connection.execute(sessions.delete().where(sessions.c.account == name))
        self._forget(lambda _, viewer: viewer.account == name)

    def _hashed(self, password: str) -> str:
        if len(password) < PASSWORD_LETTERS_MIN:
            raise AccountRefused("password", "password short", PASSWORD_LETTERS_MIN)
        return self._hasher.hash(password)

    def _hold(self, name: str, password: str, origin: str) -> Account:
        """The account, if the password is its own; takes as long for an account that is not there."""
        wrong = AccountRefused("password", "wrong password")
        if not NAME.fullmatch(name):
            raise wrong
        with self._connected() as connection:
            row = connection.execute(sa.select(accounts).where(accounts.c.name == name)).mappings().first()
        if not self.tries.count(name, origin):
            raise AccountRefused("password", "wrong too often", TRIES_MINUTES)
        held = self._nobody if row is None or row["closed"] else row["password"]
        try:
            self._hasher.verify(held, password)
        except (VerificationError, InvalidHashError):
            row = None
        if row is None or row["closed"]:
            raise wrong
        self.tries.forgive(name, origin)
        return Account(name=row["name"], role=row["role"], party=row["party"], closed=False)

    # Sessions

    def sign_in(self, name: str, password: str, origin: str = "") -> str:
        """The token of a new session. `origin`: the address that it is tried from. Raises AccountRefused."""
        return self.open_session(self._hold(name.strip().lower(), password, origin).name)

    def open_session(self, name: str) -> str:
        """The token of a new session of an account that is there."""
        token = secrets.token_urlsafe(32)
        with self._connected() as connection:
            ended = (self._clock() - timedelta(hours=SESSION_HOURS)).astimezone(UTC).isoformat()
            connection.execute(sessions.delete().where(sessions.c.used < ended))
            connection.execute(sessions.insert(), {"token": _digest(token), "account": name, "used": self._stamp()})
        return token

    def viewer(self, token: str, *, used: bool = True) -> Viewer | None:
        """Who a session belongs to; None where it has ended or never was. `used`: by this it goes on for a shift."""
        if not token:
            return None
        digest, endings = _digest(token), self.endings
        known = self._known.get(digest)
        if known is not None and self._watch.seconds - known[1] < KNOWN_SECONDS:
            return known[0]
        asked = self._watch.seconds
        query = sa.select(accounts, sessions.c.used).join(sessions).where(sessions.c.token == digest)
        with self._connected() as connection:
            row = connection.execute(query).mappings().first()
            if row is None or row["closed"]:
                return None
            age = self._clock() - datetime.fromisoformat(row["used"])
            if age > timedelta(hours=SESSION_HOURS):
                return None
            set_back = age < timedelta()  # the clock was: it was used now, as far as can be told
            if set_back or (used and age > timedelta(minutes=USED_MINUTES)):
                connection.execute(sessions.update().where(sessions.c.token == digest).values(used=self._stamp()))
        viewer = Viewer(account=row["name"], role=row["role"], party=row["party"])
        with self._lock:
            if endings == self.endings:  # else it may be what has just ended
                if len(self._known) >= KNOWN_MOST:
                    self._known.clear()
                self._known[digest] = viewer, asked
        return viewer

    def knows(self, token: str) -> bool:
        """Whether it is known without the database who a session belongs to."""
        known = self._known.get(_digest(token))
        return known is not None and self._watch.seconds - known[1] < KNOWN_SECONDS

    def sign_out(self, token: str) -> None:
        """Ends a session."""
        ended = _digest(token)
        with self._connected() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == ended))
        self._forget(lambda digest, _: digest == ended)

    def _forget(self, ended: Callable[[str, Viewer], bool]) -> None:
        with self._lock:
            self._known = {digest: known for digest, known in self._known.items() if not ended(digest, known[0])}
            self.endings += 1

    def _stamp(self) -> str:
        return self._clock().astimezone(UTC).isoformat()


def secret() -> str:
    """What nobody can guess."""
    return secrets.token_hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
