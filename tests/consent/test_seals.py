"""Whatever the owner of the database does to the ledger, the file of seals outside it tells (P25)."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import (
    anchoring,
    chain,
    controllers,
    expiring,
    ledger,
    ledger_tasks,
    seals,
    service,
    verifying,
)
from lti_tool.consent.seals import SealsDamagedError
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.tables import ConsentEvent, Controller, LedgerCheckpoint, LedgerSeal, Wording
from lti_tool.jobs import Run
from lti_tool.launch.tables import Institution
from lti_tool.storage import use_keyring

from .tampering import unguarded


@pytest.fixture
def sealed(session, settings, course, now, database):
    """Two people's lines and a statement on who is responsible, sealed at night."""
    institution = session.scalars(select(Institution)).one()
    controllers.state(session, now, institution, {"address": "1 Quay"})
    for person, chosen in zip(course.people, (Choices(True, a=True), DECLINED), strict=False):
        service.show(session, now, person, course.course, "en")
        service.save(session, now, person, course.course, chosen, "en")
    session.commit()
    night(database, settings)
    return settings.seals_path


def night(database, settings):
    return ledger_tasks.tend_ledger(Run("job", "", {}, database, settings, lambda *_: None))


def looked(session, path):
    """The report; nothing is held afterwards, so that a night can follow."""
    session.commit()
    session.expire_all()
    report = verifying.check(session, seals=path)
    session.commit()
    return report


def found(session, path):
    return [fault.kind for fault in looked(session, path).faults]


def test_p25_each_night_adds_one_signed_line_that_its_owner_alone_reads(
    database, settings, session, sealed, course
):
    night(database, settings)
    assert sealed == settings.home / "ledger-seals.jsonl"
    assert sealed.stat().st_mode & 0o077 == 0
    first, second = seals.read(sealed)
    assert (first.kind, second.kind) == ("begun", "sealed")
    number, line_hash, count = first.held["courses"][course.course]
    assert (number, line_hash, count) == (*ledger.head(session, course.course), 12)
    assert second.held == {"courses": {}, "wordings": {}, "controllers": {}}
    assert json.loads(sealed.read_bytes().splitlines()[1])["previous"] == first.hash
    assert not any(person in sealed.read_text() for person in course.people)
    assert found(session, sealed) == []


def test_p25_the_log_keeps_number_and_hash_of_each_line_for_a_collector(session, sealed):
    (row,) = session.scalars(select(AuditEvent).where(AuditEvent.event == "ledger_verified"))
    (seal,) = seals.read(sealed)
    assert (row.facts["seal"], row.facts["seal_hash"]) == (1, seal.hash)


def rewrite(session):
    """All seals in the database go, a No becomes a Yes, and every hash after it is made anew."""
    session.execute(delete(LedgerCheckpoint))
    table, previous = ConsentEvent.__table__, chain.START
    for line in session.scalars(select(ConsentEvent).order_by(ConsentEvent.number)).all():
        session.expunge(line)
        line.previous_hash = previous
        line.event = "granted" if line.event == "declined" else line.event
        previous = line.hash = chain.hash_of(line)
        values = {"event": line.event, "previous_hash": line.previous_hash, "hash": line.hash}
        session.execute(table.update().where(table.c.id == line.id).values(**values))


def delete_course(session):
    session.execute(delete(ConsentEvent))
    session.execute(delete(LedgerCheckpoint))
    session.execute(delete(LedgerSeal))


ATTACKS = {
    "chain rewritten": (rewrite, ["rewritten"]),
    "course deleted": (delete_course, ["lost"]),
    "end deleted": (lambda one: (one.execute(delete(LedgerCheckpoint)), cut(one)), ["lost"]),
    "texts deleted": (lambda one: one.execute(delete(Wording)), ["wording_lost", "textless"]),
    "text backdated": (lambda one: change(one, Wording, published_at=EARLIER), ["wording"]),
    "text called editorial": (lambda one: change(one, Wording, kind="editorial"), ["wording"]),
    "text affects less": (lambda one: change(one, Wording, affects="B"), ["wording"]),
    "controller changed": (lambda one: change(one, Controller, fields={"address": "2 Hill"}), ["controller"]),
    "controller backdated": (lambda one: change(one, Controller, since=EARLIER), ["controller"]),
    "controller deleted": (lambda one: one.execute(delete(Controller)), ["controller_lost"]),
}


def change(session, mapped, **values):
    session.execute(update(mapped).values(**values))


def cut(session):
    session.execute(delete(ConsentEvent).where(ConsentEvent.number > 6))


@pytest.fixture(autouse=True)
def _earlier(now):
    global EARLIER
    EARLIER = now - timedelta(days=300)


@pytest.mark.parametrize("attack", ATTACKS)
def test_p25_what_the_owner_of_the_database_does_is_found_by_the_file(session, sealed, attack):
    act, kinds = ATTACKS[attack]
    with unguarded(session):
        act(session)
    session.commit()
    assert found(session, sealed) == kinds
    assert not any("{" in fault.words for fault in looked(session, sealed).faults)


def test_p25_without_the_file_the_same_attacks_pass(session, sealed):
    """The test above can fail: it is the file that tells."""
    for act in (rewrite, lambda one: change(one, Controller, since=EARLIER)):
        with unguarded(session):
            act(session)
    session.commit()
    assert verifying.check(session).is_whole


