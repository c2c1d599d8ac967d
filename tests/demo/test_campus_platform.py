"""Launches, tokens and the roster are those that Moodle was seen to send."""

import time

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.demo.shapes import captured, unlike

ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
MEDIA = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
GRADES = ("lti-ags/claim/endpoint", "lti-bo/claim/basicoutcome")


def start(visit, fields, key):
    """Log in, open the launch page, and build the request that a tool would redirect to."""
    session = visit.as_person(key)
    initiation = fields(session.get(f"{visit.url}/mod/lti/launch.php?id=1", timeout=10).text)
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": "sample-tool",
        "redirect_uri": "http://localhost:9/lti/launch",
        "login_hint": initiation["login_hint"],
        "lti_message_hint": initiation["lti_message_hint"],
        "state": "S",
        "nonce": "N",
    }
    return session, initiation, query


def authenticate(visit, session, query):
    return session.get(f"{visit.url}/mod/lti/auth.php", params=query, timeout=10)


def verified(visit, token):
    keys = requests.get(f"{visit.url}/mod/lti/certs.php", timeout=10).json()["keys"]
    assert jwt.get_unverified_header(token)["kid"] == keys[0]["kid"]
    return jwt.decode(
        token, jwt.PyJWK(keys[0]), algorithms=["RS256"], audience="sample-tool", issuer=visit.url
    )


def test_the_platform_describes_itself_as_moodle_does(visit):
    got = requests.get(f"{visit.url}/mod/lti/openid-configuration.php", timeout=10).json()
    model = captured("moodle/lti/openid_configuration")
    del model["registration_endpoint"]  # no dynamic registration here
    assert unlike(got, model) == []
    keys = requests.get(f"{visit.url}/mod/lti/certs.php", timeout=10).json()
    assert unlike(keys, captured("moodle/lti/platform_jwks")) == []


@pytest.mark.parametrize(
    ("key", "model"), [("visitor", "student"), ("instructor", "instructor"), ("admin", "site_admin")]
)
def test_a_launch_carries_moodles_claims(visit, fields, key, model):
    session, initiation, query = start(visit, fields, key)
    assert set(initiation) - {"action"} == set(captured("moodle/lti/login_initiation")["params"])
    posted = fields(authenticate(visit, session, query).text)
    assert (posted["action"], posted["state"]) == (query["redirect_uri"], "S")
    claims = verified(visit, posted["id_token"])
    seen = {
        k: v for k, v in captured(f"moodle/lti/id_token_{model}")["claims"].items() if not k.endswith(GRADES)
    }
    custom = "https://purl.imsglobal.org/spec/lti/claim/custom"
    seen[custom] = {"context_memberships_url": seen[custom]["context_memberships_url"]}
    assert unlike(claims, seen) == []
    roles = "https://purl.imsglobal.org/spec/lti/claim/roles"
    assert claims[roles] == seen[roles]
    assert claims["sub"] == visit.campus.roster_sub(key)
    assert claims["exp"] - claims["iat"] == 60
    assert claims["nonce"] == "N"


def test_a_hint_works_once(visit, fields):
    session, _, query = start(visit, fields, "visitor")
    assert authenticate(visit, session, query).status_code == 200
    assert authenticate(visit, session, query).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"redirect_uri": "http://localhost:9/elsewhere"},
        {"nonce": ""},
        {"scope": "openid email"},
        {"response_type": "code"},
        {"lti_message_hint": "{}"},
        {"lti_message_hint": "no json"},
    ],
)
def test_a_malformed_request_ends_on_a_page_of_the_platform(visit, fields, change):
    session, _, query = start(visit, fields, "visitor")
    answer = authenticate(visit, session, {**query, **change})
    assert answer.status_code == 404
    assert "Invalid request" in answer.text
    assert "id_token" not in answer.text


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"client_id": "another"}, "unauthorized_client"),
        ({"login_hint": "3"}, "access_denied"),
        ({"response_mode": ""}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
    ],
)
def test_other_refusals_are_posted_to_the_tool(visit, fields, change, error):
    session, _, query = start(visit, fields, "visitor")
    posted = fields(authenticate(visit, session, {**query, **change}).text)
    assert (posted["error"], posted["state"]) == (error, "S")
    assert "id_token" not in posted


def test_somebody_elses_hint_is_denied(visit, fields):
    _, _, query = start(visit, fields, "visitor")
    posted = fields(authenticate(visit, visit.as_person("will"), query).text)
    assert posted["error"] == "access_denied"


def test_without_a_cookie_the_platform_reposts_once(visit, fields):
    _, _, query = start(visit, fields, "visitor")
    posted = fields(authenticate(visit, requests, query).text)
    assert posted["repost"] == "1"
    assert posted["action"].endswith("/mod/lti/auth.php")
    assert requests.post(posted.pop("action"), data=posted, timeout=10).status_code == 404


