"""A platform's key set and token answer that are not what they should be: refused, never an error of ours."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jwcrypto.jwk import JWK
from sqlalchemy import select

from lti_tool.launch import service_tokens
from lti_tool.launch.errors import LaunchRefusedError
from lti_tool.launch.pylti import verifying_key
from lti_tool.launch.tables import ServiceToken
from lti_tool.outbound.client import Client
from tests.launch.fixtures import launch, log_in
from tests.launch.platform import Key, usual_private_key

GOOD = Key("k", usual_private_key()).public_jwk()
HEADER = {"kid": "k", "alg": "RS256"}
MISSING = object()

HOSTILE_KEYS: dict[str, dict[str, Any]] = {
    "n missing": {"n": MISSING},
    "n number": {"n": 7},
    "n null": {"n": None},
    "n list": {"n": [GOOD["n"]]},
    "n empty": {"n": ""},
    "n not base64": {"n": "!!!"},
    "n not ASCII": {"n": "é" + GOOD["n"]},
    "n half a character": {"n": "\ud800"},
    "n of one letter": {"n": "A"},
    "e missing": {"e": MISSING},
    "e number": {"e": 65537},
    "e zero": {"e": "AA"},
    "e even": {"e": "Ag"},
    "kty missing": {"kty": MISSING},
    "kty list": {"kty": ["RSA"]},
    "kty EC without a curve": {"kty": "EC"},
    "kty oct": {"kty": "oct", "k": "c2VjcmV0"},
    "kty OKP": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
    "use enc": {"use": "enc"},
    "use null": {"use": None},
    "alg RS512": {"alg": "RS512"},
    "alg HS256": {"alg": "HS256"},
    "alg list": {"alg": ["RS256"]},
    "private d": {"d": "AQAB"},
    "private p": {"p": "AQAB"},
    "private q": {"q": "AQAB"},
}
EXTRAS: dict[str, dict[str, Any]] = {
    "as published": {},
    "use absent": {"use": MISSING},
    "alg absent": {"alg": MISSING},
    "certificates": {"x5c": ["MIIB"], "x5t": 7, "key_ops": ["verify", "verify"], "": {}},
}


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (GOOD | changes).items() if value is not MISSING}


@pytest.mark.parametrize("changes", HOSTILE_KEYS.values(), ids=HOSTILE_KEYS)
def test_an_unfit_key_verifies_nothing(changes):
    with pytest.raises(LaunchRefusedError) as refused:
        verifying_key(HEADER, changed(changes))
    assert refused.value.code == "signature"


@pytest.mark.parametrize("changes", EXTRAS.values(), ids=EXTRAS)
def test_a_fit_key_is_taken(changes):
    assert verifying_key(HEADER, changed(changes)) == verifying_key(HEADER, GOOD)


def test_a_whole_private_key_is_not_taken_although_it_would_verify():
    pem = usual_private_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    published = JWK.from_pem(pem).export_private(as_dict=True) | {"kid": "k"}
    with pytest.raises(LaunchRefusedError):
        verifying_key(HEADER, published)


def launched(app, platform) -> int:
    browser = app.test_client()
    asked = log_in(browser, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    return launch(browser, asked, token).status_code


@pytest.mark.parametrize(
    "changes", [{"n": "!!!"}, {"kty": "EC"}, {"n": 7}, {"n": "é"}, {"n": [[[]]]}], ids=str
)
def test_a_launch_with_an_unfit_key_is_refused(app, platform, registration, changes):
    platform.jwks = [platform.key.public_jwk() | changes]
    assert launched(app, platform) == 401


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"keys":' * 100_000, b'{"keys":[7]}'])
def test_a_launch_with_a_hostile_key_set_is_put_off(app, platform, registration, body):
    platform.bodies["/keys"] = body
    assert [launched(app, platform), launched(app, platform)] == [503, 503]
    assert platform.counts("/keys") == 1


NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAY = 86_400


def granted(settings, database, platform, registration, monkeypatch, body) -> tuple[str, int]:
    """The token, and for how many seconds it is kept."""
    client = Client(settings)
    monkeypatch.setattr(client, "post", lambda *_, **__: Answered(body))
    made = service_tokens.token(database, client, NOW, registration, ())
    with database.reading() as session:
        kept = session.scalars(select(ServiceToken)).one()
        return made, (kept.expires_at - NOW) // timedelta(seconds=1)


class Answered:
    status = 200

    def __init__(self, body: Any) -> None:
        self._body = body

    def json(self) -> Any:
        return self._body


@pytest.fixture
def ask(settings, database, platform, registration, monkeypatch):
    return lambda body: granted(settings, database, platform, registration, monkeypatch, body)


LIVES = [
    (3600, 3600),
    ("3600", 3600),
    (3600.9, 3600),
    (DAY + 1, DAY),
    (10**30, DAY),
    (float("inf"), DAY),
    (str(10**17), DAY),
    (-1, 0),
    (-(10**30), 0),
    (float("nan"), 0),
    ("-5", 0),
    ("\u0663\u0660", 0),
    ("9" * 5000, 0),
    ("soon", 0),
    (None, 0),
    ([3600], 0),
]


@pytest.mark.parametrize(("said", "kept"), LIVES, ids=lambda value: str(value)[:20])
def test_a_token_is_kept_for_a_day_at_most(ask, said, kept):
    assert ask({"access_token": "t", "expires_in": said}) == ("t", kept)


def test_the_longest_token_is_taken(ask):
    made = "~!" * 4096
    assert ask({"access_token": made, "expires_in": 60}) == (made, 60)


UNFIT: list[Any] = [
    "",
    "a b",
    "a\r\nX: y",
    "a\n",
    "a\x00",
    "é",
    "\ud800",
    "a" * 8193,
    7,
    None,
    ["a"],
    {"a": "b"},
]


@pytest.mark.parametrize("made", UNFIT, ids=lambda value: ascii(value)[:20])
def test_an_unfit_token_is_no_token(ask, made):
    with pytest.raises(service_tokens.TokenRefusedError):
        ask({"access_token": made, "expires_in": 60})


@pytest.mark.parametrize("body", [[], "token", 7, None, {}], ids=str)
def test_an_answer_of_another_shape_is_no_token(ask, body):
    with pytest.raises(service_tokens.TokenRefusedError):
        ask(body)
