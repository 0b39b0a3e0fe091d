"""Keyset paging: a limit, what the last page ended with, and where the next one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar
from urllib.parse import urlencode

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from api import codes
from api.fields import MOST_NO, Cursor

MOST: Final = 500

Limit = Annotated[int, Query(ge=1, le=MOST, description="As many at most.")]
After = Annotated[Cursor, Query(description="Those after this one: the `next` link has it.")]
AfterNo = Annotated[int, Query(ge=0, le=MOST_NO, description="Those after this number.")]

LINKED: Final = {
    "headers": {
        "Link": {
            "description": 'The next page, as `<…>; rel="next"`; absent on the last.',
            "schema": {"type": "string"},
        }
    }
}
"""The answer of a route that pages."""

Item = TypeVar("Item")


def cut(
    found: Sequence[Item],
    limit: int,
    cursor: Callable[[Item], object],
    *,
    request: Request,
    response: Response,
) -> Sequence[Item]:
    """The page out of `limit` + 1 that were read, with the link to the next where there is one."""
    page = found[:limit]
    if len(found) > limit:
        asked = [(name, value) for name, value in request.query_params.multi_items()]
        query = [(name, value) for name, value in asked if name != "after"]
        query.append(("after", str(cursor(page[-1]))))
        at = codes.encoded(request.scope["path"])
        response.headers["Link"] = f'<{at}?{urlencode(query)}>; rel="next"'
    return page
