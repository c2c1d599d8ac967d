"""Dynamic registration as Moodle and as Canvas do it: one invite, one registration, waiting for approval (S16, S18)."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import invites
from lti_tool.launch.tables import Deployment, Institution, Invite, Registration
from lti_tool.launch.tool_description import TOOL
from tests.launch.fixtures import BASE_URL, log_in
from tests.launch.registering_platform import TOKEN, Dialogue, recorded, running_dialogue

NRPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@pytest.fixture(params=["moodle", "canvas"])
def dialogue(request, settings):
    with running_dialogue(request.param) as running:
        settings.outbound_hosts.append(running.url.removeprefix("http://"))
        yield running


@pytest.fixture
def moodle(settings):
    with running_dialogue("moodle") as running:
        settings.outbound_hosts.append(running.url.removeprefix("http://"))
        yield running


@pytest.fixture
def secret(database):
    with database.session() as session:
        now = datetime.now(UTC)
        institution = Institution(name="New College", created_at=now)
        session.add(institution)
        session.flush()
        return invites.make(session, now, institution.id, "registration", None)


def look(client, dialogue: Dialogue, secret: str, **changes: str):
    return client.get("/lti/register", query_string={"invite": secret, **dialogue.opened_with, **changes})


def confirm(client, dialogue: Dialogue, secret: str, origin: str = BASE_URL, **changes: str):
    fields = {"invite": secret, **dialogue.opened_with, **changes}
    return client.post("/lti/register", data=fields, headers={"Origin": origin})


def registered(database) -> list[Registration]:
    with database.reading() as session:
        return list(session.scalars(select(Registration)))


def test_the_page_states_what_the_platform_says_and_changes_nothing(app, database, dialogue, secret):
    page = look(app.test_client(), dialogue, secret)
    assert page.status_code == 200, page.text
    assert dialogue.configuration["issuer"] in page.text
    assert dialogue.url.removeprefix("http://") in page.text
    assert registered(database) == []
    assert [path for _, path, _ in dialogue.asked] == ["/config"]
    assert f"frame-ancestors {dialogue.url}" in page.headers["Content-Security-Policy"]


def test_a_confirmed_registration_waits_for_approval_with_its_facts(app, database, dialogue, secret):
    page = confirm(app.test_client(), dialogue, secret)
    assert page.status_code == 200, page.text
    assert "waiting for approval" in page.text
    (made,) = registered(database)
    said = dialogue.configuration
    assert (made.status, made.client_id, made.issuer) == ("pending", "Pzr5pC0XyL19SDF", said["issuer"])
    assert (made.authorization_url, made.token_url, made.keys_url) == (
        said["authorization_endpoint"],
        said["token_endpoint"],
        said["jwks_uri"],
    )
    assert made.origin["way"] == "dynamic"
    assert made.origin["family"] == dialogue.family
    assert NRPS in made.origin["scopes"]
    with database.reading() as session:
        keys = list(session.scalars(select(Deployment.deployment_key)))
    assert keys == (["2"] if dialogue.family == "moodle" else [])
    assert dialogue.asked[-1][2] == f"Bearer {TOKEN}"


def test_nobody_can_sign_in_before_approval(app, database, moodle, secret):
    client = app.test_client()
    confirm(client, moodle, secret)
    (made,) = registered(database)
    asked = {"iss": made.issuer, "login_hint": "5", "target_link_uri": f"{BASE_URL}/lti/launch"}
    answer = client.post("/lti/login", data=asked | {"client_id": made.client_id})
    assert answer.status_code == 403
    with database.reading() as session:
        assert session.scalar(select(AuditEvent.code).where(AuditEvent.event == "launch_refused")) == (
            "registration_inactive"
        )


def test_an_invite_is_good_once(app, database, dialogue, secret):
    client = app.test_client()
    assert confirm(client, dialogue, secret).status_code == 200
    dialogue.client_id = "another"
    assert confirm(client, dialogue, secret).status_code == 404
    assert look(client, dialogue, secret).status_code == 404
    assert len(registered(database)) == 1


@pytest.mark.parametrize("given", ["", "AAAA-BBBB", "x" * 5000, "ÄÖ", "\x00"])
def test_without_an_invite_there_is_nothing_and_nothing_is_called(app, moodle, database, given):
    client = app.test_client()
    assert look(client, moodle, given).status_code == 404
    assert confirm(client, moodle, given).status_code == 404
    assert moodle.asked == []


def test_an_invite_ends_after_a_day(app, database, moodle, secret):
    with database.session() as session:
        session.execute(update(Invite).values(created_at=datetime.now(UTC) - timedelta(hours=24, minutes=1)))
    assert look(app.test_client(), moodle, secret).status_code == 404
    assert confirm(app.test_client(), moodle, secret).status_code == 404
    assert moodle.asked == []


def test_an_invite_for_something_else_does_not_open_this(app, database, moodle):
    with database.session() as session:
        institution = Institution(name="New College", created_at=datetime.now(UTC))
        session.add(institution)
        session.flush()
        other = invites.make(session, datetime.now(UTC), institution.id, "administration", None)
    assert look(app.test_client(), moodle, other).status_code == 404


def test_the_address_opened_by_a_person_says_what_it_is_for(app, secret):
    page = app.test_client().get("/lti/register", query_string={"invite": secret})
    assert "for your platform" in page.text


def test_a_form_from_another_site_registers_nothing(app, database, moodle, secret):
    answer = confirm(app.test_client(), moodle, secret, origin="https://evil.example")
    assert answer.status_code == 403
    assert registered(database) == []
    assert look(app.test_client(), moodle, secret).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://elsewhere.example"},
        {"issuer": 5},
        {"issuer": ""},
        {"authorization_endpoint": "https://evil.example/auth"},
        {"token_endpoint": "https://evil.example/token"},
        {"token_endpoint": None},
        {"jwks_uri": "https://evil.example/keys"},
        {"jwks_uri": "javascript:alert(1)"},
        {"registration_endpoint": "https://evil.example/register"},
        {"registration_endpoint": "http://169.254.169.254/latest"},
        {"id_token_signing_alg_values_supported": ["HS256"]},
        {"id_token_signing_alg_values_supported": 5},
        {"token_endpoint_auth_methods_supported": ["client_secret_basic"]},
    ],
)
def test_a_description_that_does_not_fit_together_is_refused(app, database, dialogue, secret, changes):
    dialogue.configuration |= changes
    client = app.test_client()
    assert look(client, dialogue, secret).status_code == 400
    refused = confirm(client, dialogue, secret)
    assert refused.status_code == 400
    assert "evil" not in refused.text
    assert registered(database) == []
    assert {path for _, path, _ in dialogue.asked} == {"/config"}


def test_a_shared_issuer_signs_with_its_own_keys_only(app, moodle, secret):
    """Who states the issuer of all Canvas schools cannot put keys of their own behind it (S18)."""
    client, said = app.test_client(), moodle.configuration
    cloud = {
        "issuer": "https://canvas.instructure.com",
        "jwks_uri": "https://sso.canvaslms.com/api/lti/security/jwks",
        "authorization_endpoint": "https://sso.canvaslms.com/api/lti/authorize_redirect",
    }
    said |= cloud
    assert look(client, moodle, secret).status_code == 200
    for name in ("jwks_uri", "authorization_endpoint"):
        said |= cloud | {name: f"{moodle.url}/own"}
        assert look(client, moodle, secret).status_code == 400
    for issuer in ("https://canvas.beta.instructure.com", "https://canvas.instructure.com.evil.example"):
        said |= cloud | {"issuer": issuer}
        assert look(client, moodle, secret).status_code == 400


@pytest.mark.parametrize("address", ["", "http://10.0.0.8/config", "file:///etc/passwd", "https://[", "x"])
def test_an_address_that_may_not_be_called_is_not(app, moodle, secret, address, no_network):
    answer = confirm(app.test_client(), moodle, secret, openid_configuration=address)
    assert answer.status_code in (400, 502, 503)
    assert moodle.asked == []
    assert look(app.test_client(), moodle, secret).status_code == 200


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "token_already_used"), (400, "missing_domain"), (404, "<html>"), (500, ""), (200, "no JSON")],
)
def test_what_the_platform_refuses_leaves_the_invite_good(app, database, dialogue, secret, status, words):
    dialogue.answer = (status, words)
    refused = confirm(app.test_client(), dialogue, secret)
    assert refused.status_code == 502
    assert words == "" or words not in refused.text.replace("<html lang", "")
    assert registered(database) == []
    dialogue.answer = None
    assert confirm(app.test_client(), dialogue, secret).status_code == 200


@pytest.mark.parametrize("failure", [OSError("disk full"), SystemExit(1)])
def test_a_failure_of_ours_leaves_the_invite_good(app, database, moodle, secret, monkeypatch, failure):
    def fail(*_given):
        raise failure

    with monkeypatch.context() as broken:
        broken.setattr("lti_tool.launch.views_registering._keep", fail)
        with suppress(SystemExit):
            assert confirm(app.test_client(), moodle, secret).status_code == 500
    assert registered(database) == []
    moodle.used = False
    assert confirm(app.test_client(), moodle, secret).status_code == 200


@pytest.mark.parametrize("client_id", [None, "", " ", "two words", True, ["x"], "x" * 256, "é"])
def test_an_answer_without_a_usable_client_id_is_refused(app, database, dialogue, secret, client_id):
    dialogue.client_id = client_id
    assert confirm(app.test_client(), dialogue, secret).status_code == 502
    assert registered(database) == []


def test_a_client_id_that_is_known_is_refused(app, database, dialogue, secret):
    client = app.test_client()
    confirm(client, dialogue, secret)
    dialogue.used = False
    with database.session() as session:
        again = invites.make(
            session, datetime.now(UTC), registered(database)[0].institution_id, "registration", None
        )
    assert confirm(client, dialogue, again).status_code == 400
    assert len(registered(database)) == 1


def test_the_platforms_words_are_plain_and_escaped(app, moodle, secret):
    own = moodle.configuration["https://purl.imsglobal.org/spec/lti-platform-configuration"]
    own["product_family_code"] = "<script>alert(1)</script>\u202e"
    page = look(app.test_client(), moodle, secret).text
    assert "<script>alert" not in page
    assert "\u202e" not in page


def test_the_request_has_the_shape_that_moodle_took(moodle, app, secret):
    confirm(app.test_client(), moodle, secret)
    taken = recorded("moodle_request")["body"]
    assert set(taken) - {"logo_uri"} == set(moodle.body)
    assert set(moodle.body[TOOL]) <= set(taken[TOOL])


def test_a_registered_platform_is_approved_and_lets_people_in(app, database, moodle, secret, platform):
    """From the dialogue to a login: the approval is what opens the door."""
    from lti_tool.launch import institutions, registrations
    from tests.launch.platform import DECIDED

    moodle.client_id = "undertone-client"
    confirm(app.test_client(), moodle, secret)
    with database.session() as session:
        made = session.scalars(select(Registration)).one()
        institutions.decide(
            session, datetime.now(UTC), session.get_one(Institution, made.institution_id), DECIDED, None
        )
        registrations.approve(session, datetime.now(UTC), made, "auto", None)
        made.issuer = platform.url
    assert log_in(app.test_client(), platform)["client_id"] == "undertone-client"
