"""The digest of a request: what an idempotency key is bound to (I5)."""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def digest(action: str, content: DataclassInstance, **more: object) -> bytes:
    """The SHA-256 of an action and its content, the same for the same request."""
    parts = {"action": action, **_plain(content), **more}
    return sha256(json.dumps(parts, sort_keys=True, default=_plain_or_text).encode()).digest()


def _plain(record: DataclassInstance) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _plain_or_text(value: object) -> object:
    """What JSON cannot say: a record by its fields, anything else as its text."""
    return _plain(value) if is_dataclass(value) and not isinstance(value, type) else str(value)
