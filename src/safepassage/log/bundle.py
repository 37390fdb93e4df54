"""A log as a file to carry to another post: a header, the lines of the log as they are, and a signed checkpoint.

A bundle that was cut or changed is refused: the checkpoint is signed, and its root is over every line.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile

from safepassage.log import tree
from safepassage.log.contract import Log, Receipt, Submission
from safepassage.log.note import Checkpoint, NoteRefused, Verifier
from safepassage.log.store import event_of, well_formed

FORMAT = 1
TOGETHER = 1000
"""How many events of a bundle are taken in one transaction."""


class BundleRefused(ValueError):
    """A bundle that is damaged, or signed by nobody trusted. The message says which, and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A bundle that was found whole. `events`: the bytes of each, by id, in the order of the log they come from."""

    verifier: Verifier
    checkpoint: Checkpoint
    after: int
    events: dict[str, bytes]


def bundled(log: Log, after: int = 0) -> Iterator[bytes]:
    """The lines of a bundle with the events beyond `after`, signed as of now. Raises ValueError past its end."""
    checkpoint = log.checkpoint()
    if not 0 <= after <= checkpoint.size:
        raise ValueError(f"the log has {checkpoint.size} events: export after one of them, not after {after}")
    before = tree.Frontier()
    entries = islice(log.entries(), checkpoint.size)
    for entry in islice(entries, after):
        before.push(bytes.fromhex(entry.leaf))
    header = {
        "after": after,
        "bundle": FORMAT,
        "frontier": [subtree.hex() for subtree in before.subtrees],
        "size": checkpoint.size,
        "verifier": log.verifier,
    }
    yield json.dumps(header).encode() + b"\n"
    for entry in entries:
        yield entry.content + b"\n"
    yield json.dumps({"checkpoint": checkpoint.note}, ensure_ascii=False).encode() + b"\n"


def write_bundle(log: Log, path: Path, after: int = 0) -> None:
    """Writes a bundle, whole or not at all, for its owner alone. Raises OSError where the file cannot be written."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        try:
            stream.writelines(bundled(log, after))
            stream.flush()
            os.fsync(stream.fileno())
            os.replace(stream.name, path)
        except BaseException:
            os.unlink(stream.name)
            raise


def read_bundle(lines: Iterable[bytes], trusted: Collection[str]) -> Bundle:
    """A bundle, whole and signed by one of these keys (their lines, as `Log.verifier`); raises BundleRefused."""
    content = [line.rstrip(b"\n") for line in lines]
    header, footer = (_table(content[place]) if len(content) > 1 else {} for place in (0, -1))
    after, frontier, note = header.get("after"), header.get("frontier"), footer.get("checkpoint")
    if (
        header.get("bundle") != FORMAT
        or not isinstance(after, int)
        or not isinstance(frontier, list)
        or not isinstance(note, str)
    ):
        raise BundleRefused("this is no bundle of a log, or its beginning or end is missing: export it again")
    try:
        verifier = Verifier.read(str(header.get("verifier")))
        checkpoint = Checkpoint.read(note, verifier)
    except NoteRefused as error:
        raise BundleRefused(f"its checkpoint is refused: {error}") from error
    if str(verifier) not in {line.strip() for line in trusted}:
        raise BundleRefused(f"signed by a key that is not trusted here: ask the other post whether it is {verifier}")
    try:
        grown = tree.Frontier(after, [bytes.fromhex(subtree) for subtree in frontier])
    except (ValueError, TypeError) as error:
        raise BundleRefused("its header is damaged: export it again") from error
    events: dict[str, bytes] = {}
    for number, line in enumerate(content[1:-1], after + 1):
        grown.push(tree.leaf_hash(line))
        id = _table(event_of(line)).get("id") if well_formed(line) else None
        if not isinstance(id, str) or id in events:
            raise BundleRefused(f"its event {number} is damaged: export it again")
        events[id] = event_of(line)
    if (grown.size, grown.root) != (checkpoint.size, checkpoint.root):
        raise BundleRefused(
            f"its {len(events)} events are not the {checkpoint.size - after} that were signed: export it again"
        )
    return Bundle(verifier=verifier, checkpoint=checkpoint, after=after, events=events)


def _table(line: bytes) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def merge(
    log: Log, bundle: Bundle, received: datetime, parents: Callable[[bytes], tuple[str, ...]]
) -> Iterator[Receipt]:
    """Takes in the events of a bundle. What is here already is a duplicate, so that two posts end with the same set.

    `parents`: what an event waits for, by its bytes. Raises LogUnavailable; what was answered by then is in the log.
    """
    events = iter(bundle.events.items())
    while batch := [
        Submission(id=id, content=content, parents=parents(content)) for id, content in islice(events, TOGETHER)
    ]:
        yield from log.append(batch, received)
