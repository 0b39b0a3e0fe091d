"""All pages, as one router."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from api.web import applying, correcting, entrance, files, home, loans, members, requests, sheets

router: Final = APIRouter()
for part in (files, entrance, home, members, correcting, applying, loans, requests, sheets):
    router.include_router(part.pages)
