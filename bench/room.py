"""An event from when it is posted until all who listen have seen it: in the room, and by a bare fan-out of its bytes.

`python bench/room.py` is quick; `large` has 200 who listen. Both servers run in processes of their own, on loopback, in
one run, turn by turn. The bare one checks nothing, writes nothing down, and knows nobody: it is what the room may cost.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import servers
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from web.rooms import opened, tiny_room

from safepassage.web.entrance import SESSION_COOKIE
from safepassage.web.serve import Opened, RoomServer, listen

SIZES = {"small": (10, 3, 1), "large": (200, 40, 3)}
"""Who listen, events posted in a round, and rounds."""
AIM = 2.0
HOST = "127.0.0.1"


# The two servers


def serve(app: object, token: str, room: Opened | None = None) -> None:
    """Serves on a free port until it is ended, and says where and with which session."""
    listener = listen(HOST, 0)
    print(json.dumps({"port": listener.getsockname()[1], "token": token}), flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)  # type: ignore[arg-type]
    server = uvicorn.Server(config) if room is None else RoomServer(room)
    asyncio.run(server.serve(sockets=[listener]))


def serve_room(log: str, accounts: str) -> None:
    """The room of a tiny operation."""
    with tiny_room(log, accounts) as tested:
        serve(tested.app, tested.accounts.open_session("dispatcher"), opened(tested))


def serve_bare() -> None:
    """What is posted goes out to all who listen, and that is all."""
    frames: list[bytes] = []
    news: set[asyncio.Event] = set()

    async def post(request: Request) -> Response:
        frames.append(await request.body())
        for one in news:
            one.set()
        return Response()

    async def stream(_: Request) -> Response:
        async def sent() -> AsyncIterator[bytes]:
            yield b": here\n\n"
            mine, seen = asyncio.Event(), len(frames)
            news.add(mine)
            while True:
                await mine.wait()
                mine.clear()
                yield b"".join(frames[seen:])
                seen = len(frames)

        return StreamingResponse(sent(), media_type="text/event-stream")

    serve(Starlette(routes=[Route("/post", post, methods=["POST"]), Route("/stream", stream)]), "")


@contextmanager
def running(*words: str) -> Iterator[tuple[int, str]]:
    """One of the servers, in a process of its own: its port and a session."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, __file__, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        said = json.loads(server.stdout.readline())
        try:
            yield said["port"], said["token"]
        finally:
            server.terminate()


# Those who listen, and the one who posts


@dataclass
class Crowd:
    """Connections to one server, and when each frame came in at each, by its id."""

    port: int
    token: str
    seen: dict[int, list[float]] = field(default_factory=dict)
    frame: bytes = b""
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def cookie(self) -> str:
        return f"Cookie: {SESSION_COOKIE}={self.token}\r\n" if self.token else ""

    async def gather(self, people: int) -> None:
        """Everyone connects, and has heard that the stream has begun."""
        ready = [asyncio.Event() for _ in range(people)]
        for one in ready:
            reader, writer = await asyncio.open_connection(HOST, self.port)
            head = f"GET /stream HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n{self.cookie}\r\n"
            writer.write(head.encode())
            self.writers.append(writer)
            self.tasks.append(asyncio.create_task(self._listen(reader, one)))
        await asyncio.gather(*(one.wait() for one in ready))

    async def _listen(self, reader: asyncio.StreamReader, ready: asyncio.Event) -> None:
        while line := await reader.readline():
            if line.startswith(b"data: ") and b"kind" in line:
                self.seen[self._last].append(time.perf_counter())
            elif line.startswith(b"id: "):
                self._last = int(line[4:])
            if line.startswith((b": here", b"event: ready")):
                ready.set()

    _last = 0

    async def post(self, path: str, body: bytes, number: int) -> float:
        """Posts an event as the stream will number it, and says when."""
        self.seen[number] = []
        reader, writer = await asyncio.open_connection(HOST, self.port)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {HOST}:{self.port}\r\n{self.cookie}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        at = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.read()
        assert b" 200 " in answer.split(b"\r\n", 1)[0], answer[:400]
        writer.close()
        return at

    async def all_saw(self, number: int, people: int) -> list[float]:
        """When each of them saw it."""
        for _ in range(5_000):
            if len(self.seen[number]) >= people:
                return self.seen[number]
            await asyncio.sleep(0.002)
        raise AssertionError(f"{len(self.seen[number])} of {people} saw event {number} within ten seconds")

    def leave(self) -> None:
        for task in self.tasks:
            task.cancel()
        for writer in self.writers:
            writer.close()


async def measured(room: tuple[int, str], bare: tuple[int, str], size: str) -> tuple[list[float], list[float]]:
    """Milliseconds from the posting to each listener's seeing it: by the room, and by the bare fan-out."""
    people, events, rounds = SIZES[size]
    crowd, plain = Crowd(*room), Crowd(*bare)
    await crowd.gather(people)
    await plain.gather(people)
    ours: list[float] = []
    theirs: list[float] = []
    event = json.dumps([{"what": {"kind": "road blocked", "road": "hill--bridge", "why": "a crowd"}}]).encode()
    for number in range(1, rounds * events + 1):
        at = await crowd.post("/api/events", event, number)
        ours += [1000 * (saw - at) for saw in await crowd.all_saw(number, people)]
        data = json.dumps({"seq": number, "id": "0" * 36, "kind": "road blocked", "happened": "0" * 22, "who": ""})
        at = await plain.post("/post", f"id: {number}\nevent: event\ndata: {data}\n\n".encode(), number)
        theirs += [1000 * (saw - at) for saw in await plain.all_saw(number, people)]
    crowd.leave()
    plain.leave()
    return ours, theirs


def percentiles(milliseconds: Sequence[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(milliseconds, n=100)
    return cuts[49], cuts[98]


def main(size: str) -> None:
    """Measures on SQLite and on PostgreSQL."""
    people, events, rounds = SIZES[size]
    print(f"{people} listen, {rounds * events} events posted; load {os.getloadavg()[0]:.1f}; milliseconds until seen")
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        places = {"SQLite": (str(folder / "a.log"), str(folder / "a.db"))}
        database = closing.enter_context(servers.postgresql()).new_database()
        places["PostgreSQL"] = (database, database)
        for name, place in places.items():
            with running("room", *place) as room, running("bare") as bare:
                ours, theirs = asyncio.run(measured(room, bare, size))
            (p50, p99), (bare50, bare99) = percentiles(ours), percentiles(theirs)
            ratio = f"{p50 / bare50:.2f} x, {p99 / bare99:.2f} x"
            kept = "kept" if p50 <= AIM * bare50 and p99 <= AIM * bare99 else "MISSED"
            print(
                f"{name:<11} room p50 {p50:.1f} p99 {p99:.1f}   bare p50 {bare50:.1f} p99 {bare99:.1f}"
                f"   {ratio} (aim {AIM:.0f} x: {kept})"
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["room", log, accounts]:
            serve_room(log, accounts)
        case ["bare"]:
            serve_bare()
        case [size] if size in SIZES:
            main(size)
        case []:
            main("small")
        case other:
            sys.exit(f"{' '.join(other)}: say small or large")
