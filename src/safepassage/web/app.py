"""The app: one guard before every route, one set of headers on every answer, and the routes of the pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.routing import APIRoute
from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from safepassage.control import VERSION
from safepassage.formats.events import event_record
from safepassage.log import LogUnavailable
from safepassage.report.terms import Words
from safepassage.web import agreement, claims, entrance, live, logdesk, situation_report
from safepassage.web.access import RULES, Right
from safepassage.web.accounts import Accounts, AccountsUnavailable, secret
from safepassage.web.entrance import SEE_OTHER, accounts_of, let_in, viewer_of, within
from safepassage.web.pages import framed, language_of, room_of
from safepassage.web.room import Room
from safepassage.web.stream import Stream
from safepassage.web.terms import ROOM

HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
DEMONSTRATOR = "demonstration"
SAFE = {"GET", "HEAD", "OPTIONS"}

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}


class Refused(HTTPException):
    """Somebody who is signed in asked for what their role may not have."""

    def __init__(self, role: str, right: Right) -> None:
        super().__init__(403, f"the role {role} does not have the right to {right}: ask a coordinator")
        self.role, self.right = role, right


class SignedOut(HTTPException):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__(401, "sign in first")


def create_app(
    room: Room, accounts: Accounts, *, hosts: Collection[str] = (), code: str = "", routers: Collection[APIRouter] = ()
) -> FastAPI:
    """The room as an ASGI app.

    `hosts`: names that it is reached by, beside those of this machine; `code`: what the first account's maker has to
    know. Raises ValueError where a route has no rule.
    """

    @asynccontextmanager
    async def open_room(_: FastAPI) -> AsyncIterator[None]:
        await asyncio.to_thread(event_record)  # made now, so that the first who reports does not wait for it
        looking = asyncio.create_task(room.look())
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    app = Walled(
        title="Safe Passage: the operations room",
        version=VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=open_room,
        dependencies=[Depends(guard)],
    )
    app.state.room, app.state.accounts, app.state.code = room, accounts, code or secret()
    app.state.stream, app.state.hosts = Stream(room), frozenset((*LOOPBACK, *hosts))
    app.state.planning, app.state.hashing = CapacityLimiter(1), CapacityLimiter(2)
    app.state.asking = set[str]()
    desks = (live.router, agreement.router, claims.router, logdesk.router, situation_report.router)
    pages = (entrance.router, *desks, *routers, _files(app))
    for router in pages:
        app.include_router(router)
    app.state.routes = frozenset(key for router in pages for key in routes_of(router))
    without = sorted(" ".join(key) for key in app.state.routes if key not in RULES)
    if without:
        raise ValueError(f"no rule says who may use {', '.join(without)}: add it to RULES in web/access.py")
    app.add_exception_handler(StarletteHTTPException, _refuse)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(LogUnavailable, _unavailable)
    app.add_exception_handler(AccountsUnavailable, _unavailable)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    return app


def routes_of(router: APIRouter) -> Iterator[tuple[str, str]]:
    """Method and path of every route."""
    for route in router.routes:
        assert isinstance(route, APIRoute), f"{route}: the guard stands before API routes only"
        yield from ((method, route.path) for method in sorted(route.methods or ()))


async def guard(request: Request) -> None:
    """Lets in whom the rule of the route lets in, and says who it is."""
    route: APIRoute = request.scope["route"]
    right = RULES[request.method if request.method != "HEAD" else "GET", route.path]
    viewer = request.state.viewer = await viewer_of(request)
    if right == "enter":
        return
    if viewer is None:
        raise SignedOut
    if not viewer.may(right):
        raise Refused(viewer.role, right)


def _files(app: FastAPI) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    files = StaticFiles(directory=HERE / "static", packages=[("safepassage", "report/fonts")])

    @router.get("/static/{path:path}")
    async def static(path: str, request: Request) -> Response:
        answer = await files.get_response(path, request.scope)
        answer.headers["Cache-Control"] = "no-cache"
        return answer

    @router.get("/api/openapi.json")
    def description() -> JSONResponse:
        return JSONResponse(app.openapi())

    return router


# Refusals


def _programs(request: Request) -> bool:
    """Whether a program asks, and no page."""
    return request.url.path.startswith(("/api/", "/stream", "/static/", "/tiles", "/health"))


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    if _programs(request):
        return JSONResponse({"why": error.detail}, error.status_code)
    if isinstance(error, SignedOut):
        return await asyncio.to_thread(_to_the_door, request)
    words = Words(language_of(request), ROOM)
    if isinstance(error, Refused):
        why = words("refused why", words(error.role), words(f"right {error.right}"))
        return _said(request, error.status_code, "refused", why)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _said(request, error.status_code, "no page", words("no page why"))
    too_long = error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return _said(request, error.status_code, "too long" if too_long else "unreadable", english=str(error.detail))


def _to_the_door(request: Request) -> Response:
    accounts, page = accounts_of(request), _page_of(request)
    if room_of(request).demonstration:
        answer = RedirectResponse(page, SEE_OTHER)
        let_in(request, answer, accounts.open_session(DEMONSTRATOR))
        return answer
    if accounts.empty:
        return RedirectResponse("/set-up", SEE_OTHER)
    return RedirectResponse(f"/sign-in?next={quote(page)}", SEE_OTHER)


def _page_of(request: Request) -> str:
    """The page that was asked for; of a form that was sent, the page where it stands."""
    page = request.url if request.method in SAFE else URL(request.headers.get("referer", "/board"))
    return within(page.path + (f"?{page.query}" if page.query else ""))


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    why = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
    if _programs(request):
        return JSONResponse({"why": why}, HTTPStatus.UNPROCESSABLE_ENTITY)
    return _said(request, HTTPStatus.UNPROCESSABLE_ENTITY, "unreadable", english=why)


async def _unavailable(request: Request, error: Exception) -> Response:
    """What the database says, and where it is, is for those who are signed in."""
    english = str(error) if getattr(request.state, "viewer", None) is not None else ""
    if _programs(request):
        return JSONResponse({"why": english or ROOM["unavailable why"].en}, HTTPStatus.SERVICE_UNAVAILABLE)
    why = "" if english else ROOM["unavailable why"].said(language_of(request))
    return _said(request, HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", why, english=english)


def _said(request: Request, status: int, key: str, why: str = "", *, english: str = "") -> Response:
    """A page that says why there is no other: in its language, or in English where a program below says it."""
    return framed(
        "refused.html.j2",
        language_of(request),
        status=status,
        room=room_of(request),
        key=key,
        why=why,
        english=english,
        path=request.url.path,
    )


# What stands before everything


BODY_MOST, BODY_MOST_OF_EVENTS, BODY_MOST_OF_STRANGERS = 1_000_000, 12_000_000, 64_000
"""Bytes of a request: of a form, of events (one may be a plan), and of anybody who is not signed in."""


class Walled(FastAPI):
    """An app with the wall around everything, the answer to an error that nobody foresaw included."""

    def build_middleware_stack(self) -> ASGIApp:
        return Wall(super().build_middleware_stack(), self.state.hosts)


class Wall:
    """Turns away requests for other hosts, from other sites and too long; puts the headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self.app, self.hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        wrong = self._wrong(scope, Headers(scope=scope))
        if wrong:
            await PlainTextResponse(wrong, HTTPStatus.MISDIRECTED_REQUEST, dict(HEADERS))(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, self._counted(scope, receive), answer)

    def _counted(self, scope: Scope, receive: Receive) -> Receive:
        """What comes in, up to what whoever sends it may send; raises HTTPException beyond that."""
        came, most = 0, BODY_MOST_OF_STRANGERS

        async def counted() -> Message:
            nonlocal came, most
            message = await receive()
            came += len(message.get("body", b""))
            if came > most == BODY_MOST_OF_STRANGERS and await viewer_of(Request(scope)) is not None:
                most = BODY_MOST_OF_EVENTS if scope["path"] == "/api/events" else BODY_MOST
            if came > most:
                what = "sign in first, or send less" if most == BODY_MOST_OF_STRANGERS else "send it in parts"
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"this is longer than {most:,} bytes: {what}")
            return message

        return counted

    def _wrong(self, scope: Scope, headers: Headers) -> str:
        """Why a request is turned away; empty: it is not."""
        host = _place(f"//{headers.get('host', '')}")
        if host is None or host.hostname not in self.hosts:
            return "This room is not known by that name: start it with --host NAME."
        if scope["method"] in SAFE:
            return ""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is not None and site not in {"same-origin", "none"}:
            return "Sent by another site: open the room itself."
        from_place = host if origin is None else _place(origin)
        if from_place is None or from_place.netloc != host.netloc:
            return "Sent by another site: open the room itself."
        return ""


def _place(address: str) -> SplitResult | None:
    """An address in its parts; None where it is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return None
