"""An organisation at a glance: what it and all below it have on a day, part by part.

Every figure of an organisation is that of its node: the sum over the books under it that day,
less what two of them hold of each other. So a row is what its parts add up to, but for what lies
between them, and for those that belonged to it that day and have left since: they are somebody
else's to read, and stand together without a name. Amounts are paisa.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.postgres import balances
from service import access, organisations, portfolio
from service.access import Right
from service.arrears import Lenders
from service.portfolio import Lent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import date, datetime

    from service.books import Books
    from service.organisations import Organisation

SAVINGS: Final = frozenset({"2000", "2010"})
MONEY: Final = frozenset({"1000", "1010", "1100", "1110"})
LOANS: Final = frozenset({"1300", "1310"})
MET_WITHIN: Final = timedelta(days=31)
"""A CO has reported whose last closed meeting is no older: wherever they are monthly, each has."""
MOST_BELOW: Final = 300
"""So many organisations are shown with their own parts; of more, only those directly below."""

_PARENTS: Final = """
    SELECT organisation, parent FROM service.membership
    WHERE organisation = ANY (:codes) AND from_on <= :on AND to_on > :on
"""
_NODES: Final = """
    SELECT o.code, o.book_id FROM service.organisation AS o
    JOIN ledger.book AS b ON b.id = o.book_id WHERE o.code = ANY (:codes)
"""
_MEMBERS: Final = """
    SELECT u.node_id, count(*)
    FROM service.member AS m
    JOIN service.book_number AS b ON b.code = m.organisation
    JOIN ledger.under AS u ON u.book_id = b.book_id AND u.from_on <= :on AND u.to_on > :on
    WHERE u.node_id = ANY (:nodes) AND m.joined_on <= :on AND coalesce(m.left_on >= :on, true)
    GROUP BY u.node_id
"""
_MET: Final = """
    SELECT u.node_id, count(*) AS cos, count(*) FILTER (WHERE s.met_on >= :since) AS met,
        max(s.met_on) AS met_on, max(s.lag) FILTER (WHERE s.met_on >= :since) AS lag
    FROM service.organisation AS o
    JOIN ledger.under AS u ON u.book_id = o.book_id AND u.from_on <= :on AND u.to_on > :on
    LEFT JOIN LATERAL (
        SELECT h.held_on AS met_on,
            (e.posted_at AT TIME ZONE 'Asia/Karachi')::date - h.held_on AS lag
        FROM service.sheet AS h
        JOIN ledger.entry AS e ON e.book_id = o.book_id AND e.no = h.entry_no
        LEFT JOIN ledger.entry AS r ON r.book_id = e.book_id AND r.reverses = e.no
            AND r.value_date <= :on AND r.posted_at <= coalesce(:known_by, r.posted_at)
        WHERE h.organisation = o.code AND h.held_on <= :on AND r.no IS NULL
            AND e.posted_at <= coalesce(:known_by, e.posted_at)
        ORDER BY h.held_on DESC, e.posted_at DESC LIMIT 1
    ) AS s ON true
    WHERE u.node_id = ANY (:nodes) AND o.kind = 'CO' AND o.formed_on <= :on
    GROUP BY u.node_id
"""


class Met(NamedTuple):
    """The meetings of the COs of a node."""

    cos: int = 0
    met: int = 0
    """How many of them met lately, `MET_WITHIN`."""
    met_on: date | None = None
    """The last closed meeting of all."""
    lag: int | None = None
    """Days from the last meeting of a CO until it was written: the most, of those that met."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What an organisation and all below it have on a day."""

    members: int
    saved: int
    money: int
    lent: Lent
    meetings: Met

    def less(self, others: Sequence[Figures]) -> Figures:
        """What is left of it beside some of its parts."""
        lent = [self.lent[1:], *(one.lent[1:] for one in others)]
        return Figures(
            self.members - sum(one.members for one in others),
            self.saved - sum(one.saved for one in others),
            self.money - sum(one.money for one in others),
            Lent(self.lent.node, *(whole - sum(rest) for whole, *rest in zip(*lent, strict=True))),
            self.meetings,
        )