def token(visit, assertion, **changes):
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "scope": f"{ROSTER} https://purl.imsglobal.org/spec/lti-ags/scope/score",
        **changes,
    }
    return requests.post(f"{visit.url}/mod/lti/token.php", data=form, timeout=10)


def test_a_token_is_json_under_text_html_and_grants_the_roster_only(visit, tool_key):
    answer = token(visit, tool_key())
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert unlike(answer.json(), captured("moodle/lti/token_ok")["body"]) == []
    assert answer.json()["scope"] == ROSTER


def test_refused_assertions_get_moodles_words(visit, tool_key):
    seen = captured("moodle/lti/token_variants")
    now = int(time.time())
    stranger = rsa.generate_private_key(65537, 2048)
    cases = {
        "expired": token(visit, tool_key(iat=now - 90, exp=now - 30)),
        "unknown_client": token(visit, tool_key(sub="another")),
        "wrong_key_known_kid": token(visit, tool_key(key=stranger)),
        "no_kid": token(visit, tool_key(headers={})),
        "garbage": token(visit, "garbage"),
        "bad_grant": token(visit, tool_key(), grant_type="password"),
        "scope_none_valid": token(visit, tool_key(), scope="openid"),
        "no_scope": token(visit, tool_key(), scope=""),
    }
    for name, answer in cases.items():
        assert (answer.status_code, answer.json()) == (400, seen[name]["body"]), name
    assert "prior to" in token(visit, tool_key(iat=now + 30)).json()["error"]
    assert token(visit, tool_key(headers={"kid": "k2"})).text == seen["wrong_kid"]["body"]


def test_an_unreachable_keyset_is_a_page_and_not_json(visit):
    key = rsa.generate_private_key(65537, 2048)
    answer = token(visit, jwt.encode({"sub": "sample-tool"}, key, algorithm="RS256", headers={"kid": "k1"}))
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def roster(visit, bearer, query="", accept=MEDIA, url=None):
    url = url or f"{visit.url}/mod/lti/services.php/CourseSection/2/bindings/1/memberships{query}"
    return requests.get(url, headers={"Authorization": f"Bearer {bearer}", "Accept": accept}, timeout=10)


def test_the_roster_is_whole_unless_a_limit_is_asked_for(visit, tool_key):
    bearer = token(visit, tool_key()).json()["access_token"]
    whole = roster(visit, bearer)
    assert unlike(whole.json(), captured("moodle/nrps/memberships_limit3_page1")["body"]) == []
    assert whole.headers["Content-Type"] == f"{MEDIA}; charset=utf-8"
    assert "Link" not in whole.headers
    pages, answer = [], roster(visit, bearer, "?limit=7")
    while True:
        pages.append(answer.json()["members"])
        if "next" not in answer.links:
            break
        answer = roster(visit, bearer, url=answer.links["next"]["url"])
    assert [len(page) for page in pages] == [7, 7, 7, 4]
    assert [one for page in pages for one in page] == whole.json()["members"]
    assert [one["user_id"] for one in whole.json()["members"] if one["roles"] == ["Instructor"]] == ["3"]


def test_the_next_link_of_the_roster_loses_the_role(visit, tool_key):
    bearer = token(visit, tool_key()).json()["access_token"]
    answer = roster(visit, bearer, "?role=Learner&limit=5&rlid=1")
    assert all(one["roles"] == ["Learner"] and one["message"] for one in answer.json()["members"])
    assert "role=" not in answer.links["next"]["url"]
    assert "rlid=1" in answer.links["next"]["url"]


def test_the_roster_refuses_as_moodle_does(visit, tool_key):
    seen = captured("moodle/nrps/errors")
    bearer = token(visit, tool_key()).json()["access_token"]
    elsewhere = f"{visit.url}/mod/lti/services.php/CourseSection/999/bindings/1/memberships"
    cases = {
        "bad_token": roster(visit, "nobody"),
        "accept_json": roster(visit, bearer, accept="application/json"),
        "unknown_course": roster(visit, bearer, url=elsewhere),
    }
    for name, answer in cases.items():
        assert answer.status_code == seen[name]["status"]
        assert unlike(answer.json(), seen[name]["body"]) == []
        assert answer.json()["reason"].strip() == seen[name]["body"]["reason"].strip()


def test_people_who_left_are_absent_from_the_roster(visit, tool_key):
    bearer = token(visit, tool_key()).json()["access_token"]
    for key, how in (("will", "unenrolled"), ("may", "suspended"), ("luca", "deleted")):
        visit.campus.leave(key, how)
    assert len(roster(visit, bearer).json()["members"]) == 22
