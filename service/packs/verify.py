"""Check this pack without whoever made it: unpack it and run `python3 verify.py` in its folder.

It needs nothing but Python 3.8 or newer, asks nobody, and changes nothing. It computes again

- the SHA-256 of every file, and of the manifest that lists them;
- the chain of every book, from its first entry: each hash is that of its text, names the one
  before, and the last is the head that the manifest names;
- every trial balance, from the sealed texts alone, as of the moment that the pack is of;
- that the journal, as CSV and as plain text, has the sealed lines of the period and no other;
- that the passbooks close with what members have saved;
- that the consolidated trial balance is the sum of the books, and what of it is eliminated.

The hash of the head of a book, noted down earlier, must be in its chain: compare it yourself.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017 - Python 3.8 may have to read it
SAVINGS = ("2000", "2010")
FACES_NOBODY = 0
FAULTS: list[str] = []
csv.field_size_limit(2**24)


def check(holds, sentence):
    """Note a sentence where something does not hold."""
    if not holds:
        FAULTS.append(sentence)


def sha256(text):
    """The SHA-256 of a text, as hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def sealed(text):
    """A text behind its length in bytes, as seals have it."""
    return f"{len(text.encode())}:{text};"


def paisa(amount):
    """An amount in whole paisa: "-12.50" is -1250."""
    whole, decimals = amount.lstrip("-").split(".")
    return (int(whole) * 100 + int(decimals)) * (-1 if amount.startswith("-") else 1)


def escaped(code):
    """A code as names of accounts in the plain text have it."""
    odd = r"[^A-Za-z0-9-]|(?<![A-Za-z0-9])-|-(?![A-Za-z0-9])"
    return re.sub(odd, lambda m: "".join(f"--{byte:02X}" for byte in m[0].encode()), code)


def same(cell, text):
    """Whether a cell is a text; before what looks like a formula stands an apostrophe."""
    return cell in (text, f"'{text}")


