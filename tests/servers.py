"""A real PostgreSQL server for tests and benchmarks: its own, in its own folder, reached by a socket there."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg

START_SECONDS = 60


def programs() -> Path:
    """Where the server's programs are; raises FileNotFoundError with the fix."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    if not versions:
        raise FileNotFoundError("PostgreSQL's server is not installed: `make postgresql` installs it, or says how")
    return versions[-1].parent


def _account() -> str | None:
    """Whom to run it as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return "postgres" if any(one.pw_name == "postgres" for one in pwd.getpwall()) else "nobody"


class Server:
    """A server that this test run started, and ends."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        self.folder, self.durable = folder, durable
        self.programs, self.account = programs(), _account()
        self.running: subprocess.Popen[bytes] | None = None
        if self.account:
            shutil.chown(folder, self.account)
        self._run(
            "initdb", "-D", folder / "data", "-U", "safe", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )

    def _run(self, program: str, *words: str | Path) -> None:
        done = subprocess.run(
            [self.programs / program, *words], user=self.account, cwd=self.folder, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr.decode()

    def start(self, *, file_bytes_max: int | None = None) -> None:
        """Starts it; `file_bytes_max`: no file of it can grow beyond this, as on a full disk."""
        settings = ["listen_addresses=", f"unix_socket_directories={self.folder}", "shared_buffers=16MB"]
        settings.append("fsync=on" if self.durable else "fsync=off")
        words: list[str | Path] = [self.programs / "postgres", "-D", self.folder / "data"]
        words += [word for setting in settings for word in ("-c", setting)]
        if file_bytes_max is not None:
            words = ["sh", "-c", 'ulimit -f "$1" && shift && exec "$@"', "sh", str(file_bytes_max // 512), *words]
        with (self.folder / "output").open("ab") as output:
            self.running = subprocess.Popen(
                words,
                user=self.account,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.conninfo("postgres")).close()
                return
            except psycopg.OperationalError:
                ended = self.running.poll() is not None
                if ended or time.monotonic() > deadline:
                    raise RuntimeError((self.folder / "output").read_text(errors="replace")) from None
                time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ends it: SIGINT lets it tidy up, SIGQUIT does not."""
        if self.running is not None:
            self.running.send_signal(how)
            self.running.wait()
            self.running = None

    def conninfo(self, database: str) -> str:
        return f"host={self.folder} user=safe dbname={database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"log_{uuid4().hex}"
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://safe@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        """Does away with a database, whoever is connected."""
        name = url.partition("/log_")[2].partition("?")[0]
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE log_{name} WITH (FORCE)".encode())


@contextmanager
def postgresql(*, durable: bool = True) -> Iterator[Server]:
    """A running server; not `durable`: quicker, for tests in which nothing is cut off."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    server: Server | None = None
    try:
        server = Server(folder, durable=durable)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop(signal.SIGQUIT)
        shutil.rmtree(folder)
