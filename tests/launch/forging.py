"""How bad launches are made: each function returns a row, which says what to attempt and what it must get.

`attempt` gets a stage whose registration is active and whose key set has not been fetched, and returns the tool's
answer.
"""

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests import Response
from sqlalchemy import select

from lti_tool.launch import logins
from lti_tool.launch.tables import Registration
from lti_tool.outbound import client as outbound
from tests.launch.platform import LTI, Key
from tests.launch.stage import Browser, Stage

Claims = dict[str, Any]
Attempt = Callable[[Stage], Response]


@dataclass(frozen=True)
class Row:
    """`verified`: the token's signature holds, so the page may lead back to the course."""

    status: int
    code: str
    attempt: Attempt
    verified: bool = False
    deployments: int = 0
    """Rows of deployments that it may leave."""


def claims(status: int, code: str, change: Callable[[Stage, Claims], Claims]) -> Row:
    """A good login, then a rightly signed token with changed claims."""

    def attempt(stage: Stage) -> Response:
        browser = stage.browser()
        asked = stage.log_in(browser)
        return stage.launch(browser, asked, stage.platform.key.sign(change(stage, stage.claims(asked))))

    return Row(status, code, attempt, verified=code != "not_lti")


def having(status: int, code: str, **changes: Any) -> Row:
    return claims(status, code, lambda stage, said: said | changes)


def claim(status: int, code: str, name: str, value: Any) -> Row:
    return having(status, code, **{LTI + name: value})


def without(status: int, code: str, *names: str) -> Row:
    return claims(status, code, lambda stage, said: {name: said[name] for name in said if name not in names})


def at(status: int, code: str, **seconds: int) -> Row:
    """Times of the token, in seconds from now."""
    return claims(
        status, code, lambda stage, said: said | {n: int(time.time()) + s for n, s in seconds.items()}
    )


def token(status: int, code: str, forge: Callable[[Stage, Claims], str]) -> Row:
    """A good login, then a token that is not what the platform signs."""

    def attempt(stage: Stage) -> Response:
        browser = stage.browser()
        asked = stage.log_in(browser)
        return stage.launch(browser, asked, forge(stage, stage.claims(asked)))

    return Row(status, code, attempt)


def post(status: int, code: str, change: Callable[[Stage, Browser, dict[str, Any]], Response]) -> Row:
    """A good login and token in hand; `change` gets stage, browser and the good form, and posts."""

    def attempt(stage: Stage) -> Response:
        browser = stage.browser()
        asked = stage.log_in(browser)
        signed = stage.platform.key.sign(stage.claims(asked))
        return change(stage, browser, {"id_token": signed, "state": asked["state"]})

    return Row(status, code, attempt)


def form(status: int, code: str, **fields: Any) -> Row:
    return post(
        status, code, lambda stage, browser, good: browser.ask("POST", "/lti/launch", data=good | fields)
    )


def login(status: int, code: str, **changes: Any) -> Row:
    """A login request with changed fields."""
    return Row(
        status,
        code,
        lambda stage: stage.browser().ask("POST", "/lti/login", data=stage.asking() | changes),
    )


def part(value: Any) -> str:
    """One part of a token, from JSON or bytes."""
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def altered(signed: str, place: int) -> str:
    """A token with one letter of a part changed."""
    parts = signed.split(".")
    own = parts[place]
    parts[place] = own[:10] + ("A" if own[10] != "A" else "B") + own[11:]
    return ".".join(parts)


def hmac_with_public_key(stage: Stage, said: Claims) -> str:
    """HS256 with the published key as the secret, made by hand: libraries refuse to."""
    public = stage.platform.key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{part({'alg': 'HS256', 'kid': stage.platform.key.kid})}.{part(said)}"
    return f"{signed}.{part(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"


def own_key_named(**naming: Any) -> Callable[[Stage, Claims], str]:
    """Signed with a key of the attacker's that the header offers."""

    def forge(stage: Stage, said: Claims) -> str:
        own = Key(stage.platform.key.kid)
        offered = {name: own.public_jwk() if value is None else value for name, value in naming.items()}
        return own.sign(said, **offered)

    return forge


def twice(stage: Stage, said: Claims) -> str:
    """A signed payload with a member given twice."""
    payload = json.dumps(said)[:-1] + ', "sub": "999"}'
    key = stage.platform.key
    return jwt.PyJWS().encode(payload.encode(), key.private, algorithm="RS256", headers={"kid": key.kid})


