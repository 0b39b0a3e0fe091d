"""All pages, as one router."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.web import (
    applying,
    correcting,
    entrance,
    exits,
    files,
    home,
    loans,
    members,
    more,
    practice,
    requests,
    sheets,
)

router: Final = APIRouter()
for part in (
    files,
    entrance,
    home,
    members,
    correcting,
    exits,
    applying,
    loans,
    requests,
    more,
    practice,
    sheets,
):
    router.include_router(part.pages)
