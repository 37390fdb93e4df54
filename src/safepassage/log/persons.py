"""Keys of persons, apart from the log: what is sealed under one is gone for good once the key is destroyed."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

MARK = "sealed.1."
NONCE_BYTES = 12
KEY_BYTES = 32


class KeyGone(LookupError):
    """The person's key was destroyed, or is not here: nobody can read what was sealed under it."""


class SealBroken(ValueError):
    """A text that was not sealed for this person, or was changed since."""


class PersonKeys:
    """A folder of keys, a file each, for its owner alone. It is never exported, and no backup of the log holds it.

    A person is an opaque token, of which only a hash names the file. Raises OSError where the folder cannot be used.
    """

    __slots__ = ("folder",)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def seal(self, token: str, content: bytes) -> str:
        """The content as ciphertext under the person's key, which is made if there is none. Raises KeyGone."""
        key = self._key(token, make=True)
        nonce = os.urandom(NONCE_BYTES)
        sealed = nonce + ChaCha20Poly1305(key).encrypt(nonce, content, token.encode())
        return MARK + base64.urlsafe_b64encode(sealed).decode()

    def unseal(self, token: str, text: str) -> bytes:
        """What was sealed. Raises KeyGone, or SealBroken."""
        key = self._key(token, make=False)
        try:
            sealed = base64.b64decode(text.removeprefix(MARK), altchars=b"-_", validate=True)
        except ValueError:
            sealed = b""
        if not text.startswith(MARK) or len(sealed) <= NONCE_BYTES:
            raise SealBroken("this is no sealed text: copy it whole")
        try:
            return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], token.encode())
        except InvalidTag as error:
            raise SealBroken("this was not sealed for this person, or was changed since") from error

    def destroy(self, token: str) -> None:
        """Overwrites and empties the key; the empty file stays, so that no new key takes its place."""
        self._folder()
        descriptor = os.open(self._path(token), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, bytes(KEY_BYTES))
            os.fsync(descriptor)
            os.ftruncate(descriptor, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._keep()

    def _path(self, token: str) -> Path:
        if not token:
            raise ValueError("a person needs a token")
        return self.folder / hashlib.sha256(token.encode()).hexdigest()

    def _folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _keep(self) -> None:
        """Makes sure that the folder's list of files is on the disk."""
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _key(self, token: str, *, make: bool) -> bytes:
        path = self._path(token)
        if make and not path.exists():
            self._folder()
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, ChaCha20Poly1305.generate_key())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            try:
                os.link(fresh, path)
            except FileExistsError:
                pass  # another process was first: its key is the one
            finally:
                os.unlink(fresh)
            self._keep()
        try:
            key = path.read_bytes()
        except FileNotFoundError as error:
            raise KeyGone("no key of this person is here: ask the post that sealed it") from error
        if len(key) != KEY_BYTES:
            raise KeyGone("this person's key was destroyed: what was sealed under it cannot be read again")
        return key