def short_key(stage: Stage, said: Claims) -> str:
    """The platform's own key, of 1024 bits."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    stage.stack.enter_context(patch.object(stage.platform.key, "private", private))
    stage.stack.enter_context(patch.object(stage.platform, "jwks", [stage.platform.key.public_jwk()]))
    return jwt.encode(said, private, "RS256", headers={"kid": stage.platform.key.kid})


def another_platforms_key(stage: Stage, said: Claims) -> str:
    """A key of another platform under the same `kid`, for which that platform would be believed."""
    return Key(stage.platform.key.kid).sign(said)


def nonce_of_another_login(stage: Stage) -> Response:
    browser = stage.browser()
    first, second = stage.log_in(browser), stage.log_in(browser)
    return stage.launch(browser, second, stage.platform.key.sign(stage.claims(first)))


def used_nonce(stage: Stage) -> Response:
    browser = stage.browser()
    first = stage.log_in(browser)
    stage.launch(browser, first, stage.platform.key.sign(stage.claims(first, sub=5)))  # refused, but spent
    return stage.launch(browser, stage.log_in(browser), stage.platform.key.sign(stage.claims(first)))


def state_again(stage: Stage) -> Response:
    browser = stage.browser()
    asked = stage.log_in(browser)
    stage.launch(browser, asked, "a.b.c")
    return stage.launch(browser, asked, stage.platform.key.sign(stage.claims(asked)))


def state_too_old(stage: Stage) -> Response:
    browser = stage.browser()
    asked = stage.log_in(browser)
    stage.stack.enter_context(patch.object(logins, "LIFETIME", timedelta(seconds=-1)))
    return stage.launch(browser, asked, stage.platform.key.sign(stage.claims(asked)))


def other_browser(bound: bool) -> Attempt:
    """An attacker's state in a victim's browser, which is bound to a login of its own, or to none."""

    def attempt(stage: Stage) -> Response:
        asked, victim = stage.log_in(stage.browser()), stage.browser()
        if bound:
            stage.log_in(victim)
        return stage.launch(victim, asked, stage.platform.key.sign(stage.claims(asked)))

    return attempt


def set_registration(stage: Stage, **changes: str) -> None:
    """Change the registration until the stage's stack is closed."""

    def write(values: dict[str, str]) -> None:
        with stage.database.session() as session:
            row = session.scalars(select(Registration)).one()
            for name, value in values.items():
                setattr(row, name, value)

    with stage.database.reading() as session:
        row = session.scalars(select(Registration)).one()
        before = {name: getattr(row, name) for name in changes}
    write(changes)
    stage.stack.callback(write, before)


def at_launch(**changes: str) -> Attempt:
    """The registration changes between login and launch."""

    def attempt(stage: Stage) -> Response:
        browser = stage.browser()
        asked = stage.log_in(browser)
        set_registration(stage, **changes)
        return stage.launch(browser, asked, stage.platform.key.sign(stage.claims(asked)))

    return attempt


def at_login(**changes: str) -> Attempt:
    def attempt(stage: Stage) -> Response:
        set_registration(stage, **changes)
        return stage.browser().ask("POST", "/lti/login", data=stage.asking())

    return attempt


def deep_linking_off(stage: Stage) -> Response:
    stage.stack.enter_context(patch.object(stage.settings, "deep_linking", False))
    return claim(400, "message_type", "message_type", "LtiDeepLinkingRequest").attempt(stage)


def new_deployment(stage: Stage) -> Response:
    stage.stack.enter_context(patch.object(stage.settings, "environment", "production"))
    return at_launch(deployment_policy="ask")(stage)


def key_set(body: bytes = b"", status: int = 200, seconds: float = 0.0) -> Row:
    """The platform's key set answers like this."""

    def attempt(stage: Stage) -> Response:
        platform, stack = stage.platform, stage.stack
        stack.enter_context(patch.object(outbound, "READ_SECONDS", 0.3))
        stack.enter_context(patch.dict(platform.bodies, {"/keys": body} if body else {}))
        stack.enter_context(patch.dict(platform.status, {"/keys": status} if status != 200 else {}))
        stack.enter_context(patch.dict(platform.seconds, {"/keys": seconds}))
        browser = stage.browser()
        asked = stage.log_in(browser)
        return stage.launch(browser, asked, platform.key.sign(stage.claims(asked)))

    return Row(503, "platform_keys", attempt)


def repeated(path: str, name: str) -> Row:
    """A parameter twice in a form."""

    def attempt(stage: Stage) -> Response:
        fields = [*stage.asking().items(), ("id_token", "a.b.c"), ("state", "s"), (name, "other")]
        return stage.browser().ask("POST", path, data=fields)

    return Row(400, "malformed", attempt)
