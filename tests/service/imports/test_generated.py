"""Bundles that nobody has seen: random histories, and an oracle that works their figures out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.service.imports.damage import BUNDLES
from tests.support.bundles import generate
from tests.support.importing import (
    FILES,
    days_of,
    difference,
    engine_of,
    load_folder,
    reports,
)
from tests.support.oracle import Oracle, records

if TYPE_CHECKING:
    from pathlib import Path

FEW = range(1, 9)
MANY = range(9, 109)


@pytest.mark.parametrize("name", ["one-co", "pilot"])
def test_the_oracle_works_out_the_reference_figures(name: str) -> None:
    """It shares no code with the service, so that the two can be set against each other."""
    expected = BUNDLES / name / "expected"
    found = Oracle.of(BUNDLES / name).files(days_of(expected))
    for file in FILES:
        rows = list(records(expected / f"{file}.csv"))[1:]
        assert not difference(found[file], rows), file


@pytest.mark.parametrize("seed", FEW)
async def test_every_report_of_a_random_history_is_what_the_oracle_says(
    seed: int, tmp_path: Path, database_url: str
) -> None:
    """All nine files of a bundle that was made up by chance, on some forty days."""
    await _compare(seed, tmp_path, database_url)


@pytest.mark.long
@pytest.mark.parametrize("seed", MANY)
async def test_every_report_of_many_random_histories_is_what_the_oracle_says(
    seed: int, tmp_path: Path, database_url: str
) -> None:
    """The same, further afield."""
    await _compare(seed, tmp_path, database_url)


async def _compare(seed: int, folder: Path, url: str) -> None:
    bundle = generate(seed)
    bundle.write(folder)
    async with engine_of(url) as engine:
        await load_folder(engine, folder)
        found = await reports(engine, bundle.as_of)
    expected = bundle.oracle.files(bundle.as_of)
    for file in FILES:
        told = difference(found[file][1:], expected[file])
        assert not told, f"seed {seed}, {file}: {told}"
