"""What each route of the application is asked: one good request, about an organisation.

`{org}` is the organisation asked about, `{parent}` the one it belongs to, `{me}` whoever asks;
the rest is named after the organisation (see `world`).
"""

from __future__ import annotations

import io
import uuid
import zipfile
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from tests.access.world import (
    MOVED_ON,
    PARENTS,
    RECOVERY_CODE,
    device_of,
    gift,
    savings,
)
from tests.api.helpers import ONE_CO
from tests.support.people import _NAMESPACE as PEOPLE
from tests.support.signing import ANOTHER, PASSWORD, PIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.access.world import Federation


class Kin(StrEnum):
    """Between which two organisations the six relations are."""

    VO = "vo"
    """Officers of VO-1, about VOs, what is above them and below."""
    CO = "co"
    """Officers of CO-1, and of VO-1 where something lies below: what only COs have."""
    HOUSE = "house"
    """Own: a role on the whole house; parent: one on VO-1 alone, or with all below."""
    ONESELF = "oneself"
    """Own: what belongs to whoever asks; unrelated: to somebody else."""


KINSHIP: Final[dict[Kin, tuple[tuple[str | None, str] | None, ...]]] = {
    Kin.VO: (
        ("VO-1", "VO-1"),
        ("VO-1", "LSO-A"),
        ("VO-1", "CO-1"),
        ("VO-1", "VO-2"),
        ("VO-1", "VO-9"),
        ("VO-1", "CO-7"),
    ),
    Kin.CO: (
        ("CO-1", "CO-1"),
        ("CO-1", "VO-1"),
        ("VO-1", "CO-1"),
        ("CO-1", "CO-2"),
        ("CO-1", "CO-9"),
        ("VO-1", "CO-7"),
    ),
    Kin.HOUSE: ((None, "RSP-1"), ("VO-1", "RSP-1"), None, None, None, None),
    Kin.ONESELF: (("VO-1", "VO-1"), None, None, None, ("VO-1", "VO-9"), None),
}
"""The office of whoever asks and the organisation asked about: own, parent, child, sibling,
unrelated, formerly below."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it is sent: its texts with names in braces."""

    method: str
    path: str
    kin: Kin = Kin.VO
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Any = None
    shows: str = ""
    """What an answer shows that shows the organisation asked about; for lists."""

    @property
    def route(self) -> tuple[str, str]:
        """Its method, and its path without a query."""
        return self.method, self.path.partition("?")[0]


