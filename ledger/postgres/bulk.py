"""Entries by the million, straight into new books: COPY instead of the posting door.

For a history that is made up whole, before anybody else may write the books. What
`ledger.post` keeps is kept here: numbers, moments, seals, balance, floors by the order of
posting, totals, turnover. It stands beside the door and is proven like it, by `amanat verify`.

Entries are taken as they happen and given away as text for COPY. A sheet has a stretch of
lines that comes again at every meeting; such a `Stretch` is written from a template.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from ledger.chart import CHART
from ledger.entries import AccountKey
from ledger.postgres.sql import load
from ledger.refusals import ClosingMovesMoney, EntryUnbalanced, FloorPassed, TextMalformed
from ledger.sealing import genesis

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import asyncpg

CURRENCY: Final = "PKR"
_BY_SUBJECT: Final = frozenset(code.code for code in CHART.values() if code.by_subject)
_MONEY: Final = frozenset(code.code for code in CHART.values() if code.money)
COLUMNS: Final = {
    "line": "book_id entry_no value_date kind account_no debit credit n subject",
    "entry": (
        "book_id no value_date posted_at recorded_at kind narrative actor reference key part"
        " request_digest reverses counterpart_book counterpart_no prev_hash hash"
    ),
    "turnover": "book_id code fund counterparty kind day debit credit",
    "account": "book_id no code fund party counterparty opened_in debit credit last_on",
    "book": "id organisation currency last_no last_account head_hash last_posted_at gender",
    "subject": "book_id subject code debit credit",
    "moneyless": "book_id value_date entry_no fund",
}
_ROLL_UP: Final = load("rebuilt.sql")
_HERE: Final = "\x01"
_NONE: Final = r"\N"
_NO_DIGEST: Final = bytes(32).hex()


class Moment(NamedTuple):
    """When a book learned of an entry: microseconds since 1970, and as PostgreSQL reads it."""

    micros: int
    text: str


class Voucher(NamedTuple):
    """What an entry says beside its lines; the day as ISO text."""

    day: str
    moment: Moment
    narrative: str
    actor: str
    reference: str
    kind: str = "normal"
    reverses: int | None = None
    counterpart: tuple[int, int] | None = None


Lines = list[tuple[int, int, int, str]]
"""Number of the account, debit, credit, subject."""


class Stretch:
    """Lines that credit some accounts with the same amount each, at one place of an entry."""

    __slots__ = ("accounts", "amount", "body", "first_n", "template", "total")

    def __init__(self, accounts: Sequence[int], amount: int, first_n: int) -> None:
        self.accounts = tuple(accounts)
        self.amount = amount
        self.first_n = first_n
        self.total = amount * len(self.accounts)
        numbered = list(enumerate(self.accounts, start=first_n))
        self.template = "".join(f"{_HERE}{a}\t0\t{amount}\t{n}\t\n" for n, a in numbered)
        self.body = "".join(f"{n}|{a}|0|{amount}|0:;" for n, a in numbered)

    def lines(self) -> Lines:
        """Its lines, one by one."""
        return [(account, 0, self.amount, "") for account in self.accounts]


class Texts:
    """Rows for COPY, by table; given away round by round."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {}

    def of(self, table: str) -> list[str]:
        """The rows of a table so far, to be added to."""
        return self.rows.setdefault(table, [])

    def taken(self, table: str) -> bytes:
        """The rows of a table as COPY takes them; they are here no more."""
        return "".join(self.rows.pop(table, ())).encode()


