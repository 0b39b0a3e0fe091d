"""The physical lines of one file: decoded, bounded and counted, with their damage reported.

A file is read one line at a time and never whole. A line longer than `MOST_LINE_BYTES` is
read past in pieces, so no file can take more memory than one line and one record.
"""

from __future__ import annotations

import codecs
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final

from service.imports.problems import Findings, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINE_BYTES: Final = 2**20
MOST_RECORD_BYTES: Final = 2**20
"""A record is one line, or several where a quoted field holds line breaks."""

_UTF_16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CUT_OFF: Final = "Compare the file with its source, and end the last line with a line feed."


class FileUnreadable(Exception):
    """Nothing more can be made of this file; why is reported already."""


class RecordTooLong(Exception):
    """One record goes on over more lines than any record needs."""


class Lines:
    """Iterates over the decoded lines of a file, and hashes what it passes.

    `number` is that of the line last given. `spoiled` is set where a line could not be read
    as it stands, and `record_bytes` counts; `begin_record` resets both.
    """

    def __init__(self, stream: BinaryIO, file: str, findings: Findings) -> None:
        self._stream = stream
        self._file = file
        self._findings = findings
        self._said: set[str] = set()
        self._hash = sha256()
        self.length = 0
        self.number = 0
        self.spoiled = False
        self.record_bytes = 0

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read, in hex."""
        return self._hash.hexdigest()

    def begin_record(self) -> None:
        """Forget the damage and the size of the record before."""
        self.spoiled = False
        self.record_bytes = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.record_bytes > MOST_RECORD_BYTES:
            raise RecordTooLong
        start = self.length
        raw = self._take()
        if not raw:
            raise StopIteration
        self.number += 1
        self.record_bytes += len(raw)
        if not raw.endswith(b"\n"):
            return self._without_end(raw, start)
        if start == 0 or b"\r" in raw:
            return self._unusual(raw, start)
        return self._decoded(raw, start)

    def _take(self) -> bytes:
        raw = self._stream.readline(MOST_LINE_BYTES + 1)
        self._hash.update(raw)
        self.length += len(raw)
        return raw

    def _without_end(self, raw: bytes, start: int) -> str:
        """A line that is too long, or the last one of a file that was cut off."""
        if len(raw) > MOST_LINE_BYTES:
            while (piece := self._take()) and not piece.endswith(b"\n"):
                pass
            return self._spoil(
                f"this line is longer than {MOST_LINE_BYTES} bytes",
                "Check that the file is a bundle file whose lines end with a line feed.",
            )
        self._report("the file ends inside this line: it may have been cut off", _CUT_OFF)
        return self._unusual(raw, start)

    def _unusual(self, raw: bytes, start: int) -> str:
        """The first line, with its marks of encoding, or one that holds a carriage return."""
        if start == 0:
            raw = self._without_mark(raw)
        if raw.endswith(b"\r\n"):
            self._report_once(
                "lines end with CR LF, the line end of Windows", "Save the file with LF line ends."
            )
            raw = raw[:-2] + b"\n"
        if b"\r" in raw:
            return self._spoil(
                "this line holds a carriage return", "Save the file with LF line ends."
            )
        return self._decoded(raw, start)

    def _without_mark(self, raw: bytes) -> bytes:
        if raw.startswith(_UTF_16_MARKS) or raw.count(0) * 3 > len(raw):
            self._report("the file is not UTF-8; it looks like UTF-16", "Save it as UTF-8.")
            raise FileUnreadable
        if raw.startswith(codecs.BOM_UTF8):
            self._report(
                "the file begins with a byte-order mark",
                'Save it as UTF-8 without a byte-order mark, often called "UTF-8" or "no BOM".',
            )
            return raw.removeprefix(codecs.BOM_UTF8)
        return raw

    def _decoded(self, raw: bytes, start: int) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError as error:
            self.spoiled = True
            self._report_once(
                f"byte {start + error.start} of the file (0x{raw[error.start]:02x}) is not UTF-8",
                "Save the file as UTF-8. Later lines may need the same.",
            )
            return raw.decode(errors="replace")

    def _spoil(self, what: str, todo: str) -> str:
        self.spoiled = True
        self._report(what, todo)
        return "\n"

    def _report(self, what: str, todo: str) -> None:
        self._findings.refuse([Problem(self._file, self.number, "", what, todo)])

    def _report_once(self, what: str, todo: str) -> None:
        """Report what is likely to hold for every line of the file at its first line only."""
        if todo not in self._said:
            self._said.add(todo)
            self._report(what, todo)
