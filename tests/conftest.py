"""How every test runs: Hypothesis without a deadline and always on the same examples; and logs in both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import servers
from hypothesis import settings
from log.events import Place

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")


@pytest.fixture(scope="session")
def server() -> Iterator[servers.Server]:
    """One PostgreSQL server for all the tests of this process."""
    with servers.postgresql(durable=False) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def new_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Place]]:
    """Makes places for logs, each of its own."""
    made: list[Place] = []

    def new() -> Place:
        number = len(made) + 1
        key = tmp_path / f"{number}.key"
        if request.param == "sqlite":
            place = Place(address=str(tmp_path / f"{number}.log"), key=key)
        else:
            place = Place(address=request.getfixturevalue("server").new_database(), key=key)
        made.append(place)
        return place

    yield new
    if request.param == "postgresql":
        for place in made:
            request.getfixturevalue("server").drop(place.address)


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    """A place where a log can be made."""
    return new_place()
