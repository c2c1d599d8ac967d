"""Bad launches: each gets its status, its reason code in the log, a plain page, no session and no echo."""

import json
import time
from base64 import urlsafe_b64encode

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from sqlalchemy import func, select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import logins
from lti_tool.launch.tables import Course, Deployment, LaunchSession, Person, Registration
from tests.launch.fixtures import launch, log_in
from tests.launch.platform import LTI, Key, M


def part(value) -> str:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def without(*names):
    return lambda platform, claims: {name: value for name, value in claims.items() if name not in names}


def having(**changes):
    return lambda platform, claims: claims | changes


def claim(name, value):
    return having(**{LTI + name: value})


def hmac_with_public_key(platform, claims):
    """HS256 with the published key as the secret, made by hand: libraries refuse to."""
    public = platform.key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    import hashlib
    import hmac

    signed = f"{part({'alg': 'HS256', 'kid': platform.key.kid})}.{part(claims)}"
    return f"{signed}.{part(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"


def altered(token: str) -> str:
    header, payload, signature = token.split(".")
    flipped = ("A" if signature[10] != "A" else "B") + signature[11:]
    return f"{header}.{payload}.{signature[:10]}{flipped}"


NOW = int(time.time())
CLAIMS = {
    "L3 version wrong": (claim("version", "11.3"), 400, "lti_version"),
    "L4 version missing": (without(LTI + "version"), 400, "lti_version"),
    "L5 no LTI message": (lambda platform, claims: {"name": "badltilaunch"}, 400, "not_lti"),
    "L6 several missing": (without("sub", LTI + "roles"), 401, "claims_missing"),
    "L7 long past": (having(iat=11111, exp=22222), 401, "expired"),
    "L8 message type missing": (without(LTI + "message_type"), 400, "message_type"),
    "L9 roles missing": (without(LTI + "roles"), 400, "roles_missing"),
    "L10 deployment missing": (without(LTI + "deployment_id"), 400, "deployment_missing"),
    "L10 deployment empty": (claim("deployment_id", ""), 400, "deployment_missing"),
    "L10 deployment null": (claim("deployment_id", None), 400, "deployment_missing"),
    "L11 resource link missing": (without(LTI + "resource_link"), 400, "resource_link"),
    "L11 resource link without id": (claim("resource_link", {"title": "x"}), 400, "resource_link"),
    "L12 anonymous": (without("sub"), 403, "anonymous"),
    "L18 audience": (having(aud="old-consumer-key"), 401, "audience"),
    "L19 foreign audience": (having(aud=["undertone-client", "other"]), 401, "audience"),
    "L19 azp": (having(azp="other"), 401, "audience"),
    "L20 issuer": (having(iss="https://other.example"), 401, "issuer"),
    "L21 nonce missing": (without("nonce"), 401, "nonce"),
    "L22 nonce of nobody": (having(nonce="never-issued"), 401, "nonce"),
    "L25 iat missing": (without("iat"), 401, "time"),
    "L25 exp missing": (without("exp"), 401, "time"),
    "L25 iat ahead": (lambda p, c: c | {"iat": int(time.time()) + 300}, 401, "time"),
    "L25 nbf ahead": (lambda p, c: c | {"nbf": int(time.time()) + 300}, 401, "time"),
    "L25 lives too long": (lambda p, c: c | {"exp": int(time.time()) + 3 * 3600}, 401, "time"),
    "L28 deep linking": (claim("message_type", "LtiDeepLinkingRequest"), 400, "message_type"),
    "L29 target": (claim("target_link_uri", "http://localhost/lti/launch?x=1"), 400, "target"),
    "L33 roles flood": (claim("roles", [f"r{n}" for n in range(51)]), 400, "malformed"),
    "L33 numeric sub": (having(sub=5), 400, "malformed"),
    "L33 string iat": (having(iat="now"), 400, "malformed"),
    "L33 nonce list": (having(nonce=["a"]), 400, "malformed"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_launch_with_a_bad_claim_is_refused(app, database, platform, registration, name):
    change, status, code = CLAIMS[name]
    client = app.test_client()
    asked = log_in(client, platform)
    said = change(platform, platform.claims(nonce=asked["nonce"]))
    answer = launch(client, asked, platform.key.sign(said))
    assert_refused(database, answer, status, code)


TOKENS = {
    "L1 no kid": (lambda p, c: jwt.encode(c, p.key.private, "RS256"), 401, "kid_missing"),
    "L2 unknown kid": (lambda p, c: Key("other").sign(c), 401, "kid_unknown"),
    "L13 signature altered": (lambda p, c: altered(p.key.sign(c)), 401, "signature"),
    "L14 other key, same kid": (lambda p, c: Key(p.key.kid).sign(c), 401, "signature"),
    "L15 alg none": (lambda p, c: f"{part({'alg': 'none', 'kid': p.key.kid})}.{part(c)}.", 401, "alg"),
    "L16 key confusion": (hmac_with_public_key, 401, "alg"),
    "L17 own jwk in header": (
        lambda p, c: (own := Key(p.key.kid)).sign(c, jwk=own.public_jwk()),
        401,
        "signature",
    ),
    "L33 token too large": (lambda p, c: p.key.sign(c | {"x": "y" * 70_000}), 400, "malformed"),
    "not three parts": (lambda p, c: "a.b", 400, "malformed"),
    "header no JSON": (lambda p, c: f"{part(b'nonsense')}.{part(c)}.x", 400, "malformed"),
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_that_is_not_the_platforms_is_refused(app, database, platform, registration, name):
    forge, status, code = TOKENS[name]
    client = app.test_client()
    asked = log_in(client, platform)
    answer = launch(client, asked, forge(platform, platform.claims(nonce=asked["nonce"])))
    assert_refused(database, answer, status, code)


def test_duplicate_members_in_a_signed_payload_are_refused(app, database, platform, registration):
    client = app.test_client()
    asked = log_in(client, platform)
    claims = platform.claims(nonce=asked["nonce"])
    payload = json.dumps(claims)[:-1] + ', "sub": "999"}'
    token = jwt.PyJWS().encode(
        payload.encode(), platform.key.private, algorithm="RS256", headers={"kid": platform.key.kid}
    )
    assert_refused(database, launch(client, asked, token), 400, "malformed")


def test_a_state_works_once(app, database, platform, registration):
    client = app.test_client()
    asked = log_in(client, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert launch(client, asked, token).status_code == 303
    refused = launch(client, asked, token)
    assert (refused.status_code, last_code(database)) == (401, "state")


def test_a_nonce_of_another_login_is_refused(app, database, platform, registration):
    client = app.test_client()
    first, second = log_in(client, platform), log_in(client, platform)
    token = platform.key.sign(platform.claims(nonce=first["nonce"]))
    assert_refused(database, launch(client, second, token), 401, "nonce")


def test_a_login_older_than_ten_minutes_is_over(app, database, platform, registration, monkeypatch):
    client = app.test_client()
    asked = log_in(client, platform)
    monkeypatch.setattr(logins, "LIFETIME", logins.timedelta(seconds=-1))
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert_refused(database, launch(client, asked, token), 401, "state")


def test_another_browser_cannot_finish_a_login(app, database, platform, registration):
    """Login CSRF: an attacker's state in a browser that is bound to another login (L24)."""
    attacker, victim = app.test_client(), app.test_client()
    asked = log_in(attacker, platform)
    log_in(victim, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert_refused(database, launch(victim, asked, token), 401, "state_binding")


def test_a_browser_without_the_cookie_is_told_to_open_a_window(app, database, platform, registration):
    asked = log_in(app.test_client(), platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    answer = launch(app.test_client(), asked, token)
    assert_refused(database, answer, 401, "cookie_missing")
    assert "new window" in answer.text


def test_a_suspended_registration_opens_nothing(app, database, platform, registration):
    client = app.test_client()
    asked = log_in(client, platform)
    suspend(database)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert_refused(database, launch(client, asked, token), 403, "registration_inactive")
    answer = client.post("/lti/login", data=login_fields(platform))
    assert (answer.status_code, last_code(database)) == (403, "registration_inactive")


def test_an_unknown_deployment_waits_for_the_operator(app, settings, database, platform, registration):
    settings.environment = "production"
    with database.session() as session:
        session.get_one(Registration, registration.id).deployment_policy = "ask"
    client = app.test_client()
    asked = log_in(client, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert_refused(database, launch(client, asked, token), 403, "deployment_unknown")
    with database.reading() as session:
        assert session.scalars(select(Deployment.status)).all() == ["pending"]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"iss": ""}, 400, "login_request"),
        ({"login_hint": ""}, 400, "login_request"),
        ({"iss": "https://unknown.example"}, 400, "login_request"),
        ({"client_id": "unknown"}, 400, "login_request"),
        ({"target_link_uri": "https://evil.example/lti/launch"}, 400, "target"),
        ({"target_link_uri": "http://localhost/elsewhere"}, 400, "target"),
        ({"target_link_uri": "//localhost/lti/launch"}, 400, "target"),
        ({"target_link_uri": "http://localhost@evil.example/lti/launch"}, 400, "target"),
        ({"target_link_uri": "http://localhost\\@evil.example/lti/launch"}, 400, "target"),
        ({"lti_message_hint": "x" * 20_000}, 400, "malformed"),
        ({"oauth_consumer_key": "old"}, 400, "lti_1p1"),
    ],
)
def test_a_login_request_that_is_not_one_is_refused(
    app, database, platform, registration, change, status, code
):
    answer = app.test_client().post("/lti/login", data=login_fields(platform) | change)
    assert (answer.status_code, last_code(database)) == (status, code)


def test_repeated_parameters_are_refused(app, database, platform, registration):
    client = app.test_client()
    answer = client.post("/lti/launch", data={"state": ["a", "b"], "id_token": "a.b.c"})
    assert (answer.status_code, last_code(database)) == (400, "malformed")
    answer = client.get("/lti/login", query_string=[("iss", "a"), ("iss", "b"), ("login_hint", "5")])
    assert (answer.status_code, last_code(database)) == (400, "malformed")


def test_only_a_form_post_launches(app, database, platform, registration):
    client = app.test_client()
    assert client.get("/lti/launch").status_code == 405
    assert client.post("/lti/launch?id_token=a.b.c", data={"state": "s"}).status_code == 400
    assert client.post("/lti/launch", json={"state": "s", "id_token": "a.b.c"}).status_code == 400
    assert client.post("/lti/launch", data={"id_token": "a" * 300_000, "state": "s"}).status_code == 413


def test_a_platforms_own_error_becomes_a_page_without_its_words(app, database, registration):
    said = {"error": "login_required", "error_description": "<b>Must sign in</b>", "state": "s"}
    answer = app.test_client().post("/lti/launch", data=said)
    assert (answer.status_code, last_code(database)) == (200, "platform_error")
    assert "Must sign in" not in answer.text


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"keys": 1}', b'{"keys": ["a"]}'])
def test_keys_that_are_no_keys_never_fail_open(app, database, platform, registration, body):
    platform.bodies["/keys"] = body
    client = app.test_client()
    asked = log_in(client, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert_refused(database, launch(client, asked, token), 503, "platform_keys")


def test_a_short_key_is_no_key(app, database, platform, registration):
    from cryptography.hazmat.primitives.asymmetric import rsa

    platform.key.private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    platform.jwks[:] = [platform.key.public_jwk()]
    client = app.test_client()
    asked = log_in(client, platform)
    token = jwt.encode(
        platform.claims(nonce=asked["nonce"]),
        platform.key.private,
        "RS256",
        headers={"kid": platform.key.kid},
    )
    assert_refused(database, launch(client, asked, token), 401, "signature")


def test_a_verified_refusal_leads_back_to_the_course(app, platform, registration):
    client = app.test_client()
    asked = log_in(client, platform)
    said = platform.claims(nonce=asked["nonce"]) | {LTI + "version": "11.3"}
    answer = launch(client, asked, platform.key.sign(said))
    assert f'href="{platform.url}/course/view.php?id=2' in answer.text


def test_an_unverified_refusal_leads_nowhere(app, platform, registration):
    client = app.test_client()
    asked = log_in(client, platform)
    answer = launch(client, asked, altered(platform.key.sign(platform.claims(nonce=asked["nonce"]))))
    assert "view.php" not in answer.text


def login_fields(platform):
    return {
        "iss": platform.url,
        "login_hint": "5",
        "client_id": "undertone-client",
        "target_link_uri": "http://localhost/lti/launch",
    }


def suspend(database):
    with database.session() as session:
        session.scalars(select(Registration)).one().status = "suspended"


def last_code(database):
    with database.reading() as session:
        events = select(AuditEvent).where(AuditEvent.event == "launch_refused")
        return session.scalars(events.order_by(AuditEvent.at.desc())).first().code


def assert_refused(database, answer, status, code):
    """Status, code, a reference, and nothing of the claims anywhere."""
    assert (answer.status_code, last_code(database)) == (status, code)
    assert "Reference for support" in answer.text
    assert M not in answer.text
    cookies = [cookie for cookie in answer.headers.getlist("Set-Cookie") if "undertone-login" not in cookie]
    assert cookies == []
    with database.reading() as session:
        for table in (LaunchSession, Course, Person):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        event = session.scalars(select(AuditEvent).where(AuditEvent.event == "launch_refused")).one()
        assert event.correlation_id in answer.text
        assert event.facts == {}
