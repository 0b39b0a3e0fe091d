"""Whether the service lives, and whether it can work."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter

from api.credentials import OPEN
from api.errors import declared
from api.fields import Answer
from api.refusals import NotReady
from api.serving import With
from service.database.migrate import is_current

router = APIRouter(prefix="/health", tags=["health"])


class Health(Answer):
    """All is well."""

    status: Literal["ok"] = "ok"


@router.get("/live", responses=declared(), openapi_extra=OPEN)
async def live() -> Health:
    """The service answers."""
    return Health()


@router.get("/ready", responses=declared(NotReady), openapi_extra=OPEN)
async def ready(with_: With) -> Health:
    """The database can be reached and has every migration."""
    if not await is_current(with_.engine):
        raise NotReady("The database lacks a migration. Run amanat migrate.")
    return Health()
