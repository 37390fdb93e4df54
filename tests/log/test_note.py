"""Signed notes and checkpoints: the published example, and notes that were changed."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from safepassage.log.note import Checkpoint, NoteRefused, Signer, Verifier

PUBLISHED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
PUBLISHED = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
"""The example of the C2SP signed-note page."""

ROOT = b"r" * 32


@pytest.fixture
def signer() -> Signer:
    return Signer("example.org/log", b"k" * 32)


def test_the_published_note_opens_with_the_published_key() -> None:
    assert Verifier.read(PUBLISHED_KEY).opened(PUBLISHED) == "This is an example message.\n"


def test_a_published_note_that_was_changed_does_not() -> None:
    with pytest.raises(NoteRefused, match="is false"):
        Verifier.read(PUBLISHED_KEY).opened(PUBLISHED.replace("an example", "one example"))


def test_a_key_is_its_one_line(signer: Signer) -> None:
    assert Verifier.read(str(signer.verifier)) == signer.verifier
    assert str(Verifier.read(PUBLISHED_KEY)) == PUBLISHED_KEY


@pytest.mark.parametrize(
    "line", ["", "x", PUBLISHED_KEY[:-4], PUBLISHED_KEY.replace("530d", "530e"), "a+b+c", "é+" * 3]
)
def test_a_damaged_key_line_is_refused(line: str) -> None:
    with pytest.raises(NoteRefused, match="copy"):
        Verifier.read(line)


def test_a_checkpoint_says_origin_size_and_root(signer: Signer) -> None:
    checkpoint = Checkpoint.signed(signer, 7, ROOT)
    assert checkpoint.note.splitlines()[:4] == [
        "example.org/log",
        "7",
        "cnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=",
        "",
    ]
    assert Checkpoint.read(checkpoint.note, signer.verifier) == checkpoint


def test_a_witness_may_sign_too(signer: Signer) -> None:
    note = Checkpoint.signed(signer, 7, ROOT).note
    witnessed = note + Signer("witness.org", b"w" * 32).signed("x\n").splitlines()[-1] + "\n"
    assert Checkpoint.read(witnessed, signer.verifier).size == 7


def test_a_checkpoint_of_another_key_is_refused(signer: Signer) -> None:
    other = Signer("example.org/log", b"o" * 32)
    with pytest.raises(NoteRefused, match=r"not signed by example.org/log"):
        Checkpoint.read(Checkpoint.signed(other, 7, ROOT).note, signer.verifier)


@pytest.mark.parametrize(
    "text", ["", "one line\n", "example.org/log\n07\ncnI=\n", "example.org/log\n7\ncnI=\n", "x\n7\ncnI=\n"]
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str, signer: Signer) -> None:
    note = signer.signed(text) if text else "nothing signed"
    with pytest.raises(NoteRefused):
        Checkpoint.read(note, signer.verifier)


def test_a_key_file_is_for_its_owner_alone_and_never_replaced(tmp_path: Path, signer: Signer) -> None:
    path = tmp_path / "log.key"
    signer.write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Signer.read(path).verifier == signer.verifier
    with pytest.raises(FileExistsError):
        signer.write(path)


@pytest.mark.parametrize("content", ["", "nonsense", "PRIVATE+KEY+a+00000000+AAAA"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "log.key"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(NoteRefused, match="put the right file back"):
        Signer.read(path)


def test_a_damaged_key_is_refused(tmp_path: Path, signer: Signer) -> None:
    path = tmp_path / "log.key"
    signer.write(path)
    line = path.read_text(encoding="utf-8")
    path.write_text(line.replace("example.org", "example.com"), encoding="utf-8")
    with pytest.raises(NoteRefused, match="damaged"):
        Signer.read(path)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\nb", "a\x00b"])
def test_a_name_without_spaces_or_plus(name: str) -> None:
    with pytest.raises(ValueError, match="no spaces"):
        Signer(name, b"k" * 32)
