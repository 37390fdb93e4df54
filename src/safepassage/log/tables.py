"""The tables of the log, as the newest migration leaves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, String, Table, Text

Line = tuple[int, str, bytes, bytes, bytes]
"""A line of the log as it is written: seq, id, content, leaf, mac."""

Sealed = tuple[int, str, bytes]
"""A checkpoint as it is written: size, note, frontier."""

Following = Callable[[int], tuple[Sequence[Line], Sealed | None]]
"""From the size of the log, the lines that follow, and the checkpoint after them if one is due."""

metadata = MetaData()

entries = Table(
    "entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", String(128), nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("leaf", LargeBinary(32), nullable=False),
    Column("mac", LargeBinary(32), nullable=False),
)
"""The log. `mac`: the log's key vouches for the leaf at its place, so that `verify` can name a changed line."""

shelf = Table(
    "shelf",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    Column("parents", Text, nullable=False),
    Column("missing", String(128), nullable=False),
    Column("received", String(27), nullable=False),
    Index("shelf_missing", "missing"),
)
"""What waits. `parents`: all, by spaces; `missing`: the one it is looked up by, until that comes."""

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
)
"""Signed checkpoints. `frontier`: the roots of the full subtrees, from which the next one goes on."""

logs = Table(
    "logs",
    metadata,
    Column("origin", String(512), primary_key=True),
    Column("verifier", Text, nullable=False),
)
"""One line: whose log this is."""
