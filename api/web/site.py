"""All pages, as one router."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.web import entrance, files, home, sending, sheets

router: Final = APIRouter()
for part in (files, entrance, home, sending, sheets):
    router.include_router(part.pages)
router.include_router(sending.answers)
