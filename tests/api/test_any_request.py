"""Whatever is asked, the answer is one that the document declares, and never a 5xx.

Requests are made up from the document by schemathesis, good ones and bad ones, half of them
about codes that exist; they go to the application in this process.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

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
from tests.support.people import Post, appoint, signed_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from fastapi import FastAPI
    from schemathesis import Case

    AnyCase = Case[Any]

EXAMPLES: Final = 4
"""Of each kind for each operation, by somebody who may do almost everything."""
FEW: Final = 1
"""Of each kind for each operation, by somebody in one role."""
MANY: Final = 40
PEOPLE: Final = {
    "amina": (Post("accountant", "CO-01", below=False),),
    "bushra": (Post("president", "CO-01", below=False),),
    "farida": (Post("treasurer", "VO-01", below=False),),
    "jamila": (Post("field_officer", "LSO-01"),),
    "kulsoom": (Post("auditor", "LSO-01"),),
    "hina": (Post("administrator"),),
}
HALF: Final = 0.5
KNOWN: Final = {
    "members": ("M-0001", "M-0006"),
    "sheets": ("S-01", "S-07"),
    "events": ("E-01", "E-27"),
    "loans": ("L-02", "L-07"),
    "organisations": ("CO-01", "VO-01", "LSO-01"),
    "reports": ("par", "journal", "rollup"),
    "people": ("amina", "hina"),
    "statements": ("cash-book", "trial-balance", "balance-sheet"),
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
    statuses = _ask_everything(runner, one_co_url, "shazia", EXAMPLES)
    assert {200, 201, 202, 404, 422} <= statuses


@pytest.mark.parametrize("person", ["amina", "hina", "kulsoom", None])
def test_in_each_role_any_request_is_answered_as_declared(
    runner: asyncio.Runner, one_co_url: str, person: str | None
) -> None:
    """Also where it is forbidden, and to who is not signed in at all; the rest in the long run."""
    appoint(one_co_url, PEOPLE)
    statuses = _ask_everything(runner, one_co_url, person, FEW)
    assert statuses & ({401} if person is None else {403})


@pytest.mark.long
@pytest.mark.parametrize("person", ["shazia", *PEOPLE, None])
def test_however_often_it_is_asked(
    runner: asyncio.Runner, one_co_url: str, person: str | None
) -> None:
    """The same, ten times as often."""
    appoint(one_co_url, PEOPLE)
    _ask_everything(runner, one_co_url, person, MANY)


def _ask_everything(
    runner: asyncio.Runner, url: str, person: str | None, examples: int
) -> set[int]:
    """Ask each operation, rightly and wrongly; the statuses of the answers."""
    engine = make_engine(url, connections=2)
    app = make_app(engine)
    schema = schemathesis.openapi.from_dict(app.openapi())
    statuses: set[int] = set()
    try:
        for found in schema.get_all_operations():
            operation = found.ok()  # type: ignore[union-attr] # the document is sound
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                cases = operation.as_strategy(generation_mode=mode)
                try:
                    _try_all(Asking(runner, app, person, examples), cases, statuses)
                except Unsatisfiable:  # nothing that could be said wrongly
                    assert mode is GenerationMode.NEGATIVE
                except Exception as error:
                    error.add_note(f"{operation.label}, {mode}")
                    raise
    finally:
        runner.run(engine.dispose())
    return statuses


class Asking(NamedTuple):
    """Who asks, how often."""

    runner: asyncio.Runner
    app: FastAPI
    person: str | None
    examples: int


def _try_all(asking: Asking, cases: st.SearchStrategy[AnyCase], statuses: set[int]) -> None:
    @given(cases, st.randoms(use_true_random=False))
    @settings(
        max_examples=asking.examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def attempt(case: AnyCase, hat: Random) -> None:
        if hat.random() < HALF:
            _name_what_exists(case, hat)
        response = asking.runner.run(_send(asking, case))
        statuses.add(response.status_code)
        case.validate_response(response, checks=WANTED)

    attempt()


def _name_what_exists(case: AnyCase, hat: Random) -> None:
    noun = case.path.split("/")[2] if case.path.startswith("/v1/") else ""
    for name, values in (("code", KNOWN.get(noun)), ("name", KNOWN.get(noun)), ("no", ("1", "7"))):
        if values and name in (case.path_parameters or {}):
            case.path_parameters[name] = hat.choice(values)


def _body(asked: dict[str, Any]) -> dict[str, Any]:
    """A form or files as httpx takes them, or bytes as they are."""
    data = asked.get("data")
    if isinstance(data, dict) or asked.get("files"):
        files = asked.get("files") or []
        pairs = files.items() if isinstance(files, dict) else files
        return {"data": data, "files": [(name, _file(file)) for name, file in pairs]}
    return {"content": data}


def _file(file: object) -> tuple[str | None, bytes]:
    name, content = file[:2] if isinstance(file, tuple | list) else ("made-up", file)
    return name, content if isinstance(content, bytes) else str(content).encode()


async def _send(asking: Asking, case: AnyCase) -> httpx.Response:
    asked = case.as_transport_kwargs(base_url="http://amanat")
    asked.pop("cookies", None)
    made_up = {"cookie", "authorization", "x-csrf-token"}
    headers = {k: v for k, v in (asked.get("headers") or {}).items() if k.lower() not in made_up}
    if asking.person is not None:
        headers |= signed_in(asking.person)
    transport = httpx.ASGITransport(asking.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport) as client:
        request = client.build_request(
            asked["method"],
            asked["url"],
            params=asked.get("params"),
            json=asked.get("json"),
            headers=headers,
            **_body(asked),
        )
        await request.aread()  # a form is a stream, which whoever checks the answer reads again
        return await client.send(request)
