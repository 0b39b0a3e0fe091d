"""Writes the reference of the API: `python -m api.openapi`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from api import errors_page
from api.app import create_app
from service.books import make_engine
from service.loans import life

REFERENCE: Final = Path(__file__).parent.parent / "docs" / "reference"


def document() -> str:
    """The OpenAPI document as text; no database is asked."""
    never = datetime(1, 1, 1, tzinfo=UTC)
    app = create_app(engine=make_engine("postgresql+asyncpg://"), clock=lambda: never)
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def write() -> None:
    """Write the document, and beside it the page of errors and that of a loan's life."""
    (REFERENCE / "openapi.json").write_text(document())
    (REFERENCE / "errors.md").write_text(errors_page.page())
    (REFERENCE / "life.md").write_text(life.page())


if __name__ == "__main__":
    write()