KEY: Final = {"Idempotency-Key": "{fresh}"}
FIRST: Final = {"If-Match": '"1"'}
AGREED: Final = {"reason": "Agreed"}
SHEET: Final = {
    "held_on": "2026-07-20",
    "present": ["{member}"],
    "cash_counted": "10.00",
    "lines": [{"member": "{member}", "kind": "saving_compulsory", "amount": "10.00"}],
}
NEW_SHEET: Final = {"code": "{fresh}", "organisation": "{org}", **SHEET}
UNDO: Final = {"on": "2026-07-20", "reason": "Entered twice"}
MEMBER: Final = {"name": "Nasreen", "gender": "female", "joined_on": "2026-06-01"}
PERSON: Final = {"name": "Nasreen", "organisation": "{org}"}
EVENT: Final = {
    "code": "{fresh}",
    "organisation": "{org}",
    "kind": "grant_donor",
    "happened_on": "2026-07-20",
    "fund": "own",
    "paid_by": "cash",
    "amount": "15.00",
}
TRANSFER: Final = {**EVENT, "kind": "deposit_placed", "counterparty": "{parent}"}
LOAN: Final = {
    "code": "{fresh}",
    "lender": "{org}",
    "member": "{member}",
    "product": "HELP",
    "principal": "300.00",
    "applied_on": "2026-07-10",
    "approved_on": "2026-07-12",
    "first_due_on": "2026-08-15",
    "instalments": 3,
}
AGREED_LATER: Final = {"on": "2026-07-10", "reason": "As resolved"}
APPLICATION: Final = {
    "code": "{fresh}",
    "lender": "{org}",
    "member": "{member}",
    "product": "HELP",
    "amount": "300.00",
    "instalments": 3,
    "purpose": "seed",
    "applied_on": "2026-07-10",
}
PRODUCT: Final = {
    "code": "{fresh}",
    "name": "Livestock",
    "fund": "own",
    "charge": "zero",
    "repayment": "equal_instalment",
    "rate_percent": "0",
    "rate_per": "year",
    "frequency": "month",
    "instalments": 10,
}
SCHEME: Final = {
    "from_on": "2026-07-01",
    "resolution": "Resolved",
    "classes": [{"name": "current", "days_from": 0, "percent": "1"}],
}
TRIED: Final = {
    "terms": {
        "charge": "flat",
        "repayment": "equal_instalment",
        "rate_percent": "18",
        "rate_per": "year",
        "frequency": "month",
    },
    "principal": "2500.00",
    "disbursed_on": "2026-03-12",
    "first_due_on": "2026-04-12",
    "instalments": 3,
}
ORGANISATION: Final = {
    "code": "{fresh}",
    "kind": "CO",
    "name": "New",
    "formed_on": "2026-07-01",
    "parent": {"organisation": "{org}"},
}
APPOINTMENT: Final = {
    "role": "manager",
    "organisation": "{org}",
    "below": False,
    "from_on": "2026-07-31",
}
NEW_KEY: Final = {
    "code": "{fresh}",
    "name": "Figures",
    "organisation": "{org}",
    "role": "auditor",
    "below": True,
    "scopes": ["read"],
    "expires_at": "2027-06-30T23:59:59+05:00",
}
MOVE: Final = {"to": "LSO-B", "on": "2026-07-30", "reason": "The VO was dissolved"}
LIMITS: Final = {"back_dated_days": 30, "withdrawal": "5000.00", "reason": "Resolved"}
NOMINATION: Final = {"member": "M-{org}-b", "role": "treasurer", "from_on": "2026-07-01"}
NOMINATION_ENDED: Final = {
    "member": "{member}",
    "role": "president",
    "from_on": "2025-07-01",
    "to_on": "2026-07-20",
}
SURETY: Final = {
    "member": "M-{org}-b",
    "pledged": "10.00",
    "from_on": "2026-07-20",
    "reason": "A neighbour",
}
RELEASE: Final = {"on": "2026-07-20", "reason": "Not taken"}
TOKEN: Final = {
    "grant_type": "client_credentials",
    "client_id": "machine.VO-1",
    "client_secret": "{machine_secret}",
}
ORG: Final = "/v1/organisations/{org}"
PEOPLE_OF: Final = "/v1/people/{resident}"
APPOINTED: Final = f"{PEOPLE_OF}/appointments/{{appointment}}"
SECRETS: Final = "/v1/keys/{machine}/secrets"
STATEMENT: Final = f"{ORG}/statements/trial-balance"

