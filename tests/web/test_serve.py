"""Opening a room: where it is kept, what is refused with the fix, and that nothing is lost when it closes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx2
import pytest
from log.events import Place

from safepassage.events import RoadBlocked
from safepassage.web.serve import NotOpened, Opened, listen, open_kept, open_rehearsal

SERVE = [sys.executable, "-m", "safepassage", "serve"]


def kept(closing: ExitStack, place: Place, folder: Path, operation: str | None = "tiny") -> Opened:
    """A room in that kind of store."""
    if "://" in place.address:
        return open_kept(closing, operation, database=place.address)
    return open_kept(closing, operation, data=folder)


def test_a_room_is_found_again_as_it_was_left(place: Place, tmp_path: Path) -> None:
    with ExitStack() as closing:
        opened = kept(closing, place, tmp_path / "room")
        assert opened.code and opened.room.seq == 0
        opened.app.state.accounts.make("desk", "three small words", "coordinator", first=True)
        opened.room.append([opened.room.record.stamped(RoadBlocked(road="hill--bridge"), author="desk")])
    with ExitStack() as closing:
        again = kept(closing, place, tmp_path / "room", "tiny" if "://" in place.address else None)
        assert (again.code, again.room.seq) == ("", 1)
        assert [account.name for account in again.app.state.accounts.all()] == ["desk"]


def test_a_folder_holds_one_operation_and_is_its_owners(tmp_path: Path) -> None:
    folder = tmp_path / "room"
    with ExitStack() as closing:
        open_kept(closing, "tiny", data=folder)
    assert {path.name for path in folder.iterdir()} >= {"operation.toml", "operation.log", "accounts.db"}
    assert folder.stat().st_mode & 0o077 == 0 and (folder / "accounts.db").stat().st_mode & 0o077 == 0
    with ExitStack() as closing, pytest.raises(NotOpened, match="another operation"):
        open_kept(closing, "aleppo-2016", data=folder)


def test_what_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    with ExitStack() as closing:
        with pytest.raises(NotOpened, match="name an operation"):
            open_kept(closing, None, data=tmp_path / "nothing")
        with pytest.raises(NotOpened, match="two places"):
            open_kept(closing, "tiny", data=tmp_path, database="postgresql://x@localhost/y")
        (tmp_path / "file").touch()
        with pytest.raises(NotOpened, match="is a file: name a folder with --data"):
            open_kept(closing, "tiny", data=tmp_path / "file")
        with pytest.raises(NotOpened, match="there is no such file"):
            open_rehearsal(closing, tiles=tmp_path / "none.pmtiles")
        taken = closing.enter_context(listen("127.0.0.1", 0))
        with pytest.raises(NotOpened, match="give another --host or --port"):
            listen("127.0.0.1", taken.getsockname()[1])
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--demo", "--data", "room"], "leave --data and --database out"),
        (["--demo", "--host", "192.0.2.1"], "it stays on 127.0.0.1"),
        (["--rehearse", "noon"], 'write one such as "2016-12-15'),
        (["nowhere.toml"], "nowhere.toml"),
        (["tiny", "--tiles", "none.pmtiles"], "there is no such file"),
        (["tiny", "--host", "192.0.2.1"], "give another --host or --port"),
        (["tiny", "--host", ""], "0.0.0.0 to listen at every address"),
        (["tiny", "--database", "room.db"], "name a folder with --data instead"),
        (["tiny", "--database", "sqlite:///room.db"], "name a folder with --data instead"),
        (["--rehearse", "2025-03-01 12:00", "tiny"], "Rehearse an example that has one, such as aleppo-2016"),
        (["--database", "postgresql://nobody@127.0.0.1:1/none", "tiny"], "none"),
    ],
)
def test_a_wrong_command_exits_with_two_and_writes_nothing(tmp_path: Path, words: list[str], said: str) -> None:
    done = subprocess.run(
        [*SERVE, "--port", "0", *words], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop_it_closes_though_somebody_listens(tmp_path: Path, how: signal.Signals) -> None:
    command = [*SERVE, "--demo", "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as room:
        assert room.stdout is not None
        said = ""
        while not said.endswith("}\n"):
            said += room.stdout.readline()
        address = json.loads(said)["address"]
        with httpx2.Client(base_url=address, follow_redirects=True) as client:
            client.get("/board")
            with client.stream("GET", "/stream") as stream:
                assert stream.status_code == 200
                room.send_signal(how)
                assert room.wait(timeout=20) == 0
