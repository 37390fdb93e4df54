"""Who is moved: groups for transport, counts that know how sure they are, evacuations. Never names of persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A kind of person for transport. `weight` is what an hour of theirs counts in the objective."""

    id: str
    name: str
    name_ar: str = ""
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise ValueError(f"weight = {self.weight}: give more than zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of people with its range. Plans use `best`; an unknown count is no Count, and never zero."""

    low: int
    best: int
    high: int

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.best <= self.high:
            raise ValueError(f"low = {self.low}, best = {self.best}, high = {self.high}: give 0 <= low <= best <= high")

    @classmethod
    def exactly(cls, people: int) -> Count:
        return cls(low=people, best=people, high=people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evacuation:
    """A stream of people the agreement names, by group. `out_at`: the crossings at which they are handed over."""

    id: str
    origin: str
    to: tuple[str, ...]
    people: Mapping[str, Count]
    out_at: tuple[str, ...] = ()
    name: str = ""
    name_ar: str = ""

    def __post_init__(self) -> None:
        if not self.to:
            raise ValueError("to = []: name at least one place where these people may go")
        if self.origin in self.to:
            raise ValueError(f"to = {list(self.to)}: {self.origin} is where these people are")

    def demand(self) -> dict[str, int]:
        """People demanded by group: the best of each count."""
        return {group: count.best for group, count in self.people.items()}

    @property
    def total(self) -> int:
        return sum(count.best for count in self.people.values())