ASKS: Final = {
    # Organisations.
    "list_organisations": Ask("GET", "/v1/organisations?limit=500", shows='"{org}"'),
    "list_organisations/under": Ask("GET", "/v1/organisations?under={org}", shows='"{org}"'),
    "register_organisation": Ask("POST", "/v1/organisations", body=ORGANISATION),
    "get_organisation": Ask("GET", ORG),
    "amend_organisation": Ask("PUT", ORG, body={"name": "Other"}, headers=FIRST),
    "list_memberships": Ask("GET", f"{ORG}/memberships"),
    "move_organisation": Ask("POST", f"{ORG}/moves", body=MOVE, headers=KEY),
    # Members.
    "list_members": Ask("GET", f"{ORG}/members", Kin.CO),
    "register_member": Ask(
        "POST", "/v1/members", Kin.CO, {**MEMBER, "code": "{fresh}", "organisation": "{org}"}
    ),
    "get_member": Ask("GET", "/v1/members/{member}", Kin.CO),
    "amend_member": Ask("PUT", "/v1/members/{member}", Kin.CO, MEMBER, FIRST),
    "get_member_savings": Ask("GET", "/v1/members/{member}/savings", Kin.CO),
    "list_pledges": Ask("GET", "/v1/members/{member}/pledges", Kin.CO),
    "get_passbook": Ask("GET", "/v1/members/{member}/passbook", Kin.CO),
    "list_nominations": Ask("GET", f"{ORG}/nominations"),
    "nominate_member": Ask("POST", "/v1/organisations/{parent}/nominations", Kin.CO, NOMINATION),
    "end_nomination": Ask(
        "POST", "/v1/organisations/{parent}/nominations/end", Kin.CO, NOMINATION_ENDED
    ),
    # Sheets.
    "list_sheets": Ask("GET", f"{ORG}/sheets", Kin.CO),
    "draft_sheet": Ask("POST", "/v1/sheets", Kin.CO, NEW_SHEET),
    "post_sheets": Ask(
        "POST", "/v1/sheets/batch", Kin.CO, {"items": [{"key": "{fresh}", "sheet": NEW_SHEET}]}
    ),
    "get_sheet": Ask("GET", "/v1/sheets/{closed}", Kin.CO),
    "revise_sheet": Ask("PUT", "/v1/sheets/{draft}", Kin.CO, SHEET, FIRST),
    "submit_sheet": Ask("POST", "/v1/sheets/{draft}/submit", Kin.CO),
    "recall_sheet": Ask("POST", "/v1/sheets/{submitted}/recall", Kin.CO),
    "close_sheet": Ask("POST", "/v1/sheets/{draft}/close", Kin.CO, headers=KEY),
    "reverse_sheet": Ask("POST", "/v1/sheets/{closed}/reverse", Kin.CO, UNDO, KEY),
    "correct_sheet": Ask(
        "POST", "/v1/sheets/{closed}/corrections", Kin.CO, {**UNDO, "replacement": SHEET}, KEY
    ),
    # Events and transfers.
    "list_events": Ask("GET", f"{ORG}/events"),
    "record_event": Ask("POST", "/v1/events", body=EVENT, headers=KEY),
    "get_event": Ask("GET", "/v1/events/{event}"),
    "list_transfers": Ask("GET", f"{ORG}/transfers"),
    "ask_transfer": Ask("POST", "/v1/transfers", body=TRANSFER, headers=KEY),
    # The book.
    "get_book": Ask("GET", f"{ORG}/book"),
    "list_entries": Ask("GET", f"{ORG}/entries"),
    "get_entry": Ask("GET", f"{ORG}/entries/1"),
    "get_chain": Ask("GET", f"{ORG}/chain"),
    "get_proof": Ask("GET", f"{ORG}/proof"),
    "get_proof/below": Ask("GET", f"{ORG}/proof?below=true"),
    "close_book": Ask(
        "POST", f"{ORG}/closings", body={"closed_to": "2026-05-31", "reason": "Audited"}
    ),
    "list_accounts": Ask("GET", f"{ORG}/accounts"),
    "get_statement": Ask("GET", f"{ORG}/accounts/1/statement"),
    "get_balances": Ask("GET", f"{ORG}/balances"),
    "get_balances/consolidated": Ask("GET", f"{ORG}/balances?consolidated=true"),
    # Lending rules, holidays, loans.
    "list_products": Ask("GET", "/v1/products", Kin.ONESELF),
    "add_product": Ask("POST", "/v1/products", Kin.HOUSE, PRODUCT, KEY),
    "preview_loan": Ask("POST", "/v1/loan-previews", Kin.ONESELF, TRIED),
    "list_holidays": Ask("GET", "/v1/holidays", Kin.ONESELF),
    "add_holiday": Ask("POST", "/v1/holidays", Kin.HOUSE, {"day": "2026-08-14", "name": "Day"}),
    "list_loans": Ask("GET", f"{ORG}/loans", Kin.CO),
    "list_written_off_loans": Ask("GET", f"{ORG}/written-off-loans", Kin.CO),
    "agree_loan": Ask("POST", "/v1/loans", Kin.CO, LOAN, KEY),
    "get_loan": Ask("GET", "/v1/loans/{loan}", Kin.CO),
    "list_loan_changes": Ask("GET", "/v1/loans/{falling}/changes", Kin.CO),
    "get_loan_story": Ask("GET", "/v1/loans/{loan}/story", Kin.CO),
    "change_loan_rate": Ask(
        "POST", "/v1/loans/{falling}/rates", Kin.CO, {**AGREED_LATER, "rate_percent": "1.5"}, KEY
    ),
    "reschedule_loan": Ask(
        "POST",
        "/v1/loans/{loan}/reschedules",
        Kin.CO,
        {**AGREED_LATER, "dues": ["2026-09-15"]},
        KEY,
    ),
    "fine_loan": Ask(
        "POST", "/v1/loans/{loan}/fines", Kin.CO, {**AGREED_LATER, "amount": "5.00"}, KEY
    ),
    "undo_loan_change": Ask(
        "POST", "/v1/loans/{falling}/changes/1/undoing", Kin.CO, {"reason": "In error"}, KEY
    ),
    "cancel_loan": Ask("POST", "/v1/loans/{approved}/cancellation", Kin.CO, AGREED_LATER, KEY),
    "apply_for_loan": Ask("POST", "/v1/loan-applications", Kin.CO, APPLICATION),
    "list_loan_applications": Ask("GET", f"{ORG}/loan-applications", Kin.CO),
    "get_loan_application": Ask("GET", "/v1/loan-applications/{application}", Kin.CO),
    "appraise_loan": Ask(
        "POST",
        "/v1/loan-applications/{application}/appraisal",
        Kin.CO,
        {"on": "2026-07-10", "amount": "60.00", "findings": "She pays on time"},
    ),
    "end_loan_application": Ask(
        "POST",
        "/v1/loan-applications/{application}/ending",
        Kin.CO,
        {"on": "2026-07-10", "ending": "withdrawn", "because": "Lent by her brother"},
    ),
    "list_guarantees": Ask("GET", "/v1/loans/{loan}/guarantees", Kin.CO),
    "ask_guarantee": Ask("POST", "/v1/loans/{loan}/guarantees", Kin.CO, SURETY, KEY),
    "ask_release": Ask("POST", "/v1/loans/G-{org}/guarantees/1/release", Kin.CO, RELEASE, KEY),
    "get_dues": Ask("GET", f"{ORG}/dues?on=2026-08-15", Kin.CO),
    "get_reserves": Ask("GET", f"{ORG}/reserves?as_of=2026-06-30"),
    "list_reserve_schemes": Ask("GET", "/v1/reserve-schemes", Kin.ONESELF),
    "ask_reserve_scheme": Ask("POST", "/v1/reserve-schemes", Kin.HOUSE, SCHEME, KEY),
    # Reports and statements.
    "list_reports": Ask("GET", "/v1/reports", Kin.ONESELF),
    "run_report": Ask("GET", "/v1/reports/journal", shows="{gift}"),
    "run_report/node": Ask("GET", "/v1/reports/trial-balance?as_of=2026-06-30&node={org}"),
    "run_report/rollup": Ask("GET", "/v1/reports/rollup?as_of=2026-06-30&node={org}"),
    "run_report/par": Ask("GET", "/v1/reports/par?as_of=2026-06-30&node={org}"),
    "run_report/portfolio": Ask("GET", "/v1/reports/portfolio?as_of=2026-06-30&node={org}"),
    "run_report/savings": Ask(
        "GET", "/v1/reports/member-savings?as_of=2026-06-30", Kin.CO, shows="{saved}"
    ),
    "list_statements": Ask("GET", f"{ORG}/statements"),
    "get_statement_by_name": Ask("GET", STATEMENT),
    "get_statement_by_name/node": Ask("GET", f"{STATEMENT}?consolidated=true"),
    "get_statement_by_name/dcbo": Ask("GET", f"{ORG}/statements/dcbo", Kin.CO),
    "get_statement_by_name/rate": Ask("GET", f"{ORG}/statements/on-time-collection", Kin.CO),
    "get_statement_by_name/cif": Ask("GET", f"{ORG}/statements/cif-statement?fund=own", Kin.CO),
    "get_pack": Ask("GET", f"{ORG}/pack"),
    "get_pack/node": Ask("GET", f"{ORG}/pack?consolidated=true"),
    # Requests and limits.
    "list_requests": Ask("GET", "/v1/requests?organisation={org}", shows="{request}"),
    "get_request": Ask("GET", "/v1/requests/{request}"),
    "approve_request": Ask("POST", "/v1/requests/{request}/approve", body=AGREED),
    "reject_request": Ask("POST", "/v1/requests/{request}/reject", body=AGREED),
    "withdraw_request": Ask("POST", "/v1/requests/{request}/withdraw"),
    "get_limits": Ask("GET", f"{ORG}/limits"),
    "ask_limits": Ask("PUT", f"{ORG}/limits", body=LIMITS, headers=KEY),
    # Jobs, imports and the audit trail.
    "list_jobs": Ask("GET", "/v1/jobs", Kin.HOUSE),
    "list_findings": Ask("GET", "/v1/jobs/findings", Kin.HOUSE),
    "list_imports": Ask("GET", "/v1/imports", Kin.HOUSE),
    "import_bundle": Ask("POST", "/v1/imports?check=true", Kin.HOUSE, form={"bundle": "one-co"}),
    "list_audit_trail": Ask("GET", f"{ORG}/audit-trail"),
    "list_audit_trail_of_person": Ask("GET", f"{PEOPLE_OF}/audit-trail"),
    "list_audit_trail_of_house": Ask("GET", "/v1/audit-trail", Kin.HOUSE),
    # Oneself.
    "sign_in": Ask(
        "POST", "/v1/sessions", Kin.ONESELF, {"name": "resident.VO-1", "password": PASSWORD}
    ),
    "list_sessions": Ask("GET", "/v1/sessions", Kin.ONESELF),
    "end_other_sessions": Ask("DELETE", "/v1/sessions", Kin.ONESELF),
    "end_session": Ask("DELETE", "/v1/sessions/{session}", Kin.ONESELF),
    "get_me": Ask("GET", "/v1/me", Kin.ONESELF),
    "change_password": Ask(
        "PUT", "/v1/me/password", Kin.ONESELF, {"password": PASSWORD, "new_password": ANOTHER}
    ),
    "set_pin": Ask("PUT", "/v1/me/pin", Kin.ONESELF, {"pin": PIN, "device": "device-of-{me}"}),
    "list_devices": Ask("GET", "/v1/devices", Kin.ONESELF),
    "register_device": Ask("POST", "/v1/devices", Kin.ONESELF, {"name": "Tablet"}),
    "revoke_device": Ask("DELETE", "/v1/devices/{device}", Kin.ONESELF),
    "recover": Ask(
        "POST",
        "/v1/recoveries",
        Kin.ONESELF,
        {"name": "resident.CO-1", "code": RECOVERY_CODE, "new_password": ANOTHER},
    ),
    "give_token": Ask("POST", "/v1/token", Kin.ONESELF, form=TOKEN),
    # People and keys.
    "list_people": Ask("GET", "/v1/people?limit=500", shows='"{resident}"'),
    "register_person": Ask("POST", "/v1/people", body={"code": "{fresh}", **PERSON}),
    "get_person": Ask("GET", PEOPLE_OF),
    "revise_person": Ask("PUT", PEOPLE_OF, body={**PERSON, "disabled": False}, headers=FIRST),
    "give_recovery": Ask("POST", f"{PEOPLE_OF}/recovery"),
    "list_appointments": Ask("GET", f"{PEOPLE_OF}/appointments"),
    "appoint_person": Ask("POST", f"{PEOPLE_OF}/appointments", body=APPOINTMENT),
    "end_appointment": Ask("PUT", APPOINTED, body={"to_on": "2026-12-31"}, headers=FIRST),
    "end_sessions_of_person": Ask("DELETE", f"{PEOPLE_OF}/sessions"),
    "list_keys": Ask("GET", "/v1/keys?limit=500", shows='"{machine}"'),
    "issue_key": Ask("POST", "/v1/keys", body=NEW_KEY),
    "revoke_key": Ask("DELETE", "/v1/keys/{machine}"),
    "rotate_secret": Ask("POST", SECRETS, body={"overlap_hours": 1}),
    "revoke_secret": Ask("DELETE", f"{SECRETS}/{{machine_number}}"),
    # Whoever runs the service.
    "live": Ask("GET", "/health/live", Kin.ONESELF),
    "ready": Ask("GET", "/health/ready", Kin.ONESELF),
}
"""Each by the name of its operation; behind a stroke the same route, asked otherwise."""


