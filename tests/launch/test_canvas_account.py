"""The page of a Canvas's reading account, and the window in which it is authorised: bound, and used once."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from lti_tool.demo.campus import campus_of
from lti_tool.demo.campus.canvas_switches import CanvasSwitches
from lti_tool.demo.campus.canvas_tokens import DeveloperKey, of
from lti_tool.launch import sessions
from lti_tool.launch.tables import LaunchSession, Registration
from lti_tool.lms import canvas_oauth_asking
from lti_tool.lms.canvas_oauth_words import REDIRECTED, WORDS
from lti_tool.lms.canvas_scopes import SCOPES
from lti_tool.lms.tables import CanvasAccount, CanvasAuthorisation, LmsConnection
from tests.launch.administering import by_link, events
from tests.launch.fixtures import BASE_URL
from tests.lms.canvas_oauth_place import running_campus

OURS = {"Origin": BASE_URL}


@pytest.fixture(scope="module")
def served():
    with running_campus() as campus:
        yield campus


@pytest.fixture
def canvas(served, settings):
    """The developer key of a Canvas that the tool may call."""
    url = campus_of(served).settings.base_url
    settings.outbound_hosts.append(urlsplit(url).netloc)
    served.extensions["canvas_key"] = DeveloperKey(redirect_uris={f"{BASE_URL}/lti/canvas/authorised"})
    campus_of(served).settings.canvas = CanvasSwitches(scopes=frozenset(SCOPES))
    campus_of(served).settings.faults.clear()
    found = of(served)
    found.address = url
    return found


@pytest.fixture
def page(registration):
    return f"connection/platforms/{registration.id}/canvas"


@pytest.fixture
def keyed(administrator, canvas, page):
    """An administrator who has entered the developer key."""
    answer = administrator.post(f"{page}/key", typed(canvas))
    assert answer.status_code == 303, answer.text
    return administrator


def typed(canvas, **changes):
    return {"key_id": canvas.client_id, "secret": canvas.secret, "address": canvas.address} | changes


def in_a_new_window(person, page):
    """Press the button: the window has none of the frame's cookies. Its client, and where it is sent."""
    ticket = re.search('name="ticket" value="([^"]+)"', person.get(page).text)[1]
    window = person.client.application.test_client()
    answer = window.post("/lti/canvas/authorise", data={"ticket": ticket}, headers=OURS)
    assert answer.status_code == 200, answer.text
    return window, re.search('id="onward" href="([^"]+)"', answer.text)[1].replace("&amp;", "&")


