"""What the application works with; it has no globals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from api.papers.press import Press
from service.jobs import Duty
from service.passwords import Hasher
from service.tokens import Keyring


@dataclass(frozen=True, slots=True)
class Serving:
    """The database, the clock, what proves who somebody is, jobs, papers, places for streams."""

    engine: AsyncEngine
    clock: Callable[[], datetime]
    hasher: Hasher = field(default_factory=Hasher)
    keyring: Keyring = field(default_factory=Keyring)
    duties: tuple[Duty, ...] = ()
    """The jobs there are, as far as whoever serves knows any."""
    press: Press = field(default_factory=Press)
    streams: asyncio.Semaphore = field(init=False)
    """Half of the pool's connections may serve long answers; the rest is for short ones."""

    def __post_init__(self) -> None:
        places = max(1, cast("QueuePool", self.engine.pool).size() // 2)
        object.__setattr__(self, "streams", asyncio.Semaphore(places))


def serving(request: Request) -> Serving:
    """What the application was made with."""
    return cast("Serving", request.app.state.serving)


async def _serving(request: Request) -> Serving:
    """The same as a dependency, which FastAPI would run in a thread if it were not async."""
    return serving(request)


With = Annotated[Serving, Depends(_serving)]
