"""What the administrator's pages do, from the command line: link, code, invitation, approval, switching off."""

import json
import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from lti_tool import audit
from lti_tool.launch import invites
from lti_tool.launch.tables import Deployment, Institution, Registration
from lti_tool.lms.tables import CanvasAccount, LmsConnection
from tests.cli.conftest import TOKEN, platform, refused

URL = "https://lms.example"
ONE = ("--issuer", URL, "--client-id", "tool")
DECISION = (
    *("--mode", "individual", "--approved-by", "the provost", "--reason", "asked for"),
    *("--office", "provost", "--assessment", "DPIA 2", "--memo", "memo 2"),
)


def done(result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def registered(undertone):
    done(undertone("register", *platform(URL), UNDERTONE_LMS_TOKEN=TOKEN))


def the(undertone, table):
    with undertone.database.reading() as session:
        return session.scalars(select(table)).one()


def test_a_link_for_a_new_institution_makes_it_switched_off(undertone):
    result = undertone("admin", "link", "--institution", "New College")
    address, secret = done(result).splitlines()[0].split("#")
    assert address.endswith("/lti/administer")
    made = the(undertone, Institution)
    assert (made.name, made.mode, made.mode_record) == ("New College", "off", {})
    with undertone.database.reading() as session:
        owner = invites.institution_of(session, datetime.now(UTC), secret, "administration")
    assert owner == made.id
    done(undertone("admin", "link", "--institution", "New College"))
    assert the(undertone, Institution)
    assert "nobody has decided" in done(undertone("institution", "list"))


@pytest.mark.parametrize("command", [("admin", "code"), ("platform", "invite")])
def test_codes_and_invitations_are_for_institutions_that_exist(undertone, command):
    refused(undertone(*command, "--institution", "Nowhere"), "no institution of this name")


def test_an_invitation_is_an_address_to_paste(undertone):
    registered(undertone)
    printed = done(undertone("platform", "invite", "--institution", "Invented College"))
    assert re.search(r"/lti/register\?invite=[A-Z0-9-]{34}$", printed.strip())


def test_the_configuration_for_canvas_is_json(undertone):
    printed = json.loads(
        done(undertone("platform", "canvas-json", UNDERTONE_BASE_URL="https://tool.example"))
    )
    assert printed["target_link_uri"] == "https://tool.example/lti/launch"


def test_switching_off_and_on_again(undertone):
    registered(undertone)
    refused(undertone("platform", "resume", *ONE), "switched off")
    done(undertone("platform", "suspend", *ONE))
    assert the(undertone, Registration).status == "suspended"
    assert "suspended" in done(undertone("platform", "list"))
    done(undertone("platform", "resume", *ONE))
    assert the(undertone, Registration).status == "active"


def test_a_platform_that_waits_is_approved_with_a_decision_or_the_present_one(undertone):
    registered(undertone)
    with undertone.database.session() as session:
        one = session.scalars(select(Registration)).one()
        one.status = "pending"
        session.scalars(select(Institution)).one().mode_record = {}
        session.add(Deployment(registration_id=one.id, deployment_key="1", created_at=datetime.now(UTC)))
    ask = ("--deployments", "ask")
    assert undertone("platform", "approve", *ONE).exit_code == 2  # what happens with deployments is stated
    refused(undertone("platform", "approve", *ONE, *ask), "Decide first")
    refused(undertone("platform", "approve", *ONE, *ask, *DECISION[:-2]), "--memo")
    assert the(undertone, Registration).status == "pending"
    done(undertone("platform", "approve", *ONE, *DECISION, *ask))
    refused(undertone("platform", "approve", *ONE, "--deployments", "auto"), "approved already")
    assert (the(undertone, Registration).status, the(undertone, Deployment).status) == ("active", "active")
    assert the(undertone, Institution).mode_record["approver"] == "the provost"


def test_a_decision_is_put_into_force_and_the_one_before_stays(undertone):
    registered(undertone)
    refused(undertone("institution", "decide", "--institution", "Invented College"), "decision")
    done(undertone("institution", "decide", "--institution", "Invented College", *DECISION))
    record = the(undertone, Institution).mode_record
    assert (record["approver"], record["earlier"][0]["approver"]) == ("the provost", "the dean")
    assert "individual, decided by the provost" in done(undertone("institution", "list"))


def test_the_reading_account_is_replaced(undertone):
    registered(undertone)
    account = ("--lms", "canvas", "--lms-url", "https://canvas.example")
    done(undertone("platform", "reader", *ONE, *account, UNDERTONE_LMS_TOKEN="another"))
    kept = the(undertone, LmsConnection)
    assert (kept.kind, kept.base_url, kept.token) == ("canvas", "https://canvas.example", "another")
    refused(
        undertone("platform", "reader", *ONE, *account, UNDERTONE_LMS_TOKEN="two words"),
        "UNDERTONE_LMS_TOKEN",
    )


def test_a_developer_key_takes_the_place_of_a_token(undertone):
    registered(undertone)
    key = ("--key-id", "10000000000007", "--lms-url", "https://canvas.example")
    printed = done(undertone("platform", "canvas-key", *ONE, *key, UNDERTONE_CANVAS_SECRET="s3cret-of-key"))
    assert "s3cret" not in printed
    account = the(undertone, CanvasAccount)
    assert (account.key_id, account.key_secret, account.standing) == (key[1], "s3cret-of-key", "waiting")
    assert (the(undertone, LmsConnection).kind, the(undertone, LmsConnection).token) == ("canvas", "")
    assert "read as canvas (not authorised yet)" in done(undertone("platform", "list"))
    refused(undertone("platform", "canvas-key", *ONE, *key, typed="two words\n"), "one word")


def test_a_canvas_is_registered_with_its_developer_key_and_no_token(undertone):
    asked = [*platform(URL), "--key-id", "10000000000007"]
    asked[asked.index("--lms") + 1] = "canvas"
    done(undertone("register", *asked, UNDERTONE_CANVAS_SECRET="s3cret-of-key"))
    assert the(undertone, CanvasAccount).standing == "waiting"
    refused = undertone("register", *platform(URL), "--key-id", "1", UNDERTONE_CANVAS_SECRET="s3cret-of-key")
    assert "Only a Canvas" in refused.stderr


@pytest.mark.parametrize("command", ["suspend", "resume", "remove"])
def test_what_is_not_registered_cannot_be_changed(undertone, command):
    refused(undertone("platform", command, *ONE), "No platform is registered")


def test_a_check_says_what_works_and_what_does_not(undertone, keys_address):
    done(undertone("register", *platform(keys_address), UNDERTONE_LMS_TOKEN=TOKEN))
    result = undertone(
        "platform",
        "check",
        "--issuer",
        keys_address,
        "--client-id",
        "tool",
        UNDERTONE_OUTBOUND_HOSTS=json.dumps([keys_address.removeprefix("http://")]),
    )
    assert "ok    Keys of the platform" in result.output
    assert "ok    Moodle answers" in result.output
    assert "      List of people: Open the tool from a course once" in result.output
    wrong = [line for line in result.output.splitlines() if line.startswith("WRONG")]
    assert result.exit_code == (1 if wrong else 0)


def test_a_deployment_is_approved_by_its_id(undertone):
    registered(undertone)
    with undertone.database.session() as session:
        one = session.scalars(select(Registration)).one()
        session.add(Deployment(registration_id=one.id, deployment_key="9", created_at=datetime.now(UTC)))
    refused(undertone("platform", "deployment", *ONE, "--deployment", "8"), "no deployment of this id")
    assert "9 pending" in done(undertone("platform", "list"))
    done(undertone("platform", "deployment", *ONE, "--deployment", "9"))
    assert the(undertone, Deployment).status == "active"


def test_approving_changes_no_decision(undertone):
    registered(undertone)
    with undertone.database.session() as session:
        session.scalars(select(Registration)).one().status = "pending"
    other = ("--mode", "off", "--approved-by", "me", "--reason", "so")
    refused(undertone("platform", "approve", *ONE, "--deployments", "ask", *other), "is in mode individual")
    assert (the(undertone, Registration).status, the(undertone, Institution).mode) == (
        "pending",
        "individual",
    )


def test_a_mistyped_platform_is_removed_and_made_again(undertone):
    registered(undertone)
    refused(undertone("platform", "remove", *ONE), "not switched on")
    done(undertone("platform", "suspend", *ONE))
    done(undertone("platform", "remove", *ONE))
    registered(undertone)
    assert the(undertone, Registration).status == "active"


def test_administrators_are_listed_and_taken_off(undertone):
    registered(undertone)
    done(undertone("admin", "add", *ONE, "--sub", "7"))
    listed = done(undertone("admin", "list", "--institution", "Invented College")).split()[0]
    college = ("--institution", "Invented College")
    refused(undertone("admin", "remove", *college, "--id", "0" * 32), "nothing at this address")
    done(undertone("admin", "remove", *college, "--id", listed))
    assert done(undertone("admin", "list", *college)) == ""


def test_a_reference_says_what_happened(undertone):
    with undertone.database.session() as session:
        audit.record(session, datetime.now(UTC), "launch_refused", code="audience", correlation_id="abc123")
    assert "launch_refused audience" in done(undertone("events", "--reference", " ABC123 "))
    assert "Nothing is on record" in undertone("events", "--reference", "x").output
