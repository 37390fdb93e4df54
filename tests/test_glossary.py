"""The glossary and the guide know every word that the product says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from safepassage import agreement, fleet, movement, people, world
from safepassage.movement import Outcome

DOCS = Path(__file__).parent.parent / "docs"


def words() -> set[str]:
    return set(re.findall(r"^\| ([a-z ]+) \|", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_value_of_the_domain_is_in_the_glossary() -> None:
    values = (
        *(world.Place, world.Road, world.Crossing, people.Group, people.Evacuation, fleet.Fleet, fleet.Convoy),
        *(movement.Movement, movement.EmptyMove, movement.Timetable, agreement.Party, agreement.Clause),
        *(agreement.Gate, agreement.Step, agreement.Breach),
    )
    spoken = {re.sub(r"(?<!^)(?=[A-Z])", " ", value.__name__).lower() for value in values}
    assert spoken <= words(), f"not in docs/glossary.md: {sorted(spoken - words())}"


def test_every_outcome_is_in_the_guide() -> None:
    guide = (DOCS / "guide.md").read_text(encoding="utf-8")
    for outcome in get_args(Outcome):
        assert f"| {outcome} |" in guide, f"docs/guide.md does not say what {outcome!r} means"
