"""Who may what: the answer that every route owes to every role, written by hand.

A row is a route, by the name of its operation; behind a stroke stands the same route asked
otherwise. A column is a role. Each cell has a letter for the organisation asked about, as it
stands to the one that the role is held on:

    own, parent, child, sibling, unrelated, formerly below (it moved away)

    Y  done, or shown
    E  answered, and nothing of that organisation is in the answer
    F  forbidden: it may be seen that the organisation is there, but this is not theirs to do
    N  not found: nothing of it may be seen
    U  not signed in
    -  there is no such relation

One letter alone: it does not depend on an organisation. Accountant, president, manager and
treasurer hold their role on the organisation alone; field officer, auditor and administrator
with all below it; the key is a treasurer's machine that may read. What is asked is in `asks`.
"""

from __future__ import annotations

from typing import Final

ROLES: Final = (
    "accountant",
    "president",
    "manager",
    "treasurer",
    "field_officer",
    "auditor",
    "administrator",
    "key",
    "nobody",
)
RELATIONS: Final = ("own", "parent", "child", "sibling", "unrelated", "formerly below")

TABLE: Final = """
#                          accoun presid manage treasu field  audito admini key    nobody
# Organisations, by name and place: all below, and those above.
list_organisations         YYYEEE YYYEEE YYYEEE YYYEEE YYYEEE YYYEEE YYYEEE YYYEEE U
list_organisations/under   YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN U
register_organisation      FFFNNN FFFNNN FFFNNN FFFNNN YFYNNN FFFNNN FFFNNN FFFNNN U
get_organisation           YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN U
amend_organisation         FFFNNN FFFNNN FFFNNN FFFNNN YFYNNN FFFNNN FFFNNN FFFNNN U
list_memberships           YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN YYYNNN U
move_organisation          FFFNNN FFFNNN FFFNNN FFFNNN YFYNNN FFFNNN FFFNNN FFFNNN U
# Members.
list_members               YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
register_member            Y-FNNN F-FNNN F-FNNN Y-FNNN Y-YNNN F-FNNN F-FNNN F-FNNN U
get_member                 Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
amend_member               Y-NNNN F-NNNN F-NNNN Y-FNNN Y-YNNN F-FNNN N-NNNN F-FNNN U
get_member_savings         Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
list_pledges               Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
get_passbook               Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
list_nominations           YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
nominate_member            F-NNNN F-NNNN F-NNNN F-FNNN Y-YNNN F-FNNN N-NNNN F-FNNN U
end_nomination             F-NNNN F-NNNN F-NNNN F-FNNN Y-YNNN F-FNNN N-NNNN F-FNNN U
# Sheets.
list_sheets                YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
draft_sheet                Y-FNNN F-FNNN F-FNNN Y-FNNN F-FNNN F-FNNN F-FNNN F-FNNN U
post_sheets                Y-FNNN F-FNNN F-FNNN Y-FNNN F-FNNN F-FNNN F-FNNN F-FNNN U
get_sheet                  Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
revise_sheet               Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
submit_sheet               Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
recall_sheet               Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
close_sheet                Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
reverse_sheet              Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
correct_sheet              Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
# Events and transfers.
list_events                YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
record_event               YFFNNN FFFNNN FFFNNN YFFNNN FFFNNN FFFNNN FFFNNN FFFNNN U
get_event                  YNNNNN YNNNNN YNNNNN YNYNNN YNYNNN YNYNNN NNNNNN YNYNNN U
list_transfers             YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
ask_transfer               YFFNNN FFFNNN FFFNNN YFFNNN FFFNNN FFFNNN FFFNNN FFFNNN U
# The book.
get_book                   YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
list_entries               YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_entry                  YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_chain                  YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_proof                  YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_proof/below            FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
close_book                 FFFNNN YFFNNN YFFNNN YFFNNN FFFNNN FFFNNN FFFNNN FFFNNN U
list_accounts              YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_statement              YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_balances               YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_balances/consolidated  FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
# Lending rules, holidays, loans.
list_products              Y      Y      Y      Y      Y      Y      Y      Y      U
add_product                FF---- FF---- FF---- FF---- FF---- FF---- YF---- FF---- U
preview_loan               Y      Y      Y      Y      Y      Y      Y      Y      U
list_holidays              Y      Y      Y      Y      Y      Y      Y      Y      U
add_holiday                FF---- FF---- FF---- FF---- FF---- FF---- YF---- FF---- U
list_loans                 YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
list_written_off_loans     YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
agree_loan                 Y-FNNN F-FNNN F-FNNN Y-FNNN F-FNNN F-FNNN F-FNNN F-FNNN U
get_loan                   Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
list_loan_changes          Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
get_loan_story             Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
change_loan_rate           Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
reschedule_loan            Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
fine_loan                  Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
undo_loan_change           Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
cancel_loan                Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
apply_for_loan             Y-FNNN F-FNNN F-FNNN Y-FNNN F-FNNN F-FNNN F-FNNN F-FNNN U
list_loan_applications     YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_loan_application       Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
appraise_loan              Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
end_loan_application       Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
list_guarantees            Y-NNNN Y-NNNN Y-NNNN Y-YNNN Y-YNNN Y-YNNN N-NNNN Y-YNNN U
ask_guarantee              Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
ask_release                Y-NNNN F-NNNN F-NNNN Y-FNNN F-FNNN F-FNNN N-NNNN F-FNNN U
get_dues                   YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_reserves               YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
list_reserve_schemes       Y      Y      Y      Y      Y      Y      Y      Y      U
ask_reserve_scheme         FF---- FF---- FF---- FF---- FF---- FF---- YF---- FF---- U
# Reports and statements.
list_reports               Y      Y      Y      Y      Y      Y      Y      Y      U
run_report                 YEEEEE YEEEEE YEEEEE YEYEEE YEYEEE YEYEEE EEEEEE YEYEEE U
run_report/node            YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
run_report/rollup          FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
run_report/par             FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
run_report/portfolio       FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
run_report/savings         Y-EEEE Y-EEEE Y-EEEE Y-YEEE Y-YEEE Y-YEEE E-EEEE Y-YEEE U
list_statements            YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_statement_by_name      YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_statement_by_name/node FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_statement_by_name/dcbo YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_statement_by_name/rate YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_statement_by_name/cif  YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_pack                   YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
get_pack/node              FFFNNN FFFNNN FFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
# Requests and limits.
list_requests              YEEEEE YEEEEE YEEEEE YEYEEE YEYEEE YEYEEE EEEEEE YEYEEE U
get_request                YNNNNN YNNNNN YNNNNN YNYNNN YNYNNN YNYNNN NNNNNN YNYNNN U
approve_request            FNNNNN YNNNNN YNNNNN YNFNNN FNFNNN FNFNNN NNNNNN FNFNNN U
reject_request             FNNNNN YNNNNN YNNNNN YNFNNN FNFNNN FNFNNN NNNNNN FNFNNN U
withdraw_request           YNNNNN FNNNNN FNNNNN FNFNNN FNFNNN FNFNNN NNNNNN FNFNNN U
get_limits                 YFYNNN YFYNNN YFYNNN YFYNNN YFYNNN YFYNNN YFYNNN YFYNNN U
ask_limits                 YFFNNN FFFNNN FFFNNN YFFNNN FFFNNN FFFNNN FFFNNN FFFNNN U
# Jobs, imports and the audit trail.
list_jobs                  YF---- YF---- YF---- YF---- YF---- YF---- YF---- YF---- U
list_findings              YF---- YF---- YF---- YF---- YF---- YF---- YF---- YF---- U
list_imports               FF---- FF---- FF---- FF---- FF---- FF---- YF---- FF---- U
import_bundle              FF---- FF---- FF---- FF---- FF---- FF---- YF---- FF---- U
list_audit_trail           YFFNNN YFFNNN YFFNNN YFYNNN YFYNNN YFYNNN FFFNNN YFYNNN U
list_audit_trail_of_person NNNNNN NNNNNN NNNNNN FNFNNN FNFNNN NNNNNN YNYNNN NNNNNN U
list_audit_trail_of_house  FF---- FF---- FF---- FF---- FF---- FF---- YF---- FF---- U
# Oneself.
sign_in                    Y      Y      Y      Y      Y      Y      Y      Y      Y
list_sessions              Y      Y      Y      Y      Y      Y      Y      Y      U
end_other_sessions         Y      Y      Y      Y      Y      Y      Y      Y      U
end_session                Y---N- Y---N- Y---N- Y---N- Y---N- Y---N- Y---N- N---N- U
get_me                     Y      Y      Y      Y      Y      Y      Y      Y      U
change_password            Y      Y      Y      Y      Y      Y      Y      F      U
set_pin                    Y      Y      Y      Y      Y      Y      Y      F      U
list_devices               Y      Y      Y      Y      Y      Y      Y      Y      U
register_device            Y      Y      Y      Y      Y      Y      Y      F      U
revoke_device              Y---N- Y---N- Y---N- Y---N- Y---N- Y---N- Y---N- N---N- U
recover                    Y      Y      Y      Y      Y      Y      Y      Y      Y
give_token                 Y      Y      Y      Y      Y      Y      Y      -      Y
# People and keys.
list_people                EEEEEE EEEEEE EEEEEE YEYEEE YEYEEE EEEEEE YEYEEE EEEEEE U
register_person            FFFNNN FFFNNN FFFNNN FFFNNN FFFNNN FFFNNN YFYNNN FFFNNN U
get_person                 NNNNNN NNNNNN NNNNNN YNYNNN YNYNNN NNNNNN YNYNNN NNNNNN U
revise_person              NNNNNN NNNNNN NNNNNN FNFNNN FNFNNN NNNNNN YNYNNN NNNNNN U
give_recovery              NNNNNN NNNNNN NNNNNN FNYNNN FNYNNN NNNNNN YNYNNN NNNNNN U
list_appointments          NNNNNN NNNNNN NNNNNN YNYNNN YNYNNN NNNNNN YNYNNN NNNNNN U
appoint_person             NNNNNN NNNNNN NNNNNN FNFNNN FNFNNN NNNNNN YNYNNN NNNNNN U
end_appointment            NNNNNN NNNNNN NNNNNN FNFNNN FNFNNN NNNNNN YNYNNN NNNNNN U
end_sessions_of_person     NNNNNN NNNNNN NNNNNN FNFNNN FNFNNN NNNNNN YNYNNN NNNNNN U
list_keys                  EEEEEE EEEEEE EEEEEE EEEEEE EEEEEE EEEEEE YEYEEE EEEEEE U
issue_key                  FFFNNN FFFNNN FFFNNN FFFNNN FFFNNN FFFNNN YFYNNN FFFNNN U
revoke_key                 NNNNNN NNNNNN NNNNNN NNNNNN NNNNNN NNNNNN YNYNNN NNNNNN U
rotate_secret              NNNNNN NNNNNN NNNNNN NNNNNN NNNNNN NNNNNN YNYNNN NNNNNN U
revoke_secret              NNNNNN NNNNNN NNNNNN NNNNNN NNNNNN NNNNNN YNYNNN NNNNNN U
# Whoever runs the service.
live                       Y      Y      Y      Y      Y      Y      Y      Y      Y
ready                      Y      Y      Y      Y      Y      Y      Y      Y      Y
"""

ONE_WALL: Final = {
    "list_jobs": "how jobs stand is worked out as the house, and says nothing of anybody's book",
    "list_findings": "what the proof found is read as the house, over all books",
    "give_recovery": "what proves who somebody is has its own role, which sees all of it",
    "end_sessions_of_person": "what proves who somebody is has its own role, which sees all of it",
}
"""What row-level security alone does not stop, and why: the check before it is the only one."""


def rows() -> dict[str, dict[str, str]]:
    """The letters of each route by role."""
    lines = [line.split() for line in TABLE.splitlines() if line and line[0] != "#"]
    return {name: dict(zip(ROLES, cells, strict=True)) for name, *cells in lines}
