"""A pack as it is sent: its guide, its files in their order, its manifest."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Final, TypeAlias

from ledger.money import CURRENCY, rupees
from service.packs import parts
from service.packs.archive import listed, zipped
from service.packs.contents import contents
from service.statements.statement import as_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    from service.packs.archive import Filed
    from service.packs.parts import Part
    from service.packs.scope import Pack

FORMAT: Final = "amanat-pack-1"
MEDIA_TYPE: Final = "application/zip"
COVER: Final = "cover.pdf"

MakeCover: TypeAlias = "Callable[[Sequence[Filed]], Awaitable[bytes | None]]"
"""Gets all files beneath it, in their order."""


def archive(pack: Pack, *, cover: MakeCover | None = None) -> AsyncIterator[bytes]:
    """The pack as it comes; `cover` makes a PDF of what it lies upon, or nothing."""
    return zipped(lambda filed: _all(pack, filed, cover), lambda filed: _manifest(pack, filed))


async def _all(pack: Pack, filed: list[Filed], cover: MakeCover | None) -> AsyncIterator[Part]:
    for own, name in (("readme.txt", "README.txt"), ("verify.py", "verify.py")):
        yield parts.whole(name, files(__package__).joinpath(own).read_bytes())
    async for part in contents(pack):
        yield part
    if cover is not None and (made := await cover(sorted(filed))) is not None:
        yield parts.whole(COVER, made)


def _manifest(pack: Pack, filed: Sequence[Filed]) -> dict[str, object]:
    organisation, books, caller = pack.organisation, pack.packed, pack.books.caller
    return {
        "format": FORMAT,
        "organisation": {
            "code": organisation.code,
            "name": organisation.name,
            "name_ur": organisation.name_ur,
            "kind": organisation.kind.value,
        },
        "consolidated": pack.consolidated,
        "first_on": as_text(pack.first_on),
        "last_on": as_text(pack.last_on),
        "known_by": as_text(pack.known_by),
        "made_at": as_text(pack.books.now),
        "made_by": {"code": pack.books.actor, "name": caller and caller.name},
        "currency": CURRENCY,
        "books": [
            {
                "organisation": book.organisation,
                "folder": book.folder,
                "number": book.head.book,
                "last_no": book.head.last_no,
                "head_hash": book.head.head_hash.hex(),
                "entries": book.posted.entries,
                "lines": book.posted.lines,
                "turnover": rupees(book.posted.turnover),
            }
            for book in books
        ],
        "closed": pack.closed,
        "digest": listed([file for file in filed if file.name != COVER]),
        "totals": {
            "books": len(books),
            "files": len(filed),
            "entries": sum(book.posted.entries for book in books),
            "lines": sum(book.posted.lines for book in books),
            "turnover": rupees(sum(book.posted.turnover for book in books)),
        },
        "files": [file._asdict() for file in filed],
    }
