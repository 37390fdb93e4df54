"""The one place where chance is drawn: numbered streams, so that equal seeds give equal draws wherever they run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp, log
from statistics import NormalDist
from typing import Literal
from zlib import crc32

import numpy as np

Shape = Literal["fixed", "uniform", "exponential", "lognormal"]
NORMAL = NormalDist()
P90 = NORMAL.inv_cdf(0.9)


def stream(seed: int, course: int, name: str) -> np.random.Generator:
    """The draws of one shock in one course: counter-based (Philox), so no other stream can shift them."""
    key = np.array([seed & 0xFFFF_FFFF_FFFF_FFFF, crc32(name.encode())], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=np.array([0, 0, 0, course], dtype=np.uint64)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """How long, how many or what share: `fixed` (low), `uniform` (low to high), `exponential` (mean) or `lognormal`
    (median, and the 90th percentile p90).
    """

    shape: Shape
    low: float = 0.0
    high: float = 0.0
    mean: float = 0.0
    median: float = 0.0
    p90: float = 0.0

    def __post_init__(self) -> None:
        if self.shape == "fixed" and self.low < 0:
            raise ValueError(f"low = {self.low}: give zero or more")
        if self.shape == "uniform" and not 0 <= self.low <= self.high:
            raise ValueError(f"low = {self.low}, high = {self.high}: give 0 <= low <= high")
        if self.shape == "exponential" and not self.mean > 0:
            raise ValueError(f"mean = {self.mean}: give more than zero")
        if self.shape == "lognormal" and not 0 < self.median < self.p90:
            raise ValueError(f"median = {self.median}, p90 = {self.p90}: give 0 < median < p90")

    @classmethod
    def fixed(cls, value: float) -> Law:
        return cls(shape="fixed", low=value)

    def at(self, chance: float) -> float:
        """The value that so large a part of all draws stays below (the inverse of its distribution)."""
        if self.shape == "fixed":
            return self.low
        if self.shape == "uniform":
            return self.low + (self.high - self.low) * chance
        if self.shape == "exponential":
            return -self.mean * log(1 - chance)
        return self.median * exp(log(self.p90 / self.median) / P90 * NORMAL.inv_cdf(max(chance, 1e-12)))


def recurring(
    draws: np.random.Generator, per_day: float, minutes: Law, end: int, *, begun: bool = False, spared: int = 0
) -> Iterator[tuple[int, int]]:
    """Spans (start, end) of something that begins `per_day` times a day while it is not there, and lasts so long.

    Gaps are exponential, and the next one counts from the end of the last: what is shut cannot be shut again. Both are
    rounded to the nearest minute; nothing lasts less than one. `begun`: it is there at minute 0, and lasts as long
    again. `spared`: minutes from the start, and from each end, in which it cannot begin.
    """
    now = 0.0
    if begun:
        now = max(1.0, minutes.at(draws.random()))
        yield 0, round(now)
    if per_day <= 0:
        return
    while True:
        now += spared - 1440 / per_day * log(1 - draws.random())
        start = round(now)
        if start >= end:
            return
        now = max(start + 1, now + minutes.at(draws.random()))
        yield start, round(now)