def rows_of(folder, name):
    """The rows of a table by column."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def manifest_of(folder):
    """The manifest; its last line is the hash of all before it."""
    try:
        text = (folder / "manifest.json").read_text(encoding="utf-8")
        found = json.loads(text)
        seal = found.pop("sha256")
        written = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        whole = json.dumps({**found, "sha256": seal}, ensure_ascii=False, indent=1) + "\n"
    except (OSError, ValueError, KeyError, AttributeError) as trouble:
        check(False, f"manifest.json: it cannot be read ({trouble}).")
        return None
    check(sha256(written) == seal and whole == text, "manifest.json: it was changed.")
    return found


def check_digest(manifest):
    """What the cover has printed is the digest of all other files."""
    beneath = [file for file in manifest["files"] if file["name"] != "cover.pdf"]
    text = json.dumps({"files": beneath}, ensure_ascii=False, indent=1) + "\n"
    good = sha256(text) == manifest.get("digest")
    check(good, "manifest.json: its digest is not that of its list of files.")


def check_files(folder, manifest):
    """Every file is the one that the manifest lists, and there is no other but hidden ones.

    Programs leave those behind: beancount what it has read, so as to be quicker the next time.
    """
    listed = {file["name"]: file for file in manifest["files"]}
    there = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
    for name in sorted(there - set(listed) - {"manifest.json"}):
        check(False, f"{name}: the manifest does not list it.")
    for name, file in listed.items():
        if name not in there:
            check(False, f"{name}: it is missing.")
            continue
        digest, size = hashlib.sha256(), 0
        with (folder / name).open("rb") as content:
            for some in iter(lambda content=content: content.read(2**20), b""):
                digest.update(some)
                size += len(some)
        good = (size, digest.hexdigest()) == (file["bytes"], file["sha256"])
        check(good, f"{name}: it is not the file that the manifest lists.")


class Text:
    """The text of an entry, read from its beginning."""

    def __init__(self, text):
        """Begin before its first byte."""
        self.bytes = text.encode()
        self.at = 0

    def field(self, end=b"|"):
        """What stands before the next end."""
        until = self.bytes.index(end, self.at)
        found = self.bytes[self.at : until].decode()
        self.at = until + 1
        return found

    def text(self):
        """A text behind its length."""
        size = int(self.field(b":"))
        found = self.bytes[self.at : self.at + size].decode()
        if self.bytes[self.at + size : self.at + size + 1] != b";":
            raise ValueError("a text is not as long as it says")
        self.at += size + 1
        return found

    def is_at(self, mark):
        """Whether a mark comes next; the end is the empty one."""
        return self.bytes[self.at : self.at + len(mark)] == mark if mark else self.ended

    @property
    def ended(self):
        """Whether nothing is left."""
        return self.at >= len(self.bytes)


def entry_of(text, accounts):
    """What a sealed text says; the accounts that it opens are added to `accounts`."""
    read = Text(text)
    if read.field(b";") != "amanat-entry-1":
        raise ValueError("its format is another")
    entry = {"book": int(read.field()), "no": int(read.field()), "on": read.field()}
    entry["posted"] = EPOCH + timedelta(microseconds=int(read.field()))
    read.field()  # recorded at
    entry["kind"] = read.field()
    for _ in ("narrative", "actor", "reference", "key"):
        read.text()
    for _ in ("part", "digest", "reverses", "other book", "other number"):
        read.field()
    entry["before"] = read.field()
    while not read.is_at(b"#"):
        no, faces = int(read.field()), read.field()
        code, fund, party = read.text(), read.text(), read.text()
        accounts[no] = (fund, code, party, int(faces or FACES_NOBODY))
    read.at += 1
    entry["lines"] = []
    while not read.ended:
        n, no, debit, credit = (int(read.field()) for _ in range(4))
        fund, code, party, faces = accounts[no]
        entry["lines"].append((n, fund, code, party, read.text(), debit, credit, faces))
    return entry


class Book:
    """What the sealed texts of a book come to."""

    def __init__(self, told, manifest):
        """Begin with what the manifest tells of it."""
        self.told, self.manifest = told, manifest
        self.organisation, self.folder = told["organisation"], told["folder"]
        self.figures = defaultdict(lambda: [0, 0, 0, 0])
        """Opening, debit, credit, closing by fund and code."""
        self.faced = defaultdict(int)
        """What it holds on accounts that face a book, by book, fund and code."""
        self.lines = defaultdict(list)
        """The lines of the period by entry."""

    def read(self, folder):
        """Compute the chain, and take in every line of it."""
        name, before, accounts, no = f"{self.folder}/chain.ndjson", self.genesis(), {}, 0
        known_by = datetime.fromisoformat(self.manifest["known_by"])
        with (folder / name).open(encoding="utf-8") as links:
            for no, line in enumerate(links, start=1):
                link = json.loads(line)
                entry = entry_of(link["text"], accounts)
                good = (
                    sha256(link["text"]) == link["hash"]
                    and link["no"] == entry["no"] == no
                    and link["prev_hash"] == entry["before"] == before
                    and entry["book"] == self.told["number"]
                    and entry["posted"] <= known_by
                )
                if not good:
                    return check(False, f"{name}: the chain breaks at entry {no}.")
                before = link["hash"]
                self.take(entry)
        ends = (no, before) == (self.told["last_no"], self.told["head_hash"])
        return check(ends, f"{name}: it does not end in the head that the manifest names.")

    def genesis(self):
        """The hash before the first entry."""
        named = sealed(self.organisation) + sealed(self.manifest["currency"])
        return sha256(f"amanat-book-1;{named}")

    def take(self, entry):
        """Add the lines of an entry to what the book comes to."""
        if entry["on"] > self.manifest["last_on"]:
            return
        before = entry["on"] < self.manifest["first_on"]
        for line in entry["lines"]:
            _, fund, code, _, _, debit, credit, faces = line
            figures = self.figures[fund, code]
            figures[3] += debit - credit
            if before:
                figures[0] += debit - credit
            else:
                figures[1] += debit
                figures[2] += credit
                self.lines[entry["no"]].append(line[:-1])
            if faces != FACES_NOBODY:
                self.faced[faces, fund, code] += debit - credit

    def moved(self):
        """Its figures without rows of zeros."""
        return {key: tuple(found) for key, found in self.figures.items() if any(found)}

    def check_trial_balance(self, folder):
        """The trial balance is what the sealed lines come to."""
        name = f"{self.folder}/trial-balance.csv"
        columns = ("opening", "debit", "credit", "closing")
        said = {
            (row["fund"], row["code"]): tuple(paisa(row[column]) for column in columns)
            for row in rows_of(folder, name)
        }
        check(said == self.moved(), f"{name}: it is not what the chain of the book comes to.")

    def check_passbooks(self, folder):
        """The savings in all passbooks are those of the book."""
        name = f"{self.folder}/passbooks.csv"
        saved = defaultdict(int)
        for row in rows_of(folder, name):
            here = same(row["organisation"], self.organisation) and row["part"] == "closing"
            if here and row["code"] in SAVINGS:
                saved[row["fund"], row["code"]] -= paisa(row["balance"])
        held = {key: found[3] for key, found in self.figures.items() if key[1] in SAVINGS}
        agree = {k: v for k, v in saved.items() if v} == {k: v for k, v in held.items() if v}
        check(agree, f"{name}: they do not close with the savings of the book.")


def check_journal(folder, books):
    """The journal as CSV has the sealed lines of the period, in their order, and no other."""
    name, missing = "journal.csv", {book.organisation: dict(book.lines) for book in books}
    for row in rows_of(folder, name):
        organisation = next((o for o in missing if same(row["organisation"], o)), None)
        lines = missing.get(organisation, {}).get(int(row["entry_no"]))
        if not lines:
            return check(False, f"{name}: entry {row['entry_no']} has a line too many.")
        n, fund, code, party, subject, debit, credit = lines.pop(0)
        good = (
            (row["n"], row["code"]) == (str(n), code)
            and (paisa(row["debit"]), paisa(row["credit"])) == (debit, credit)
            and same(row["fund"], fund)
            and same(row["party"], party)
            and same(row["subject"], subject)
        )
        if not good:
            return check(False, f"{name}: line {n} of entry {row['entry_no']} is not as sealed.")
    left = any(lines for of_book in missing.values() for lines in of_book.values())
    return check(not left, f"{name}: it does not have every line of the period.")


def check_plain_text(folder, books):
    """The plain text comes to what every book holds, and says so."""
    name = "books.journal"
    sums, balances = defaultdict(int), defaultdict(int)
    posting = re.compile(r"  (\S+)  (-?\d+\.\d\d) PKR")
    balance = re.compile(r"\S+ balance (\S+)  (-?\d+\.\d\d) ~ 0 PKR")
    with (folder / name).open(encoding="utf-8") as lines:
        for line in lines:
            for pattern, found in ((posting, sums), (balance, balances)):
                match = pattern.match(line)
                if match is None:
                    continue
                _, book, code, fund, *party = match[1].split(":")
                if pattern is posting or not party:
                    found[book, code[:4], fund] += paisa(match[2])
    held = {
        (book.folder.rpartition("/")[2], code, f"Fund-{escaped(fund)}"): found[3]
        for book in books
        for (fund, code), found in book.figures.items()
        if found[3]
    }
    for said in (sums, balances):
        agree = {key: found for key, found in said.items() if found} == held
        check(agree, f"{name}: it does not close with the trial balances.")


def check_consolidated(folder, books):
    """The consolidated trial balance is the sum of the books; what they owe each other is apart."""
    name = "consolidated/trial-balance.csv"
    numbers = {book.told["number"] for book in books}
    sums, eliminated = defaultdict(int), defaultdict(int)
    for book in books:
        for key, found in book.figures.items():
            sums[key] += found[3]
        for (faces, *key), net in book.faced.items():
            if faces in numbers:
                eliminated[tuple(key)] += net
    left = {key: net - eliminated[key] for key, net in sums.items()}
    columns = {"closing": sums, "closing_eliminated": eliminated, "consolidated": left}
    for column, found in columns.items():
        said = {
            (row["fund"], row["code"]): paisa(row[column])
            for row in rows_of(folder, name)
            if paisa(row[column])
        }
        agree = said == {key: net for key, net in found.items() if net}
        check(agree, f"{name}: its column {column} is not what the books come to.")


def check_figures(folder, manifest):
    """What the files say agrees with the sealed texts."""
    books = [Book(told, manifest) for told in manifest["books"]]
    for book in books:
        book.read(folder)
        book.check_trial_balance(folder)
        book.check_passbooks(folder)
    check_journal(folder, books)
    check_plain_text(folder, books)
    if manifest["consolidated"] and not manifest["closed"]:
        check_consolidated(folder, books)


def main():
    """Check the pack in a folder, this one without another; 0 where everything agrees."""
    folder = Path(sys.argv[1]) if sys.argv[1:] else Path(__file__).resolve().parent
    manifest = manifest_of(folder)
    if not FAULTS:
        check_files(folder, manifest)
        check_digest(manifest)
    if not FAULTS:
        try:
            check_figures(folder, manifest)
        except (ArithmeticError, KeyError, ValueError) as trouble:
            check(False, f"The files do not fit together ({trouble!r}).")
    for fault in FAULTS:
        print(fault)
    if FAULTS:
        return 1
    told = manifest["totals"]
    print(
        f"{manifest['organisation']['code']}, {manifest['first_on']} to {manifest['last_on']},"
        f" as known by {manifest['known_by']}: {told['books']} books, {told['entries']} entries,"
        f" {told['files']} files."
    )
    if manifest["consolidated"] and manifest["closed"]:
        print(
            f"{manifest['closed']} organisations counted in the consolidated figures are closed to"
            " whoever made the pack, so these cannot be added up from its books."
        )
    print("Everything agrees.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
