"""The page of all kinds of clause, from the clauses themselves: docs/clauses.md.

`python -m safepassage.formats.clause_page docs/clauses.md` writes it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import MISSING, fields
from inspect import getdoc
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from safepassage.agreement import Clause, Gate, enumeration
from safepassage.clauses import KINDS
from safepassage.formats.operation import REFERENCES, parse_operation
from safepassage.formats.shape import (
    Flag,
    Hours,
    Instant,
    Key,
    Names,
    Quantity,
    Share,
    Text,
    Whole,
    Wholes,
    clause_tables,
    shown,
)
from safepassage.formats.template import TEMPLATE
from safepassage.operation import Operation

THEATRE = TEMPLATE.partition("[[clause]]")[0]
"""The operation of `safepassage new`, without its agreement: the examples are clauses of it."""

EXAMPLES: dict[str, str] = {
    "lockstep": """of = ["north-to-city"]
with = ["south-to-town"]
tolerance = 0.30""",
    "tranches": """first = ["south-to-town"]
then = ["north-to-city"]
first_steps = [100, 100]
then_steps = [200, 212]""",
    "order": """first = ["north-to-city/wounded"]
then = ["north-to-city/civilian"]
ahead = 0.50""",
    "last": """first = ["south-to-town"]
then = ["north-to-city"]""",
    "window": """on = ["bridge"]
hours = ["08:00-16:00"]
pauses = ["12:00-12:30"]""",
    "quota": """of = ["*/civilian"]
most = 500
per = "day\"""",
    "consent": """lapses_hours = 24
withheld = [{ by = "opposition", on = ["bridge--ford"], until = 2025-03-01T12:00:00 }]""",
    "escort": """teams = ["red-crescent"]""",
    "observer": """parties = ["red-crescent"]
on = ["bridge"]""",
    "aboard": """minutes = 360
overnight = false""",
    "apart": """groups = ["wounded", "civilian"]""",
    "notice": """hours = 6""",
    "pause": """hours = 2""",
    "inspection": """on = ["bridge", "ford"]
looked_for = "heavy weapons"
light_weapons_only = true""",
}

LIMITS_MOST = 2
"""Limits of an example that the page names."""

COMMON = ("kind", "id", "state", "from", "until", "counts")
"""Keys of every clause."""

HEAD = """# Clauses

The kinds of clause an agreement is made of. Written from the code that reads, plans and checks them; not by hand.

Keys that every clause has:

| key | written as | left out | meaning |
|---|---|---|---|
| `kind` | text | needed | which of the kinds below |
| `id` | id | its kind | what reports call it; the second of a kind is `lockstep-2` |
| `state` | `"in force"`, `"proposed"` or `"suspended"` | `"in force"` | only those in force bind |
| `from`, `until` | date and time | the whole operation | when it binds; `aboard` and `apart` bind throughout |
| `counts` | `"handover"` or `"arrival"` | `"handover"` | when people count |

People are named as `evacuation`, `evacuation/group`, `*/group` or `*`. Shares lie between 0 and 1 and are of the people
demanded. A segment is a road (`place--place`) or a crossing (its place).

What a clause does, if it is in force:

- **Plan**: what movements can show of it is kept by every timetable that the planner writes. A *gate* (at every instant
  a sum of people is at most so much) and a *step* (more than so many of these only once so many of those) are also rows
  of the bound.
- **Check**: a finding bears the clause's id, the instant and the movements. What movements cannot show is printed as
  *not checkable here*, never as kept.
- **Live**: the gate that says GO or NO-GO to a convoy judges limits, closures and time aboard by the situation, and
  what stands below under *Live*. Each reason of a NO-GO names the events behind it.

The examples are clauses of the operation that `safepassage new` writes.
"""


def clause_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, *("\n".join(_section(kind)) for kind in KINDS)])


def example_of(kind: type[Clause]) -> str:
    """A clause of this kind as a file has it."""
    return f'[[clause]]\nkind = "{kind.kind}"\n{EXAMPLES[kind.kind]}\n'


