"""A connection to the service: what surrounds requests is short, and comes in time.

The parser takes a head, a trailer or the frame of a chunk of any length, for any time; whoever
sends one without end would fill the memory, and whoever never ends one would keep the
connection. Bodies are limited by `api.limits`, rests between requests by uvicorn.
"""

from __future__ import annotations

from asyncio import Transport, get_running_loop
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from asyncio import TimerHandle

MOST_HEAD_BYTES: Final = 64 * 1024
HEAD_S: Final = 30.0
"""From the first byte of a request, or from the connection, to the end of its head."""
TOO_LARGE: Final = f"The head of a request has at most {MOST_HEAD_BYTES} bytes."


class Connection(HttpToolsProtocol):
    """Uvicorn's HTTP/1.1, with limits on what is no body; trailers are not listened to."""

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*given, **named)
        self._in_head = True
        self._unfinished_bytes = 0
        """How much came of which nothing is whole yet: no head, no piece of a body, no end."""
        self._finished_something = False
        self._deaf = False
        self._overdue: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Wait for the first head."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what came, unless what it belongs to has no end."""
        if self._deaf:
            return
        self._finished_something = False
        super().data_received(data)
        if self._finished_something:
            self._unfinished_bytes = 0
        elif (unfinished := self._unfinished_bytes + len(data)) <= MOST_HEAD_BYTES:
            self._unfinished_bytes = unfinished
        else:
            self.send_400_response(TOO_LARGE)
        if self._idle():
            self._expect_head()

    def on_message_begin(self) -> None:
        """Wait for the head of a request that has begun."""
        super().on_message_begin()
        self._in_head = self._finished_something = True
        self._expect_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Hear a header; what comes after the body is none."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole. Raises `ValueError` where it is too large: the parser says 400."""
        self._in_head, self._finished_something = False, True
        self._stop_waiting()
        if len(self.url) + sum(len(n) + len(v) + 4 for n, v in self.headers) > MOST_HEAD_BYTES:
            raise ValueError(TOO_LARGE)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._finished_something = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The end of a request."""
        self._finished_something = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what came, but never in the place of an answer that is under way.

        A request that came whole is answered, and then the connection ends.
        """
        self._deaf = True
        if self.transport.is_closing():
            return
        if self._idle():
            super().send_400_response(msg)
        elif self.cycle.more_body:
            self.transport.close()
        else:
            self.cycle.keep_alive = False

    def _idle(self) -> bool:
        """Whether nothing is being answered."""
        return not self.pipeline and (self.cycle is None or self.cycle.response_complete)

    def _expect_head(self) -> None:
        if self._overdue is None and not self.transport.is_closing():
            self._overdue = get_running_loop().call_later(HEAD_S, self._hang_up)

    def _stop_waiting(self) -> None:
        if self._overdue is not None:
            self._overdue.cancel()
            self._overdue = None

    def _hang_up(self) -> None:
        self._overdue = None
        if self._idle():
            self.transport.close()
        else:  # it was not read on while something else is answered
            self._expect_head()
