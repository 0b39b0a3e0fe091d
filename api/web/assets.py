"""Style sheet, script, pictures: served under a name that changes with what is in them."""

from __future__ import annotations

import gzip
import hashlib
import re
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.requests import Request

STATIC: Final = Path(__file__).parent / "static"
FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


class Asset(NamedTuple):
    """A file as it is sent."""

    media_type: str
    content: bytes
    packed: bytes


@cache
def assets() -> dict[str, Asset]:
    """All files, by name; read once."""
    return {path.name: _asset(path) for path in sorted(STATIC.iterdir())}


@cache
def version() -> str:
    """What they are all known by."""
    found = hashlib.sha256()
    for name, asset in assets().items():
        found.update(name.encode() + b"\0" + asset.content)
    return found.hexdigest()[:12]


def address(name: str) -> str:
    """Where a file is."""
    return f"/static/{version()}/{name}"


def answer(request: Request, name: str, *, cache_control: str) -> Response:
    """A file, packed where the browser takes it so."""
    found = assets()[name]
    return packed_answer(
        request, found.content, found.media_type, cache_control=cache_control, packed=found.packed
    )


def packed_answer(
    request: Request,
    content: bytes,
    media_type: str,
    *,
    cache_control: str,
    packed: bytes | None = None,
    status: int = 200,
) -> Response:
    """An answer whose body is packed where the browser takes it so."""
    headers = {"Cache-Control": cache_control, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = gzip.compress(content, 6) if packed is None else packed
    return Response(content, status, headers=headers, media_type=media_type)


# Comments are for whoever reads the source; a phone need not fetch them.
_LINES: Final = re.compile(rb"^[ \t]*//.*\n", re.MULTILINE)
_BLOCKS: Final = re.compile(rb"^[ \t]*/\*\*.*?\*/\n", re.MULTILINE | re.DOTALL)


def _asset(path: Path) -> Asset:
    content = path.read_bytes()
    if path.suffix == ".js":
        content = _LINES.sub(b"", _BLOCKS.sub(b"", content))
    media_type = _TYPES.get(path.suffix) or guess_type(path.name)[0] or "application/octet-stream"
    return Asset(media_type, content, gzip.compress(content, 9, mtime=0))
