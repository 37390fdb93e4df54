"""The board's routes: its page, its content as JSON, the live stream, and events posted to the record."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, cast

from fastapi import APIRouter, Body, Depends, Header, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response, StreamingResponse

from safepassage.control import Unreadable
from safepassage.web.board import board
from safepassage.web.board_marks import marks_view
from safepassage.web.board_shape import Board, Marks
from safepassage.web.entrance import accounts_of, still_there
from safepassage.web.pages import Asked, asked
from safepassage.web.stream import Stream

router = APIRouter()
EVENTS_MOST = 1_000
Now = Annotated[Asked, Depends(asked)]


def drawn(asked: Asked) -> Board:
    """The board that a viewer is shown; drawn once for all who are shown the same."""
    sight, language = asked.sight, asked.language
    return asked.room.kept(
        asked.situation,
        ("board", language, sight.future_on),
        lambda: board(asked.situation, language, future_on=sight.future_on),
    )


@router.get("/board", include_in_schema=False)
def board_page(asked: Now) -> HTMLResponse:
    """The board, as text first; its script draws it in full."""
    return asked.page("board.html.j2", drawn(asked), tiles=asked.room.tiles is not None)


@router.get("/api/board", response_model=Board)
def board_json(asked: Now) -> Response:
    """The board: what the page shows."""
    from_board = asked.room.kept(
        asked.situation,
        ("board json", asked.language, asked.sight.future_on),
        lambda: JSONResponse(asdict(drawn(asked))).body,
    )
    return Response(from_board, media_type="application/json")


@router.get("/api/board/marks", response_model=Marks)
def marks_json(asked: Now, known: str = "all") -> Response:
    """The whole record for the time slider; `known`: `all`, or `then` for what was known at each instant."""
    room, sight = asked.room, asked.sight
    seq = room.seq
    events = [event for _, event in room.came_in(sight, 0) if event is not None]
    body = room.kept(
        room.situation(sight),
        ("marks", seq, asked.known_at, known, sight.future is True),
        lambda: JSONResponse(marks_view(room.operation, events, known_at=asked.known_at, then=known == "then")).body,
    )
    return Response(body, media_type="application/json")


@router.get("/tiles.pmtiles", include_in_schema=False)
def tiles(asked: Now) -> FileResponse:
    """The basemap's file, in the ranges that the map asks for."""
    if asked.room.tiles is None:
        raise HTTPException(404, "this room has no basemap: give one with --tiles")
    whole = {"Content-Encoding": "identity"}  # ranges are of the file as it lies there, not of a compressed one
    return FileResponse(asked.room.tiles, media_type="application/octet-stream", headers=whole)


@router.get("/stream")
async def stream(
    asked: Now,
    request: Request,
    after: Annotated[int | None, Query(ge=0, description="The last number that the client has.")] = None,
    wait: Annotated[float | None, Query(ge=0, description="Seconds: answer once, as JSON.")] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """What comes into the log: server-sent events with its numbers as ids, or with `wait` a long poll."""
    if last_event_id is not None and last_event_id.isdecimal() and len(last_event_id) < 19:
        after = int(last_event_id)
    from_here = asked.room.seq if after is None else after
    live, accounts = cast(Stream, request.app.state.stream), accounts_of(request)
    if wait is not None:
        found = await live.poll(asked.sight, from_here, wait)
        if not await still_there(request):
            raise HTTPException(401, "the session ended meanwhile: sign in again")
        return JSONResponse(found)
    return StreamingResponse(
        live.frames(asked.sight, from_here, lambda: still_there(request), lambda: accounts.endings),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


@router.post("/api/events")
def post_events(asked: Now, written: Annotated[list[dict[str, Any]], Body(max_length=EVENTS_MOST)]) -> Response:
    """Records events, each answered by itself: accepted, duplicate, pending, or rejected with why.

    Id, operation and clocks are added where they are left out; the author is the account.
    """
    events = []
    for number, one in enumerate(written, 1):
        mine = {"position": asked.viewer.role, **one, "author": asked.viewer.account}
        try:
            events.append(asked.room.record.event_from(mine, file=f"event {number}"))
        except Unreadable as error:
            return JSONResponse({"problems": [str(problem) for problem in error.problems]}, 422)
    receipts = asked.room.append(events)
    answers = [{"id": one.id, "answer": one.answer, "why": one.why, "seq": one.seq} for one in receipts]
    return JSONResponse({"receipts": answers}, 200)
