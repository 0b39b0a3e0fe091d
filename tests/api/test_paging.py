"""Every list to its end, page by page, each item once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.helpers import all_pages, good, refused

if TYPE_CHECKING:
    import httpx

LISTS = {
    "/v1/organisations": "code",
    "/v1/organisations/CO-01/members": "code",
    "/v1/organisations/CO-01/sheets": "code",
    "/v1/organisations/CO-01/events": "code",
    "/v1/organisations/CO-01/loans": "code",
    "/v1/organisations/CO-01/entries": "no",
    "/v1/organisations/CO-01/accounts/1/statement": "entry_no",
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_lead_to_the_end(client: httpx.AsyncClient, path: str, limit: int) -> None:
    """No item is left out or shown twice, and only the last page has no link."""
    (whole,) = await all_pages(client, path, limit=500)
    pages = await all_pages(client, path, limit=limit)
    assert [item for page in pages for item in page if "balance" not in item] == [
        item for item in whole if "balance" not in item
    ]
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert 1 <= len(pages[-1]) <= limit
    assert sum(map(len, pages)) == len(whole)


async def test_the_link_keeps_the_other_parameters(client: httpx.AsyncClient) -> None:
    """A filter holds on every page."""
    asked = {"first_on": "2026-04-01", "last_on": "2026-05-31"}
    pages = await all_pages(client, "/v1/organisations/CO-01/entries", limit=2, **asked)
    assert len(pages) > 2
    days = {item["value_date"] for page in pages for item in page}
    assert min(days) >= "2026-04-01"
    assert max(days) <= "2026-05-31"


async def test_nothing_after_the_last(client: httpx.AsyncClient) -> None:
    """An empty page without a link."""
    response = await client.get("/v1/organisations", params={"after": "ZZZZ"})
    assert good(response)["items"] == []
    assert "Link" not in response.headers


@pytest.mark.parametrize("limit", ["0", "501", "-1", "x", "1.5", ""])
async def test_limits_are_from_1_to_500(client: httpx.AsyncClient, limit: str) -> None:
    """Anything else is refused."""
    response = await client.get("/v1/organisations", params={"limit": limit})
    refused(response, 422, "malformed")
