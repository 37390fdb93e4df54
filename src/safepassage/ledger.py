"""The ledger of people: double entry, in ranges. Every event posts people out of one account into another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from safepassage.people import Count

AccountKind = Literal["outside", "waiting", "aboard", "arrived", "off", "detained", "died", "declined"]


class Account(NamedTuple):
    """Where people are: waiting (of an evacuation), aboard (of a movement), arrived or off (at a place) ...

    `outside` is where people demanded and born come from: its balance is minus all the others'.
    """

    kind: AccountKind
    of: str = ""


class Range(NamedTuple):
    """A balance of people: what it is at least, best, at most. `low` below zero: reports contradict each other."""

    low: int
    best: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """People of one evacuation and group out of one account into another, by an event.

    `counted` False: nobody counted them there; the numbers are those known from before.
    """

    event: str
    at: datetime
    evacuation: str
    group: str
    source: Account
    target: Account
    people: Count
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallied:
    """Counts of one stage of a movement or evacuation, side by side with who published them. None is not zero."""

    event: str
    at: datetime
    stage: str
    by: str
    people: Mapping[str, Count]

    @property
    def total(self) -> Count:
        """All groups together."""
        counts = self.people.values()
        return Count(
            low=sum(count.low for count in counts),
            best=sum(count.best for count in counts),
            high=sum(count.high for count in counts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """Counts of the same people set beside each other, by stage; never averaged. `differs` says where they part."""

    of: str
    planned: int | None
    counts: tuple[Tallied, ...]
    differs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unaccounted:
    """People boarded who neither arrived, returned, got off nor died, of a movement overdue or of unknown position.

    `people` None: how many is not known, and it may be anybody aboard.
    """

    movement: str
    people: Range | None
    why: str
    since: datetime
