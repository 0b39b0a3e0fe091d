"""A bundle as one ZIP file: its files and no others, none larger than fits."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from service.imports import files
from service.imports.problems import BundleRefused, Problem, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_CHARACTERS: Final = 60
"""Of the name of a bundle."""
_PACKED: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UNREADABLE: Final = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    zlib.error,
)
"""What opening and unpacking raise where the bytes are no archive, or are damaged."""
MOST_BYTES: Final = 256 * 2**20
"""Of all files together, unpacked."""
_CHUNK: Final = 2**20


def unpack(archive: BinaryIO, filename: str | None, room: Path) -> Path:
    """Write the ten files of an archive into a folder of a room, whatever folder they came from.

    The folder has the archive's name, as far as that can be shown. What stands in the archive
    is never believed: names are cut to their last part, and bytes are counted as they come.
    Raises `BundleRefused`.
    """
    folder = room / _shown(Path(filename or "").stem)
    folder.mkdir()
    try:
        with zipfile.ZipFile(archive) as opened:
            _unpack(opened, folder)
    except _UNREADABLE as error:
        raise _refused(f"it is no ZIP file that can be read ({error})") from None
    return folder


def keep(loose: Iterable[tuple[str | None, BinaryIO]], room: Path) -> Path:
    """Write files that were sent one by one into a folder of a room.

    Each is known by the last part of its name. Raises `BundleRefused`.
    """
    folder = room / "files"
    folder.mkdir()
    for sent_as, content in loose:
        name = _last(sent_as or "")
        todo = "Choose one archive, or the ten files by their own names."
        if name not in files.NAMES:
            what = f"{shown(name)} is none of the ten files"
            raise BundleRefused([Problem("files", 0, "", what, todo)])
        if (folder / name).exists():
            raise BundleRefused([Problem(name, 0, "", "it was sent twice", todo)])
        with (folder / name).open("wb") as kept:
            shutil.copyfileobj(content, kept)
    return folder


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _shown(name: str) -> str:
    """A name without what cannot be shown, and not too long for a folder."""
    plain = "".join(character for character in name if character.isprintable())
    return plain[:MOST_CHARACTERS].strip(". ") or "bundle"


def _unpack(opened: zipfile.ZipFile, folder: Path) -> None:
    left = MOST_BYTES
    for info in opened.infolist():
        name = _last(info.filename)
        if name not in files.NAMES:
            continue
        if info.compress_type not in _PACKED:
            raise _refused(f"{name} is packed in another way than ZIP files are")
        if (folder / name).exists():
            raise _refused(f"it holds {name} twice")
        with opened.open(info) as packed, (folder / name).open("wb") as plain:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _refused(f"it holds more than {MOST_BYTES // 2**20} MB")
                plain.write(chunk)


def _refused(what: str) -> BundleRefused:
    todo = "Pack the ten files of the bundle into one ZIP file."
    return BundleRefused([Problem("bundle", 0, "", what, todo)])
