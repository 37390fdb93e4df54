"""The commented operation that `safepassage new` writes: small, complete, and every key explained."""

from __future__ import annotations

from importlib.resources import files

TEMPLATE = files(__package__).joinpath("template.toml").read_text(encoding="utf-8")
