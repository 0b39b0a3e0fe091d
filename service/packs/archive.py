"""A ZIP as it is sent: the same bytes from the same files, with a manifest of them at its end.

No file is in memory whole, nor is the archive: what is compressed goes out. Times in it are
those of no day, so that only what is in a file can make a difference.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from service.packs.parts import Part

MANIFEST: Final = "manifest.json"
_PACKED: Final = (".xlsx", ".pdf")
"""What is compressed already."""
_READABLE: Final = 0o644 << 16


class Filed(NamedTuple):
    """A file as the manifest has it; only tables have rows."""

    name: str
    bytes: int
    sha256: str
    rows: int | None


class _Out:
    """Where the archive is written: taken away as it comes."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, some: bytes, /) -> int:
        """Keep some bytes until they are taken."""
        self._waiting.append(bytes(some))
        return len(some)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is held open."""

    def taken(self) -> bytes:
        """What was written since it was taken last."""
        waiting, self._waiting = self._waiting, []
        return b"".join(waiting)


async def zipped(
    parts: Callable[[list[Filed]], AsyncIterator[Part]],
    manifest: Callable[[Sequence[Filed]], dict[str, object]],
) -> AsyncIterator[bytes]:
    """The archive of some files in their order, and of what the manifest says of them.

    `parts` may look at what is filed so far: a cover says what it lies upon.
    """
    out = _Out()
    filed: list[Filed] = []
    with ZipFile(out, "w") as archive:
        async for part in parts(filed):
            digest, size = hashlib.sha256(), 0
            with archive.open(_info(part.name), "w", force_zip64=True) as file:
                async for chunk in part.chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                    yield out.taken()
            filed.append(Filed(part.name, size, digest.hexdigest(), part.rows))
        archive.writestr(_info(MANIFEST), sealed(manifest(sorted(filed))))
    yield out.taken()


def sealed(document: dict[str, object]) -> str:
    """A document as text that ends with the SHA-256 of all before: `verify.py` has the same."""
    seal = hashlib.sha256(_text(document).encode()).hexdigest()
    return _text({**document, "sha256": seal})


def listed(filed: Sequence[Filed]) -> str:
    """The SHA-256 of a list of files, each with its own: what a cover has of what it lies upon."""
    names: dict[str, object] = {"files": [file._asdict() for file in sorted(filed)]}
    return hashlib.sha256(_text(names).encode()).hexdigest()


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name)
    info.compress_type = ZIP_STORED if name.endswith(_PACKED) else ZIP_DEFLATED
    info.external_attr = _READABLE
    return info