def consent(address, pressed="authorise"):
    """What the person does in Canvas; the address to which they are sent back."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    form = requests.get(address, timeout=10, allow_redirects=False)
    if form.is_redirect:
        return form.headers["Location"]
    assert form.status_code == 200, form.text
    answered = requests.post(
        address.split("?")[0], data=asked | {"answer": pressed}, timeout=10, allow_redirects=False
    )
    return answered.headers["Location"]


def authorise(person, page):
    window, address = in_a_new_window(person, page)
    return window.get(consent(address))


def account(database):
    with database.reading() as session:
        return session.scalars(select(CanvasAccount)).one_or_none()


def nothing_was_kept(database):
    found = account(database)
    return (found.standing, found.access_token, found.refresh_token, found.user_id) == (
        "waiting",
        None,
        None,
        None,
    )


def test_from_the_key_to_reading(keyed, canvas, database, page, registration):
    shown = keyed.get(page).text
    assert canvas.client_id in shown
    assert canvas.secret not in shown
    assert "It has to be authorised in Canvas before anything is read" in keyed.get("connection").text
    window, address = in_a_new_window(keyed, page)
    asked = parse_qs(urlsplit(address).query)
    assert set(asked["scope"][0].split()) == set(SCOPES)
    assert asked["redirect_uri"] == [f"{BASE_URL}/lti/canvas/authorised"]
    assert asked["code_challenge_method"] == ["S256"]
    answer = window.get(consent(address))
    assert (answer.status_code, "Reading Account" in answer.text) == (200, True)
    found = account(database)
    assert (found.standing, found.user_id) == ("authorised", "3")
    with database.reading() as session:
        assert session.scalars(select(CanvasAuthorisation)).all() == []
    shown = keyed.get(page).text
    assert "Authorised in Canvas" in shown
    assert "Authorise in Canvas" not in shown
    for secret in (canvas.secret, found.access_token, found.refresh_token):
        assert secret not in shown + keyed.get("connection").text
    assert "Reading the LMS" not in keyed.post(f"connection/platforms/{registration.id}/check").text
    assert [row.code for row in events(database, "canvas_authorised")] == [""]


def test_revoke_ends_it_there_and_here(keyed, canvas, database, page):
    authorise(keyed, page)
    assert keyed.post(f"{page}/revoke").status_code == 303
    assert (canvas.grants, account(database).standing) == ({}, "revoked")
    assert "Canvas did not confirm it" not in keyed.get(page).text
    assert len(events(database, "canvas_revoked")) == 1


def test_revoke_says_so_when_canvas_does_not_confirm_it(keyed, served, database, page):
    authorise(keyed, page)
    campus_of(served).settings.faults.fail_next(function="canvas:revoke")
    keyed.post(f"{page}/revoke")
    assert account(database).refresh_token is None
    assert "Canvas did not confirm it" in keyed.get(page).text


@pytest.mark.parametrize("error", [*sorted(REDIRECTED), "<script>x</script>"])
def test_what_canvas_says_in_the_address_is_said_in_words_and_keeps_nothing(keyed, database, page, error):
    window, address = in_a_new_window(keyed, page)
    state = parse_qs(urlsplit(address).query)["state"][0]
    told = {"error": error, "error_description": "<b>planted</b>", "state": state}
    answer = window.get("/lti/canvas/authorised", query_string=told)
    assert answer.status_code == 400
    assert escaped(WORDS[error if error in REDIRECTED else "other_error"]) in answer.text
    assert "planted" not in answer.text
    assert nothing_was_kept(database)
    assert len(events(database, "canvas_refused")) == 1
    again = window.get("/lti/canvas/authorised", query_string={"code": "x", "state": state})
    assert escaped(WORDS["state"]) in again.text


def escaped(words):
    return words.replace("'", "&#39;")


def refused_as(code, answer):
    assert answer.status_code == 400, answer.text
    assert escaped(WORDS[code]) in answer.text
    return True


def test_pressing_cancel_and_a_scope_that_the_key_lacks(keyed, served, database, page):
    window, address = in_a_new_window(keyed, page)
    assert refused_as("access_denied", window.get(consent(address, "cancel")))
    campus_of(served).settings.canvas.scopes = frozenset(SCOPES[1:])
    assert refused_as("invalid_scope", authorise(keyed, page))
    assert nothing_was_kept(database)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"acting_as": True}, "masquerade"),
        ({"student_view": True}, "test_student"),
        ({"answers_refresh_token": False}, "no_refresh_token"),
        ({"secret": "changed"}, "key"),
    ],
)
def test_a_grant_that_must_not_be_kept_is_not(keyed, canvas, database, page, changes, code):
    window, address = in_a_new_window(keyed, page)
    for name, value in changes.items():
        setattr(canvas, name, value)
    assert refused_as(code, window.get(consent(address)))
    assert nothing_was_kept(database)
    assert canvas.revocations == (code in ("masquerade", "test_student"))


def test_a_code_that_is_too_old(keyed, canvas, database, page):
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    canvas.codes.clear()
    assert refused_as("code", window.get(back))
    assert nothing_was_kept(database)


def test_a_canvas_that_does_not_answer_or_lives_elsewhere(keyed, served, database, page, monkeypatch):
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    campus_of(served).settings.faults.fail_next(function="canvas:token")
    assert refused_as("away", window.get(back))
    monkeypatch.setitem(
        served.view_functions, "canvas_tokens.token", lambda: ("", 301, {"Location": "https://x.example"})
    )
    assert refused_as("other_host", authorise(keyed, page))
    monkeypatch.setitem(served.view_functions, "canvas_tokens.token", lambda: "<html>Welcome")
    assert refused_as("no_oauth", authorise(keyed, page))
    assert nothing_was_kept(database)


def test_the_answer_is_for_the_browser_that_began_and_for_one_use(keyed, database, page):
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    stranger = keyed.client.application.test_client()
    assert refused_as("state", stranger.get(back))
    assert refused_as("state", window.get(back))
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    assert window.get(back).status_code == 200
    assert refused_as("state", window.get(back))
    assert len(events(database, "canvas_authorised")) == 1


@pytest.mark.parametrize(
    "query", ["", "?state=&code=x", "?state=a&state=b&code=x", "?code=x", "?state=" + "a" * 5000]
)
def test_an_answer_that_nobody_asked_for(keyed, database, query):
    assert refused_as("state", keyed.client.get(f"/lti/canvas/authorised{query}"))
    assert nothing_was_kept(database)


def test_an_answer_after_ten_minutes(keyed, database, page, monkeypatch):
    window, address = in_a_new_window(keyed, page)
    monkeypatch.setattr(canvas_oauth_asking, "LIFETIME", timedelta(0))
    assert refused_as("state", window.get(consent(address)))
    assert nothing_was_kept(database)


def test_who_began_must_still_be_there(keyed, database, page):
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    with database.session() as session:
        session.get_one(LaunchSession, keyed.launch_id).ended_at = datetime.now(UTC)
    assert refused_as("closed", window.get(back))
    assert nothing_was_kept(database)


def test_a_key_that_was_replaced_or_a_platform_switched_off_meanwhile(
    keyed, canvas, database, page, registration
):
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    keyed.post(f"{page}/key", typed(canvas, key_id="42"))
    assert refused_as("changed", window.get(back))
    keyed.post(f"{page}/key", typed(canvas))
    window, address = in_a_new_window(keyed, page)
    back = consent(address)
    with database.session() as session:
        session.get_one(Registration, registration.id).status = "suspended"
    assert refused_as("changed", window.get(back))
    assert nothing_was_kept(database)
    assert "This comes once the platform is approved and switched on" in keyed.get(page).text


def test_of_two_windows_the_second_to_come_back_is_refused(keyed, canvas, database, page):
    """Before its code is used: with two grants kept one after the other, revoking would end the last one only."""
    first, second = in_a_new_window(keyed, page), in_a_new_window(keyed, page)
    assert first[0].get(consent(first[1])).status_code == 200
    assert refused_as("authorised", second[0].get(consent(second[1])))
    assert (account(database).standing, len(canvas.grants)) == ("authorised", 1)
    keyed.post(f"{page}/revoke")
    assert canvas.grants == {}


def test_a_grant_that_comes_after_another_was_kept_is_ended_in_canvas(
    keyed, canvas, database, page, monkeypatch
):
    """Both codes are used before either grant is kept."""
    first, second = in_a_new_window(keyed, page), in_a_new_window(keyed, page)
    back, exchange = consent(second[1]), canvas_oauth_asking.exchange

    def meanwhile(*given):
        grant = exchange(*given)
        monkeypatch.setattr(canvas_oauth_asking, "exchange", exchange)
        assert second[0].get(back).status_code == 200
        return grant

    monkeypatch.setattr(canvas_oauth_asking, "exchange", meanwhile)
    assert refused_as("authorised", first[0].get(consent(first[1])))
    assert (account(database).standing, len(canvas.grants), canvas.revocations) == ("authorised", 1, 1)
    assert len(events(database, "canvas_authorised")) == 1
    keyed.post(f"{page}/revoke")
    assert canvas.grants == {}


def test_the_window_opens_from_our_page_only(keyed, page):
    ticket = re.search('name="ticket" value="([^"]+)"', keyed.get(page).text)[1]
    window = keyed.client.application.test_client()
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {}):
        assert (
            window.post("/lti/canvas/authorise", data={"ticket": ticket}, headers=headers).status_code == 403
        )
    for wrong in ("", "x", ticket[:-2] + "xx"):
        assert refused_as(
            "ticket", window.post("/lti/canvas/authorise", data={"ticket": wrong}, headers=OURS)
        )
    more = {"ticket": ticket, "scope": "all"}
    assert window.post("/lti/canvas/authorise", data=more, headers=OURS).status_code == 400


def test_a_ticket_opens_nothing_once_its_page_is_closed(keyed, database, page):
    ticket = re.search('name="ticket" value="([^"]+)"', keyed.get(page).text)[1]
    with database.session() as session:
        session.get_one(LaunchSession, keyed.launch_id).seen_at = datetime.now(UTC) - sessions.IDLE
    window = keyed.client.application.test_client()
    assert refused_as("closed", window.post("/lti/canvas/authorise", data={"ticket": ticket}, headers=OURS))


@pytest.mark.parametrize(
    "changes",
    [
        {"key_id": ""},
        {"key_id": "one"},
        {"secret": ""},
        {"secret": "two words"},
        {"address": "http://canvas.example"},
        {"address": "https://canvas.example/?x"},
    ],
)
def test_an_unfit_key_changes_nothing(administrator, canvas, database, page, changes):
    answer = administrator.post(f"{page}/key", typed(canvas, **changes))
    assert (answer.status_code, "Not kept:" in answer.text) == (400, True)
    assert canvas.secret not in answer.text
    assert account(database) is None
    with database.reading() as session:
        assert session.scalars(select(LmsConnection)).all() == []


def test_a_token_that_is_entered_takes_the_place_of_a_key_but_not_of_a_grant(
    keyed, canvas, database, page, registration
):
    given = {"kind": "canvas", "address": canvas.address, "token": "token-of-a-person"}
    reading = f"connection/platforms/{registration.id}/reading"
    authorise(keyed, page)
    answer = keyed.post(reading, given)
    assert (answer.status_code, "Revoke it first" in answer.text) == (400, True)
    assert account(database).standing == "authorised"
    keyed.post(f"{page}/revoke")
    assert keyed.post(reading, given).status_code == 303
    assert account(database) is None
    assert (
        "forbid asking other people for theirs" in keyed.get(f"connection/platforms/{registration.id}").text
    )


def test_removing_a_platform_ends_its_grant_first(app, canvas, database, registration):
    """By somebody who came by a link: nobody has opened a course through it, so it can be removed."""
    ask = by_link(app, database, registration.institution_id)
    where = f"connection/platforms/{registration.id}"
    ask("POST", f"{where}/canvas/key", typed(canvas))
    ticket = re.search('name="ticket" value="([^"]+)"', ask("GET", f"{where}/canvas").text)[1]
    window = app.test_client()
    onward = window.post("/lti/canvas/authorise", data={"ticket": ticket}, headers=OURS).text
    address = re.search('id="onward" href="([^"]+)"', onward)[1].replace("&amp;", "&")
    assert window.get(consent(address)).status_code == 200
    assert ask("POST", f"{where}/remove").status_code == 400
    assert canvas.grants
    ask("POST", f"{where}/suspend")
    assert ask("POST", f"{where}/remove").status_code == 303
    assert canvas.grants == {}
    assert account(database) is None


def test_the_window_is_not_opened_too_often(app, canvas):
    asked = [app.test_client().get("/lti/canvas/authorised").status_code for _ in range(61)]
    assert asked == [400] * 60 + [429]