def _section(kind: type[Clause]) -> Iterator[str]:
    operation, problems = parse_operation(THEATRE + example_of(kind))
    assert operation is not None, problems
    (clause,) = operation.clauses
    yield f"## {kind.kind}\n"
    yield (getdoc(kind) or "") + "\n"
    yield "| key | written as | left out |\n|---|---|---|"
    defaults = {field.name: field.default for field in fields(kind)}
    for name, key in clause_tables()[kind.kind].items():
        if name not in COMMON:
            yield f"| `{name}` | {_written(key)} | {_default(key, defaults[key.field])} |"
    yield f"\n```toml\n{example_of(kind)}```\n"
    yield f"> {clause.sentence(operation.theatre, 'en')}\n"
    yield from (f"- {said}" for said in _does(operation, clause))
    yield ""


WRITTEN: tuple[tuple[Any, str], ...] = (
    (Names, "ids"),
    (Wholes, "whole numbers in brackets"),
    (Whole, "a whole number"),
    (Share, "a share, 0 to 1"),
    (Quantity, "a number"),
    (Flag, "`true` or `false`"),
    (Hours, '`"HH:MM-HH:MM"`, or several in a list'),
    (Instant, "date and time"),
    (Text, "text"),
)
"""How a value is written, in words."""

MEANT = {"people": "people", "place": "places", "segment": "segments", "party": "parties", "group": "groups"}
"""What ids stand for, in words."""


def _written(key: Key) -> str:
    if key.rows is not None:
        return "tables with " + ", ".join(f"`{name}`" for name in key.rows.table)
    if get_origin(key.written) is Literal:
        return " or ".join(f'`"{word}"`' for word in get_args(key.written))
    if key.written is Names:
        return MEANT[REFERENCES["clause", key.field]]
    return next(said for written, said in WRITTEN if written is key.written)


def _default(key: Key, default: object) -> str:
    if key.needed or default is MISSING:
        return "needed"
    if default is None:
        return "none"
    return "empty" if default in ((), "") else f"`{shown(default)}`"


def _does(operation: Operation, clause: Clause) -> Iterator[str]:
    """What the example does to plans and checks, from what the clause itself says."""
    for limit in operation.limits[:LIMITS_MOST]:
        yield f"Plan and check, as a {'gate' if isinstance(limit, Gate) else 'step'}: {limit.text}."
    if len(operation.limits) > LIMITS_MOST:
        yield "And so on."
    closures = operation.closures
    if closures:
        shut = enumeration(sorted({closure.segment for closure in closures}), "en")
        empty = "too" if any(closure.binds_empty for closure in closures) else "are not bound"
        yield f"Plan and check: convoys keep off {shut} while the clause shuts it; empty vehicles {empty}."
    for evacuation in operation.evacuations:
        stay = clause.stay(evacuation)
        if stay is not None:
            longest = "any time" if stay.minutes is None else f"at most {stay.minutes} minutes"
            night = "midnight allowed" if stay.overnight else "not at midnight"
            yield f"Plan and check: {evacuation} is aboard for {longest}, {night}."
    for groups in clause.apart():
        yield f"Plan and check: no movement carries two of {enumeration(sorted(groups), 'en')}."
    if not_checkable := clause.not_checkable():
        yield f"Not checkable here: {not_checkable}."
        asked = tuple(_asked(operation, clause)) or ("the gate does not ask for it; people see to it.",)
        yield from (f"Live: {said}" for said in asked)


def _asked(operation: Operation, clause: Clause) -> Iterator[str]:
    """What the live gate asks of a convoy for the example's sake, beyond limits, closures and time aboard."""
    theatre = operation.theatre
    if minutes := clause.notice_minutes():
        yield f"no movement departs that was not announced {minutes} minutes before its boarding began."
    if minutes := clause.pause_minutes():
        yield f"nothing departs in the {minutes} minutes after an incident, unless the incident lies elsewhere."
    if lapses := clause.lapses(theatre):
        yield f"a consent no longer counts {max(lapses.values())} minutes after it was given."
    if teams := clause.escorted_by():
        yield f"a convoy departs with {theatre.names(teams, 'en', 'or')} beside it, or not at all."
    for party, on in clause.watched_by().items():
        where = f"at {theatre.names(on, 'en')}" if on else "along the whole way"
        yield f"{theatre.name(party, 'en')} has to be known to be present {where}."


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(clause_page(), encoding="utf-8")
