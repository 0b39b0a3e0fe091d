"""The address of a database, as SQLAlchemy reads it and as the driver itself does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import make_url

if TYPE_CHECKING:
    from sqlalchemy import URL


def plain(url: str | URL) -> str:
    """An address as the driver reads it, without SQLAlchemy between."""
    given = make_url(url)
    query = dict(given.query)
    if "ssl" in query:
        query["sslmode"] = query.pop("ssl")
    bare = given.set(drivername="postgresql", query=query)
    return bare.render_as_string(hide_password=False)
