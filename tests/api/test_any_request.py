"""Whatever is asked, the answer is one that the document declares, and never a 5xx.

Requests are made up from the document by schemathesis, good ones and bad ones, half of them
about codes that exist; they go to the application in this process.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import httpx
import hypothesis.strategies as st
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.books import make_engine
from tests.api.helpers import make_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from fastapi import FastAPI
    from schemathesis import Case

    AnyCase = Case[Any]

EXAMPLES: Final = int(__import__("os").environ.get("EX", "6"))
"""Of each kind for each operation."""
HALF: Final = 0.5
KNOWN: Final = {
    "members": ("M-0001", "M-0006"),
    "sheets": ("S-01", "S-07"),
    "events": ("E-01", "E-27"),
    "loans": ("L-02", "L-07"),
    "organisations": ("CO-01", "VO-01", "LSO-01"),
    "reports": ("par", "journal", "rollup"),
}
WANTED: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """A loop that lives as long as the test, whatever examples come and go."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as found:
        yield found


def test_any_request_is_answered_as_declared(runner: asyncio.Runner, one_co_url: str) -> None:
    """No internal error, no status, type or shape that is not in the document."""
    engine = make_engine(one_co_url, connections=2)
    app = make_app(engine)
    schema = schemathesis.openapi.from_dict(app.openapi())
    statuses: set[int] = set()
    try:
        for found in schema.get_all_operations():
            operation = found.ok()  # type: ignore[union-attr] # the document is sound
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                cases = operation.as_strategy(generation_mode=mode)
                try:
                    _try_all(runner, app, cases, statuses)
                except Unsatisfiable:  # nothing that could be said wrongly
                    assert mode is GenerationMode.NEGATIVE
                except Exception as error:
                    error.add_note(f"{operation.label}, {mode}")
                    raise
    finally:
        runner.run(engine.dispose())
    assert {200, 201, 404, 422} <= statuses


def _try_all(
    runner: asyncio.Runner, app: FastAPI, cases: st.SearchStrategy[AnyCase], statuses: set[int]
) -> None:
    @given(cases, st.randoms(use_true_random=False))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: AnyCase, hat: Random) -> None:
        if hat.random() < HALF:
            _name_what_exists(case, hat)
        response = runner.run(_send(app, case))
        statuses.add(response.status_code)
        case.validate_response(response, checks=WANTED)

    attempt()


def _name_what_exists(case: AnyCase, hat: Random) -> None:
    noun = case.path.split("/")[2] if case.path.startswith("/v1/") else ""
    for name, values in (("code", KNOWN.get(noun)), ("name", KNOWN.get(noun)), ("no", ("1", "7"))):
        if values and name in (case.path_parameters or {}):
            case.path_parameters[name] = hat.choice(values)


async def _send(app: FastAPI, case: AnyCase) -> httpx.Response:
    asked = case.as_transport_kwargs(base_url="http://amanat")
    asked.pop("cookies", None)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.request(
            asked["method"],
            asked["url"],
            params=asked.get("params"),
            json=asked.get("json"),
            content=asked.get("data"),
            headers=asked.get("headers"),
        )
