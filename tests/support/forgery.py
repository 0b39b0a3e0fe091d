"""What an attacker who works as the application hands to `ledger.post`, field by field.

A `Forgery` begins as an honest posting. A test changes what it likes, seals it anew where a
clever attacker would, and hands it in; arguments go by name, whatever their order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ledger.entries import AccountKey, EntryRef
from ledger.postgres.post import _read
from ledger.posting import decide
from ledger.sealing import Opening, SealedLine, seal
from tests.support.ledger import NOW, request

if TYPE_CHECKING:
    from datetime import datetime

    import asyncpg

    from ledger.entries import Draft
    from ledger.requests import Record

_PARAMETERS: Final = """
    SELECT a.name, format_type(a.type, NULL)
    FROM pg_proc p CROSS JOIN unnest(p.proargnames, p.proargtypes::oid[]) AS a (name, type)
    WHERE p.oid = 'ledger.post'::regproc
"""


@dataclass
class Forgery:
    """Entries, openings and lines as rows of named fields, and what they say they follow."""

    prev: dict[int, bytes]
    recorded: datetime = NOW
    entries: list[dict[str, Any]] = field(default_factory=list)
    openings: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    raw: dict[str, Any] = field(default_factory=dict)
    """Arguments that replace what the rows say; text is read as PostgreSQL writes an array."""

    def seal(self) -> None:
        """Seal every entry for what it says now."""
        last = dict(self.prev)
        for place, entry in enumerate(self.entries, start=1):
            entry["hash"] = last[entry["book"]] = self._hash(place, entry, last[entry["book"]])

    def _hash(self, place: int, entry: dict[str, Any], prev: bytes) -> bytes:
        other = entry["counterpart_book"], entry["counterpart_no"]
        return seal(
            ref=EntryRef(entry["book"], entry["no"]),
            value_date=entry["value_date"],
            posted_at=entry["posted_at"],
            recorded_at=self.recorded,
            kind=entry["kind"],
            narrative=entry["narrative"],
            actor=entry["actor"],
            reference=entry["reference"],
            key=entry["key"],
            part=entry["part"],
            digest=entry["digest"],
            reverses=entry["reverses"],
            counterpart=None if None in other else EntryRef(*other),
            openings=[
                Opening(o["no"], AccountKey(o["code"], o["fund"], o["party"]), o["counterparty"])
                for o in self.openings
                if o["entry"] == place
            ],
            lines=[
                SealedLine(o["account"], o["subject"], o["debit"], o["credit"])
                for o in self.lines
                if o["entry"] == place
            ],
            prev_hash=prev,
        )

    async def hand_in(self, connection: asyncpg.Connection) -> None:
        """Call the door."""
        parameters = await connection.fetch(_PARAMETERS)
        values = [self.argument(name) for name, _ in parameters]
        call = ", ".join(
            f"{name} => ${n}{'::text' if isinstance(value, str) else ''}::{kind}"
            for n, ((name, kind), value) in enumerate(zip(parameters, values, strict=True), start=1)
        )
        await connection.execute(f"SELECT ledger.post({call})", *values)

    def argument(self, name: str) -> Any:  # noqa: ANN401 - as many types as columns
        """The column that goes by this name."""
        if name in self.raw:
            return self.raw[name]
        if name == "recorded":
            return self.recorded
        group, column = name.split("_", 1)
        rows = {"e": self.entries, "a": self.openings, "l": self.lines}[group]
        return [row[column] for row in rows]


async def honest(connection: asyncpg.Connection, *drafts: Draft, key: str = "") -> Forgery:
    """What the engine itself would hand in for these drafts, if it posted them now."""
    asked = request(*drafts, key=key)
    position = await _read(connection, [asked])
    forged = Forgery({book: head.head_hash for book, head in position.heads.items()})
    decision = decide(position, [asked], recorded_at=NOW)
    assert decision.records, decision.outcomes
    for place, record in enumerate(decision.records, start=1):
        forged.entries.append(_entry(record))
        forged.openings += [
            {"entry": place, "no": o.no, **o.key._asdict(), "counterparty": o.faces}
            for o in record.openings
        ]
        forged.lines += [
            {"entry": place, "n": n, **_line(line)} for n, line in enumerate(record.lines, start=1)
        ]
    return forged


def _entry(record: Record) -> dict[str, Any]:
    entry = record.entry
    other = entry.counterpart or (None, None)
    return {
        "book": entry.ref.book,
        "no": entry.ref.no,
        "value_date": entry.value_date,
        "posted_at": entry.posted_at,
        "kind": entry.kind.value,
        "narrative": entry.narrative,
        "actor": entry.actor,
        "reference": entry.reference,
        "key": record.key,
        "part": record.part,
        "digest": record.digest,
        "reverses": entry.reverses,
        "counterpart_book": other[0],
        "counterpart_no": other[1],
        "hash": entry.hash,
    }


def _line(line: SealedLine) -> dict[str, Any]:
    return {
        "account": line.account_no,
        "subject": line.subject,
        "debit": line.debit,
        "credit": line.credit,
    }
