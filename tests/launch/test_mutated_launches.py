"""Launches changed at random: none is a failure of ours, and none opens a session unless it still says all it needs.

`make campaign` tries a hundred thousand (LAUNCHES sets another number); `make test` a few hundred. SEED sets the number
of the first; each is made from its number alone.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_tool.launch.tables import LaunchSession, Registration
from lti_tool.storage import Database
from tests.launch import judging, mutating
from tests.launch.fixtures import log_in
from tests.launch.platform import TARGET, Platform

FEW, MANY = 300, 100_000
Claims = dict[str, Any]
Tried = tuple[TestResponse, Claims | None, Claims]
"""The answer; the claims that were changed, where it was those; the claims of the good launch."""
Attempt = Callable[[random.Random, FlaskClient, Platform], Tried]


def with_claims(chance: random.Random, client: FlaskClient, platform: Platform) -> Tried:
    asked = log_in(client, platform)
    good = mutating.good_claims(chance, platform, asked["nonce"])
    said = mutating.mutated_claims(chance, good)
    payload = json.dumps(said).encode("utf-8", "surrogatepass")
    headers = {"kid": platform.key.kid}
    token = jwt.PyJWS().encode(payload, platform.key.private, algorithm="RS256", headers=headers)
    return client.post("/lti/launch", data={"id_token": token, "state": asked["state"]}), said, good


def with_token(chance: random.Random, client: FlaskClient, platform: Platform) -> Tried:
    asked = log_in(client, platform)
    good = mutating.good_claims(chance, platform, asked["nonce"])
    token = mutating.mutated_token(chance, platform.key, good).encode("utf-8", "replace").decode()
    return client.post("/lti/launch", data={"id_token": token, "state": asked["state"]}), None, good


def with_form(chance: random.Random, client: FlaskClient, platform: Platform) -> Tried:
    asked = log_in(client, platform)
    good = mutating.good_claims(chance, platform, asked["nonce"])
    form = mutating.mutated_form(chance, {"id_token": platform.key.sign(good), "state": asked["state"]})
    return client.post("/lti/launch", data=form), None, good


def with_login(chance: random.Random, client: FlaskClient, platform: Platform) -> Tried:
    good = {"iss": platform.url, "login_hint": "5", "target_link_uri": TARGET, **platform.facts()}
    asked = {name: good[name] for name in ("iss", "login_hint", "target_link_uri", "client_id")}
    return client.post("/lti/login", data=mutating.mutated_login(chance, asked)), None, good


ATTEMPTS: tuple[Attempt, ...] = (with_claims, with_claims, with_claims, with_token, with_form, with_login)


@pytest.mark.usefixtures("registration")
@pytest.mark.parametrize(
    "count", [FEW, pytest.param(MANY, marks=[pytest.mark.campaign, pytest.mark.timeout(3 * 3600)])]
)
def test_no_mutated_launch_fails_or_opens_what_it_should_not(
    app: Flask, database: Database, platform: Platform, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("LAUNCHES", count)) if count == MANY else count
    first, seen = int(os.environ.get("SEED", 0)), Counter[int]()
    for number in range(first, first + count):
        app.extensions["undertone_limiter"].reset()  # all come from one person at one address
        chance = random.Random(number)
        attempt = chance.choice(ATTEMPTS)
        answer, said, good = attempt(chance, app.test_client(), platform)
        seen[answer.status_code] += 1
        assert 200 <= answer.status_code < 500, (number, attempt.__name__, answer.status_code)
        if answer.status_code == 303:
            assert said is not None, (number, attempt.__name__)
            assert judging.may_open(said, good), number
            landing = answer.headers["Location"].rpartition("/")[2]
            assert landing in ("student", "information") or judging.may_teach(said), (number, landing)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LaunchSession)) == seen[303]
    with capsys.disabled():
        print(f"\n{count} mutated launches: {dict(sorted(seen.items()))}")


def test_a_launch_that_is_not_changed_opens_a_session(
    app: Flask, registration: Registration, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a refusal is the change's doing."""
    monkeypatch.setattr(mutating, "mutated_claims", lambda chance, said: said)
    for number in range(20):
        answer, said, good = with_claims(random.Random(number), app.test_client(), platform)
        assert said is not None
        assert (answer.status_code, judging.may_open(said, good)) == (303, True)
