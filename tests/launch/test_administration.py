"""Platforms on the administrator's pages: connect, approve with the decision on the mode, switch off, remove."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool.launch import invites, registrations
from lti_tool.launch.tables import Deployment, Institution, Invite, LaunchSession, Registration
from lti_tool.lms.tables import LmsConnection
from tests.launch.administering import DECISION, TYPED, by_link, events, row, typed_in, undecide
from tests.launch.fixtures import BASE_URL
from tests.launch.platform import DECIDED, facts_of


def test_what_is_typed_in_waits_with_its_facts_on_screen(administrator, database):
    page = administrator.get(typed_in(administrator)).text
    for value in TYPED.values():
        assert value in page
    assert "Waiting for approval" in page
    made = row(database)
    assert (made.status, made.origin["way"]) == ("pending", "by_hand")
    assert "waiting for approval" in administrator.get("connection").text.lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", ""),
        ("client_id", " "),
        ("keys_url", "http://lms.example/keys"),
        ("token_url", "https://me@lms.example/"),
        ("authorization_url", "javascript:alert(1)"),
    ],
)
def test_an_unfit_fact_is_named_and_nothing_is_kept(administrator, database, name, value):
    answer = administrator.post("connection/connect/moodle", TYPED | {name: value})
    assert answer.status_code == 400
    with database.reading() as session:
        assert len(session.scalars(select(Registration)).all()) == 1


def test_what_is_registered_already_is_refused(administrator):
    typed_in(administrator)
    assert administrator.post("connection/connect/canvas", TYPED).status_code == 400


def test_approval_lets_people_in_and_says_who(administrator, database):
    address = typed_in(administrator)
    answer = administrator.post(f"{address}/approve", {"deployments": "ask"})
    assert answer.status_code == 303
    made = row(database)
    assert (made.status, made.deployment_policy) == ("active", "ask")
    (told,) = [one for one in events(database, "registration_approved") if one.registration_id == made.id]
    assert told.actor_id


def test_p2_nothing_is_preselected_and_an_untouched_form_approves_nothing(administrator, database):
    address = typed_in(administrator)
    page = administrator.get(address).text
    assert re.search(r'name="(mode|deployments)"[^>]*checked', page) is None
    assert administrator.post(f"{address}/approve").status_code == 400
    assert row(database).status == "pending"


@pytest.mark.parametrize("missing", list(DECISION))
def test_p2_single_texts_cannot_be_had_with_any_field_of_the_decision_empty(administrator, database, missing):
    """P2: in the approval and in the decision's own form."""
    undecide(database)
    address = typed_in(administrator)
    for empty in ("", "  "):
        given = DECISION | {missing: empty}
        assert administrator.post(f"{address}/approve", given | {"deployments": "auto"}).status_code == 400
        assert administrator.post("connection/mode", given).status_code == 400
    assert row(database).status == "pending"
    with database.reading() as session:
        assert session.scalars(select(Institution)).one().mode == "off"


def test_patterns_alone_need_who_and_why(administrator, database):
    undecide(database)
    given = {"mode": "aggregate_only", "approver": "The dean", "reason": "A pilot"}
    assert administrator.post("connection/mode", given | {"reason": ""}).status_code == 400
    assert administrator.post("connection/mode", given).status_code == 303
    page = administrator.get("connection").text
    assert "The dean" in page
    assert "A pilot" in page


def test_p2_each_decision_is_on_record_with_the_ones_before_it(administrator, database):
    administrator.post("connection/mode", DECISION | {"mode": "off", "reason": "A pause"})
    administrator.post("connection/mode", DECISION)
    with database.reading() as session:
        record = session.scalars(select(Institution)).one().mode_record
    assert (record["mode"], record["approver"]) == ("individual", "The provost")
    assert [one["reason"] for one in record["earlier"]] == ["to see it", "A pause"]
    assert [told.code for told in events(database, "mode_decided")][-2:] == ["off", "individual"]
    assert "A pause" in administrator.get("connection/mode").text
    assert "The provost" not in str([told.facts for told in events(database, "mode_decided")])


def test_switching_off_closes_the_door_and_open_pages(administrator, sign_in, database, registration):
    student = sign_in("student", "7")
    answer = administrator.post(f"connection/platforms/{registration.id}/suspend")
    assert answer.status_code in (303, 403)
    assert student.get(student.landing).status_code == 403
    with database.reading() as session:
        assert session.get_one(Registration, registration.id).status == "suspended"
        assert all(one.ended_at for one in session.scalars(select(LaunchSession)))
    assert len(events(database, "registration_suspended")) == 1


def test_what_was_switched_off_can_be_switched_on_again(database, registration, app):
    person = by_link(app, database, registration.institution_id)
    assert person("POST", f"connection/platforms/{registration.id}/resume").status_code == 400
    person("POST", f"connection/platforms/{registration.id}/suspend")
    page = person("GET", f"connection/platforms/{registration.id}").text
    assert "Switched off: nobody can sign in" in page
    assert person("POST", f"connection/platforms/{registration.id}/resume").status_code == 303
    with database.reading() as session:
        assert session.get_one(Registration, registration.id).status == "active"


def test_a_pending_platform_cannot_be_opened_by_switching_it_on(administrator, database):
    address = typed_in(administrator)
    assert administrator.post(f"{address}/resume").status_code == 400
    assert row(database).status == "pending"


def test_a_deployment_that_waits_is_approved_by_name(administrator, database, registration):
    with database.session() as session:
        now = datetime.now(UTC)
        waits = registrations.deployment_for(session, now, registration, "part-two", accept=False)
    address = f"connection/platforms/{registration.id}"
    assert "1 part of it waits for approval" in administrator.get("connection").text
    assert "part-two" in administrator.get(address).text
    assert administrator.post(f"{address}/deployments/{waits.id}").status_code == 303
    with database.reading() as session:
        assert session.get_one(Deployment, waits.id).status == "active"


