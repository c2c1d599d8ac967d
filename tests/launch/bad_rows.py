"""Every bad launch of the requirements (L1 to L37) and what it must get.

A row's name begins with its number; several rows may share one.
"""

import jwt

from tests.launch.forging import (
    Row,
    altered,
    another_platforms_key,
    at,
    at_launch,
    at_login,
    claim,
    claims,
    deep_linking_off,
    form,
    having,
    hmac_with_public_key,
    key_set,
    login,
    new_deployment,
    nonce_of_another_login,
    other_browser,
    own_key_named,
    part,
    post,
    repeated,
    short_key,
    state_again,
    state_too_old,
    token,
    twice,
    used_nonce,
    without,
)
from tests.launch.platform import CLIENT_ID, LTI, Key

ROWS = range(1, 38)
DEPLOYMENT = LTI + "deployment_id"
BAD: dict[str, Row] = {
    "L01-kid_missing": token(
        401, "kid_missing", lambda stage, said: jwt.encode(said, stage.platform.key.private, "RS256")
    ),
    "L02-kid_unknown": token(401, "kid_unknown", lambda stage, said: Key("other").sign(said)),
    "L03-version_wrong": claim(400, "lti_version", "version", "11.3"),
    "L04-version_missing": without(400, "lti_version", LTI + "version"),
    "L05-no_lti_message": claims(400, "not_lti", lambda stage, said: {"name": "badltilaunch"}),
    "L06-aud_and_iss_missing": without(401, "claims_missing", "aud", "iss"),
    "L06-sub_and_roles_missing": without(401, "claims_missing", "sub", LTI + "roles"),
    "L06-all_missing": without(401, "claims_missing", "aud", "iss", "sub", DEPLOYMENT, LTI + "roles"),
    "L07-expired": having(401, "expired", iat=11111, exp=22222),
    "L08-message_type_missing": without(400, "message_type", LTI + "message_type"),
    "L09-roles_missing": without(400, "roles_missing", LTI + "roles"),
    "L10-deployment_missing": without(400, "deployment_missing", DEPLOYMENT),
    "L10-deployment_empty": claim(400, "deployment_missing", "deployment_id", ""),
    "L10-deployment_null": claim(400, "deployment_missing", "deployment_id", None),
    "L11-resource_link_missing": without(400, "resource_link", LTI + "resource_link"),
    "L11-resource_link_without_id": claim(400, "resource_link", "resource_link", {"title": "x"}),
    "L12-anonymous": without(403, "anonymous", "sub"),
    "L13-signature_altered": token(
        401, "signature", lambda stage, said: altered(stage.platform.key.sign(said), 2)
    ),
    "L13-payload_altered": token(
        401, "signature", lambda stage, said: altered(stage.platform.key.sign(said), 1)
    ),
    "L13-signature_truncated": token(
        401, "signature", lambda stage, said: stage.platform.key.sign(said)[:-9]
    ),
    "L13-two_parts": token(400, "malformed", lambda stage, said: "a.b"),
    "L13-key_too_short": token(401, "signature", short_key),
    "L14-another_platforms_key": token(401, "signature", another_platforms_key),
    "L15-alg_none": token(
        401,
        "alg",
        lambda stage, said: f"{part({'alg': 'none', 'kid': stage.platform.key.kid})}.{part(said)}.",
    ),
    "L16-key_confusion": token(401, "alg", hmac_with_public_key),
    "L17-jwk_in_header": token(401, "signature", own_key_named(jwk=None)),
    "L17-jku_in_header": token(401, "signature", own_key_named(jku="https://evil.example/keys")),
    "L17-x5u_in_header": token(401, "signature", own_key_named(x5u="https://evil.example/cert")),
    "L17-x5c_in_header": token(401, "signature", own_key_named(x5c=["MIIB"])),
    "L17-jwk_of_its_own_kid": token(
        401, "kid_unknown", lambda stage, said: (own := Key("own")).sign(said, jwk=own.public_jwk())
    ),
    "L18-audience": having(401, "audience", aud="old-consumer-key"),
    "L18-audience_missing": without(401, "audience", "aud"),
    "L19-foreign_audience": having(401, "audience", aud=[CLIENT_ID, "other"]),
    "L19-azp": having(401, "audience", azp="other"),
    "L20-issuer": having(401, "issuer", iss="https://other.example"),
    "L20-issuer_missing": without(401, "issuer", "iss"),
    "L21-nonce_missing": without(401, "nonce", "nonce"),
    "L22-nonce_never_issued": having(401, "nonce", nonce="never-issued"),
    "L22-nonce_of_another_login": Row(401, "nonce", nonce_of_another_login, verified=True),
    "L22-nonce_used": Row(401, "nonce", used_nonce, verified=True),
    "L23-state_missing": post(
        401,
        "state",
        lambda stage, browser, good: browser.ask("POST", "/lti/launch", data={"id_token": good["id_token"]}),
    ),
    "L23-state_unknown": form(401, "state", state="x" * 43),
    "L23-state_expired": Row(401, "state", state_too_old),
    "L23-state_again": Row(401, "state", state_again),
    "L24-binding_of_another": Row(401, "state_binding", other_browser(bound=True)),
    "L25-iat_missing": without(401, "time", "iat"),
    "L25-exp_missing": without(401, "time", "exp"),
    "L25-iat_ahead": at(401, "time", iat=300, exp=360),
    "L25-nbf_ahead": at(401, "time", nbf=300),
    "L25-ends_as_it_begins": at(401, "time", iat=20, exp=20),
    "L25-ends_before_it_begins": at(401, "time", iat=30, exp=10),
    "L25-lives_too_long": at(401, "time", exp=3 * 3600),
    "L26-deployment_unknown": Row(403, "deployment_unknown", new_deployment, verified=True, deployments=1),
    "L27-suspended_at_launch": Row(
        403, "registration_inactive", at_launch(status="suspended"), verified=True
    ),
    "L27-pending_at_launch": Row(403, "registration_inactive", at_launch(status="pending"), verified=True),
    "L27-suspended_at_login": Row(403, "registration_inactive", at_login(status="suspended")),
    "L27-pending_at_login": Row(403, "registration_inactive", at_login(status="pending")),
    "L28-deep_linking_off": Row(400, "message_type", deep_linking_off, verified=True),
    "L28-proctoring": claim(400, "message_type", "message_type", "LtiStartProctoring"),
    "L28-unknown": claim(400, "message_type", "message_type", "Hello"),
    "L29-off_our_origin": login(400, "target", target_link_uri="https://evil.example/lti/launch"),
    "L29-scheme_relative": login(400, "target", target_link_uri="//localhost/lti/launch"),
    "L29-not_a_launch_address": Row(
        400,
        "target",
        lambda stage: stage.browser().ask(
            "POST", "/lti/login", data=stage.asking(target_link_uri=f"{stage.url}/elsewhere")
        ),
    ),
    "L29-user_in_address": login(400, "target", target_link_uri="http://localhost@evil.example/lti/launch"),
    "L29-backslash": login(400, "target", target_link_uri="http://localhost\\@evil.example/lti/launch"),
    "L29-missing": login(400, "target", target_link_uri=""),
    "L29-two_differ": claims(
        400, "target", lambda stage, said: said | {LTI + "target_link_uri": f"{stage.target}?x=1"}
    ),
    "L29-off_our_origin_in_token": claim(400, "target", "target_link_uri", "https://evil.example/lti/launch"),
    "L30-get": Row(405, "method", lambda stage: stage.browser().ask("GET", "/lti/launch")),
    "L30-token_in_query": post(
        400,
        "method",
        lambda stage, browser, good: browser.ask("POST", "/lti/launch?id_token=a.b.c", data=good),
    ),
    "L30-json": post(
        400, "method", lambda stage, browser, good: browser.ask("POST", "/lti/launch", json=good)
    ),
    "L31-login_required": form(
        200, "platform_error", error="login_required", error_description="<b>Planted words</b>"
    ),
    "L32-no_iss": login(400, "login_request", iss=""),
    "L32-no_login_hint": login(400, "login_request", login_hint=""),
    "L32-unknown_issuer": login(400, "login_request", iss="https://unknown.example"),
    "L32-unknown_client": login(400, "login_request", client_id="unknown"),
    "L33-body_too_large": form(413, "malformed", padding="x" * 300_000),
    "L33-token_too_large": token(
        400, "malformed", lambda stage, said: stage.platform.key.sign(said | {"x": "y" * 70_000})
    ),
    "L33-token_too_large_with_unknown_state": form(400, "malformed", id_token="x" * 70_000, state="x" * 43),
    "L33-too_many_roles": claim(400, "malformed", "roles", [f"r{number}" for number in range(51)]),
    "L33-numeric_sub": having(400, "malformed", sub=5),
    "L33-string_iat": having(400, "malformed", iat="now"),
    "L33-exp_not_a_number": token(
        400, "malformed", lambda stage, said: stage.platform.key.sign(said | {"exp": float("nan")})
    ),
    "L33-exp_without_end": having(400, "malformed", exp=10**400),
    "L33-list_for_nonce": having(400, "malformed", nonce=["a"]),
    "L33-string_for_context": claim(400, "malformed", "context", "2"),
    "L33-list_for_context_id": claim(400, "malformed", "context", {"id": ["2"]}),
    "L33-object_for_context_title": claim(400, "malformed", "context", {"id": "2", "title": {"en": "x"}}),
    "L33-number_for_context_label": claim(400, "malformed", "context", {"id": "2", "label": 5}),
    "L33-number_for_context_type": claim(400, "malformed", "context", {"id": "2", "type": 5}),
    "L33-true_for_context_type": claim(400, "malformed", "context", {"id": "2", "type": True}),
    "L33-object_for_context_type": claim(400, "malformed", "context", {"id": "2", "type": {"Account": 1}}),
    "L33-number_among_context_types": claim(400, "malformed", "context", {"id": "2", "type": ["Group", 5]}),
    "L33-list_for_resource_link_id": claim(400, "malformed", "resource_link", {"id": ["a"]}),
    "L33-number_for_resource_link_id": claim(400, "malformed", "resource_link", {"id": 7}),
    "L33-number_among_roles": claim(400, "malformed", "roles", ["Learner", 5]),
    "L33-long_login_parameter": login(400, "malformed", lti_message_hint="x" * 20_000),
    "L33-header_no_json": token(400, "malformed", lambda stage, said: f"{part(b'nonsense')}.{part(said)}.x"),
    "L34-state_twice": repeated("/lti/launch", "state"),
    "L34-token_twice": repeated("/lti/launch", "id_token"),
    "L34-attempt_twice": Row(
        400,
        "malformed",
        lambda stage: stage.browser().ask("POST", "/lti/continue", data={"attempt": ["a", "b"]}),
    ),
    "L34-issuer_twice": repeated("/lti/login", "iss"),
    "L34-json_member_twice": token(400, "malformed", twice),
    "L35-keys_fail": key_set(status=503),
    "L35-keys_slow": key_set(seconds=0.6),
    "L35-keys_oversized": key_set(b" " * (3 * 1024 * 1024)),
    "L35-keys_no_json": key_set(b"<html>"),
    "L35-keys_no_list": key_set(b'{"keys": 1}'),
    "L35-keys_of_strings": key_set(b'{"keys": ["a"]}'),
    "L36-lti_1p1_at_login": login(400, "lti_1p1", oauth_consumer_key="old"),
    "L36-lti_1p1_at_launch": form(400, "lti_1p1", oauth_consumer_key="old"),
    "L37-no_cookie": Row(401, "cookie_missing", other_browser(bound=False)),
}
