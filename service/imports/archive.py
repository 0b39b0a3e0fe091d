"""A bundle as one ZIP file: its files and no others, none larger than fits."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, BinaryIO, Final

from service.imports.problems import BundleRefused, Problem

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES: Final = 256 * 2**20
"""Of all files together, unpacked."""
_CHUNK: Final = 2**20


def unpack(archive: BinaryIO, folder: Path) -> None:
    """Write the files of an archive into a folder, whatever folder they came from.

    What stands in the archive is never believed: names are cut to their last part, and
    bytes are counted as they come. Raises `BundleRefused`.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            _unpack(opened, folder)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _refused(f"it is no ZIP file that can be read ({error})") from None


def _unpack(opened: zipfile.ZipFile, folder: Path) -> None:
    left = MOST_BYTES
    for info in opened.infolist():
        name = info.filename.replace("\\", "/").rpartition("/")[2]
        if info.is_dir() or not name.endswith(".csv") or name.startswith("."):
            continue
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
