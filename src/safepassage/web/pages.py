"""What every page is made with: who asks, of which instant, in which language, and the frame around the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from safepassage import report
from safepassage.agreement import Language
from safepassage.report.terms import Term, Words
from safepassage.situation import Situation
from safepassage.web.access import FORESEES, RULES, Sight, Viewer
from safepassage.web.room import Room
from safepassage.web.terms import ROOM

NAVIGATION = ("board", "agreement", "claims", "log", "report", "accounts")
LANGUAGE_COOKIE = "language"
YEAR_SECONDS = 365 * 86_400

templates = Environment(
    loader=FileSystemLoader([Path(__file__).parent / "templates", Path(report.__file__).parent]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Asked:
    """A request of somebody signed in. `as_of` and `known_at` None: now, and all that came in."""

    request: Request
    room: Room
    viewer: Viewer
    language: Language
    as_of: datetime | None
    known_at: datetime | None

    @cached_property
    def sight(self) -> Sight:
        """What the viewer is shown."""
        return self.viewer.sight(self.room.operation)

    @cached_property
    def situation(self) -> Situation:
        """The picture that the viewer is shown, at the instants asked for."""
        return self.room.situation(self.sight, self.as_of, self.known_at)

    def link(self, path: str, **changes: str | None) -> str:
        """An address that keeps instant and language; `changes` of its query, None takes a key out."""
        query = {key: value for key in ("as_of", "known_at") if (value := self.request.query_params.get(key))}
        query |= {key: value for key, value in changes.items() if value}
        for key in [key for key, value in changes.items() if value is None]:
            query.pop(key, None)
        return f"{path}?{urlencode(query)}" if query else path

    def page(
        self, template: str, view: object, *tables: Mapping[str, Term], status: int = 200, **more: Any
    ) -> HTMLResponse:
        """A page of the room. `tables`: words of the page's own, beside those of the frame."""
        shown = [name for name in NAVIGATION if (rule := RULES.get(("GET", f"/{name}"))) and self.viewer.may(rule)]
        answer = framed(
            template,
            self.language,
            *tables,
            status=status,
            asked=self,
            view=view,
            navigation=shown,
            headline=self.situation.headline,
            link=self.link,
            room=self.room,
            viewer=self.viewer,
            **more,
        )
        if "language" in self.request.query_params:
            remember_language(answer, self.language)
        return answer


def framed(
    template: str, language: Language, *tables: Mapping[str, Term], status: int = 200, **values: Any
) -> HTMLResponse:
    """A page from its template, in a language."""
    words = Words(language, ROOM, *tables)
    content = templates.get_template(template).render(words=words, language=language, **values)
    return HTMLResponse(content, status_code=status)


def remember_language(answer: Response, language: Language) -> None:
    """Keeps the language for the next pages."""
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=YEAR_SECONDS, httponly=True, samesite="lax")


def language_of(request: Request) -> Language:
    """The language asked for: by the address, else as last chosen, else the browser's."""
    for wanted in (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in {"en", "ar"}:
            return cast(Language, wanted)
    return "ar" if request.headers.get("accept-language", "").lower().startswith("ar") else "en"


def room_of(request: Request) -> Room:
    """The room that the app serves."""
    return cast(Room, request.app.state.room)


async def asked(
    request: Request,
    as_of: Annotated[str | None, Query(description="The picture as of this instant, ISO 8601.")] = None,
    known_at: Annotated[str | None, Query(description="With no more than was known at this instant.")] = None,
    language: Annotated[str | None, Query(description="en or ar")] = None,
) -> Asked:
    """The dependency of every page behind the door: the guard has said who it is."""
    room, viewer = room_of(request), request.state.viewer
    when = instant_asked(room, "as_of", as_of)
    if when is not None and when > room.record.now and viewer.role not in FORESEES:
        when = None  # what is to come is not theirs to see: they are shown now
    return Asked(
        request=request,
        room=room,
        viewer=viewer,
        language=language_of(request),
        as_of=when,
        known_at=instant_asked(room, "known_at", known_at),
    )


def instant_asked(room: Room, key: str, text: str | None) -> datetime | None:
    """A time of the address; None where it is left out. Raises HTTPException where it is none."""
    if not text:
        return None
    try:
        return room.operation.calendar.instant(text[:16] + text[16:].replace(" ", "+"))  # an unescaped plus is a space
    except ValueError as error:
        raise HTTPException(400, f"{key}: {error}") from None