def names(made: Federation, me: str, code: str, *, oneself: bool) -> dict[str, str]:
    """What stands for the names in braces, where `me` asks about an organisation."""
    resident, machine = f"resident.{code}", f"machine.{code}"
    mine = me if oneself else resident
    number, secret = made.secrets[machine]
    return {
        "org": code,
        "parent": PARENTS[code] or code,
        "me": me,
        "member": f"M-{code}-a",
        "closed": f"S-{code}",
        "draft": f"D-{code}",
        "submitted": f"T-{code}",
        "event": f"E-{code}",
        "loan": f"L-{code}",
        "falling": f"R-{code}",
        "approved": f"Y-{code}",
        "application": f"A-{code}",
        "gift": gift(code),
        "saved": savings(code)[0],
        "request": made.requests[code],
        "resident": resident,
        "appointment": str(uuid.uuid5(PEOPLE, f"{resident}/0")),
        "session": str(uuid.uuid5(PEOPLE, mine)),
        "device": device_of(mine),
        "machine": machine,
        "machine_number": number,
        "machine_secret": secret,
        "fresh": f"N-{uuid.uuid4().hex[:20]}",
        "moved_on": MOVED_ON.isoformat(),
    }


def filled(said: Any, named: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON is as wide as it is
    """The same with every name in braces replaced."""
    if isinstance(said, str):
        return said.format_map(named)
    if isinstance(said, dict):
        return {key: filled(value, named) for key, value in said.items()}
    if isinstance(said, list):
        return [filled(value, named) for value in said]
    return said


def one_co() -> bytes:
    """The bundle of one CO, packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(ONE_CO.glob("*.csv")):
            archive.write(path, path.name)
    return packed.getvalue()