def test_p25_a_line_that_points_to_no_published_text_is_named(session, sealed, course):
    with unguarded(session):
        session.execute(delete(Wording))
    report = verifying.check(session)
    assert [fault.words for fault in report.faults] == [
        f"Line 1 of course {course.course} points to a published text that is not there."
    ]


@pytest.mark.parametrize("how", ["gone", "short", "changed", "swapped", "of a stranger"])
def test_p25_a_file_that_is_missing_shorter_or_changed_is_a_finding_and_is_not_added_to(
    database, settings, session, sealed, keyring, how
):
    for _ in range(2):
        night(database, settings)
    lines = sealed.read_bytes().splitlines(keepends=True)
    changed = {
        "gone": None,
        "short": lines[:2],
        "changed": [lines[0].replace(b'"number":1', b'"number":1 '), *lines[1:]],
        "swapped": [lines[0], lines[2], lines[1]],
        "of a stranger": [lines[0], lines[1], stranger(settings, keyring)],
    }[how]
    sealed.unlink() if changed is None else sealed.write_bytes(b"".join(changed))
    kind = {"gone": "seals_missing", "short": "seals_short"}.get(how, "seals_damaged")
    (fault,) = looked(session, sealed).faults
    assert fault.kind == kind
    assert "Put the newest copy of the file back" in fault.words
    before = sealed.read_bytes() if sealed.exists() else None
    night(database, settings)
    assert (sealed.read_bytes() if sealed.exists() else None) == before
    codes = session.scalars(select(AuditEvent.code).where(AuditEvent.event == "ledger_broken")).all()
    assert codes == [kind]
    session.commit()
    sealed.write_bytes(b"".join(lines))
    assert found(session, sealed) == []


def stranger(settings, keyring):
    """The third line, signed with a key that is not ours."""
    elsewhere = settings.home / "elsewhere.jsonl"
    try:
        use_keyring(type(keyring).generate())
        seals.append(elsewhere, EARLIER, "sealed", {}, after=2)
    finally:
        use_keyring(keyring)
    return elsewhere.read_bytes()


def test_p25_a_line_that_a_crash_cut_off_is_written_anew(database, settings, session, sealed):
    whole = sealed.read_bytes()
    sealed.write_bytes(whole + b'{"at":"2026')
    assert found(session, sealed) == []
    night(database, settings)
    assert [seal.number for seal in seals.read(sealed)] == [1, 2]
    assert sealed.read_bytes().startswith(whole)


def test_p25_lines_that_ended_with_their_time_are_no_finding(
    database, settings, session, sealed, course, later
):
    expiring.prune(session, later, course.course, later - timedelta(days=365))
    service.save(session, later, course.people[0], course.course, DECLINED, "en")
    assert expiring.prune(session, later, course.course, later + timedelta(days=1)) > 12
    session.commit()
    assert found(session, sealed) == []
    night(database, settings)
    assert found(session, sealed) == []


def test_p25_seals_of_a_receipt_key_that_was_retired_still_hold(database, settings, session, sealed, keyring):
    kid = keyring.ids("receipts")[0]
    try:
        use_keyring(keyring.with_new("receipts").without("receipts", kid))
        night(database, settings)
        assert found(session, sealed) == []
    finally:
        use_keyring(keyring)


@pytest.mark.parametrize("how", ["gone", "damaged", "lines lost"])
def test_p25_somebody_answers_for_a_ledger_that_does_not_fit_and_it_is_shown_ever_after(
    database, settings, session, sealed, now, how
):
    night(database, settings)
    if how == "lines lost":
        with unguarded(session):
            session.execute(delete(LedgerCheckpoint))
            cut(session)
        session.commit()
    elif how == "damaged":
        sealed.write_bytes(b"what is this?\n")
    else:
        sealed.unlink()
    assert found(session, sealed) == [{"gone": "seals_missing", "damaged": "seals_damaged"}.get(how, "lost")]
    assert anchoring.accept(session, now, sealed, "The disk\nbroke.").number == 3
    session.commit()
    report = looked(session, sealed)
    assert report.is_whole
    assert report.notes == ("Accepted as it stood on 2026-11-02 09:00 UTC: The disk broke.",)
    night(database, settings)
    assert found(session, sealed) == []
    assert len(list(sealed.parent.glob("*.set-aside"))) == (how == "damaged")


def test_p25_a_copy_of_the_database_put_back_by_hand_is_told_apart_from_a_whole_ledger(
    session, sealed, course
):
    """The file knows more: it says what can have happened, and what to do."""
    with unguarded(session):
        session.execute(delete(LedgerCheckpoint))
        cut(session)
    (fault,) = verifying.check(session, course.course, sealed).faults
    assert "an older copy of the database was put back by hand" in fault.words
    assert "undertone ledger accept" in fault.words


def test_p25_the_file_is_refused_where_a_line_is_not_ours(tmp_path, keyring, now):
    use_keyring(keyring)
    path = tmp_path / "seals"
    seals.append(path, now, "begun", {})
    path.write_bytes(path.read_bytes() + b"{}\n")
    with pytest.raises(SealsDamagedError, match="Line 2"):
        seals.append(path, now, "sealed", {})
