"""An operation file with one fact added: a road or crossing closed, or a consent withheld. Text in, text out."""

from __future__ import annotations

import json
import re
import tomllib

from safepassage.formats.lines import LineIndex
from safepassage.operation import Operation
from safepassage.world import Span

_CLOSED = re.compile(r"""(\s*["']?closed["']?\s*=\s*\[)""")


def with_closure(text: str, operation: Operation, segment: str, span: Span) -> str:
    """The file with a road or crossing closed for a while, beside the closures it has.

    Raises ValueError where there is no such segment, or its table is written in a way that cannot be added to.
    """
    (segment,) = operation.theatre.segments([segment])
    kind, key, value = (
        ("road", "between", list(operation.world.roads[segment].between))
        if segment in operation.world.roads
        else ("crossing", "at", segment)
    )
    rows = tomllib.loads(text)[kind]
    number = next(number for number, row in enumerate(rows) if row[key] == value)
    index, lines = LineIndex(text), text.split("\n")
    closure = f"{{ from = {_local(operation, span.start)}, until = {_local(operation, span.end)} }}"
    if "closed" in rows[number]:
        at = index.line((kind, number, "closed")) - 1
        opening = _CLOSED.match(lines[at])
        if opening is None:
            raise _by_hand(segment, closure)
        rest = lines[at][opening.end() :]
        lines[at] = f"{opening[1]}{closure}{', ' if rows[number]['closed'] else ''}{rest}"
    else:
        at = index.line((kind, number)) - 1
        if not lines[at].lstrip().startswith("[["):
            raise _by_hand(segment, closure)
        lines.insert(at + 1, f"closed = [{closure}]")
    return "\n".join(lines)


def with_consent_withheld(text: str, operation: Operation, party: str, segment: str, span: Span) -> str:
    """The file with a party's consent withheld on a segment for a while, as a clause of its own.

    Raises ValueError where the segment needs no consent of that party.
    """
    (segment,) = operation.theatre.segments([segment])
    asked = operation.world.segment_consent(segment)
    if party not in asked:
        whose = f"it needs that of {', '.join(asked)}" if asked else "it needs nobody's"
        raise ValueError(f"{segment} needs no consent of {party}: {whose}")
    taken = {clause.id for clause in operation.clauses}
    id = next(id for n in range(1, len(taken) + 2) if (id := f"withheld-{n}") not in taken)
    spans = f"from = {_local(operation, span.start)}, until = {_local(operation, span.end)}"
    clause = [
        "",
        "[[clause]]",
        'kind = "consent"',
        f"id = {json.dumps(id)}",
        f"on = [{json.dumps(segment)}]",
        f"parties = [{json.dumps(party)}]",
        f"withheld = [{{ by = {json.dumps(party)}, on = [{json.dumps(segment)}], {spans} }}]",
        "",
    ]
    return "\n".join([text.rstrip("\n"), *clause])


def _local(operation: Operation, minute: int) -> str:
    return f"{operation.calendar.when(minute):%Y-%m-%dT%H:%M:%S}"


def _by_hand(segment: str, closure: str) -> ValueError:
    return ValueError(f"{segment} is written as an inline table: add  closed = [{closure}]  to it by hand")
