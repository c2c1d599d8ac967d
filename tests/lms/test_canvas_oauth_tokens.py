"""Renewing the access token: once, by whoever holds the lease; an old token is dead and never used again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from lti_tool.audit.tables import AuditEvent
from lti_tool.errors import UndertoneError
from lti_tool.ingest.tasks import pull
from lti_tool.jobs import Run
from lti_tool.launch import registrations
from lti_tool.launch.tables import Course, Deployment, Registration
from lti_tool.lms import canvas_accounts, canvas_accounts_tokens
from lti_tool.lms.canvas_accounts_tokens import LEASE, TRIES
from lti_tool.lms.canvas_oauth_client import connector
from lti_tool.lms.connections import connector_for
from lti_tool.lms.errors import LmsAccountError, LmsUnavailableError
from lti_tool.lms.tables import CanvasAccount
from lti_tool.storage import Base, Database, Keyring, use_keyring
from tests.lms.canvas_oauth_place import NOW, place_of, running_campus


@pytest.fixture(scope="module")
def campus():
    with running_campus() as app:
        yield app


@pytest.fixture
def place(campus, database):
    return place_of(campus, database)


def status(place, token):
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(
        f"{place.campus.settings.base_url}/api/v1/courses/2/modules", headers=headers, timeout=10
    ).status_code


def read(place):
    return connector(place.database, place.settings, place.registration.id, place.campus.settings.base_url)


def test_a_token_that_lasts_is_used_as_it_is(place):
    first = place.tokens().token()
    place.clock.forward(minutes=58)
    assert place.tokens().token() == first
    assert status(place, first) == 200
    assert place.canvas.renewals == 0


def test_a_token_near_its_end_is_renewed_and_the_one_before_is_dead(place):
    first = place.tokens().token()
    place.clock.forward(minutes=59, seconds=1)
    second = place.tokens().token()
    assert (second != first, status(place, first), status(place, second)) == (True, 401, 200)
    assert place.tokens().token() == second
    assert place.canvas.renewals == 1
    account = place.account
    assert account.expires_at == place.clock() + timedelta(hours=1)
    assert account.lease_owner is account.lease_until is None


def test_one_who_comes_late_with_a_dead_token_is_given_the_new_one(place):
    first = place.tokens().token()
    second = place.tokens().renewed(first)
    assert place.tokens().renewed(first) == second
    assert place.canvas.renewals == 1


def race(place, readers=6):
    """Everybody holds the same token and is told at once that it is over."""
    first, begin = place.tokens().token(), threading.Barrier(readers, timeout=20)

    def renew(_):
        begin.wait()
        return place.tokens(pause=lambda _: threading.Event().wait(0.01)).renewed(first)

    with ThreadPoolExecutor(readers) as pool:
        return first, set(pool.map(renew, range(readers)))


def test_of_six_who_renew_at_once_one_calls_canvas(place):
    first, found = race(place)
    assert place.canvas.renewals == 1
    assert found == {place.tokens().token()}
    assert first not in found


@pytest.mark.postgres
def test_of_six_who_renew_at_once_on_postgresql_one_calls_canvas(campus, postgres_url):
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE renewing")
    server.dispose()
    url = make_url(postgres_url).set(database="renewing").render_as_string(hide_password=False)
    database = Database(url)
    use_keyring(Keyring.generate())
    Base.metadata.create_all(database.engine)
    place = place_of(campus, database)
    _, found = race(place)
    assert place.canvas.renewals == 1
    assert found == {place.tokens().token()}
    database.dispose()


def test_a_reading_goes_on_with_a_new_token_when_canvas_ends_the_old_one(place):
    found = read(place)
    first = place.account.access_token
    place.campus.settings.canvas.access.replace(first)
    assert found.activities("2")
    assert place.canvas.renewals == 1
    assert place.account.access_token != first


class KilledError(BaseException):
    pass


def test_one_who_is_killed_between_call_and_store_leaves_a_lease_that_ends(place, monkeypatch):
    first = place.tokens().token()

    def die(*_):
        raise KilledError

    monkeypatch.setattr(canvas_accounts_tokens.CanvasTokens, "_store", die)
    with pytest.raises(KilledError):
        place.tokens().renewed(first)
    monkeypatch.undo()
    assert (place.canvas.renewals, status(place, first)) == (1, 401)
    account = place.account
    assert (account.standing, account.fault, account.access_token) == ("authorised", "", first)
    with pytest.raises(LmsUnavailableError, match="Another reading is renewing"):
        place.tokens().renewed(first)
    assert len(place.pauses) == TRIES
    assert place.canvas.renewals == 1
    place.clock.forward(seconds=LEASE.total_seconds() + 1)
    assert status(place, place.tokens().renewed(first)) == 200
    assert place.canvas.renewals == 2


def test_the_wait_outlasts_the_lease_of_somebody_killed(place, monkeypatch):
    first = place.tokens().token()
    monkeypatch.setattr(
        canvas_accounts_tokens.CanvasTokens, "_renew", lambda *_: (_ for _ in ()).throw(KilledError)
    )
    with pytest.raises(KilledError):
        place.tokens().renewed(first)
    monkeypatch.undo()
    waiting = place.tokens(pause=lambda seconds: place.clock.forward(seconds=seconds))
    assert status(place, waiting.renewed(first)) == 200


def test_one_who_lost_the_lease_uses_nothing_of_what_came(place, monkeypatch):
    """A process that slept past its lease: another has renewed, and what the sleeper then got killed that token."""
    first = place.tokens().token()
    sleeper = place.tokens()
    lease = sleeper._newer_or_lease(first)
    place.clock.forward(seconds=LEASE.total_seconds() + 1)
    second = place.tokens().renewed(first)
    assert sleeper._renew(lease) == ""
    assert place.account.access_token == second
    assert status(place, second) == 401
    assert status(place, sleeper.renewed(second)) == 200


def test_one_whose_lapsed_lease_is_somebody_else_s_stores_nothing_before_that_one_has(place):
    """The other has called Canvas as well and not stored yet: only the lease in the row tells whose answer counts."""
    first = place.tokens().token()
    sleeper, other = place.tokens(), place.tokens()
    lapsed = sleeper._newer_or_lease(first)
    place.clock.forward(seconds=LEASE.total_seconds() + 1)
    lease = other._newer_or_lease(first)
    assert lapsed.generation == lease.generation
    assert sleeper._renew(lapsed) == ""
    account = place.account
    assert (account.access_token, account.lease_owner) == (first, lease.owner)
    second = other._renew(lease)
    assert place.account.access_token == second
    assert status(place, second) == 200


def test_no_transaction_is_open_while_canvas_is_called(place, monkeypatch):
    """SQLite has one writer: a second one that writes at once shows that none is open."""
    refresh = canvas_accounts_tokens.refresh

    def while_called(*given):
        with place.database.session() as session:
            session.execute(text("PRAGMA busy_timeout=0"))
            session.execute(text("UPDATE registrations SET status = status"))
        return refresh(*given)

    monkeypatch.setattr(canvas_accounts_tokens, "refresh", while_called)
    assert place.tokens().renewed(place.tokens().token())


def test_an_authorisation_that_canvas_ended_is_said_and_not_tried_again(place):
    place.canvas.grants.clear()
    place.clock.forward(hours=2)
    for _ in range(2):
        with pytest.raises(LmsAccountError, match="must authorise again") as caught:
            place.tokens().token()
    account = place.account
    assert (account.standing, account.fault) == ("again", "grant_gone")
    assert account.access_token is account.refresh_token is None
    assert len([form for form in place.canvas.asked if form["grant_type"] == "refresh_token"]) == 1
    with place.database.reading() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.event == "canvas_renewal_failed")).all()
    assert [row.code for row in rows] == ["grant_gone"]
    assert caught.value.code == "canvas_again"
    place.authorise()
    assert status(place, place.tokens().token()) == 200


def test_a_key_that_is_switched_off_is_said_and_keeps_the_grant_for_when_it_is_on_again(place):
    place.canvas.on = False
    place.clock.forward(hours=2)
    with pytest.raises(LmsAccountError, match="does not take the developer key"):
        place.tokens().token()
    assert (place.account.standing, place.account.fault) == ("authorised", "key")
    place.canvas.on = True
    assert status(place, place.tokens().token()) == 200
    assert place.account.fault == ""


def test_a_canvas_that_does_not_answer_is_asked_a_few_times_and_the_lease_given_back(place):
    first = place.tokens().token()
    place.campus.settings.faults.fail_next(2, function="canvas:token")
    assert place.tokens().renewed(first) != first
    assert place.pauses == [1, 2]
    second = place.tokens().token()
    place.campus.settings.faults.fail_next(3, function="canvas:token")
    with pytest.raises(LmsUnavailableError):
        place.tokens().renewed(second)
    assert place.account.lease_owner is None
    assert place.account.standing == "authorised"


def test_a_platform_that_is_switched_off_stops_a_reading_under_way(place):
    found = read(place)
    assert found.activities("2")
    with place.database.session() as session:
        registration = session.get_one(Registration, place.registration.id)
        registrations.suspend(session, place.clock(), registration, None)
    with pytest.raises(LmsAccountError, match="switched off"):
        found.activities("2")
    with pytest.raises(LmsAccountError, match="switched off"):
        place.tokens().token()


def end(place):
    of = place.registration.institution_id, place.registration.id
    return canvas_accounts.end(place.database, place.client, place.clock(), *of, None)


@pytest.mark.parametrize("hours", [0, 2])
def test_revoking_ends_the_grant_in_canvas_and_here_even_when_the_token_is_over(place, hours):
    first = place.tokens().token()
    place.clock.forward(hours=hours)
    assert end(place)
    assert (place.canvas.revocations, place.canvas.grants) == (1, {})
    assert status(place, first) == 401
    account = place.account
    assert (account.standing, account.fault) == ("revoked", "")
    assert account.access_token is account.refresh_token is account.user_id is None
    with pytest.raises(LmsAccountError, match="was revoked"):
        place.tokens().token()


def test_revoking_forgets_here_when_canvas_does_not_answer(place):
    place.campus.settings.faults.fail_next(1, function="canvas:revoke")
    assert not end(place)
    assert (place.account.standing, place.account.fault) == ("revoked", "unconfirmed")
    assert place.account.access_token is None


def test_a_renewal_under_way_brings_nothing_back_that_was_revoked(place):
    slow = place.tokens()
    lease = slow._newer_or_lease(place.tokens().token())
    with place.database.session() as session:
        canvas_accounts.forget(
            session, place.clock(), session.get_one(Registration, place.registration.id), None
        )
    assert slow._renew(lease) == ""
    assert (place.account.standing, place.account.access_token) == ("revoked", None)


def test_secret_and_tokens_are_encrypted_and_in_no_repr(place):
    account = place.account
    secrets = [account.key_secret, account.access_token, account.refresh_token]
    with place.database.reading() as session:
        stored = str(session.execute(text("SELECT * FROM canvas_accounts")).all())
        _, key = canvas_accounts.key_of(session, place.registration.id)
    lease = place.tokens()._newer_or_lease(account.access_token)
    assert all(secrets)
    for words in (stored, repr(key), repr(lease), repr(place.authorise())):
        assert not [secret for secret in secrets if secret in words]


def test_a_new_secret_keeps_the_grant_and_another_key_or_place_waits_until_it_is_revoked(place):
    place.enter_key(secret="another-secret")
    assert (place.account.standing, place.account.key_secret) == ("authorised", "another-secret")
    with pytest.raises(Exception, match="Revoke it first"):
        place.enter_key(key_id="42")
    with pytest.raises(Exception, match="Revoke it first"):
        place.enter_key(address="https://other.example")
    with place.database.reading() as session:
        assert session.get_one(CanvasAccount, place.registration.id).key_id == place.canvas.client_id


def test_a_pull_says_that_somebody_must_authorise_again(place):
    """The words of a failed job are those of the page "Reading the course"."""
    with place.database.session() as session:
        deployment = Deployment(registration_id=place.registration.id, deployment_key="1", created_at=NOW)
        session.add(deployment)
        session.flush()
        of = {"institution_id": place.registration.institution_id, "deployment_id": deployment.id}
        course = Course(**of, context_key="2")
        session.add(course)
        session.flush()
    assert connector_for(place.database, place.settings, course).activities("2")
    place.canvas.grants.clear()
    with place.database.session() as session:
        session.get_one(CanvasAccount, place.registration.id).expires_at = NOW
    run = Run("job", course.id, {}, place.database, place.settings, lambda *_: None)
    for _ in range(2):
        with pytest.raises(UndertoneError) as caught:
            pull(run)
    assert (caught.value.code, "must authorise again on the page" in caught.value.words) == (
        "canvas_again",
        True,
    )
