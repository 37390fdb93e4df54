"""What carries them: fleets of vehicles of one kind, and the convoys they may form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How long loading or unloading takes: `minutes` for the movement and `per_vehicle` for each vehicle."""

    minutes: int
    per_vehicle: int

    def __post_init__(self) -> None:
        if self.minutes < 0 or self.per_vehicle < 0:
            raise ValueError(f"minutes = {self.minutes}, per_vehicle = {self.per_vehicle}: give zero or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Vehicles of one kind: seats each, the groups they carry, and how many stand where at the start."""

    id: str
    seats: int
    carries: tuple[str, ...]
    stands: Mapping[str, int]
    load: Handling
    unload: Handling
    name: str = ""
    name_ar: str = ""
    one_way: bool = False

    def __post_init__(self) -> None:
        if self.seats < 1:
            raise ValueError(f"seats = {self.seats}: a vehicle that carries people has at least 1 seat")
        for place, vehicles in self.stands.items():
            if vehicles < 0:
                raise ValueError(f"stands: {place} = {vehicles}: give zero or more vehicles")

    @property
    def vehicles(self) -> int:
        return sum(self.stands.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Convoy:
    """A shape a movement may take, as agreed: so many vehicles of each fleet."""

    vehicles: Mapping[str, int]

    def __post_init__(self) -> None:
        if not self.vehicles or any(count < 1 for count in self.vehicles.values()):
            raise ValueError(f"vehicles = {dict(self.vehicles)}: name at least one fleet, each with 1 vehicle or more")


def handling_minutes(handlings: Mapping[str, Handling], vehicles: Mapping[str, int]) -> int:
    """Minutes to load or unload a convoy: the largest `minutes` of its fleets, plus `per_vehicle` of each vehicle."""
    return max(handlings[fleet].minutes for fleet in vehicles) + sum(
        handlings[fleet].per_vehicle * count for fleet, count in vehicles.items()
    )
