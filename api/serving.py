"""What the application works with; it has no globals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from service.passwords import Hasher
from service.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Serving:
    """The database, the clock, and what proves who somebody is."""

    engine: AsyncEngine
    clock: Callable[[], datetime]
    hasher: Hasher = field(default_factory=Hasher)
    keyring: Keyring = field(default_factory=Keyring)


async def serving(request: Request) -> Serving:
    """What the application was made with."""
    return cast("Serving", request.app.state.serving)


With = Annotated[Serving, Depends(serving)]
