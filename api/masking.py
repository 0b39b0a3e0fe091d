"""What was asked, as the audit trail keeps it for good: without anybody's personal numbers.

Whoever looks for a member types an identity card or a telephone number, and the trail is sealed.
Days, moments and codes stay: they say what was read.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

MASK: Final = "***"
_NUMBERS: Final = re.compile(
    r"""(
        (?<!\d) \d\d-\d\d-\d{4} (?!-?\d)  # a day, as typed
        | (?<!\d) \d{4}-\d\d-\d\d (?:T[\d:.]+(?:[\ +-]\d\d:\d\d)?)? (?!-?\d)  # a day, a moment
        | \b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b  # a UUID
        | \b[A-Za-z]{1,6}-\d{1,9}(?:\.\d{8}(?:\.\d)?)? (?![-.]?\d)  # a code; a sheet of its day
    ) | \d(?:\W{0,2}\d){6,}""",
    re.VERBOSE,
)
"""What is spared; or else seven digits or more, of any script, whatever stands between them."""
_LETTER: Final = re.compile("[A-Za-z]")


def masked(text: str) -> str:
    """A text without the long numbers in it."""
    return _NUMBERS.sub(lambda found: found[1] or MASK, text)


def address(path: str, query: str) -> str:
    """An address that was asked, with long numbers masked; parts of the path with letters stay."""
    parts = [part if _LETTER.search(part) else masked(part) for part in path.split("/")]
    asked = "&".join(map(_masked_pair, query.split("&"))) if query else ""
    return quote("/".join(parts), safe="/*") + (f"?{asked}" if asked else "")


def _masked_pair(pair: str) -> str:
    """A name with its value, as it was sent unless there is something to mask."""
    name, is_, value = pair.partition("=")
    said = unquote_plus(value)
    kept = masked(said)
    return pair if kept == said else f"{name}{is_}{quote_plus(kept, safe='*')}"
