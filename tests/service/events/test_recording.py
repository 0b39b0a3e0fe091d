"""Recording an event: what is refused before a line is drawn, and what a key promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from ledger.refusals import FloorPassed, HalvesDisagree, KeyReused
from service.accounts import PaidBy
from service.events import store
from service.events.event import refuse_malformed
from service.refusals import AlreadyExists, Malformed, NotFound, NotTheParent
from tests.support.importing import fingerprint

if TYPE_CHECKING:
    from ledger.refusals import Refusal
    from tests.support.world import World

ON = date(2026, 2, 1)

MALFORMED: dict[str, tuple[str, dict[str, Any], str]] = {
    "no amount": ("expense", {"amount": None}, "amount: a expense says an amount"),
    "no fund": ("expense", {"fund": None}, "fund: a expense says the fund"),
    "no money": ("expense", {"paid_by": PaidBy.NONE}, "paid_by: a expense says how"),
    "money of a gift in kind": (
        "donation_in_kind",
        {"paid_by": PaidBy.CASH},
        "paid_by: a donation_in_kind has none",
    ),
    "nothing": ("expense", {"amount": 0}, "amount: it must be above zero"),
    "less than nothing": ("expense", {"amount": -1}, "amount: it must be above zero"),
    "a loan": ("expense", {"loan": "L-1"}, "loan: a expense has none"),
    "no loan": ("write_off", {}, "loan: a write_off says its loan"),
    "reverses": ("expense", {"reverses": "S-1"}, "reverses: a expense has none"),
    "nobody": ("fee_to_parent", {"counterparty": None}, "counterparty: a fee_to_parent names"),
    "no member": ("igg_paid", {"counterparty": None}, "counterparty: a igg_paid names"),
}


@pytest.mark.parametrize(("kind", "changed", "sentence"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_an_event_that_lacks_or_has_too_much_is_malformed(
    world: World, kind: str, changed: dict[str, Any], sentence: str
) -> None:
    """The sentence names the field, so that a form can show it there."""
    event = world.event(kind, ON, "CO-01", "100.00", to="VO-01")
    with pytest.raises(Malformed, match=sentence):
        refuse_malformed(replace(event, **changed))


@pytest.mark.parametrize(("field", "value"), [("amount", 100), ("fund", "own")])
async def test_a_reversal_says_neither_amount_nor_fund(
    world: World,
    field: str,
    value: Any,  # noqa: ANN401 - whatever the field holds
) -> None:
    """It takes both from what it undoes."""
    event = world.event("reversal", ON, "CO-01", reverses="S-1")
    refuse_malformed(event)
    with pytest.raises(Malformed, match=f"{field}: a reversal has none"):
        refuse_malformed(replace(event, **{field: value}))


REFUSED: dict[str, tuple[type[Refusal], str, dict[str, Any]]] = {
    "fee to a grandparent": (NotTheParent, "fee_to_parent", {"to": "LSO-01"}),
    "fee to a stranger": (NotTheParent, "fee_to_parent", {"to": "VO-02"}),
    "unknown organisation": (NotFound, "deposit_placed", {"to": "VO-99"}),
    "unknown member": (NotFound, "igg_received", {"to": "Nobody"}),
    "unknown loan": (NotFound, "write_off", {"loan": "L-99"}),
    "to itself": (HalvesDisagree, "deposit_placed", {"to": "CO-01"}),
    "more cash than there is": (FloorPassed, "expense", {"amount": "10000.01"}),
    "more than was placed": (FloorPassed, "deposit_returned", {"to": "VO-01"}),
    "more than was granted": (FloorPassed, "igg_paid", {"to": "Zainab", "fund": "igg"}),
}


@pytest.mark.parametrize(("refusal", "kind", "given"), REFUSED.values(), ids=REFUSED.keys())
async def test_a_refused_event_leaves_no_trace(
    world: World, refusal: type[Refusal], kind: str, given: dict[str, Any]
) -> None:
    """No entry, no event, and no voucher number used up."""
    before = await fingerprint(world.engine)
    with pytest.raises(refusal):
        await world.record(world.event(kind, ON, "CO-01", **({"amount": "100.00"} | given)))
    assert await fingerprint(world.engine) == before


async def test_a_fee_from_an_organisation_that_belongs_to_nobody_is_refused(world: World) -> None:
    """LSO-02 has no parent to pay."""
    await world.happen("donation_cash", ON, "LSO-02", "500.00")
    with pytest.raises(NotTheParent, match="LSO-02 belongs to nobody on 2026-02-01"):
        await world.happen("fee_to_parent", ON, "LSO-02", "100.00", to="LSO-01")


async def test_the_same_key_gives_the_first_answer(world: World) -> None:
    """Nothing is posted twice, however often it is sent."""
    event = world.event("expense", ON, "CO-01", "100.00")
    first = await world.record(event, key="k")
    before = await fingerprint(world.engine)
    again = await world.record(event, key="k")
    assert (again.refs, again.replayed) == (first.refs, True)
    assert await fingerprint(world.engine) == before


async def test_a_key_belongs_to_one_content(world: World) -> None:
    """Another amount under the same key is somebody's mistake."""
    event = world.event("expense", ON, "CO-01", "100.00")
    await world.record(event, key="k")
    with pytest.raises(KeyReused):
        await world.record(replace(event, amount=10_100), key="k")


async def test_a_code_belongs_to_one_event(world: World) -> None:
    """Sheets and events share one set of codes."""
    event = world.event("expense", ON, "CO-01", "100.00", code="S-1")
    await world.meet(ON, "Zainab fine 1.00")
    with pytest.raises(AlreadyExists):
        await world.record(event, key="k")


async def test_events_are_read_back_as_they_were_said(world: World) -> None:
    """With the voucher that each has in its organisation's book, in the order of codes."""
    said = [world.event("expense", ON, "CO-01", "1.00", narrative=f"Tea {n}") for n in range(3)]
    for event in said:
        await world.record(event)
    async with world.reading() as books:
        found = await store.of_organisation(books, "CO-01", after=said[0].code)
        one, no = await store.load(books, said[2].code)
        with pytest.raises(NotFound):
            await store.load(books, "E-0")
    assert [event for event, _ in found] == said[1:]
    assert (one, no) == found[1]
