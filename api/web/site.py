"""All pages, as one router."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.web import entrance, files, home, sheets

router: Final = APIRouter()
for part in (files, entrance, home, sheets):
    router.include_router(part.pages)