def test_another_registrations_deployment_is_not_approved(administrator, database, registration):
    typed_in(administrator)
    with database.session() as session:
        other = registrations.deployment_for(session, datetime.now(UTC), row(database), "x", accept=False)
    answer = administrator.post(f"connection/platforms/{registration.id}/deployments/{other.id}")
    assert answer.status_code == 404


def test_the_reading_account_is_kept_encrypted_and_never_shown(administrator, database, registration):
    given = {"kind": "moodle", "address": "https://lms.example/", "token": "s3cret-token"}
    address = f"connection/platforms/{registration.id}"
    assert administrator.post(f"{address}/reading", given).status_code == 303
    page = administrator.get(address).text
    assert "https://lms.example" in page
    assert "s3cret" not in page
    assert re.search(r'value="moodle"[^>]* checked', page)
    assert 'value="https://lms.example"' in page
    with database.reading() as session:
        assert session.get_one(LmsConnection, registration.id).token == "s3cret-token"
    assert len(events(database, "reading_account_set")) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "other"},
        {"kind": ""},
        {"address": "http://lms.example"},
        {"token": "two words"},
        {"token": ""},
    ],
)
def test_an_unfit_reading_account_changes_nothing(administrator, database, registration, changes):
    given = {"kind": "moodle", "address": "https://lms.example", "token": "t"} | changes
    assert administrator.post(f"connection/platforms/{registration.id}/reading", given).status_code == 400
    with database.reading() as session:
        assert session.get(LmsConnection, registration.id) is None


def test_another_institutions_platform_is_not_there(administrator, database):
    with database.session() as session:
        other = registrations.add(
            session, datetime.now(UTC), "Other", facts_of("https://other.example"), DECIDED
        )
    address = f"connection/platforms/{other.id}"
    assert administrator.get(address).status_code == 404
    for act in ("check", "suspend", "resume", "approve", "reading"):
        fields = {"deployments": "auto"} if act == "approve" else {}
        assert administrator.post(f"{address}/{act}", fields).status_code == 404
    with database.reading() as session:
        assert session.get_one(Registration, other.id).status == "active"


@pytest.mark.parametrize("kind", ["moodle", "canvas"])
def test_the_steps_name_this_tools_addresses_and_make_an_invitation(administrator, database, kind):
    page = administrator.get(f"connection/connect/{kind}").text
    assert f"{BASE_URL}/lti/launch" in page
    assert administrator.get("connection/connect/blackboard").status_code == 404
    invited = administrator.post(f"connection/connect/{kind}/invite").text
    secret = re.search(rf"{BASE_URL}/lti/register\?invite=([A-Z0-9-]+)", invited)[1]
    with database.reading() as session:
        kept = session.scalars(select(Invite)).one()
        assert (
            invites.institution_of(session, datetime.now(UTC), secret, "registration") == kept.institution_id
        )
        assert secret.replace("-", "") not in kept.secret_hash


def test_what_waits_can_be_rejected_and_typed_in_again(administrator, database):
    address = typed_in(administrator, token_url="https://lms.example/mistyped")
    assert "Remove this platform" in administrator.get(address).text
    assert administrator.post(f"{address}/remove").status_code == 303
    typed_in(administrator)
    assert row(database).token_url == TYPED["token_url"]
    assert len(events(database, "registration_removed")) == 1


def test_what_is_or_was_in_use_cannot_be_removed(administrator, sign_in, database, registration, app):
    address = f"connection/platforms/{registration.id}"
    assert administrator.post(f"{address}/remove").status_code == 400
    sign_in("student", "5")
    person = by_link(app, database, registration.institution_id)
    person("POST", f"{address}/suspend")
    assert "Remove this platform" not in person("GET", address).text
    assert person("POST", f"{address}/remove").status_code == 400
    with database.reading() as session:
        assert session.get_one(Registration, registration.id).status == "suspended"


def test_a_platform_that_waits_is_not_opened_by_switching_it_off_and_on(administrator, database):
    address = typed_in(administrator)
    assert administrator.post(f"{address}/suspend").status_code == 400
    assert administrator.post(f"{address}/resume").status_code == 400
    assert row(database).status == "pending"


def test_what_another_institution_typed_in_keeps_nobody_out(administrator, database, app, new_institution):
    """A pair that waits is nobody's yet; once it is approved, no other may be."""
    person = by_link(app, database, new_institution)
    squatted = person("POST", "connection/connect/moodle", TYPED).headers["Location"].split("/", 3)[3]
    address = typed_in(administrator)
    assert administrator.post(f"{address}/approve", {"deployments": "auto"}).status_code == 303
    given = DECISION | {"deployments": "auto"}
    assert person("POST", f"{squatted}/approve", given).status_code == 400
    assert person("POST", "connection/connect/canvas", TYPED).status_code == 400
    with database.reading() as session:
        states = sorted(one.status for one in session.scalars(select(Registration)) if one.client_id == "c1")
        assert states == ["active", "pending"]
        assert session.get_one(Institution, new_institution).mode == "off"


def test_what_waits_elsewhere_does_not_disturb_a_login_without_a_client_id(
    app, database, platform, registration, new_institution
):
    person = by_link(app, database, new_institution)
    typed = TYPED | {"issuer": platform.url}
    assert person("POST", "connection/connect/moodle", typed).status_code == 303
    asked = {"iss": platform.url, "login_hint": "5", "target_link_uri": f"{BASE_URL}/lti/launch"}
    assert app.test_client().post("/lti/login", data=asked).status_code == 200
