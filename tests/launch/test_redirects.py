"""No address that came from outside leads anywhere but to us or to a registered platform (S14)."""

import re
from types import SimpleNamespace

import pytest
from flask import g
from sqlalchemy import select

from lti_tool.launch import origins
from lti_tool.launch.id_token import LTI
from lti_tool.launch.tables import LaunchSession
from lti_tool.review import views as review_views
from tests.launch.fixtures import launch, log_in
from tests.launch.platform import TARGET, authorisation

EVIL = "evil.example"
DISGUISES = (
    "//{evil}{path}",
    "///{evil}{path}",
    "////{evil}{path}",
    "/\\{evil}{path}",
    "\\\\{evil}{path}",
    "https:{evil}{path}",
    "http:/{evil}{path}",
    "http:\\\\{evil}{path}",
    "{evil}{path}",
    "https://{evil}{path}",
    "https://{evil}/{host}{path}",
    "https://{evil}?{host}{path}",
    "https://{evil}#{host}{path}",
    "http://{host}.{evil}{path}",
    "http://{host}@{evil}{path}",
    "http://{host}%40{evil}{path}",
    "http://{host}:80@{evil}{path}",
    "http://user:secret@{host}{path}",
    "http://{evil}@{host}{path}",
    "http://@{host}{path}",
    "http://{host}\\@{evil}{path}",
    "http://{evil}\\@{host}{path}",
    "http://{evil}\\{host}{path}",
    "http://{host}\\.{evil}{path}",
    "http://{evil}%2f@{host}{path}",
    "http://{evil}%5c@{host}{path}",
    "http://{host}%2e{evil}{path}",
    "http://{host}%00.{evil}{path}",
    "http://{host}%2f.{evil}{path}",
    "http://{evil}%2f.{host}{path}",
    "http%3a%2f%2f{evil}{path}",
    "%2f%2f{evil}{path}",
    " http://{host}{path}",
    "http://{host}{path} ",
    "http://{host}\t{path}",
    "ht\ntp://{host}{path}",
    "http://{host}\r\nLocation: https://{evil}{path}",
    "http://{host}{path}\x7f",
    "http://{evil}\u3002{host}{path}",
    "http://{host}\uff0f.{evil}{path}",
    "http://{host}:x{path}",
    "http://{host}:99999{path}",
    "http://[{host}{path}",
    "https://{host}{path}",
    "ftp://{host}{path}",
    "javascript://{host}{path}%0aalert(1)",
    "javascript:alert(1)//{host}{path}",
    "data:text/html,{host}{path}",
)


def disguised(form, host, path):
    return form.format(evil=EVIL, host=host, path=path)


OTHER_PLACES = (
    "http://localhost/lti/launch/",
    "http://localhost/lti/../lti/launch",
    "http://localhost//lti/launch",
    "http://localhost/lti%2flaunch",
    "http://localhost/LTI/launch",
    "http://localhost:8080/lti/launch",
    "http://localhost./lti/launch",
)


def test_a_login_leads_to_our_launch_address_only(app, platform, registration):
    forms = [disguised(form, "localhost", "/lti/launch") for form in DISGUISES]
    for target in (*forms, *OTHER_PLACES):
        app.extensions["undertone_limiter"].reset()
        fields = {"iss": platform.url, "login_hint": "5", "target_link_uri": target}
        answer = app.test_client().post("/lti/login", data=fields)
        assert (answer.status_code, EVIL in answer.text) == (400, False), target


def test_a_refused_launch_leads_back_to_the_platform_only(app, platform, registration):
    for form in DISGUISES:
        back = disguised(form, platform.url.removeprefix("http://"), "/course")
        answer = refused(app, platform, back)
        assert (answer.status_code, "Back to the course" in answer.text) == (400, False), back
        assert EVIL not in answer.text


def test_a_refused_launch_leads_back_with_its_words(app, platform, registration):
    answer = refused(app, platform, f"{platform.url}/course?by=a@b.example")
    assert f'href="{platform.url}/course?by=a@b.example&amp;lti_errormsg=' in answer.text


def refused(app, platform, back):
    """The page of a signed launch that is of no use to us."""
    client = app.test_client()
    asked = log_in(client, platform)
    said = {LTI + "message_type": "Hello", LTI + "launch_presentation": {"return_url": back}}
    token = platform.key.sign(platform.claims(nonce=asked["nonce"], **said))
    return launch(client, asked, token)


@pytest.mark.parametrize(
    "form", ["http://{evil}\\@{host}{path}", "http://user@{host}{path}", "//{host}{path}"]
)
def test_no_other_way_back_is_kept(sign_in, platform, database, form):
    back = disguised(form, platform.url.removeprefix("http://"), "/course")
    sign_in("student", **{LTI + "launch_presentation": {"return_url": back}})
    with database.reading() as session:
        assert session.scalars(select(LaunchSession)).one().return_url is None


def test_nothing_disguised_is_of_a_platform(platform, registration):
    """Also where answers of the editor go, and which pages of a roster get our token (S19)."""
    host = platform.url.removeprefix("http://")
    assert [form for form in DISGUISES if origins.is_of(registration, disguised(form, host, "/x"))] == []
    assert origins.is_of(registration, f"{platform.url}/x")


def test_a_launch_leads_to_a_page_of_ours_whatever_its_address_asks_for(app, platform, registration):
    client, target = app.test_client(), f"{TARGET}?next=https://{EVIL}&redirect_uri=//{EVIL}"
    asked = log_in(client, platform, target_link_uri=target)
    claims = platform.claims(nonce=asked["nonce"], **{LTI + "target_link_uri": target})
    location = launch(client, asked, platform.key.sign(claims)).headers["Location"]
    assert location.startswith("/l/")
    assert EVIL not in location


def test_the_way_to_the_platform_is_the_registered_one(app, platform, registration):
    given = {"redirect_uri": f"https://{EVIL}", "authorization_url": f"https://{EVIL}"}
    fields = {"iss": platform.url, "login_hint": "5", "target_link_uri": TARGET} | given
    page = app.test_client().post("/lti/login", data=fields, headers={"Host": "localhost"})
    assert EVIL not in page.text
    asked = log_in(app.test_client(), platform, **given)
    assert (asked["redirect_uri"], EVIL in str(asked)) == (TARGET, False)


def test_a_foreign_host_header_changes_no_address(app, platform, registration):
    client = app.test_client()
    fields = {"iss": platform.url, "login_hint": "5", "target_link_uri": TARGET}
    page = client.post("/lti/login", data=fields, headers={"Host": EVIL})
    attempt = page.text.partition('name="attempt" value="')[2].partition('"')[0]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    answer = app.test_client(use_cookies=False).post(
        "/lti/continue", data={"attempt": attempt}, headers={"Host": EVIL, "Cookie": cookie}
    )
    assert answer.headers["Location"].startswith(f"{platform.url}/auth?")
    assert authorisation(answer.headers["Location"])["redirect_uri"] == TARGET


def test_the_way_back_of_a_text_stays_in_the_launch(app):
    with app.test_request_context():
        g.launch = SimpleNamespace(id="1" * 32)
        for form in DISGUISES:
            back = review_views._back_url(disguised(form, "localhost", "/x"))
            assert back.startswith(f"/l/{g.launch.id}/findings/"), form
            assert not re.search(r"[\\\s\x7f]", back), form
