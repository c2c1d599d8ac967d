"""How often is too often: each limit, who is still let in, and whose address counts (S46)."""

import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Blueprint
from sqlalchemy import select

import lti_tool.app
from lti_tool.app import create_app
from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import invites
from lti_tool.launch.limits import address, declared, registrations_limited
from lti_tool.launch.logins import COOKIE
from lti_tool.launch.tables import Institution
from tests.launch.fixtures import BASE_URL, launch, log_in
from tests.launch.platform import CLIENT_ID, TARGET

pytestmark = pytest.mark.long

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}
HALL = 300


@pytest.fixture
def clock(monkeypatch):
    """The clock by which windows pass; `clock(seconds)` puts it forward."""
    ahead = SimpleNamespace(seconds=0)
    kept = SimpleNamespace(time=lambda: time.time() + ahead.seconds)
    monkeypatch.setattr("lti_tool.launch.counts.time", kept)
    monkeypatch.setattr("lti_tool.launch.counting.time", kept)

    def forward(seconds):
        ahead.seconds += seconds

    return forward


def ask(app, hint="Planted", **options):
    """The first request of a login, in a fresh browser."""
    asked = {"iss": "http://platform.example", "login_hint": hint, "target_link_uri": TARGET}
    return app.test_client().post("/lti/login", data=asked, **options)


def burst(count, one):
    """The statuses of `count` requests, each once."""
    return {one().status_code for _ in range(count)}


def told(database):
    with database.reading() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.event == "rate_limited")).all()
        return [row.code for row in rows]


def assert_refused(answer, words, longest):
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= longest
    for said in (words, "Try again in", "Nothing was changed.", "Reference for support"):
        assert said in answer.text
    for sent in ("Planted", "platform.example", "127.0.0.1", "Traceback"):
        assert sent not in answer.text


def test_one_person_logs_in_sixty_times_a_minute(app, database):
    assert burst(60, lambda: ask(app)) == {400}
    assert_refused(ask(app), "opened too often", 60)
    assert told(database) == ["logins"]


def test_a_login_by_a_link_counts_as_one_by_a_form(app):
    burst(60, lambda: ask(app))
    asked = {"iss": "http://platform.example", "login_hint": "Planted", "target_link_uri": TARGET}
    assert app.test_client().get("/lti/login", query_string=asked).status_code == 429


def test_others_at_the_address_and_the_person_elsewhere_are_let_in(app):
    burst(61, lambda: ask(app))
    assert ask(app, "6").status_code == 400
    assert ask(app, environ_base=ELSEWHERE).status_code == 400


def test_after_the_window_the_person_is_let_in(app, clock):
    burst(61, lambda: ask(app))
    clock(50)
    assert_refused(ask(app), "Try again in", 10)
    clock(11)
    assert ask(app).status_code == 400


def test_a_flood_is_one_line_in_the_log_for_each_person_and_window(app, database, clock):
    burst(75, lambda: ask(app))
    burst(75, lambda: ask(app, "6"))
    assert told(database) == ["logins", "logins"]
    clock(61)
    burst(75, lambda: ask(app))
    assert len(told(database)) == 3


def test_the_reference_on_the_page_is_the_one_in_the_log(app, database):
    burst(60, lambda: ask(app))
    page = ask(app).text
    with database.reading() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "rate_limited")).one()
    assert row.correlation_id in page
    assert (row.facts, row.actor_id) == ({}, None)


def test_the_page_can_be_read_inside_the_course(app, platform, registration):
    burst(60, lambda: ask(app))
    assert f"frame-ancestors {platform.url}" in ask(app).headers["Content-Security-Policy"]


def test_one_browser_launches_thirty_times_a_minute(app, database):
    client = app.test_client()
    client.set_cookie(COOKIE, "Planted", domain="localhost", secure=True)

    def one(browser=client):
        return browser.post("/lti/launch", data={"id_token": "x", "state": "x"})

    assert 429 not in burst(30, one)
    assert_refused(one(), "opened too often", 60)
    assert told(database) == ["launches"]
    other = app.test_client()
    other.set_cookie(COOKIE, "another", domain="localhost", secure=True)
    assert one(other).status_code != 429


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/lti/login", "logins_of_address"),
        ("/lti/continue", "returns_of_address"),
        ("/lti/launch", "launches_of_address"),
    ],
)
def test_an_address_has_a_ceiling_of_its_own(app, settings, database, path, code):
    settings.launches_per_minute = 20
    people = iter(range(100))

    def one(**options):
        client, who = app.test_client(), str(next(people))
        client.set_cookie(COOKIE, who, domain="localhost", secure=True)
        return client.post(path, data={"iss": "x", "login_hint": who}, **options)

    assert 429 not in burst(20, one)
    assert one().status_code == 429
    assert told(database) == [code]
    assert one(environ_base=ELSEWHERE).status_code != 429


