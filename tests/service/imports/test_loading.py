"""Loading a bundle: whole or not at all, once, and then every figure follows."""
from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import ONE_CO, PILOT
from tests.support import importing
from tests.support.importing import FILES, days_of, difference, engine_of, load_folder
from tests.support.oracle import records

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("bundle", [ONE_CO, PILOT], ids=["one-co", "pilot"])
async def test_every_report_of_a_bundle_equals_its_reference_file(bundle: Path, database_url: str) -> None:
    """All nine files, to the paisa and in order."""
    expected = bundle / "expected"
    async with engine_of(database_url) as engine:
        t = time.time()
        await load_folder(engine, bundle)
        print("load", time.time() - t)
        found = await importing.reports(engine, days_of(expected))
        print("reports", time.time() - t)
    for name in FILES:
        assert not difference(found[name], list(records(expected / f"{name}.csv"))), name
