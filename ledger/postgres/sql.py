"""Statements too large for a line of Python stand in .sql files beside their module."""

from __future__ import annotations

from pathlib import Path


def load(name: str) -> str:
    """The text of a .sql file of this folder."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def beside(module: str, name: str) -> str:
    """The text of a .sql file beside the module whose `__file__` is given."""
    return (Path(module).parent / name).read_text(encoding="utf-8")