def test_what_is_refused_to_one_person_is_not_counted_against_the_address(app, settings):
    settings.launches_per_minute = 70
    burst(100, lambda: ask(app))
    assert burst(10, lambda: ask(app, "6")) == {400}
    assert ask(app, "7").status_code == 429


def test_a_lecture_hall_opens_the_tool_in_the_same_minute(app, platform, registration, monkeypatch):
    """The clock of the limits stands still, so that all come in one window however slow the machine is."""
    now = time.time()
    kept = SimpleNamespace(time=lambda: now)
    monkeypatch.setattr("lti_tool.launch.counts.time", kept)
    seen = set()
    for number in range(HALL):
        client = app.test_client()
        asked = log_in(client, platform, login_hint=str(number))
        claims = platform.claims(sub=str(number), nonce=asked["nonce"])
        seen.add(launch(client, asked, platform.key.sign(claims)).status_code)
    assert seen == {303}


def test_a_person_corrects_three_hundred_times_a_day(sign_in, database):
    author, other = sign_in("student"), sign_in("student", "6")
    assert burst(300, lambda: author.post("texts/none/wrong", {"sentiment": "neutral"})) == {404}
    refused = author.post("texts/none/wrong", {"sentiment": "neutral"})
    assert_refused(refused, "too many corrections", 24 * 3600)
    assert "Try again in 24 hours." in refused.text
    assert author.get("texts").status_code == 302
    assert other.post("texts/none/wrong", {"sentiment": "neutral"}).status_code == 404
    assert told(database) == ["corrections"]


def test_every_view_has_its_limits(app):
    limited = {name: [limit.name for limit in declared(view)] for name, view in app.view_functions.items()}
    assert {name: limits for name, limits in limited.items() if limits} == {
        "lti.login": ["logins", "logins_of_address"],
        "lti.proceed": ["returns_of_address"],
        "lti.launch": ["launches", "launches_of_address"],
        "canvas_oauth.authorise": ["authorisations_of_address"],
        "canvas_oauth.authorised": ["authorisations_of_address"],
        "reflections.save": ["texts"],
        "reflections.delete": ["texts"],
        "registering.register": ["registrations", "registrations_of_address"],
        "registering.confirm": ["registrations", "registrations_of_address"],
        "entering.enter": ["registrations", "registrations_of_address"],
        "review.answer": ["corrections"],
        "rights.contest": ["corrections"],
        "rights.erase": ["corrections"],
        "rights.erase_all": ["corrections"],
        "rights.pause": ["corrections"],
        "rights.object_": ["corrections"],
        "rights.why": ["texts"],
        "rights.why_again": ["texts"],
        "rights.download": ["exports"],
        "rights.download_tables": ["exports"],
        "documents.papers": ["exports"],
        "documents.views_csv": ["exports"],
    }


def test_a_person_downloads_five_times_an_hour(sign_in, database, clock):
    person, other = sign_in("student"), sign_in("student", "6")
    assert burst(5, lambda: person.get("data/export")) == {200}
    clock(20 * 60)
    refused = person.get("data/export")
    assert_refused(refused, "too many downloads", 40 * 60)
    assert "Try again in 40 minutes." in refused.text
    assert other.get("data/export").status_code == 200
    with database.reading() as session:
        row = session.scalars(select(AuditEvent).where(AuditEvent.event == "rate_limited")).one()
    assert row.code == "exports"
    assert row.actor_id
    assert row.institution_id


def test_an_address_registers_five_times_an_hour(settings, database, keyring, monkeypatch):
    part = Blueprint("part", __name__)
    part.post("/part")(registrations_limited(lambda: "done"))
    monkeypatch.setattr(lti_tool.app, "BLUEPRINTS", (*lti_tool.app.BLUEPRINTS, part))
    client = create_app(settings, database, keyring).test_client()
    assert burst(5, lambda: client.post("/part")) == {200}
    assert_refused(client.post("/part"), "used too often", 3600)
    assert client.post("/part", environ_base=ELSEWHERE).status_code == 200
    assert told(database) == ["registrations"]


