"""Codes for documents that come without one, and the addresses that codes make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote
from uuid import UUID, uuid5

import uuid_utils

if TYPE_CHECKING:
    from datetime import datetime

_SPACE: Final = UUID("6f3c1f5e-6f0b-4a53-9d0c-4b1a9a6f7f10")


def fresh(now: datetime) -> str:
    """A code that sorts by the moment it was made."""
    return str(uuid_utils.uuid7(nanoseconds=int(now.timestamp() * 1_000_000) * 1_000))


def derived(what: str, organisation: str, key: str) -> str:
    """The code that an idempotency key stands for: a replay names the same document."""
    return str(uuid5(_SPACE, f"{what}\x1f{organisation}\x1f{key}"))


def address(*parts: str) -> str:
    """The path of a thing: each part as an address writes it, whatever letters a code has."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def encoded(path: str) -> str:
    """A whole path as an address writes it; its slashes divide it."""
    return quote(path, safe="/")
