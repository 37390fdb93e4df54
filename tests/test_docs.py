"""Every command and every line of Python in the documents is run, and every link leads somewhere."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx2
import pytest
from typer.main import get_command

from safepassage.__main__ import app

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SECONDS = 8
"""What the tests allow where a document says `--seconds`: whether a command is true does not depend on it."""

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


class Block(NamedTuple):
    """A block of code, by its language."""

    language: str
    text: str


def blocks(document: Path) -> Iterator[Block]:
    return (Block(*found) for found in _BLOCK.findall(document.read_text(encoding="utf-8")))


def with_blocks(*languages: str) -> list[Path]:
    return [document for document in DOCUMENTS if any(block.language in languages for block in blocks(document))]


def said(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def run(words: list[str], folder: Path) -> str:
    """Runs a program that has to succeed; what it printed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout + done.stderr


def missing(shown: str, printed: str) -> list[str]:
    """Lines of a document's block that were not printed, spaces aside; `...` stands for what is left out."""
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    said = [" ".join(line.split()) for line in shown.splitlines()]
    return [line for line in said if line != "..." and not any(line in one for one in lines)]


def test_there_are_documents_to_run() -> None:
    assert ROOT / "README.md" in with_blocks("bash") and ROOT / "README.md" in with_blocks("python")


@pytest.mark.parametrize("document", with_blocks("bash", "python"), ids=said)
def test_the_commands_and_the_python_of_a_document_run_in_its_order(document: Path, tmp_path: Path) -> None:
    """A block of text after commands holds lines that they print."""
    printed = ""
    for block in blocks(document):
        if block.language == "text":
            assert missing(block.text, printed) == [], f"not printed:\n{printed}"
        if block.language == "python":
            printed = run([sys.executable, "-W", "error", "-c", block.text], tmp_path)
        if block.language == "bash":
            printed = ""
        for line in block.text.splitlines() if block.language == "bash" else ():
            program, *words = shlex.split(re.sub(r"--seconds \d+", f"--seconds {SECONDS}", line), comments=True)
            assert program == "safepassage", f"{line}: a bash block holds commands of safepassage only"
            printed += run([sys.executable, "-m", program, *words], tmp_path)


def test_what_is_not_printed_is_missed() -> None:
    assert missing("a  b\n...\nc", "x a b y\n") == ["c"]


@pytest.mark.parametrize("document", with_blocks("sh"), ids=said)
def test_the_targets_of_make_that_a_document_names_are_there(document: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = [line.split() for block in blocks(document) if block.language == "sh" for line in block.text.splitlines()]
    assert named
    for program, target, *_ in named:
        assert program == "make" and target in targets, f"make {target}"


def test_the_demonstration_shows_that_nobody_moves_since_when_and_who_says_so(tmp_path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (line,) = re.findall(r"^demo: .+\n\t@\$\(BIN\)/safepassage (.+)$", makefile, re.MULTILINE)
    command = [sys.executable, "-m", "safepassage", *shlex.split(line), "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as room:
        assert room.stdout is not None
        address = next(said.split()[1] for said in room.stdout if said.startswith("Open "))
        page = httpx2.get(address, follow_redirects=True)
        room.send_signal(signal.SIGINT)
        rest = room.stdout.read()
    assert "Suspended since 16 Dec 09:00: nobody may leave. WHO says so." in page.text
    assert "nothing here is happening" in page.text
    assert "The room is closed." in rest and room.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_every_block_says_what_it_is() -> None:
    known = {"bash", "sh", "python", "text", "toml"}
    assert [
        (said(document), block) for document in DOCUMENTS for block in blocks(document) if block.language not in known
    ] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=said)
def test_links_lead_somewhere(document: Path) -> None:
    targets = _LINK.findall(document.read_text(encoding="utf-8"))
    missing = [target for target in targets if "://" not in target and not (document.parent / target).exists()]
    assert missing == []


def test_every_command_is_in_the_readme_or_the_changelog() -> None:
    told = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CHANGELOG.md"))
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"safepassage {name}" in told or f"`{name}`" in told, name
