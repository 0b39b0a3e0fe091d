"""The page of metrics, served beside the service on an address of its own."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Iterator


class _Server(uvicorn.Server):
    """Uvicorn, with its signals left to whoever runs the service."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not here."""
        yield


@asynccontextmanager
async def measured(app: object, listener: socket.socket | None) -> AsyncIterator[None]:
    """Serve the page while the block lasts; without a listener nobody asked for it."""
    if listener is None:
        yield
        return
    server = _Server(
        uvicorn.Config(
            app,  # type: ignore[arg-type] # an ASGI application, as Starlette is
            loop="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
