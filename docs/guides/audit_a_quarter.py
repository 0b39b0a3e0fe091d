"""Audit a quarter of every LSO that is open to a key, with nothing but httpx.

    python audit_a_quarter.py http://127.0.0.1:8040 KEY SECRET 2026-04-01 2026-06-30

It pulls every statement of every book, and of every LSO with all below it; checks that they
agree with each other; and computes each book's chain again. It prints what it found, and
ends with 1 where anything disagrees.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx

MONEY = ("1000", "1010", "1100", "1110")
Rows = list[dict[str, Any]]


class Auditor:
    """A client that signs in with a key, and again whenever its token has run out."""

    def __init__(self, address: str, key: str, secret: str) -> None:
        self.client = httpx.Client(base_url=address, timeout=60)
        self.key, self.secret = key, secret
        self.faults: list[str] = []

    def sign_in(self) -> None:
        """Fetch an access token: OAuth 2, client credentials. It is good for ten minutes."""
        form = {"grant_type": "client_credentials", "scope": "read"}
        answer = self.client.post("/v1/token", data=form, auth=(self.key, self.secret))
        answer.raise_for_status()
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str, **asked: str) -> httpx.Response:
        """Read something; a token that has run out is renewed once."""
        answer = self.client.get(path, params=asked)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self.sign_in()
            answer = self.client.get(path, params=asked)
        answer.raise_for_status()
        return answer

    def pages(self, path: str, **asked: str) -> Rows:
        """All items of a list, following the links to the next page."""
        answer = self.get(path, **asked)
        found: Rows = answer.json()["items"]
        while "next" in answer.links:
            answer = self.get(answer.links["next"]["url"])
            found += answer.json()["items"]
        return found

    def stream(self, path: str, **asked: str) -> Rows:
        """The rows of an NDJSON stream; its last line proves that it came whole."""
        _, *rows, end = map(json.loads, self.get(path, format="ndjson", **asked).text.splitlines())
        if end["rows"] != len(rows):
            raise ValueError(f"{path} was cut off")
        return rows

    def statement(self, organisation: str, name: str, **asked: str) -> Rows:
        """A statement of a book, whole."""
        return self.stream(f"/v1/organisations/{organisation}/statements/{name}", **asked)

    def check(self, holds: bool, what: str) -> None:  # noqa: FBT001 - a fact, not a switch
        """Remember what does not hold."""
        if not holds:
            self.faults.append(what)


def total(rows: Rows, column: str, **where: str) -> Decimal:
    """The sum of a column over the rows that say so. Money is text: never a float."""
    wanted = (row for row in rows if all(row[name] == value for name, value in where.items()))
    return sum((Decimal(row[column]) for row in wanted), Decimal(0))


def audit_book(auditor: Auditor, organisation: str, first_on: str, last_on: str) -> Rows:
    """Pull every statement of one book, and see that they agree; its trial balance."""
    period = {"first_on": first_on, "last_on": last_on}
    trial = auditor.statement(organisation, "trial-balance", **period)
    days = auditor.statement(organisation, "day-book", **period)
    cash = auditor.statement(organisation, "cash-book", **period)
    flows = auditor.statement(organisation, "receipts-and-payments", **period)
    earned = auditor.statement(organisation, "income-and-expenditure", **period)
    sheet = auditor.statement(organisation, "balance-sheet", as_of=last_on)
    auditor.statement(organisation, "general-ledger", **period)
    auditor.statement(organisation, "reversal-log", **period)
    gaps = auditor.statement(organisation, "number-gaps")

    def check(holds: bool, what: str) -> None:  # noqa: FBT001 - a fact, not a switch
        auditor.check(holds, f"{organisation}: {what}")

    check(not gaps, f"numbers are missing: {gaps}")
    for row in trial:
        moved = Decimal(row["debit"]) - Decimal(row["credit"])
        closes = Decimal(row["opening"]) + moved == Decimal(row["closing"])
        check(closes, f"{row['fund']} {row['code']} does not close")
    for fund in {row["fund"] for row in trial}:
        of = {"fund": fund}
        check(total(trial, "closing", **of) == 0, f"{fund}: the trial balance does not balance")
        check(
            total(days, "debit", **of) == total(trial, "debit", **of)
            and total(days, "credit", **of) == total(trial, "credit", **of),
            f"{fund}: the day book is not the turnover",
        )
        others = ("liabilities", "funds", "surplus")
        check(
            total(sheet, "amount", part="assets", **of)
            == sum(total(sheet, "amount", part=part, **of) for part in others),
            f"{fund}: the balance sheet does not balance",
        )
        money = sum(total(trial, "closing", code=code, **of) for code in MONEY)
        check(
            total(cash, "balance", part="closing", **of) == money,
            f"{fund}: the cash book is not the money",
        )
        opened, came, went, left = (
            total(flows, "amount", part=part, **of)
            for part in ("opening", "receipts", "payments", "closing")
        )
        check(opened + came - went == left == money, f"{fund}: receipts and payments do not close")
        income = -sum(
            Decimal(row["debit"]) - Decimal(row["credit"])
            for row in trial
            if row["fund"] == fund and row["code"][0] in "45"
        )
        check(
            total(earned, "amount", part="surplus", **of) == income,
            f"{fund}: income and expenditure is not the turnover",
        )
    audit_chain(auditor, organisation)
    return trial


def audit_chain(auditor: Auditor, organisation: str) -> None:
    """Compute every hash of a book again, from the text that it is the hash of."""
    book = auditor.get(f"/v1/organisations/{organisation}/book").json()
    links = auditor.stream(f"/v1/organisations/{organisation}/chain")
    sealed = "".join(f"{len(text)}:{text};" for text in (organisation, "PKR"))
    before = hashlib.sha256(f"amanat-book-1;{sealed}".encode()).hexdigest()
    for no, link in enumerate(links, start=1):
        found = hashlib.sha256(link["text"].encode()).hexdigest()
        whole = link["no"] == no and link["hash"] == found and f"|{before}|" in link["text"]
        auditor.check(whole, f"{organisation}: the chain breaks at entry {link['no']}")
        before = found
    auditor.check(before == book["head_hash"] or not links, f"{organisation}: the head is another")
    auditor.check(len(links) == book["last_no"], f"{organisation}: entries are missing")


def audit_lso(auditor: Auditor, lso: str, first_on: str, last_on: str) -> int:
    """An LSO with all below it: its consolidated figures are the sum of its books' figures."""
    period = {"first_on": first_on, "last_on": last_on}
    below = auditor.pages("/v1/organisations", under=lso, as_of=last_on, limit="500")
    books: Counter[tuple[str, str]] = Counter()
    for organisation in below:
        for row in audit_book(auditor, organisation["code"], first_on, last_on):
            books[row["fund"], row["code"]] += Decimal(row["closing"])  # type: ignore[assignment] # sums of any number
    whole = auditor.statement(lso, "trial-balance", consolidated="true", **period)
    closing = {(row["fund"], row["code"]): Decimal(row["closing"]) for row in whole}
    auditor.check(
        {key: value for key, value in books.items() if value}
        == {key: value for key, value in closing.items() if value},
        f"{lso}: the consolidated trial balance is not the sum of its books",
    )
    for name in ("receipts-and-payments", "income-and-expenditure"):
        auditor.statement(lso, name, consolidated="true", **period)
    sheet = auditor.statement(lso, "balance-sheet", consolidated="true", as_of=last_on)
    for fund in {row["fund"] for row in sheet}:
        of = {"fund": fund}
        others = ("liabilities", "funds", "surplus")
        auditor.check(
            total(sheet, "consolidated", part="assets", **of)
            == sum(total(sheet, "consolidated", part=part, **of) for part in others),
            f"{lso}, {fund}: the consolidated balance sheet does not balance",
        )
    return len(below)


def main() -> int:
    """Audit, and say what was found."""
    address, key, secret, first_on, last_on = sys.argv[1:]
    auditor = Auditor(address, key, secret)
    auditor.sign_in()
    for lso in auditor.pages("/v1/organisations", kind="LSO"):
        books = audit_lso(auditor, lso["code"], first_on, last_on)
        print(f"{lso['code']} {lso['name']}: {books} books, {first_on} to {last_on}.")
    for fault in auditor.faults:
        print(fault)
    print(f"{len(auditor.faults)} faults." if auditor.faults else "Everything agrees.")
    return 1 if auditor.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
