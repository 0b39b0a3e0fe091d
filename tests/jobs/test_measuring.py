"""The page of metrics beside the service: there while the service is, and no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.responses import Response

from jobs.listening import listener, split
from jobs.measuring import measured

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Some page."""
    await Response("amanat_led 1\n")(scope, receive, send)


async def test_metrics_are_served_as_long_as_the_service_is() -> None:
    """On an address of their own; nobody listens there afterwards."""
    with listener("127.0.0.1", 0) as place:
        address = f"http://127.0.0.1:{place.getsockname()[1]}/metrics"
        async with httpx.AsyncClient() as client, measured(page, place):
            assert (await client.get(address)).text == "amanat_led 1\n"
        with pytest.raises(httpx.TransportError):
            async with httpx.AsyncClient() as client:
                await client.get(address)


async def test_without_an_address_there_are_no_metrics() -> None:
    """By default nothing more is opened."""
    async with measured(page, None):
        pass


def test_an_address_has_a_host_and_a_port() -> None:
    """Also one of IPv6."""
    assert split("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert split("[::1]:9464") == ("::1", 9464)
