"""The seal: the same in Python and PostgreSQL, and different for different entries (I3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.entries import AccountKey, EntryRef, Kind
from ledger.sealing import Opening, SealedLine, genesis, seal

if TYPE_CHECKING:
    import asyncpg

    from tests.support.ledger import Desk

ODD = ["", "'", '"', "\\", ";", "|", "#", "3:abc;", "بچت\u200cکی رقم", "🧵", "a\nb\t", "%s {0}"]
_SEAL = """
    SELECT ledger.seal(
        ROW ($1::bigint, $2::bigint, $3::date, $4::timestamptz, $5::timestamptz, $6::ledger.kind,
            $7::text, $8::text, $9::text, $10::text, $11::smallint, $12::bytea, $13::bigint,
            $14::bigint, $15::bigint, $16::bytea, ''::bytea)::ledger.entry,
        coalesce((SELECT string_agg(ledger.sealed_account(no, faces, code, fund, party), ''
                ORDER BY no)
            FROM unnest($17::bigint[], $18::bigint[], $19::text[], $20::text[], $21::text[])
                AS o (no, faces, code, fund, party)), ''),
        (SELECT string_agg(ledger.sealed_line(n, account, debit, credit, subject), '' ORDER BY n)
            FROM unnest($22::bigint[], $23::text[], $24::bigint[], $25::bigint[])
                WITH ORDINALITY AS l (account, subject, debit, credit, n)))