def enter(app, secret, **options):
    """Use a one-time link."""
    headers = {"Origin": BASE_URL}
    return app.test_client().post("/lti/administer", data={"secret": secret}, headers=headers, **options)


def one_time_link(database, purpose):
    """The secret of a new institution's invite."""
    now = datetime.now(UTC)
    with database.session() as session:
        institution = Institution(name="Northfield", created_at=now)
        session.add(institution)
        session.flush()
        return invites.make(session, now, institution.id, purpose, None)


def test_a_neighbours_wrong_secrets_do_not_stop_a_good_link(app, database):
    """Neither one secret again and again nor many of them."""
    assert burst(5, lambda: enter(app, "wrong")) == {404}
    assert_refused(enter(app, "wrong"), "used too often", 3600)
    tries = iter(range(30))
    assert burst(30, lambda: enter(app, f"wrong {next(tries)}")) == {404}
    assert enter(app, one_time_link(database, "administration")).status_code == 303


def test_a_neighbours_wrong_invites_do_not_stop_a_good_one(app, database):
    client, tries = app.test_client(), iter(range(30))

    def look(invite):
        return client.get("/lti/register", query_string={"invite": invite})

    assert burst(30, lambda: look(f"wrong {next(tries)}")) == {404}
    assert burst(5, lambda: look("wrong")) == {404}
    assert look("wrong").status_code == 429
    assert look(one_time_link(database, "registration")).status_code == 200


def test_guesses_at_secrets_have_a_ceiling_by_address(app, database, monkeypatch):
    now = time.time()
    monkeypatch.setattr("lti_tool.launch.counts.time", SimpleNamespace(time=lambda: now))
    tries = iter(range(100))
    assert burst(60, lambda: enter(app, f"wrong {next(tries)}")) == {404}
    assert enter(app, "another").status_code == 429
    assert told(database) == ["registrations_of_address"]
    assert enter(app, "another", environ_base=ELSEWHERE).status_code == 404


def test_without_a_trusted_proxy_no_header_changes_the_address(app):
    spoofed = iter(range(1000))

    def one():
        number = next(spoofed)
        headers = {"X-Forwarded-For": f"192.0.2.{number}", "Forwarded": f"for=192.0.2.{number}"}
        return ask(app, headers=headers | {"X-Real-Ip": f"192.0.2.{number}"})

    burst(60, one)
    assert one().status_code == 429


def test_behind_one_proxy_only_its_own_word_counts(settings, database, keyring):
    settings.trusted_proxies = 1
    app, spoofed = create_app(settings, database, keyring), iter(range(1000))

    def one(last="198.51.100.1"):
        return ask(app, headers={"X-Forwarded-For": f"192.0.2.{next(spoofed)}, {last}"})

    burst(60, one)
    assert one().status_code == 429
    assert one("198.51.100.2").status_code == 400


@pytest.mark.parametrize(
    ("told_address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_one_place_is_one_address(app, told_address, counted):
    with app.test_request_context(environ_base={"REMOTE_ADDR": told_address}):
        assert address() == counted


def test_nothing_is_kept_in_plain(app, sign_in):
    person = sign_in("student")
    person.get("data/export")
    kept = " ".join(app.extensions["undertone_limiter"].storage.kept)
    assert kept.count("/") > 3
    for plain in ("127.0.0.1", "localhost", CLIENT_ID, person.launch_id):
        assert plain not in kept


def test_a_shared_storage_that_is_down_stops_no_launch_and_lets_nobody_loose(
    settings, database, keyring, platform, registration
):
    settings.limits_storage = "redis://127.0.0.1:1"
    app = create_app(settings, database, keyring)
    client = app.test_client()
    asked = log_in(client, platform)
    token = platform.key.sign(platform.claims(nonce=asked["nonce"]))
    assert launch(client, asked, token).status_code == 303
    assert burst(60, lambda: ask(app)) == {400}
    assert ask(app).status_code == 429


def test_a_form_that_is_too_large_is_no_failure_of_the_storage(app):
    assert app.test_client().post("/lti/login", data={"iss": "x" * 300_000}).status_code == 413
    assert not app.extensions["undertone_limiter"]._storage_dead
