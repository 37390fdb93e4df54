"""The entrance: signing in and out, setting the room up, and keeping its accounts."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from typing import Annotated, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from safepassage.web.access import ROLES, Viewer
from safepassage.web.accounts import Account, AccountRefused, Accounts
from safepassage.web.pages import Asked, asked, framed, language_of, remember_language, room_of
from safepassage.web.tries import TRIES_MINUTES

SESSION_COOKIE = "room"
SET_UP = "set-up code"
"""What its tries are counted under, which can be the name of no account."""
SEE_OTHER = 303
router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form()]


def accounts_of(request: Request) -> Accounts:
    """The accounts of the app."""
    return cast(Accounts, request.app.state.accounts)


def let_in(request: Request, answer: Response, token: str) -> None:
    """Gives a session's token to the browser, out of reach of scripts and other sites."""
    secure = request.url.scheme == "https"
    answer.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="lax", secure=secure)


async def viewer_of(request: Request, *, used: bool = True) -> Viewer | None:
    """Who asks; None: nobody who is signed in. `used`: by this the session goes on."""
    accounts, token = accounts_of(request), request.cookies.get(SESSION_COOKIE, "")
    if accounts.knows(token):
        return accounts.viewer(token)
    return await asyncio.to_thread(accounts.viewer, token, used=used)


async def hashes(request: Request) -> AsyncIterator[None]:
    """The dependency of routes that hash passwords: two at a time, for each takes 64 MiB; others wait in no thread."""
    async with request.app.state.hashing:
        yield


HASHES = [Depends(hashes, scope="function")]


def origin_of(request: Request) -> str:
    """The address that a request comes from, as far as the server can tell."""
    return request.client.host if request.client else ""


def within(target: str) -> str:
    """An address of this room; the board in place of any other."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/board"
    inside = not parts.scheme and not parts.netloc and target.startswith("/") and target[1:2] not in {"/", "\\"}
    return target if inside else "/board"


@router.get("/")
def root() -> Response:
    """The room opens on the board."""
    return RedirectResponse("/board", SEE_OTHER)


@router.get("/health")
def health(request: Request, response: Response) -> dict[str, int | bool]:
    """Whether the room is there and its log can be had, and how far its record goes."""
    room = room_of(request)
    if room.unavailable:
        response.status_code = 503
    return {"seq": room.seq, "log": not room.unavailable}


# Signing in


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/board", changed: bool = False) -> HTMLResponse:
    """Where somebody says who they are. `changed`: they have just changed their password."""
    answer = _entrance(request, "sign_in.html.j2", next=within(next), changed=changed)
    if "language" in request.query_params:
        remember_language(answer, language_of(request))
    return answer


@router.post("/sign-in", dependencies=HASHES)
def sign_in(request: Request, name: Text = "", password: Text = "", next: Text = "/board") -> Response:
    """Opens a session."""
    try:
        token = accounts_of(request).sign_in(name, password, origin_of(request))
    except AccountRefused as refused:
        return _entrance(request, "sign_in.html.j2", status=401, next=within(next), name=name, refused=refused)
    answer = RedirectResponse(within(next), SEE_OTHER)
    let_in(request, answer, token)
    return answer


@router.post("/sign-out")
def sign_out(request: Request) -> Response:
    """Ends the session."""
    accounts_of(request).sign_out(request.cookies.get(SESSION_COOKIE, ""))
    answer = RedirectResponse("/sign-in", SEE_OTHER)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@router.get("/set-up")
def set_up_page(request: Request) -> Response:
    """Where the first account is made; gone once there is one."""
    if not accounts_of(request).empty:
        return RedirectResponse("/sign-in", SEE_OTHER)
    return _entrance(request, "set_up.html.j2")


@router.post("/set-up", dependencies=HASHES)
def set_up(request: Request, code: Text = "", name: Text = "", password: Text = "") -> Response:
    """Makes the first account, by who can read what the room printed where it was started."""
    accounts, origin = accounts_of(request), origin_of(request)
    try:
        if not accounts.tries.count(SET_UP, origin):
            raise AccountRefused("code", "wrong too often", TRIES_MINUTES)
        if not hmac.compare_digest(code.strip().encode(), str(request.app.state.code).encode()):
            raise AccountRefused("code", "wrong code")
        accounts.tries.forgive(SET_UP, origin)
        accounts.make(name, password, "coordinator", first=True)
    except AccountRefused as refused:
        return _entrance(request, "set_up.html.j2", status=400, name=name, refused=refused)
    answer = RedirectResponse("/board", SEE_OTHER)
    let_in(request, answer, accounts.sign_in(name, password, origin))
    return answer


def _entrance(
    request: Request,
    template: str,
    *,
    status: int = 200,
    next: str = "/board",
    name: str = "",
    changed: bool = False,
    refused: AccountRefused | None = None,
) -> HTMLResponse:
    return framed(
        template,
        language_of(request),
        status=status,
        room=request.app.state.room,
        next=next,
        name=name,
        changed=changed,
        refused=refused,
        path=request.url.path,
    )


# One's own account


@router.get("/account")
def account_page(asked: Annotated[Asked, Depends(asked)]) -> HTMLResponse:
    """One's own account."""
    return asked.page("account.html.j2", None, refused=None)