class BulkBook:
    """A book that is written from its beginning: its head, its accounts, what waits for COPY."""

    __slots__ = (
        "_credit", "_debit", "_faces", "_floor", "_head", "_keys", "_last", "_last_moment",
        "_moneyless", "_numbers", "_opened_in", "_opening", "_places", "_subjects", "_turned",
        "entries", "gender", "id", "line_count", "lines", "no", "organisation",
    )  # fmt: skip

    def __init__(self, book: int, organisation: str, gender: str = "") -> None:
        self.id = book
        self.organisation = _plain(organisation)
        self.gender = gender
        self.no = 0
        self.lines: list[str] = []
        self.entries: list[str] = []
        self.line_count = 0
        self._head = genesis(organisation, CURRENCY).hex()
        self._last_moment = Moment(0, "")
        self._numbers: dict[tuple[str, str, str], int] = {}
        self._keys: list[AccountKey] = [AccountKey("", "")]
        self._faces: list[int | None] = [None]
        self._opened_in: list[int] = [0]
        self._debit: list[int] = [0]
        self._credit: list[int] = [0]
        self._last: list[str] = [""]
        self._floor: list[int] = [0]
        self._places: list[str] = [""]
        self._opening: list[str] = []
        self._turned: dict[str, dict[str, list[int]]] = {}
        self._subjects: dict[tuple[str, str], list[int]] = {}
        self._moneyless: list[str] = []

    def number(self, code: str, fund: str, party: str = "", faces: int | None = None) -> int:
        """The number of an account, opened by the next entry where it is new.

        To be asked in the order of the lines of that entry.
        """
        found = self._numbers.get((code, fund, party))
        if found is not None:
            return found
        key, no = AccountKey(code, fund, party), len(self._keys)
        self._numbers[key] = no
        self._keys.append(key)
        self._faces.append(faces)
        self._opened_in.append(self.no + 1)
        self._debit.append(0)
        self._credit.append(0)
        self._last.append("-infinity")
        chart = CHART[code]
        self._floor.append(chart.sign if chart.floored else 0)
        facing = "" if faces is None else faces
        self._places.append(f"{code}\t{_plain(fund)}\t{faces or 0}")
        self._opening.append(
            f"{no}|{facing}|{_sealed(code)}{_sealed(fund)}{_sealed(_plain(party))}"
        )
        return no

    def balance(self, no: int) -> int:
        """Debit less credit of an account, in paisa."""
        return self._debit[no] - self._credit[no]

    def post(self, voucher: Voucher, head: Lines, stretch: Stretch | None, tail: Lines) -> int:
        """Take an entry: `head`, then the stretch, then `tail`; its number.

        Raises `EntryUnbalanced`, `FloorPassed` and `ClosingMovesMoney`, as the door would.
        """
        self.no += 1
        before = f"{self.id}\t{self.no}\t{voucher.day}\t{voucher.kind}\t"
        turned = self._turned.setdefault(f"{voucher.kind}\t{voucher.day}", {})
        body, net, n = "", 0, 1
        lowered: list[int] = []
        for part in (head, tail):
            if part is tail and stretch is not None:
                n, net = n + len(stretch.accounts), net - stretch.total
                body += stretch.body
                self._take(stretch, before, voucher.day, turned)
            n, net, said = self._write(part, n, net, before, voucher.day, turned, lowered)
            body += said
        if net:
            raise EntryUnbalanced(f"Entry {self.no} of book {self.id} is out by {net} paisa.")
        for no in lowered:
            if self._floor[no] * (self._debit[no] - self._credit[no]) < 0:
                raise FloorPassed(f"{self._keys[no]} of book {self.id} falls below its floor.")
        self.line_count += n - 1
        self._note_moneyless(voucher, [*head, *tail], stretch)
        self._seal(voucher, body)
        return self.no

    def reverse(self, voucher: Voucher, lines: Lines) -> int:
        """Take the reversal of an entry that has these lines; its number."""
        return self.post(voucher, [(a, c, d, s) for a, d, c, s in lines], None, [])

    def give_round(self, texts: Texts) -> None:
        """Give away what was written so far; no later entry may be of a day of it."""
        texts.of("line").extend(self.lines)
        texts.of("entry").extend(self.entries)
        self.lines, self.entries = [], []
        rows = texts.of("turnover")
        for when, places in self._turned.items():
            kind_and_day = f"\t{when}\t"
            for place, (debit, credit) in places.items():
                rows.append(f"{self.id}\t{place}{kind_and_day}{debit}\t{credit}\n")
        self._turned = {}

    def give_end(self, texts: Texts) -> None:
        """Give away the accounts and the head, once all rounds are given."""
        rows = texts.of("account")
        for no in range(1, len(self._keys)):
            key, faces = self._keys[no], self._faces[no]
            rows.append(
                f"{self.id}\t{no}\t{key.code}\t{key.fund}\t{key.party}\t"
                f"{_NONE if faces is None else faces}\t{self._opened_in[no]}\t"
                f"{self._debit[no]}\t{self._credit[no]}\t{self._last[no]}\n"
            )
        texts.of("moneyless").extend(self._moneyless)
        subjects = texts.of("subject")
        for (subject, code), (debit, credit) in sorted(self._subjects.items()):
            subjects.append(f"{self.id}\t{subject}\t{code}\t{debit}\t{credit}\n")
        texts.of("book").append(
            f"{self.id}\t{self.organisation}\t{CURRENCY}\t{self.no}\t{len(self._keys) - 1}\t"
            f"\\\\x{self._head}\t{self._last_moment.text or _NONE}\t{self.gender}\n"
        )

    def _take(self, stretch: Stretch, before: str, day: str, turned: dict[str, list[int]]) -> None:
        self.lines.append(stretch.template.replace(_HERE, before))
        credit, last, amount = self._credit, self._last, stretch.amount
        for no in stretch.accounts:
            credit[no] += amount
            last[no] = day
        place = self._places[stretch.accounts[0]]
        turned.setdefault(place, [0, 0])[1] += stretch.total

    def _write(
        self, part: Lines, n: int, net: int, before: str, day: str,
        turned: dict[str, list[int]], lowered: list[int],
    ) -> tuple[int, int, str]:  # fmt: skip
        """Write lines, numbered from `n`; the next number, the net so far, their seal."""
        body, rows = [], self.lines
        owing, owed, last, places = self._debit, self._credit, self._last, self._places
        for no, debit, credit, subject in part:
            rows.append(f"{before}{no}\t{debit}\t{credit}\t{n}\t{subject}\n")
            body.append(f"{n}|{no}|{debit}|{credit}|{_sealed(subject) if subject else '0:;'}")
            n += 1
            net += debit - credit
            owing[no] += debit
            owed[no] += credit
            last[no] = max(last[no], day)
            place = places[no]
            sums = turned.get(place)
            if sums is None:
                turned[place] = [debit, credit]
            else:
                sums[0] += debit
                sums[1] += credit
            if self._floor[no]:
                lowered.append(no)
            if subject and place[:4] in _BY_SUBJECT:
                self._add_to_subject(subject, place[:4], debit, credit)
        return n, net, "".join(body)

    def _add_to_subject(self, subject: str, code: str, debit: int, credit: int) -> None:
        sums = self._subjects.setdefault((subject, code), [0, 0])
        sums[0] += debit
        sums[1] += credit

    def _note_moneyless(self, voucher: Voucher, lines: Lines, stretch: Stretch | None) -> None:
        """Note the funds of the entry in which no money moved; a closing moves none anywhere."""
        keys = [self._keys[line[0]] for line in lines]
        if stretch is not None:
            keys.append(self._keys[stretch.accounts[0]])
        paid = {key.fund for key in keys if key.code in _MONEY}
        if voucher.kind == "close":
            if paid:
                raise ClosingMovesMoney(f"Closing {self.no} of book {self.id} moves money.")
            return
        for fund in sorted({key.fund for key in keys} - paid):
            self._moneyless.append(f"{self.id}\t{voucher.day}\t{self.no}\t{fund}\n")

    def _seal(self, voucher: Voucher, body: str) -> None:
        """Seal and keep the entry; `ledger.sealing.seal` makes the same text."""
        day, moment, narrative, actor, reference, kind, reverses, counterpart = voucher
        if moment.micros <= self._last_moment.micros:
            raise TextMalformed(f"The moments of book {self.id} do not move forward.")
        opened = "".join(self._opening)
        if opened:
            self._opening = []
        _plain(narrative + actor + reference)
        undone = "" if reverses is None else reverses
        other = "|" if counterpart is None else f"{counterpart[0]}|{counterpart[1]}"
        text = (
            f"amanat-entry-1;{self.id}|{self.no}|{day}|{moment.micros}|{moment.micros}|{kind}|"
            f"{_sealed(narrative)}{_sealed(actor)}{_sealed(reference)}0:;"
            f"0|{_NO_DIGEST}|{undone}|{other}|{self._head}|{opened}#{body}"
        )
        sealed = sha256(text.encode()).hexdigest()
        pair = f"{_NONE}\t{_NONE}" if counterpart is None else other.replace("|", "\t")
        self.entries.append(
            f"{self.id}\t{self.no}\t{day}\t{moment.text}\t{moment.text}\t{kind}\t"
            f"{narrative}\t{actor}\t{reference}\t\t0\t\\\\x{_NO_DIGEST}\t"
            f"{_NONE if reverses is None else reverses}\t{pair}\t"
            f"\\\\x{self._head}\t\\\\x{sealed}\n"
        )
        self._head = sealed
        self._last_moment = moment


async def roll_up(
    connection: asyncpg.Connection, nodes: Collection[int], below: tuple[int, int]
) -> None:
    """Make the roll-up of nodes that have none, from that of the books directly below them.

    `below` are the first and the last number of those books. Nothing else may work on the
    roll-up meanwhile.
    """
    await connection.execute(_ROLL_UP, sorted(nodes), *below)


def _sealed(text: str) -> str:
    return f"{len(text) if text.isascii() else len(text.encode())}:{text};"


def _plain(text: str) -> str:
    """A text that COPY takes as it stands. Raises `TextMalformed`."""
    if "\\" in text or not (text.isprintable()):
        raise TextMalformed(f"{text!r} has a character that is not written in bulk.")
    return text
