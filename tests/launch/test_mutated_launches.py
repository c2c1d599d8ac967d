"""Launches changed at random: none is a failure of ours, and none opens a session.

`make campaign` tries a hundred thousand (LAUNCHES sets another number); `make test` a few hundred.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.launch.tables import LaunchSession
from lti_tool.storage import Database
from tests.launch import mutating
from tests.launch.fixtures import log_in
from tests.launch.platform import TARGET, Platform

FEW, MANY = 300, 100_000
Attempt = Callable[[random.Random, FlaskClient, Platform], TestResponse]


def with_claims(chance: random.Random, client: FlaskClient, platform: Platform) -> TestResponse:
    asked = log_in(client, platform)
    said = mutating.mutated_claims(chance, platform.claims(nonce=asked["nonce"]))
    payload = json.dumps(said).encode("utf-8", "surrogatepass")
    headers = {"kid": platform.key.kid}
    token = jwt.PyJWS().encode(payload, platform.key.private, algorithm="RS256", headers=headers)
    return client.post("/lti/launch", data={"id_token": token, "state": asked["state"]})


def with_token(chance: random.Random, client: FlaskClient, platform: Platform) -> TestResponse:
    asked = log_in(client, platform)
    token = mutating.mutated_token(chance, platform.key, platform.claims(nonce=asked["nonce"]))
    token = token.encode("utf-8", "replace").decode()
    return client.post("/lti/launch", data={"id_token": token, "state": asked["state"]})


def with_form(chance: random.Random, client: FlaskClient, platform: Platform) -> TestResponse:
    asked = log_in(client, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    form = mutating.mutated_form(chance, {"id_token": token, "state": asked["state"]})
    return client.post("/lti/launch", data=form)


def with_login(chance: random.Random, client: FlaskClient, platform: Platform) -> TestResponse:
    good = {"iss": platform.url, "login_hint": "5", "target_link_uri": TARGET, **platform.facts()}
    asked = {name: good[name] for name in ("iss", "login_hint", "target_link_uri", "client_id")}
    return client.post("/lti/login", data=mutating.mutated_login(chance, asked))


ATTEMPTS: tuple[Attempt, ...] = (with_claims, with_claims, with_token, with_form, with_login)


@pytest.mark.usefixtures("registration")
@pytest.mark.parametrize(
    "count", [FEW, pytest.param(MANY, marks=[pytest.mark.campaign, pytest.mark.timeout(3 * 3600)])]
)
def test_no_mutated_launch_fails_or_opens_a_session(
    app: Flask, database: Database, platform: Platform, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("LAUNCHES", count)) if count == MANY else count
    seen: Counter[int] = Counter()
    for number in range(count):
        chance = random.Random(number)
        attempt = chance.choice(ATTEMPTS)
        answer = attempt(chance, app.test_client(), platform)
        seen[answer.status_code] += 1
        assert 200 <= answer.status_code < 500, (number, attempt.__name__, answer.status_code)
        assert answer.status_code != 303, (number, attempt.__name__)
        if number % 500 == 499 or number == count - 1:
            with database.reading() as session:
                assert session.scalar(select(func.count()).select_from(LaunchSession)) == 0, number
    with capsys.disabled():
        print(f"\n{count} mutated launches: {dict(sorted(seen.items()))}, no session")
