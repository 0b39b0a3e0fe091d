"""The application: routes, refusals, limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from api import credentials, errors, errors_page, health, v1
from api.headers import SafeHeaders
from api.limits import DEFAULT_MOST_BYTES, BodyLimit, Patience, TimeLimit
from api.papers.press import SECONDS, Press
from api.problems import Problem
from api.rates import RateLimit, Rates
from api.serving import Serving
from api.traffic import Counted, Traffic
from api.v1 import imports
from api.web import site
from api.web.spoken import Spoken
from service.jobs import Duty
from service.passwords import Hasher

DESCRIPTION: Final = """\
The books of community organisations.

Money is text with at most two decimals. Everything that posts needs an `Idempotency-Key`;
the same key with the same content gives the first answer again (a request is approved once,
without one). Errors are problem details
(RFC 9457), each with a stable `code`. Lists come in pages, with a `Link` to the next.
`RateLimit` says how many requests are left for how many seconds, `RateLimit-Policy` of how many.
"""
TAGS: Final = (
    ("organisations", "Organisations, and whom they belong to."),
    ("members", "Members of COs, their savings, their nominations."),
    ("sheets", "The collection sheet of a meeting: the unit of work."),
    ("events", "Everything that moves money outside a meeting."),
    ("books", "Vouchers, and the closing of periods."),
    ("accounts", "Accounts with their balances and statements."),
    ("balances", "Balances per fund and code, alone or consolidated."),
    ("products", "Lending rules."),
    ("holidays", "Days that due dates may move off."),
    ("loans", "Loans, their schedules, what they owe, and what a meeting is to bring."),
    ("reserves", "Classes of loans by lateness, and what is reserved for them."),
    ("imports", "Whole books with their history, as one bundle of files."),
    ("jobs", "The work of the night, and what goes on all the time."),
    ("requests", "What waits for a second officer, and from where on something does."),
    ("reports", "Reports by name."),
    ("statements", "Statements of a book or consolidated, and members' passbooks."),
    ("audit", "Who changed what, when, from where; and what auditors read."),
    ("people", "People, what they are appointed to, and machines' keys."),
    ("sign-in", "How people and machines prove who they are."),
    ("health", "For whoever runs the service."),
)

LARGER: Final = dict.fromkeys(("/v1/imports", "/imports"), imports.MOST_BYTES)
LONGER: Final = {
    **dict.fromkeys(("/v1/imports", "/imports"), Patience(answer_s=900, body_s=300)),
    ".pdf": Patience(answer_s=2 * SECONDS),  # one that waits for another
}
"""What is no everyday request: whole books, papers."""


class Api(FastAPI):
    """FastAPI, with the shape of problems and what proves who asks in its document."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            _, schemas = models_json_schema(
                [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
            )
            document["components"]["schemas"] |= schemas["$defs"]
            document["components"]["securitySchemes"] = credentials.SCHEMES
            for methods in document["paths"].values():
                for method, operation in methods.items():
                    operation.setdefault("security", credentials.security(method))
        return self.openapi_schema or {}

    def build_middleware_stack(self) -> ASGIApp:
        """All middleware, within what completes the headers of every answer."""
        return SafeHeaders(super().build_middleware_stack())


def create_app(
    *,
    engine: AsyncEngine,
    clock: Callable[[], datetime],
    most_bytes: int = DEFAULT_MOST_BYTES,
    rates: Rates | None = None,
    patience: Patience | None = None,
    hasher: Hasher | None = None,
    duties: tuple[Duty, ...] = (),
    traffic: Traffic | None = None,
    press: Press | None = None,
) -> FastAPI:
    """The application on a database and a clock; whoever made the engine disposes of it.

    `duties` are the jobs there are; `traffic` counts what is answered; `press` makes papers.
    """
    app = Api(
        title="Amanat",
        version=version("amanat"),
        summary="A double-entry savings-and-credit ledger service.",
        description=DESCRIPTION,
        openapi_tags=[{"name": name, "description": text} for name, text in TAGS],
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=ROUTES,
    )
    app.state.serving = Serving(
        engine, clock, hasher or Hasher(), duties=duties, press=press or Press()
    )
    app.add_middleware(BodyLimit, most_bytes=most_bytes, larger=LARGER)
    app.add_middleware(TimeLimit, patience=patience or Patience(), longer=LONGER)
    app.add_middleware(RateLimit, rates=rates or Rates())
    app.add_middleware(Spoken)
    if traffic is not None:
        app.add_middleware(Counted, traffic=traffic)
    errors.install(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


async def _errors_page() -> Response:
    return Response(errors_page.page(), media_type="text/markdown")


def _routes() -> list[BaseRoute]:
    router = APIRouter(generate_unique_id_function=_operation_id)
    for part in (v1.router, health.router, site.router):
        router.include_router(part)
    router.add_api_route("/docs/errors", _errors_page, include_in_schema=False)
    return router.routes


ROUTES: Final = _routes()
"""Of every application in this process: what FastAPI works out of them, it works out once."""
