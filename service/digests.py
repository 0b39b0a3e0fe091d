"""The digest of a request: what an idempotency key is bound to (I5)."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def digest(action: str, content: DataclassInstance, **more: object) -> bytes:
    """The SHA-256 of an action and its content, the same for the same request."""
    parts: dict[str, Any] = {"action": action, **asdict(content), **more}
    return sha256(json.dumps(parts, sort_keys=True, default=str).encode()).digest()
