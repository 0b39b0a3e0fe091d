"""Every route, for every role, about every organisation: as the table by hand has it.

It is asked twice: as the application is, and with row-level security alone, where the checks
of the service look up and refuse nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
import pytest_asyncio

from api.app import create_app
from service import access, books
from service.passwords import Hasher
from tests.access.asking import Asker, first_counts, give_tokens, routes, undescribed
from tests.access.asks import ASKS, KINSHIP
from tests.access.table import ONE_WALL, RELATIONS, rows
from tests.access.world import ANCHORS, officer
from tests.api.helpers import PLENTY
from tests.support.importing import NOW
from tests.support.signing import CHEAP

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.access.asking import Asked
    from tests.access.world import Federation

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE: Final = rows()
OPEN_TO_ALL: Final = {"/openapi.json", "/docs/errors"}
"""Paths that are in no document and say the same to everybody."""
SAY_THE_SAME: Final = {"list_statements", "get_limits"}
"""Their answer without any row is that of every organisation: the statements there are, and the
limits of who resolved none."""
BEHIND: Final = "FN"
"""What a wall keeps back."""


def cells(name: str) -> list[tuple[str, int, str]]:
    """The cells of a row that there are: role, relation, and the letter."""
    found = []
    for role, letters in TABLE[name].items():
        for relation, letter in enumerate(letters):
            if letter != "-" and KINSHIP[ASKS[name].kin][relation] is not None:
                found.append((role, relation, letter))
    return found


CELLS: Final = 3842


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def asker(shared: Federation) -> AsyncIterator[Asker]:
    """The application on the federation, which nothing changes."""
    engine = books.make_engine(shared.url, connections=4)
    app = create_app(engine=engine, clock=lambda: NOW, rates=PLENTY, hasher=Hasher(CHEAP))
    found = Asker(app, shared)
    await give_tokens(found, ASKS["give_token"], [officer("key", anchor) for anchor in ANCHORS])
    await first_counts(found, engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(books, "_transaction", found.undone)
        yield found
    await engine.dispose()


async def test_no_cell_of_the_matrix_gets_lost() -> None:
    """Each is asked twice; routes come, and with them cells, but none goes unnoticed."""
    assert sum(len(cells(name)) for name in ASKS if name in TABLE) >= CELLS


async def test_every_route_has_its_row_and_every_row_its_route(asker: Asker) -> None:
    """A new route is asked about before it is served."""
    found = routes(asker.app)
    for name in found.values():
        assert name in TABLE, f"Add a row for {name} to tests/access/table.py: who may what."
        assert name in ASKS, f"Add to tests/access/asks.py what {name} is asked."
    assert set(TABLE) == set(ASKS), "Each row of the table is asked in tests/access/asks.py."
    for row in TABLE:
        route = row.partition("/")[0]
        assert route in found.values(), f"There is no route {route} any more: remove {row}."
    assert set(ONE_WALL) <= set(TABLE)
    assert undescribed(asker.app) == OPEN_TO_ALL


@pytest.mark.parametrize("name", list(ASKS))
async def test_each_role_is_answered_as_the_table_has_it(asker: Asker, name: str) -> None:
    """And an answer that is not a yes tells nothing of members and money."""
    wrong = []
    for role, relation, letter in cells(name):
        asked = await asker.ask(ASKS[name], role, relation)
        if asked.letter != letter:
            wrong.append(_told(role, relation, letter, asked))
        elif letter != "Y" and asked.betrayed:
            wrong.append(f"{role}, {RELATIONS[relation]}: betrays {asked.betrayed}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for name in ASKS if name not in ONE_WALL])
async def test_row_level_security_alone_keeps_back_the_same(
    asker: Asker, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is done is done still; whatever is not shows no row and changes nothing."""
    monkeypatch.setattr(access, "refuse", lambda _: None)
    monkeypatch.setattr(asker, "counting", True)
    wrong = []
    for role, relation, letter in cells(name):
        asked = await asker.ask(ASKS[name], role, relation)
        if letter in BEHIND:
            if asked.letter in "YE" and not _harmless(name, asked):
                wrong.append(_told(role, relation, letter, asked))
        elif asked.letter != letter:
            wrong.append(_told(role, relation, letter, asked))
    assert not wrong, "\n".join(wrong)


def _harmless(name: str, asked: Asked) -> bool:
    """Whether an answer that should not have come shows nothing and changed nothing."""
    shows = asked.betrayed or not (asked.hollow or name in SAY_THE_SAME)
    return not (asked.changed or shows)


def _told(role: str, relation: int, letter: str, asked: Asked) -> str:
    return (
        f"{role}, {RELATIONS[relation]} ({asked.code}): {letter} in the table, {asked.letter} by"
        f" the application{', which changed something' if asked.changed else ''}:"
        f" {asked.status} {asked.text[:300]}"
    )
