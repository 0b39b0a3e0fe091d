"""Who belongs to whom, and the closure that every roll-up stands on."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service import federation, organisations
from service.books import write_books
from service.federation import FOREVER, Membership
from service.organisations import Organisation, OrganisationKind
from service.refusals import AlreadyExists, FederationContradicts, Malformed, NotFound
from tests.support.importing import NOW

if TYPE_CHECKING:
    from service.books import Books, WritableBooks
    from tests.support.world import World

D = date(2026, 1, 1)
DAYS = [D + timedelta(days=n) for n in range(30)]


async def _under(books: Books) -> dict[tuple[str, str], list[tuple[date, date]]]:
    """The closure as the ledger keeps it: by book and node, the periods."""
    rows = await books.fetch(
        "SELECT b.code, n.code, u.from_on, u.to_on FROM ledger.under u"
        " JOIN service.organisation b ON b.book_id = u.book_id"
        " JOIN service.organisation n ON n.book_id = u.node_id ORDER BY 1, 2, 3"
    )
    found: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for book, node, from_on, to_on in rows:
        found.setdefault((book, node), []).append((from_on, to_on))
    return found


async def _move(world: World, code: str, to: str | None, on: date) -> None:
    async with world.at(on) as books:
        await federation.move(books, code, to=to, on=on)


async def test_an_organisation_is_under_itself_and_all_above_it(world: World) -> None:
    """Itself always, the others from the day on which they belong together."""
    async with world.reading() as books:
        found = await _under(books)
    assert found["CO-01", "CO-01"] == [(date.min, FOREVER)]
    assert found["CO-01", "VO-01"] == found["CO-01", "LSO-01"] == [(date(2025, 7, 1), FOREVER)]
    assert ("CO-01", "VO-02") not in found


async def test_a_move_ends_the_one_and_begins_the_other_on_the_same_day(world: World) -> None:
    """The day of the move belongs to the new parent."""
    await _move(world, "CO-01", "VO-02", D)
    async with world.reading() as books:
        found = await _under(books)
        assert await federation.parent_of(books, "CO-01", D - timedelta(days=1)) == "VO-01"
        assert await federation.parent_of(books, "CO-01", D) == "VO-02"
    assert found["CO-01", "VO-01"] == [(date(2025, 7, 1), D)]
    assert found["CO-01", "VO-02"] == [(D, FOREVER)]


async def test_periods_that_meet_are_one(world: World) -> None:
    """A move within an LSO leaves the time under the LSO in one piece."""
    await _move(world, "CO-01", "VO-02", D)
    await _move(world, "CO-01", "VO-01", DAYS[9])
    async with world.reading() as books:
        found = await _under(books)
    assert found["CO-01", "LSO-01"] == [(date(2025, 7, 1), FOREVER)]
    assert found["CO-01", "VO-01"] == [(date(2025, 7, 1), D), (DAYS[9], FOREVER)]


async def test_whoever_moves_takes_along_all_below(world: World) -> None:
    """COs follow their VO to another LSO, also those that came to it earlier and left."""
    await _move(world, "CO-03", "VO-01", D)
    await _move(world, "VO-02", "LSO-02", DAYS[5])
    async with world.reading() as books:
        found = await _under(books)
    assert found["VO-02", "LSO-02"] == [(DAYS[5], FOREVER)]
    assert ("CO-03", "LSO-02") not in found
    await _move(world, "CO-03", "VO-02", DAYS[7])
    async with world.reading() as books:
        found = await _under(books)
    assert found["CO-03", "LSO-02"] == [(DAYS[7], FOREVER)]
    assert found["CO-03", "LSO-01"] == [(date(2025, 7, 1), DAYS[7])]


async def test_an_organisation_may_leave_and_belong_to_nobody(world: World) -> None:
    """Until it joins again."""
    await _move(world, "CO-01", None, D)
    async with world.reading() as books:
        assert await federation.parent_of(books, "CO-01", D) is None
        found = await federation.memberships(books, "CO-01")
    assert found == [Membership("CO-01", "VO-01", date(2025, 7, 1), D)]


REFUSED = {
    "itself": (FederationContradicts, "CO-01", "CO-01", D),
    "its own child": (FederationContradicts, "VO-01", "CO-01", D),
    "its own grandchild": (FederationContradicts, "LSO-01", "CO-01", D),
    "a day on which it began": (FederationContradicts, "CO-01", "VO-02", date(2025, 7, 1)),
    "before what is recorded already": (FederationContradicts, "CO-01", "VO-02", date(2025, 6, 1)),
    "an unknown parent": (NotFound, "CO-01", "VO-99", D),
    "an unknown child": (NotFound, "CO-99", "VO-01", D),
}


@pytest.mark.parametrize(("refusal", "code", "to", "on"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_move_that_contradicts_what_is_recorded_is_refused(
    world: World, refusal: type[Exception], code: str, to: str, on: date
) -> None:
    """One parent on a day, and never itself above itself; nothing of it is kept."""
    async with world.reading() as books:
        before = await _under(books), await federation.memberships(books)
    with pytest.raises(refusal):
        async with world.at(D) as books:
            await federation.move(books, code, to=to, on=on)
    async with world.reading() as books:
        assert (await _under(books), await federation.memberships(books)) == before


async def test_two_parents_on_a_day_are_refused(world: World) -> None:
    """The sentence names both, and the first day."""
    wrong = Membership("CO-01", "VO-02", D, DAYS[3])
    with pytest.raises(
        FederationContradicts, match="CO-01 would belong to VO-01 and VO-02 on 2026-01-01"
    ):
        async with world.at(D) as books:
            await federation.join(books, [wrong])


async def test_an_organisation_is_founded_with_its_book_under_its_parent(world: World) -> None:
    """From the day it was formed or a later one, not before; nor from a day still to come."""
    new = Organisation("CO-09", OrganisationKind.CO, "CO nine", D)
    with pytest.raises(Malformed):
        async with world.at(D) as books:
            await federation.found(books, new, parent="VO-01", from_on=D - timedelta(days=1))
    with pytest.raises(NotFound):
        async with world.at(D) as books:
            await federation.found(books, new, parent="VO-99", from_on=None)
    with pytest.raises(Malformed):
        async with world.at(DAYS[1]) as books:
            await federation.found(books, new, parent="VO-01", from_on=DAYS[2])
    async with world.at(DAYS[2]) as books:
        await federation.found(books, new, parent="VO-01", from_on=DAYS[2])
    async with world.reading() as books:
        found = await _under(books)
    assert found["CO-09", "VO-01"] == [(DAYS[2], FOREVER)]
    with pytest.raises(AlreadyExists):
        async with world.at(D) as books:
            await federation.found(books, new, parent="VO-01", from_on=None)


# -- Any history: the closure is what walking up day by day finds ---------------------------

KINDS = {"CO": ("VO-1", "VO-2", "VO-3"), "VO": ("LSO-1", "LSO-2"), "LSO": ("NETWORK-1",)}
CHILDREN = ("CO-1", "CO-2", "VO-1", "VO-2", "VO-3", "LSO-1", "LSO-2")
CODES = (*CHILDREN, "NETWORK-1")

Changes = dict[str, dict[int, str | None]]


@st.composite
def _histories(draw: st.DrawFn) -> tuple[Changes, list[str]]:
    """For each organisation the days on which its parent changes; and who is recorded when."""
    changes: Changes = {}
    for code in CHILDREN:
        parents = st.sampled_from((*KINDS[code.split("-", maxsplit=1)[0]], None))
        changes[code] = draw(st.dictionaries(st.integers(0, 29), parents, max_size=5))
    return changes, draw(st.permutations(CHILDREN))


def _walked(changes: Changes, day: int) -> set[tuple[str, str]]:
    """Book and node of all that is under something on a day, by walking up."""
    found = set()
    for code in CODES:
        node: str | None = code
        while node is not None:
            found.add((code, node))
            known = [on for on in changes.get(node, ()) if on <= day]
            node = changes[node][max(known)] if known else None
    return found


async def _record(books: WritableBooks, code: str, changed: dict[int, str | None]) -> None:
    """The first parents as rows, the last as a move."""
    days = sorted(changed)
    ends = [*days[1:], None]
    rows = [
        Membership(code, parent, DAYS[on], FOREVER if end is None else DAYS[end])
        for on, end in zip(days[:-1], ends[:-1], strict=True)
        if (parent := changed[on]) is not None
    ]
    await federation.join(books, rows)
    if days:
        await federation.move(books, code, to=changed[days[-1]], on=DAYS[days[-1]])


class _UndoneError(Exception):
    """Leaves a transaction without keeping it."""


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=_histories())
async def test_the_closure_is_what_walking_up_day_by_day_finds(
    world: World, history: tuple[Changes, list[str]]
) -> None:
    """Whatever moved when, and in whatever order it was recorded; and without seams."""
    changes, order = history
    with suppress(_UndoneError):
        async with write_books(world.engine, actor="clerk", now=NOW) as books:
            made = [
                Organisation(code, OrganisationKind(code.split("-", maxsplit=1)[0]), code, D)
                for code in CODES
            ]
            await organisations.register(books, made)
            await federation.place_new(books, CODES)
            for code in order:
                await _record(books, code, changes[code])
            closure = await _under(books)
            raise _UndoneError
    found = {pair: periods for pair, periods in closure.items() if pair[0] in CODES}
    for day, on in enumerate(DAYS):
        held = {pair for pair, ps in found.items() if any(a <= on < b for a, b in ps)}
        assert held == _walked(changes, day)
    assert all(
        end < begin for periods in found.values() for (_, end), (begin, _) in pairwise(periods)
    )
