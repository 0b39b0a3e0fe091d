"""Lists begin with what somebody holds; begun with all there is, they show the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
import pytest_asyncio

from service import access
from tests.access.acting import House, housed
from tests.access.world import ROLES, officer
from tests.api.helpers import good

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.access.world import Federation

pytestmark = pytest.mark.asyncio(loop_scope="module")

PEOPLE: Final = [officer(role, anchor) for role in ROLES for anchor in (None, "VO-1", "CO-1")]
LISTS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("/v1/organisations", {}),
    ("/v1/organisations", {"kind": "VO"}),
    ("/v1/organisations", {"parent": "VO-1"}),
    ("/v1/people", {}),
    ("/v1/people", {"role": "treasurer"}),
    ("/v1/people", {"appointed_to": "CO-1"}),
    ("/v1/people", {"organisation": "VO-1"}),
    ("/v1/keys", {}),
    ("/v1/requests", {}),
    ("/v1/requests", {"organisation": "CO-1"}),
    ("/v1/requests", {"state": "waiting"}),
    ("/v1/requests", {"decidable": "true"}),
    ("/v1/reports/trial-balance", {"as_of": "2026-07-05"}),
    ("/v1/reports/loans", {"as_of": "2026-07-05"}),
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(shared: Federation) -> AsyncIterator[House]:
    """The application on the federation, with a home for everybody who holds a role somewhere."""
    async with housed(shared) as found:
        await found.execute(
            "UPDATE access.person p SET organisation = a.organisation"
            " FROM access.appointment a WHERE a.person = p.code"
        )
        yield found


async def shown(house: House, person: str, path: str, asked: dict[str, str]) -> Any:  # noqa: ANN401 - JSON is as wide as it is
    """What a list shows, or how it is refused."""
    answer = await house.get(person, path, **asked)
    return good(answer) if answer.status_code == 200 else answer.status_code


@pytest.mark.parametrize("person", PEOPLE)
async def test_a_list_shows_the_same_wherever_it_begins(
    house: House, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What somebody holds only makes it shorter to look for; PostgreSQL decides what is open."""
    begun_small = [await shown(house, person, *one) for one in LISTS]
    monkeypatch.setattr(access, "MOST_HOMES", -1)
    assert [await shown(house, person, *one) for one in LISTS] == begun_small
