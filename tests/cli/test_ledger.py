"""`undertone ledger`: the chains and a receipt; `undertone institution controller`: who is responsible."""

import json
from datetime import UTC, datetime

from sqlalchemy import select, update

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import receipts, service
from lti_tool.consent.choices import DECLINED
from lti_tool.consent.tables import ConsentEvent
from lti_tool.storage import current_keyring
from tests.cli.conftest import refused
from tests.consent.conftest import make_course
from tests.consent.tampering import unguarded

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def answered(undertone):
    """A person's signed receipt, and the course."""
    with undertone.database.session() as session:
        course = make_course(session)
        service.save(session, NOW, course.people[0], course.course, DECLINED, "en")
    with undertone.database.reading() as session:
        line = session.scalars(select(ConsentEvent).where(ConsentEvent.number == 3)).one()
        return receipts.signed(receipts.of(session, line.person_id, line.id)), course.course


def alter(undertone):
    with undertone.database.session() as session, unguarded(session):
        session.execute(update(ConsentEvent).where(ConsentEvent.number == 3).values(event="granted"))


def test_p25_verify_says_that_the_ledger_is_whole(undertone):
    answered(undertone)
    first, second = undertone("ledger", "verify"), undertone("ledger", "verify")
    assert first.exit_code == second.exit_code == 0, first.output
    assert second.output == "5 lines of 1 courses looked at, 0 faults.\n"
    not_yet, begun, *rest = first.output.splitlines()
    assert not_yet == "Nothing is sealed outside the database yet."
    assert begun.startswith(
        f"The file of seals was begun: {undertone.folder}/ledger-seals.jsonl. Copy it often"
    )
    assert rest == second.output.splitlines()


def test_p25_verify_needs_the_file_of_seals_and_says_what_to_do_without(undertone, tmp_path):
    """Where the setting says; accepting what cannot be found again ends the finding and stays in every report."""
    answered(undertone)
    place = {"UNDERTONE_LEDGER_SEALS": str(tmp_path / "seals")}
    undertone("ledger", "verify", **place)
    (tmp_path / "seals").rename(tmp_path / "gone")
    missing = undertone("ledger", "verify", **place)
    assert missing.exit_code == 1
    assert "BROKEN The file of seals is missing; it had 1 lines." in missing.output
    assert "undertone ledger accept" in missing.output
    assert not (tmp_path / "seals").exists()
    assert "0 faults are left" in undertone("ledger", "accept", "--reason", "A disk broke", **place).output
    after = undertone("ledger", "verify", **place)
    assert after.exit_code == 0
    assert "UTC: A disk broke" in after.output


def test_p25_verify_names_the_first_broken_line_and_fails(undertone):
    _receipt, course = answered(undertone)
    alter(undertone)
    for arguments in ((), ("--course", course)):
        result = undertone("ledger", "verify", *arguments)
        assert result.exit_code == 1
        assert f"BROKEN Line 3 of course {course} was changed after it was written." in result.output
    with undertone.database.reading() as session:
        told = session.scalars(select(AuditEvent.code).where(AuditEvent.event == "ledger_verified")).all()
    assert told == ["broken"]


def test_p26_a_downloaded_receipt_is_checked(undertone, tmp_path):
    receipt, _course = answered(undertone)
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(receipt, indent=2))
    result = undertone("ledger", "check-receipt", str(file))
    assert result.exit_code == 0, result.output
    assert "The signature is ours" in result.output
    assert "The ledger says the same." in result.output
    alter(undertone)
    assert undertone("ledger", "check-receipt", str(file)).exit_code == 1
    receipt["receipt"]["event"]["state"] = "granted"
    file.write_text(json.dumps(receipt))
    refused(undertone("ledger", "check-receipt", str(file)), "The signature does not fit")
    file.write_text("[]")
    refused(undertone("ledger", "check-receipt", str(file)), "not a receipt of ours")


def test_p26_the_keys_that_verify_receipts_are_printed(undertone):
    result = undertone("ledger", "keys")
    keys = json.loads(result.output)["keys"]
    with undertone.database.reading():
        assert [key["kid"] for key in keys] == list(current_keyring().ids("receipts"))
    assert {key["crv"] for key in keys} == {"Ed25519"}


def test_p24_who_is_responsible_is_stated_by_command_and_kept_by_number(undertone):
    undertone("admin", "link", "--institution", "New College")
    of = ("institution", "controller", "--institution", "New College")
    assert "has stated nothing yet" in undertone(*of).output
    result = undertone(*of, "--address", "1 Quay", "--contact", "privacy@new.example")
    assert result.exit_code == 0, result.output
    assert "Statement 1 of New College:" in result.output
    assert "address: 1 Quay" in result.output
    assert "jurisdiction: not stated" in result.output
    assert "Statement 1 " in undertone(*of, "--address", "1 Quay").output
    result = undertone(*of, "--jurisdiction", "Riverside")
    assert "Statement 2 of New College:" in result.output
    assert "address: 1 Quay" in result.output
    refused(undertone(*of, "--address", "x" * 501), "--address")
