"""SQL, wildcards and strange letters in every text that one may send: they are texts."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.access.acting import House, housed, meeting
from tests.access.world import private
from tests.api.helpers import good

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.access.world import Federation

PERSON: Final = "accountant.CO-1"
POISON: Final = (
    "' OR '1'='1",
    "CO-9'; DROP TABLE service.sheet; --",
    "%",
    "_",
    "CO-_",
    "\\",
    "*",
    "$1",
    ":code",
    "%(code)s",
    "{org}",
    "CO-1\u0000",
    "CO‑9",  # noqa: RUF001 - another hyphen
    "ＣＯ-9",  # noqa: RUF001 - full width
    "CO-1/../CO-9",
    "null",
    "') UNION SELECT code FROM service.member --",
)
PATHS: Final = (
    "/v1/organisations/{}",
    "/v1/organisations/{}/members",
    "/v1/organisations/{}/statements/day-book",
    "/v1/organisations/CO-1/statements/{}",
    "/v1/sheets/{}",
    "/v1/members/{}",
    "/v1/members/{}/passbook",
    "/v1/loans/{}",
    "/v1/events/{}",
    "/v1/requests/{}",
    "/v1/people/{}",
    "/v1/reports/{}",
)
FILTERS: Final = (
    ("/v1/organisations", ("under", "parent", "after", "kind", "as_of")),
    ("/v1/organisations/CO-1/members", ("after", "limit")),
    ("/v1/organisations/CO-1/sheets", ("after",)),
    ("/v1/organisations/CO-1/events", ("after",)),
    ("/v1/organisations/CO-1/transfers", ("after",)),
    ("/v1/organisations/CO-1/loans", ("after",)),
    ("/v1/organisations/CO-1/entries", ("after", "first_on")),
    ("/v1/organisations/CO-1/audit-trail", ("after", "actor", "action", "first_on")),
    ("/v1/organisations/CO-1/balances", ("as_of", "known_by")),
    ("/v1/organisations/CO-1/statements/day-book", ("fund", "code", "party", "after")),
    ("/v1/organisations/CO-1/accounts/1/statement", ("after", "known_by")),
    ("/v1/requests", ("organisation", "state", "kind", "after")),
    ("/v1/reports/journal", ("node", "as_of", "format")),
    ("/v1/people", ("after",)),
    ("/v1/keys", ("after",)),
)


@pytest.fixture
async def calm(shared: Federation) -> AsyncIterator[House]:
    """The application on a federation that all attacks share."""
    async with housed(shared) as found:
        yield found


@pytest.mark.parametrize("text", POISON)
async def test_sql_in_a_path_is_a_name_that_nobody_has(calm: House, text: str) -> None:
    """It is looked for as it stands, and nothing is found by it."""
    for path in PATHS:
        url = httpx.URL("http://amanat" + path.format(quoted(text)))
        answer = await calm.send(PERSON, "GET", str(url))
        assert answer.status_code in {404, 422}, (path, answer.text)
        assert not betrays(answer.text)


@pytest.mark.parametrize("text", POISON)
async def test_sql_in_a_filter_finds_nothing_more(calm: House, text: str) -> None:
    """An answer shows what is one's own, or refuses the filter."""
    for path, names in FILTERS:
        for name in names:
            answer = await calm.send(PERSON, "GET", path, params={name: text})
            assert answer.status_code in {200, 404, 422}, (path, name, answer.text)
            assert not betrays(answer.text), (path, name)
    assert await calm.rows("SELECT count(*) > 10 FROM service.sheet") == [(True,)]


@pytest.mark.parametrize("text", POISON)
async def test_sql_in_a_body_is_text(calm: House, text: str) -> None:
    """A name may hold it; a code may not, or is one that nobody has."""
    said: dict[str, Any] = meeting("CO-1", text)
    answer = await calm.post(PERSON, "/v1/sheets", said)
    assert answer.status_code in {404, 422}, answer.text
    code = f"M-{uuid.uuid4().hex[:8]}"
    member = {"code": code, "organisation": "CO-1", "name": text, "gender": "female"}
    answer = await calm.post(PERSON, "/v1/members", member | {"joined_on": "2026-06-01"})
    assert answer.status_code in {201, 422}, answer.text
    if answer.status_code == 201:
        assert good(await calm.get(PERSON, f"/v1/members/{code}"))["name"] == text


def quoted(text: str) -> str:
    """A text as a part of a path."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def betrays(text: str) -> list[str]:
    """What a text tells of others than CO-1."""
    own = private("CO-1")
    others = set().union(*(private(code) for code in ("CO-2", "CO-3", "CO-7", "CO-9")))
    return sorted(one for one in others - own if one in text)