@router.post("/password", dependencies=HASHES)
def change_password(asked: Annotated[Asked, Depends(asked)], old: Text = "", password: Text = "") -> Response:
    """Changes one's own password, and ends every session of the account."""
    origin = origin_of(asked.request)
    try:
        accounts_of(asked.request).change_password(asked.viewer.account, old, password, origin)
    except AccountRefused as refused:
        return asked.page("account.html.j2", None, refused=refused, status=400)
    return RedirectResponse("/sign-in?changed=yes", SEE_OTHER)


# All accounts


@router.get("/accounts")
def accounts_page(asked: Annotated[Asked, Depends(asked)]) -> HTMLResponse:
    """All accounts."""
    return _accounts(asked)


@router.post("/accounts", dependencies=HASHES)
def make_account(
    asked: Annotated[Asked, Depends(asked)], name: Text = "", password: Text = "", role: Text = "", party: Text = ""
) -> Response:
    """Makes an account."""
    if party and party not in asked.room.operation.theatre.parties:
        refused = AccountRefused("party", "no such party", party)
        return _accounts(asked, refused, name=name, role=role)
    make = accounts_of(asked.request).make
    return _changed(asked, lambda: make(name, password, role, party), name=name, role=role, party=party)


@router.post("/accounts/{name}", dependencies=HASHES)
def set_password(asked: Annotated[Asked, Depends(asked)], name: str, password: Text = "") -> Response:
    """Sets the password of an account, and ends its sessions."""
    return _changed(asked, lambda: accounts_of(asked.request).set_password(name, password))


@router.post("/accounts/{name}/close")
def close_account(asked: Annotated[Asked, Depends(asked)], name: str) -> Response:
    """Closes an account, and ends its sessions."""
    return _changed(asked, lambda: accounts_of(asked.request).close_account(name))


@router.post("/accounts/{name}/open")
def open_account(asked: Annotated[Asked, Depends(asked)], name: str) -> Response:
    """Opens a closed account again."""
    return _changed(asked, lambda: accounts_of(asked.request).open_account(name))


def _changed(asked: Asked, change: Callable[[], object], **typed: str) -> Response:
    try:
        change()
    except AccountRefused as refused:
        return _accounts(asked, refused, **typed)
    return RedirectResponse(asked.link("/accounts"), SEE_OTHER)


def _accounts(
    asked: Asked, refused: AccountRefused | None = None, name: str = "", role: str = "dispatcher", party: str = ""
) -> HTMLResponse:
    operation = asked.room.operation
    held: tuple[Account, ...] = accounts_of(asked.request).all()
    return asked.page(
        "accounts.html.j2",
        held,
        status=200 if refused is None else 400,
        refused=refused,
        typed={"name": name, "role": role, "party": party},
        roles=ROLES,
        parties={id: operation.theatre.name(id, asked.language) for id in operation.theatre.parties},
    )


async def still_there(request: Request) -> bool:
    """Whether the session of a long answer is one still."""
    return await viewer_of(request, used=False) is not None
