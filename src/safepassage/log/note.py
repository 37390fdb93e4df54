"""Signed notes and checkpoints in the text forms of C2SP (signed-note, tlog-checkpoint), and the log's key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
MARK = "— "
PRIVATE = "PRIVATE+KEY+"


class NoteRefused(ValueError):
    """A note that is malformed, or that no trusted key signed. The message says which, and the fix."""


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def checked_name(name: str) -> str:
    """A name a key may carry; raises ValueError for one it may not."""
    if not re.fullmatch(r"[^\s+]+", name) or not name.isprintable():
        raise ValueError(f"{name!r} cannot name a log: use letters, digits, '.', '/' and '-', no spaces and no '+'")
    return name


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteRefused(f"{what} is not base64: copy it whole") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A public key and the name it signs under."""

    name: str
    public: bytes

    @classmethod
    def read(cls, line: str) -> Verifier:
        """From its one line, `name+id+base64`; raises NoteRefused for any other."""
        name, _, rest = line.strip().partition("+")
        key_id, _, data = rest.partition("+")
        key = _decoded(data, "the key")
        if not name or len(key) != 33 or key[:1] != ED25519 or key_id != _key_id(name, key[1:]).hex():
            raise NoteRefused("this is no key line (name+id+base64 of an Ed25519 key): copy the line whole")
        return cls(name=name, public=key[1:])

    @property
    def id(self) -> bytes:
        return _key_id(self.name, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def opened(self, note: str) -> str:
        """The text of a note that this key signed, be it among others; raises NoteRefused for any other note."""
        text, mark, signatures = note.rpartition("\n\n")
        if not mark or not signatures.endswith("\n"):
            raise NoteRefused("this is no signed note: text, an empty line, then lines that begin with '— '")
        for line in signatures.splitlines():
            name, _, data = line.removeprefix(MARK).partition(" ")
            if not line.startswith(MARK) or not data:
                raise NoteRefused("a line of signature is malformed: copy the note whole")
            signature = _decoded(data, "a signature")
            if name != self.name or signature[:4] != self.id:
                continue
            try:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature[4:], f"{text}\n".encode())
            except InvalidSignature as error:
                raise NoteRefused(f"the signature of {self.name} is false: the note was changed") from error
            return f"{text}\n"
        raise NoteRefused(f"not signed by {self.name} (key {self.id.hex()}): ask for the key of whoever signed it")


class Signer:
    """The log's own key. It signs checkpoints, and vouches for each line as it is written."""

    __slots__ = ("_private", "_vouching", "verifier")

    def __init__(self, name: str, secret: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(secret)
        self.verifier = Verifier(name=checked_name(name), public=self._private.public_key().public_bytes_raw())
        self._vouching = hashlib.blake2b(b"safepassage log line", key=secret).digest()

    @classmethod
    def made(cls, name: str) -> Signer:
        """A new key."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def read(cls, path: Path) -> Signer:
        """From its file; raises OSError, or NoteRefused where the file holds no key."""
        line = path.read_text(encoding="utf-8").strip()
        name, _, rest = line.removeprefix(PRIVATE).partition("+")
        key_id, _, data = rest.partition("+")
        key = _decoded(data, f"{path}: the key")
        if not line.startswith(PRIVATE) or not name or len(key) != 33 or key[:1] != ED25519:
            raise NoteRefused(f"{path}: this is no private key of a log; put the right file back")
        signer = cls(name, key[1:])
        if signer.verifier.id.hex() != key_id:
            raise NoteRefused(f"{path}: the key is damaged; put a copy back")
        return signer

    def write(self, path: Path) -> None:
        """To a new file that its owner alone can read; raises FileExistsError rather than take the place of a key."""
        secret = base64.b64encode(ED25519 + self._private.private_bytes_raw()).decode()
        line = f"{PRIVATE}{self.verifier.name}+{self.verifier.id.hex()}+{secret}\n".encode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def signed(self, text: str) -> str:
        """The note: this text (whose last line is ended), signed."""
        if not text.endswith("\n") or "\n\n" in text:
            raise ValueError("a note is lines of text, each ended, none empty")
        signature = base64.b64encode(self.verifier.id + self._private.sign(text.encode())).decode()
        return f"{text}\n{MARK}{self.verifier.name} {signature}\n"

    def mac(self, seq: int, leaf: bytes) -> bytes:
        """What vouches for a leaf at its place: nobody without this key can make it."""
        return hashlib.blake2b(seq.to_bytes(8, "big") + leaf, key=self._vouching, digest_size=32).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The log's size and root at one moment, and the signed note that says so. Kept elsewhere, it is a witness."""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def signed(cls, signer: Signer, size: int, root: bytes) -> Checkpoint:
        """A checkpoint under the signer's name."""
        origin = signer.verifier.name
        note = signer.signed(f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n")
        return cls(origin=origin, size=size, root=root, note=note)

    @classmethod
    def read(cls, note: str, verifier: Verifier) -> Checkpoint:
        """From its note; raises NoteRefused unless this key signed it."""
        lines = verifier.opened(note).split("\n")
        if len(lines) < 4 or not re.fullmatch(r"0|[1-9][0-9]{0,17}", lines[1]) or lines[0] != verifier.name:
            raise NoteRefused("this is no checkpoint: origin, size and root, a line each")
        root = _decoded(lines[2], "the root")
        if len(root) != 32:
            raise NoteRefused("this is no checkpoint: its root is not 32 bytes long")
        return cls(origin=lines[0], size=int(lines[1]), root=root, note=note)
