"""A square code that leads a telephone to an address."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr(address: str) -> Markup:
    """The code as a picture within the page: attributes only, so that no style is needed."""
    made = segno.make(address, error="m", micro=False)
    picture = made.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None, light="#fff")
    return Markup(picture)  # noqa: S704 - digits and letters of a path, made here
