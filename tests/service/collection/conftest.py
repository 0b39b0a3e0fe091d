"""The bundles, loaded once for all these tests, which only read them."""

from __future__ import annotations

from tests.service.statements.conftest import bundles, one_co, pilot

__all__ = ["bundles", "one_co", "pilot"]
