"""Personal fields: sealed under a key of their own, and gone for good once it is destroyed, while the log verifies."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from log.events import Place, event
from safepassage.log import KeyGone, PersonKeys, SealBroken, bundled, verify
from safepassage.log.store import event_of

NAME = "a person's name, اسم".encode()


@pytest.fixture
def keys(tmp_path: Path) -> PersonKeys:
    return PersonKeys(tmp_path / "log.persons")


def test_what_is_sealed_is_read_with_the_key(keys: PersonKeys) -> None:
    sealed = keys.seal("p1", NAME)
    assert keys.unseal("p1", sealed) == NAME
    assert PersonKeys(keys.folder).unseal("p1", sealed) == NAME
    assert sealed != keys.seal("p1", NAME)


def test_a_destroyed_key_leaves_a_log_that_verifies(place: Place, keys: PersonKeys) -> None:
    log = place.filled([event("e1", sealed={"p1": keys.seal("p1", NAME)})])
    kept = log.checkpoint()
    keys.destroy("p1")
    assert verify(log, [kept]).sound
    (entry,) = log.entries()
    with pytest.raises(KeyGone, match="cannot be read again"):
        keys.unseal("p1", json.loads(event_of(entry.content))["sealed"]["p1"])


def test_no_new_key_takes_the_place_of_a_destroyed_one(keys: PersonKeys) -> None:
    keys.seal("p1", NAME)
    keys.destroy("p1")
    keys.destroy("never-seen")
    for token in ("p1", "never-seen"):
        with pytest.raises(KeyGone):
            keys.seal(token, NAME)
    assert all(path.stat().st_size == 0 for path in keys.folder.iterdir())


def test_a_key_is_for_one_person_and_its_owner_alone(keys: PersonKeys) -> None:
    sealed = keys.seal("p1", NAME)
    keys.seal("p2", NAME)
    with pytest.raises(SealBroken, match="not sealed for this person"):
        keys.unseal("p2", sealed)
    with pytest.raises(KeyGone, match="ask the post"):
        keys.unseal("p3", sealed)
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys.folder.iterdir()} == {0o600}
    assert stat.S_IMODE(keys.folder.stat().st_mode) == 0o700
    assert not any("p1" in path.name for path in keys.folder.iterdir())


@pytest.mark.parametrize("text", ["", "sealed.1.", "sealed.1.AAAA", "sealed.1.é", "plain words"])
def test_what_was_never_sealed_is_refused(keys: PersonKeys, text: str) -> None:
    keys.seal("p1", NAME)
    with pytest.raises(SealBroken):
        keys.unseal("p1", text)


def test_a_sealed_text_that_was_changed_is_refused(keys: PersonKeys) -> None:
    sealed = keys.seal("p1", NAME)
    with pytest.raises(SealBroken, match="changed since"):
        keys.unseal("p1", sealed[:-8] + "AAAAAAA=")


def test_neither_name_nor_key_leaves_with_a_bundle_or_a_backup(tmp_path: Path, keys: PersonKeys) -> None:
    log = Place(address=str(tmp_path / "a.log"), key=tmp_path / "a.key").filled(
        [event("e1", sealed={"p1": keys.seal("p1", NAME)})]
    )
    log.backup(tmp_path / "copy")
    (key,) = (path.read_bytes() for path in keys.folder.iterdir())
    for content in (b"".join(bundled(log)), (tmp_path / "copy").read_bytes()):
        assert NAME not in content and key not in content and key.hex().encode() not in content
