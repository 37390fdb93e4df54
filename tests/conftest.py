"""How every test runs: Hypothesis without a deadline, since machines are slow, and the same examples each time."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True)
settings.load_profile("house")
