"""Routes of pages: whoever is not signed in goes to sign in, and a refusal is a page, too."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from api import errors
from api.credentials import DEVICE_COOKIE
from api.web import refusals, resuming
from api.web.page import go, render
from api.web.reader import Reader
from service.refusals import NotSignedIn


class Plain(Convertor[str]):
    """A part of a path without a dot: a paper of the same name ends in `.pdf`."""

    regex = r"[^/.]+"

    def convert(self, value: str) -> str:
        """The part as it stands."""
        return value

    def to_string(self, value: str) -> str:
        """The part as it stands."""
        return value


register_url_convertor("plain", Plain())


class PageRoute(APIRoute):
    """A route that answers with a page, whatever happens."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with what it raises turned into a page."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except NotSignedIn as error:
                if request.method != "POST":
                    door = "/pin" if DEVICE_COOKIE in request.cookies else "/login"
                    return go(f"{door}?next={quote(_back(request))}")
                return await resuming.sign_in_first(request, error)
            except Exception as error:  # noqa: BLE001 - said to whoever asked, and logged there
                found = errors.said(request, error)
                again = await resuming.typed(request) if found.code in resuming.PASSING else ""
                return refused(request, found, again)

        return handled


def refused(request: Request, found: errors.Said, again: str = "") -> Response:
    """The page of a refusal: what it means, what to do, and its code.

    `again` is what was typed in a form, where it may be sent once more as it is.
    """
    said = refusals.shown(Reader.of(request), found.code, found.detail, found.status)
    return render(
        request, "refused.html", said=said, to=request.url.path, typed_in=resuming.pairs(again)
    )


def _back(request: Request) -> str:
    """Where to go on after signing in: the page that was asked for, or the one before a form."""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query if request.method == "GET" else "/"


def router() -> APIRouter:
    """A router of pages, which are no part of the API's document."""
    return APIRouter(
        route_class=PageRoute, include_in_schema=False, default_response_class=Response
    )