@dataclass(frozen=True, slots=True)
class Part:
    """An organisation in the tree, with its figures and the parts below it that are shown."""

    organisation: Organisation
    figures: Figures
    parts: tuple[Part, ...] = ()

    @property
    def rest(self) -> Figures:
        """What it has beside its parts: in its own book, and of those that have left since."""
        return self.figures.less([part.figures for part in self.parts])

    @property
    def has_rest(self) -> bool:
        """Whether that is anything."""
        rest = self.rest
        return any((rest.members, rest.saved, rest.money, *rest.lent[1:]))


@dataclass(frozen=True, slots=True)
class Overview:
    """An organisation with what is below it on a day."""

    whole: Part
    below: dict[str, int]
    """How many organisations of each kind are below it, that the reader may read."""


async def of_organisation(
    books: Books, code: str, on: date, *, known_by: datetime | None = None
) -> Overview:
    """An organisation and all below it, as on a day. Raises `NotFound`, `Forbidden`."""
    book = await access.authorise(books, Right.READ, code, below=True)
    top = await organisations.organisation(books, code)
    seen = [one async for one in _below(books, top, on)]
    parents = dict(await books.fetch(_PARENTS, codes=[one.code for one in seen], on=on))
    nodes = dict(await books.fetch(_NODES, codes=[code, *(one.code for one in seen)]))
    below = [one for one in seen if one.code in nodes]
    shown = below
    if len(below) > MOST_BELOW:
        shown = [one for one in below if parents.get(one.code) == code]
    numbers = {one.code: nodes[one.code] for one in [top, *shown]}
    async with books.whole_house(nodes=[book]):
        figures = await _figures(books, book, numbers, on, known_by)
    kinds = Counter(one.kind.value for one in below)
    children: defaultdict[str, list[Organisation]] = defaultdict(list)
    for one in shown:
        children[parents.get(one.code, "")].append(one)
    return Overview(_part(top, children, figures), dict(kinds))


async def _below(books: Books, top: Organisation, on: date) -> AsyncIterator[Organisation]:
    """Every organisation below another on a day that the reader may see, page by page."""
    after = ""
    while page := await organisations.organisations(books, under=top.code, on=on, after=after):
        for one in page:
            if one.code != top.code and one.formed_on <= on:
                yield one
        after = page[-1].code


async def _figures(
    books: Books, top: int, nodes: dict[str, int], on: date, known_by: datetime | None
) -> dict[str, Figures]:
    numbers = list(nodes.values())
    sums: defaultdict[int, dict[str, int]] = defaultdict(lambda: {"saved": 0, "money": 0})
    for row in await balances.rollup(books.ledger, on, known_by=known_by, nodes=numbers):
        if row.code in SAVINGS:
            sums[row.node]["saved"] -= row.net - row.eliminated
        elif row.code in MONEY:
            sums[row.node]["money"] += row.net - row.eliminated
    lenders = Lenders(await organisations.books_under(books, top, on))
    lent = await portfolio.lent(books, on, known_by=known_by, lenders=lenders, nodes=numbers)
    members = dict(await books.fetch(_MEMBERS, nodes=numbers, on=on))
    asked = {"nodes": numbers, "on": on, "since": on - MET_WITHIN, "known_by": known_by}
    met = {row[0]: Met(*row[1:]) for row in await books.fetch(_MET, **asked)}
    return {
        code: Figures(
            members=members.get(node, 0),
            **sums[node],
            lent=lent.get(node) or Lent(node, *[0] * (len(Lent._fields) - 1)),
            meetings=met.get(node, Met()),
        )
        for code, node in nodes.items()
    }


def _part(
    top: Organisation, children: dict[str, list[Organisation]], figures: dict[str, Figures]
) -> Part:
    parts = tuple(_part(one, children, figures) for one in children.get(top.code, ()))
    return Part(top, figures[top.code], parts)
