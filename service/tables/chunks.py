"""Lines gathered into chunks of a size that is worth sending, and files in the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import BinaryIO

CHUNK: Final = 2**16
"""Characters that are gathered before they are sent."""


async def gathered(lines: AsyncIterator[str]) -> AsyncIterator[bytes]:
    """The lines as bytes, as many at a time as make a chunk."""
    waiting: list[str] = []
    size = 0
    async for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting).encode()


async def of_file(file: BinaryIO) -> AsyncIterator[bytes]:
    """What is left of a file."""
    while chunk := file.read(CHUNK):
        yield chunk
