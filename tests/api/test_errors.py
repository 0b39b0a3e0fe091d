"""The table of refusals is whole, and every answer that is no success is a problem."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import api.refusals
import ledger.refusals
import service.refusals
from api import errors, errors_page
from api.errors import STATUS, code_of, title_of
from api.openapi import REFERENCE
from ledger.money import MoneyMalformed
from ledger.refusals import Refusal
from service.imports.problems import BundleRefused, Problem
from service.loans.terms import ContractContradicts, ProductContradicts
from tests.api.helpers import good, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    import pytest

MODULES = (ledger.refusals, service.refusals, api.refusals)
OTHERS = (MoneyMalformed, BundleRefused, ProductContradicts, ContractContradicts)


def _family(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _family(child)


def test_every_refusal_has_a_status() -> None:
    """Whoever adds one says in the table what it is over HTTP."""
    assert MODULES
    ours = {kind for kind in _family(Refusal) if not kind.__module__.startswith("tests.")}
    assert ours - set(STATUS) == set()
    assert set(OTHERS) <= set(STATUS)


def test_codes_are_unique_and_every_refusal_is_explained() -> None:
    """A code names one refusal, whose docstring begins with a whole sentence."""
    codes = [code_of(kind) for kind in STATUS]
    assert len(set(codes)) == len(codes)
    for kind in STATUS:
        assert title_of(kind).endswith("."), kind


def test_the_page_of_errors_is_up_to_date() -> None:
    """`python -m api.openapi` renews it."""
    assert (REFERENCE / "errors.md").read_text() == errors_page.page()


async def test_the_page_is_where_the_type_of_a_problem_leads(client: httpx.AsyncClient) -> None:
    """The service carries its own reference."""
    found = await client.get("/docs/errors")
    assert found.text == errors_page.page()


async def test_an_unknown_path_is_a_problem(client: httpx.AsyncClient) -> None:
    """Also with a slash too many."""
    for path in ("/v1/organisations/", "/v1/nothing", "/v1", "/docs", "/health"):
        refused(await client.get(path), 404, "path_unknown")


async def test_a_wrong_method_is_a_problem(client: httpx.AsyncClient) -> None:
    """And says which ones there are."""
    response = await client.delete("/v1/sheets/S-01")
    refused(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET"


async def test_an_unforeseen_error_says_nothing_of_the_inside(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has all of it."""
    from service.loans import products  # noqa: PLC0415 - the name to replace

    async def broken(_books: object) -> None:
        msg = "secret of the inside"
        raise RuntimeError(msg)

    monkeypatch.setattr(products, "products", broken)
    with caplog.at_level(logging.ERROR):
        response = await client.get("/v1/products")
    refused(response, 500, "unexpected")
    assert "secret" not in response.text
    assert "secret of the inside" in caplog.text


async def test_a_problem_of_the_rules_names_its_field(client: httpx.AsyncClient) -> None:
    """Sentences that begin with a field point at it."""
    response = await client.get("/v1/organisations/CO-01/accounts/1/statement?after=2026-02-30.1.1")
    found = refused(response, 422, "malformed")
    assert found["errors"][0]["pointer"] == "/after"
    assert good(await client.get("/v1/organisations"))["items"]


def test_a_refusal_beyond_the_table_has_the_status_of_its_parent() -> None:
    """The table is read along the family, so that none becomes an internal error."""
    answer = errors.answer(BundleRefused, str(BundleRefused([Problem("f", 1, "c", "w", "t")])))
    assert answer.status_code == 422
