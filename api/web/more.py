"""The page of all else: language, figures, practice, requests, a PIN, and out again."""

from __future__ import annotations

from fastapi import Request, Response

from api.web.doors import to_read
from api.web.page import render
from api.web.route import router
from service.requests import store
from service.requests.store import Only

pages = router()

MOST_COUNTED = 100


@pages.get("/more")
async def more_page(request: Request) -> Response:
    """What is not of every day."""
    async with to_read(request) as books:
        waiting = await store.found(books, only=Only(decidable=True), after="", limit=MOST_COUNTED)
        return render(request, "more.html", caller=books.caller, tab="more", waiting=len(waiting))
