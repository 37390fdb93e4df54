"""Apart: who does not share a movement."""

from __future__ import annotations

import pytest

from safepassage.clauses.apart import Apart


def test_the_groups_that_do_not_travel_together() -> None:
    assert Apart(id="apart", groups=("fighter", "lying")).apart() == (frozenset({"fighter", "lying"}),)


@pytest.mark.parametrize("groups", [(), ("fighter",), ("fighter", "fighter")])
def test_it_takes_two(groups: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="name two or more groups"):
        Apart(id="apart", groups=groups)


def test_it_binds_throughout() -> None:
    with pytest.raises(ValueError, match="until cannot bound who travels apart"):
        Apart(id="apart", groups=("fighter", "lying"), until=600)