"""


_REF = EntryRef(7, 12)


@dataclass(frozen=True)
class Sealed:
    """Everything that a seal covers."""

    ref: EntryRef = _REF
    value_date: date = date(2026, 2, 10)
    posted_at: datetime = datetime(2026, 3, 1, 9, 0, 0, 123457, tzinfo=UTC)
    recorded_at: datetime = datetime(2026, 3, 1, 8, 59, 59, 999999, tzinfo=UTC)
    kind: str = "normal"
    narrative: str = "Meeting"
    actor: str = "treasurer"
    reference: str = "S-1"
    key: str = "k-1"
    part: int = 0
    digest: bytes = bytes(range(32))
    reverses: int | None = None
    counterpart: EntryRef | None = None
    openings: tuple[Opening, ...] = (Opening(3, AccountKey("1000", "general"), None),)
    lines: tuple[SealedLine, ...] = (SealedLine(3, "", 500, 0), SealedLine(4, "M-1", 0, 500))
    prev_hash: bytes = field(default=bytes(32))

    def hash(self) -> bytes:
        """Its seal, as Python makes it."""
        return seal(**vars(self))

    async def hash_of_postgresql(self, connection: asyncpg.Connection) -> Any:  # noqa: ANN401 - whatever the driver gives
        """Its seal, as PostgreSQL makes it."""
        faced = self.counterpart or (None, None)
        return await connection.fetchval(
            _SEAL,
            *self.ref,
            self.value_date,
            self.posted_at,
            self.recorded_at,
            self.kind,
            self.narrative,
            self.actor,
            self.reference,
            self.key,
            self.part,
            self.digest,
            self.reverses,
            *faced,
            self.prev_hash,
            [o.no for o in self.openings],
            [o.faces for o in self.openings],
            [o.key.code for o in self.openings],
            [o.key.fund for o in self.openings],
            [o.key.party for o in self.openings],
            *map(list, zip(*self.lines, strict=True)),
        )


TEXTS = st.sampled_from(ODD) | st.text(
    st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12
)
NUMBERS = st.integers(1, 2**63 - 1)
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis adds the zone
SEALED = st.builds(
    Sealed,
    ref=st.builds(EntryRef, NUMBERS, NUMBERS),
    value_date=st.dates(date(1979, 7, 1), date(2199, 1, 1)),
    posted_at=MOMENTS,
    recorded_at=MOMENTS,
    kind=st.sampled_from(Kind).map(str),
    narrative=TEXTS,
    actor=TEXTS,
    reference=TEXTS,
    key=TEXTS,
    part=st.integers(0, 9),
    digest=st.binary(min_size=32, max_size=32),
    reverses=st.none() | NUMBERS,
    counterpart=st.none() | st.builds(EntryRef, NUMBERS, NUMBERS),
    openings=st.lists(
        st.builds(
            Opening,
            NUMBERS,
            st.builds(AccountKey, st.sampled_from(["1000", "2000"]), TEXTS, TEXTS),
            st.none() | NUMBERS,
        ),
        max_size=3,
        unique_by=lambda opening: opening.no,
    ).map(lambda openings: tuple(sorted(openings))),
    lines=st.lists(
        st.builds(SealedLine, NUMBERS, TEXTS, NUMBERS, st.just(0)), min_size=1, max_size=4
    ).map(tuple),
    prev_hash=st.binary(min_size=32, max_size=32),
)


PLAIN = Sealed()


@settings(max_examples=40, deadline=None)
@given(st.lists(SEALED, min_size=1, max_size=20))
def test_python_and_postgresql_make_the_same_seal(desk: Desk, entries: list[Sealed]) -> None:
    """Of any entry: any text, openings, a reversal, a half of a transfer."""

    async def differing() -> list[Sealed]:
        return [e for e in entries if e.hash() != await e.hash_of_postgresql(desk.connection)]

    assert desk.run(differing()) == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Karachi", "Pacific/Apia", "America/Sao_Paulo"])
async def test_the_seal_does_not_know_the_time_zone(
    connection: asyncpg.Connection, zone: str
) -> None:
    """Apia has no 30 December 2011, and Brazil no midnight on 4 November 2018."""
    await connection.execute(f"SET timezone = '{zone}'; SET datestyle = 'German'")
    for day in (date(2011, 12, 30), date(2018, 11, 4), date(2008, 6, 1)):
        entry = replace(PLAIN, value_date=day)
        assert entry.hash() == await entry.hash_of_postgresql(connection)


@pytest.mark.parametrize(
    ("organisation", "currency"), [("CO-01", "PKR"), *zip(ODD, ODD, strict=True)]
)
async def test_a_book_begins_with_the_same_genesis(
    connection: asyncpg.Connection, organisation: str, currency: str
) -> None:
    """In Python and in PostgreSQL."""
    found = await connection.fetchval("SELECT ledger.genesis($1, $2)", organisation, currency)
    assert found == genesis(organisation, currency)


def test_a_genesis_keeps_its_parts_apart() -> None:
    """Moving a letter from the organisation to the currency makes another book."""
    assert genesis("CO", "PKR") != genesis("COP", "KR")


CHANGES: dict[str, object] = {
    "ref": EntryRef(7, 13),
    "ref ": EntryRef(8, 12),
    "value_date": date(2026, 2, 11),
    "posted_at": PLAIN.posted_at + timedelta(microseconds=1),
    "recorded_at": PLAIN.recorded_at + timedelta(microseconds=1),
    "kind": "close",
    "narrative": "meeting",
    "actor": "Treasurer",
    "reference": "S-2",
    "key": "k-2",
    "part": 1,
    "digest": bytes(32),
    "reverses": 3,
    "counterpart": EntryRef(8, 3),
    "openings": (Opening(3, AccountKey("1000", "general"), 9),),
    "openings ": (),
    "openings  ": (Opening(3, AccountKey("1000", "general", "x"), None),),
    "openings   ": (Opening(4, AccountKey("1000", "general"), None),),
    "lines": (SealedLine(3, "", 501, 0), SealedLine(4, "M-1", 0, 500)),
    "lines ": (SealedLine(3, "", 0, 500), SealedLine(4, "M-1", 0, 500)),
    "lines  ": (SealedLine(3, "M-1", 500, 0), SealedLine(4, "M-1", 0, 500)),
    "lines   ": PLAIN.lines[::-1],
    "lines    ": PLAIN.lines[:1],
    "prev_hash": bytes(31) + b"\x01",
}


def test_changing_any_one_thing_changes_the_hash() -> None:
    """Every field is sealed, and none twice the same way."""
    changed = [replace(PLAIN, **{name.strip(): to}) for name, to in CHANGES.items()]  # type: ignore[arg-type] # each to its own field's type
    assert {name.strip() for name in CHANGES} == set(vars(PLAIN))
    assert len({entry.hash() for entry in [PLAIN, *changed]}) == len(CHANGES) + 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (replace(PLAIN, narrative="a", actor="bc"), replace(PLAIN, narrative="ab", actor="c")),
        (replace(PLAIN, narrative="1:x;", actor=""), replace(PLAIN, narrative="", actor="1:x;")),
        (replace(PLAIN, ref=EntryRef(1, 11)), replace(PLAIN, ref=EntryRef(11, 1))),
        (replace(PLAIN, reverses=5), replace(PLAIN, counterpart=EntryRef(5, 5))),
        (
            replace(PLAIN, openings=(), lines=(SealedLine(1, "", 2, 0), SealedLine(2, "", 0, 2))),
            replace(PLAIN, openings=(), lines=(SealedLine(1, "2|2|0|2|0:;", 2, 0),)),
        ),
    ],
)
def test_content_cannot_wander_between_fields(one: Sealed, other: Sealed) -> None:
    """Lengths and separators hold every field in its place."""
    assert one.hash() != other.hash()


@settings(max_examples=50)
@given(SEALED, SEALED)
def test_two_different_entries_never_share_a_seal(one: Sealed, other: Sealed) -> None:
    """The text is read back in one way only."""
    assert (one.hash() == other.hash()) == (one == other)


@settings(max_examples=50)
@given(SEALED, st.data())
def test_two_nearly_equal_entries_never_share_a_seal(one: Sealed, data: st.DataObject) -> None:
    """One field taken from another entry."""
    other = data.draw(SEALED)
    name = data.draw(st.sampled_from(sorted(vars(one))))
    mixed = replace(one, **{name: getattr(other, name)})
    assert (mixed.hash() == one.hash()) == (mixed == one)
