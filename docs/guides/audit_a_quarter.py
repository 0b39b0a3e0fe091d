"""Audit a quarter of every LSO that is open to a key, with nothing but httpx.

    python audit_a_quarter.py http://127.0.0.1:8040 KEY SECRET 2026-04-01 2026-06-30

It pulls every statement of every book, the statement of each account of money, the passbook of
each member, and the statements of every LSO with all below it; checks that they agree with each
other; and computes the chain of each book and each audit trail again. It prints what it found,
and ends with 1 where anything disagrees.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx

MONEY = ("1000", "1010", "1100", "1110")
SAVINGS = ("2000", "2010")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TRIES = 10
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

    def get(self, path: str, accept: str = "application/json", **asked: str) -> httpx.Response:
        """Read something; renew a token that has run out, and wait for a service that is busy."""
        for _ in range(TRIES):
            answer = self.client.get(path, params=asked or None, headers={"Accept": accept})
            if answer.status_code == httpx.codes.UNAUTHORIZED:
                self.sign_in()
            elif answer.status_code in {
                httpx.codes.TOO_MANY_REQUESTS,
                httpx.codes.SERVICE_UNAVAILABLE,
            }:
                time.sleep(int(answer.headers.get("Retry-After", 1)))
            else:
                break
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
        lines = self.get(path, "application/x-ndjson", **asked).text.strip().split("\n")
        _, *rows, end = map(json.loads, lines)
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


def text(value: str) -> str:
    """A text as it stands in what a hash covers: behind its length in bytes."""
    return f"{len(value.encode())}:{value};"


def sha256(sealed: str) -> str:
    """The hash of a text, in hexadecimal."""
    return hashlib.sha256(sealed.encode()).hexdigest()


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
        results = [row for row in days if row["code"][0] in "45" and row["kind"] != "close"]
        check(
            total(earned, "amount", part="surplus", **of)
            == total(results, "credit", **of) - total(results, "debit", **of),
            f"{fund}: income and expenditure is not what the day book has of 4xxx and 5xxx",
        )
    accounts = auditor.get(f"/v1/organisations/{organisation}/accounts", as_of=last_on).json()
    audit_accounts(auditor, organisation, accounts["days"][0]["items"], **period)
    audit_chain(auditor, organisation)
    audit_trail(auditor, organisation)
    return trial


def audit_accounts(auditor: Auditor, organisation: str, accounts: Rows, **period: str) -> None:
    """Pull the statement of each account of money, and the passbook of each member."""
    for account in accounts:
        if account["code"] not in MONEY:
            continue
        no = account["no"]
        rows = auditor.statement(organisation, "account-statement", account=str(no), **period)
        left = total(rows, "balance", part="closing")
        moved = total(rows, "debit") - total(rows, "credit")
        auditor.check(
            total(rows, "balance", part="opening") + moved == left == Decimal(account["balance"]),
            f"{organisation}: the statement of account {no} does not close with its balance",
        )
    saved: dict[str, dict[tuple[str, str], Decimal]] = {}
    for account in accounts:
        if account["code"] in SAVINGS and Decimal(account["balance"]):
            hers = saved.setdefault(account["party"], {})
            hers[account["fund"], account["code"]] = -Decimal(account["balance"])
    for member in auditor.pages(f"/v1/organisations/{organisation}/members", limit="500"):
        code = member["code"]
        passbook = {
            (row["fund"], row["code"]): Decimal(row["balance"])
            for row in auditor.stream(f"/v1/members/{code}/passbook", **period)
            if row["part"] == "closing" and row["code"] in SAVINGS and Decimal(row["balance"])
        }
        auditor.check(
            passbook == saved.pop(code, {}),
            f"{organisation}: the passbook of {code} does not close with her savings",
        )
    auditor.check(not saved, f"{organisation}: savings of nobody: {', '.join(saved)}")


def audit_chain(auditor: Auditor, organisation: str) -> None:
    """Compute every hash of a book again, from the text that it is the hash of."""
    book = auditor.get(f"/v1/organisations/{organisation}/book").json()
    links = auditor.stream(f"/v1/organisations/{organisation}/chain")
    before = sha256(f"amanat-book-1;{text(organisation)}{text('PKR')}")
    for no, link in enumerate(links, start=1):
        found = sha256(link["text"])
        whole = link["no"] == no and link["hash"] == found and f"|{before}|" in link["text"]
        auditor.check(whole, f"{organisation}: the chain breaks at entry {link['no']}")
        before = found
    auditor.check(before == book["head_hash"] or not links, f"{organisation}: the head is another")
    auditor.check(len(links) == book["last_no"], f"{organisation}: entries are missing")


def audit_trail(auditor: Auditor, organisation: str) -> None:
    """Compute every hash of an organisation's audit trail again, from what the links say."""
    links = auditor.stream(f"/v1/organisations/{organisation}/audit-trail")
    before = sha256("amanat-audit-1")
    for no, link in enumerate(links, start=1):
        at = (datetime.fromisoformat(link["at"]) - EPOCH) // timedelta(microseconds=1)
        found = sha256(
            f"amanat-audit-1;{text('organisation')}{text(organisation)}{link['no']}|{at}|"
            f"{text(link['actor'])}{text(link['source'])}{text(link['action'])}"
            f"{text(link['sealed'])}{before}"
        )
        told = [{k: v for k, v in change.items() if v is not None} for change in link["changes"]]
        whole = (link["no"], link["prev_hash"], link["hash"]) == (no, before, found)
        auditor.check(
            whole and json.loads(link["sealed"]) == told,
            f"{organisation}: the audit trail breaks at link {link['no']}",
        )
        before = link["hash"]


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
