"""How each event of the security log is produced: by really doing what it tells of."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from lti_tool.audit import looking
from lti_tool.consent import service as consent
from lti_tool.jobs import Run, enqueue
from lti_tool.launch import (
    courses,
    institutions,
    invites,
    key_rotation,
    keys,
    operators,
    people,
    registrations,
)
from lti_tool.launch.deep_links import ACTIVITY, DL
from lti_tool.launch.tables import Course, Deployment, LaunchSession, Registration
from lti_tool.lms import canvas_accounts, canvas_oauth_asking
from lti_tool.lms.canvas_accounts import Typed
from lti_tool.lms.canvas_accounts_tokens import CanvasTokens
from lti_tool.lms.canvas_oauth import Grant
from lti_tool.lms.errors import LmsAccountError
from lti_tool.outbound.client import Answer
from lti_tool.retraining import service as retraining
from lti_tool.scoring import serving
from lti_tool.scoring.tables import ModelVersion
from lti_tool.storage import current_keyring, rotation, use_keyring, use_keys_file
from tests.audit.installation import SUBS, Installation, now
from tests.launch.fixtures import BASE_URL, launch, log_in
from tests.launch.platform import LTI, TARGET, Key

Act = Callable[[Installation], object]
ACTS: dict[str, tuple[Act, tuple[str, ...]]] = {}


def act(event: str, *codes: str) -> Callable[[Act], Act]:
    """What is done to produce an event, and the codes that its rows have, in any order."""

    def note(function: Act) -> Act:
        ACTS[event] = function, codes or ("",)
        return function

    return note


@act("launch")
def _come_in(made: Installation) -> None:
    made.enter("student")


@act("launch_refused", "signature", "login_request")
def _forge(made: Installation) -> None:
    browser = made.app.test_client()
    asked = log_in(browser, made.platform)
    token = Key(made.platform.key.kid).sign(made.platform.claims(sub=SUBS["student"], nonce=asked["nonce"]))
    made.secrets |= {token, asked["state"], asked["nonce"]}
    launch(browser, asked, token)
    browser.post("/lti/login", data={"iss": made.platform.url, "target_link_uri": TARGET})


@act("access_refused", "not_allowed", "not_found", "session_over")
def _look_elsewhere(made: Installation) -> None:
    person = made.enter("student")
    person.get("overview?planted=query")
    made.app.test_client().get(person.address("texts"))
    again = made.enter("student")
    assert again.landing
    person.get("texts")
    made.secrets.add("planted=query")


@act("rate_limited", "exports")
def _take_away_too_often(made: Installation) -> None:
    person = made.enter("student")
    statuses = {person.get("data/export").status_code for _ in range(7)}
    assert statuses == {200, 429}


@act("new_window_offered")
def _keep_no_cookie(made: Installation) -> None:
    framed = made.app.test_client(use_cookies=False)
    asked = {
        "iss": made.platform.url,
        "login_hint": SUBS["student"],
        "target_link_uri": TARGET,
        "client_id": made.registration.client_id,
    }
    page = framed.post("/lti/login", data=asked)
    attempt = re.search(r'name="attempt" value="([0-9a-f]+)"', page.text)[1]
    framed.post("/lti/continue", data={"attempt": attempt}, headers={"Origin": BASE_URL})


@act("left_the_course")
def _leave(made: Installation) -> None:
    person = made.enter("student")
    with made.database.session() as session:
        course = session.scalars(select(Course)).one()
        people.follow_roster(session, now(), course.id, {SUBS["student"]})
        people.follow_roster(session, now(), course.id, set())
    assert person.get("texts").status_code == 403


@act("course_end_set", "set", "unset")
def _say_when_a_course_ends(made: Installation) -> None:
    made.enter("student")
    with made.session() as session:
        course = session.scalars(select(Course)).one()
        courses.set_end(session, now(), course.id, now().date() + timedelta(days=30))
        courses.set_end(session, now(), course.id, None)


@act("institution_added", "", "")
def _make_an_institution(made: Installation) -> None:
    with made.session() as session:
        institutions.found(session, now(), "Planted institution")
    made.secrets.add("Planted institution")


@act("mode_decided", "individual", "off")
def _decide(made: Installation) -> None:
    said = {"mode": "off", "approver": "Planted approver", "reason": "Planted reason"}
    made.enter("administrator").post("connection/mode", said)
    made.secrets |= {"Planted approver", "Planted reason"}


TYPED = {
    "issuer": "https://lms.example",
    "client_id": "client-planted",
    "authorization_url": "https://lms.example/auth",
    "token_url": "https://lms.example/token",
    "keys_url": "https://lms.example/keys?planted",
}


@act("registration_added", "command", "by_hand")
def _connect(made: Installation) -> None:
    made.enter("administrator").post("connection/connect/moodle", TYPED)
    made.secrets |= set(TYPED.values())


@act("registration_approved", "", "")
def _approve(made: Installation) -> None:
    administrator = made.enter("administrator")
    page = administrator.post("connection/connect/moodle", TYPED).headers["Location"]
    administrator.post(f"{page}/approve", {"deployments": "ask"})


def of_platform(made: Installation, act: str, **fields: str) -> None:
    """A form of the page of the platform."""
    answer = made.enter("administrator").post(f"connection/platforms/{made.registration.id}/{act}", fields)
    assert answer.status_code == 303, answer.text


@act("registration_suspended")
def _suspend(made: Installation) -> None:
    of_platform(made, "suspend")


@act("registration_resumed")
def _resume(made: Installation) -> None:
    with made.session() as session:
        session.get_one(Registration, made.registration.id).status = "suspended"
        registrations.resume(session, now(), session.get_one(Registration, made.registration.id), None)


@act("registration_removed")
def _remove(made: Installation) -> None:
    administrator = made.enter("administrator")
    page = administrator.post("connection/connect/moodle", TYPED).headers["Location"]
    assert administrator.post(f"{page}/remove").status_code == 303


@act("deployment_approved")
def _let_a_deployment_in(made: Installation) -> None:
    with made.session() as session:
        own = session.get_one(Registration, made.registration.id)
        found = registrations.deployment_for(session, now(), own, "deployment planted", accept=False)
    made.secrets.add("deployment planted")
    of_platform(made, f"deployments/{found.id}")
    with made.database.reading() as session:
        assert session.get_one(Deployment, found.id).status == "active"


@act("reading_account_set")
def _set_the_reading_account(made: Installation) -> None:
    account = {"kind": "moodle", "address": "https://lms.example/moodle", "token": "token-planted-0123456789"}
    made.secrets |= {account["address"], account["token"]}
    of_platform(made, "reading", **account)


class _Canvas:
    """What a client is answered by Canvas's token endpoint."""

    def __init__(self, made: Installation, status: int = 200, **said: object) -> None:
        made.secrets |= {str(value) for value in said.values()}
        self.answer = Answer(status, {}, json.dumps(said).encode())

    def post(self, *_: object) -> Answer:
        return self.answer


def _with_a_key(made: Installation) -> None:
    typed = Typed("10000000000007", "secret-of-the-key-planted", "https://canvas.example/planted")
    made.secrets |= {typed.secret, typed.address}
    with made.session() as session:
        canvas_accounts.set_key(
            session, now(), session.get_one(Registration, made.registration.id), typed, None, []
        )


def _authorised(made: Installation) -> None:
    _with_a_key(made)
    grant = Grant("access-planted", now(), "refresh-planted", "7731-planted")
    made.secrets |= {grant.access_token, grant.refresh_token, grant.user_id}
    with made.session() as session:
        account, _ = canvas_accounts.key_of(session, made.registration.id)
        canvas_accounts.keep(session, now(), account, grant)


@act("canvas_authorised")
def _authorise_in_canvas(made: Installation) -> None:
    _with_a_key(made)
    launch_id, redirect_uri = made.enter("administrator").launch_id, f"{BASE_URL}/planted"
    with made.session() as session:
        way = canvas_oauth_asking.begin(session, now(), launch_id, made.registration.id, redirect_uri)
    state = way.address.partition("state=")[2].partition("&")[0]
    made.secrets |= {state, way.binding}
    said = {"access_token": "access-planted", "refresh_token": "refresh-planted", "expires_in": 3600}
    back = canvas_oauth_asking.Returned(state, "code-planted", "", way.binding)
    canvas_oauth_asking.finish(made.database, _Canvas(made, **said), now(), back, redirect_uri)


@act("canvas_refused", "state")
def _come_back_from_nowhere(made: Installation) -> None:
    made.secrets |= {"state-planted", "code-planted"}
    made.app.test_client().get("/lti/canvas/authorised?state=state-planted&code=code-planted")


@act("canvas_renewal_failed", "grant_gone")
def _find_the_grant_gone(made: Installation) -> None:
    _authorised(made)
    gone = _Canvas(made, 400, error="invalid_request", error_description="refresh_token not found")
    with suppress(LmsAccountError):
        CanvasTokens(made.database, gone, made.registration.id).token()


@act("canvas_revoked")
def _revoke(made: Installation) -> None:
    _authorised(made)
    with made.session() as session:
        canvas_accounts.forget(session, now(), session.get_one(Registration, made.registration.id), None)


@act("invite_made", "listing")
def _invite(made: Installation) -> None:
    page = made.enter("administrator").post("connection/code").text
    code = re.search(r"(?:[A-Z2-9]{4}-){6}[A-Z2-9]{4}", page)
    assert code, page
    made.secrets |= {code[0], code[0].replace("-", "")}


@act("invite_used", "administration", "listing")
def _use_invites(made: Installation) -> None:
    with made.session() as session:
        link = invites.make(session, now(), made.registration.institution_id, "administration", None)
        code = invites.make(session, now(), made.registration.institution_id, "listing", None)
    made.app.test_client().post("/lti/administer", data={"secret": link}, headers={"Origin": BASE_URL})
    made.enter("instructor").post("administer", {"code": code})
    made.secrets |= {link, code}


@act("administrator_added")
def _list_an_administrator(made: Installation) -> None:
    own = made.registration
    with made.session() as session:
        for _ in range(2):
            operators.add(session, now(), own.institution_id, own.issuer, own.client_id, SUBS["instructor"])


@act("administrator_removed")
def _take_an_administrator_off(made: Installation) -> None:
    own = made.registration
    with made.session() as session:
        listed = operators.add(session, now(), own.institution_id, own.issuer, own.client_id, "planted-sub")
        operators.remove(session, now(), own.institution_id, listed.id, None)
    made.secrets.add("planted-sub")


@act("signing_key_made", "", "")
def _make_keys(made: Installation) -> None:
    with made.session() as session:
        for at in (now(), now() + keys.LEAD):
            keys.rotate(session, at)


@act("signing_key_retired")
def _retire_a_key(made: Installation) -> None:
    with made.session() as session:
        made.secrets.add(keys.ensure(session, now()).private_pem)
        keys.rotate(session, now(), at_once=True)


@act("key_rotated", "sessions")
def _rotate_a_key_of_the_file(made: Installation) -> None:
    _in_a_file(made, lambda path: key_rotation.rotate(made.database, path, now(), "sessions"))


@act("key_retired", "sessions")
def _retire_a_key_of_the_file(made: Installation) -> None:
    def retire(path: Path) -> None:
        _new, old = key_rotation.rotate(made.database, path, now(), "sessions")
        late = now() + rotation.SESSIONS_AFTER
        key_rotation.retire(made.database, path, late, "sessions", old)

    _in_a_file(made, retire)


def _in_a_file(made: Installation, change: Callable[[Path], object]) -> None:
    """With the keys in a file of their own; afterwards those of before are in use again."""
    before, path = current_keyring(), made.settings.home / "rotated.json"
    before.save(path)
    use_keys_file(path)
    change(path)
    made.secrets |= {key.hex() for key in (*before.sessions, *current_keyring().sessions)}
    use_keyring(before)


@act("link_placed")
def _place_a_link(made: Installation) -> None:
    wanted = {
        "deep_link_return_url": f"{made.platform.url}/return?planted",
        "accept_types": ["ltiResourceLink"],
        "data": "data planted",
    }
    asks = {LTI + "message_type": "LtiDeepLinkingRequest", DL + "deep_linking_settings": wanted}
    person = made.enter("instructor", **asks)
    assert person.post("place", {"name": "Planted name of a link"}).status_code == 200
    made.secrets |= {"data planted", "Planted name of a link", wanted["deep_link_return_url"]}


@act("reflection_set")
def _set_a_reflection(made: Installation) -> None:
    planted = {"title": "Title planted", "prompt": "Question planted", "otherwise": "Other way planted"}
    closes = (now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    person = made.enter("instructor", **{LTI + "custom": {ACTIVITY: "key-planted"}})
    assert person.post("prompt", planted | {"closes": closes, "zone": "UTC"}).status_code == 303
    made.secrets |= {*planted.values(), "key-planted"}


@act("pull_requested")
def _have_a_course_read(made: Installation) -> None:
    person = made.enter("administrator")
    page = person.get("reading").text
    person.post(re.search(r"/l/[0-9a-f]+/reading/[0-9a-f]{32}", page)[0])


@act("texts_read")
def _read_a_text(made: Installation) -> None:
    writer = made.writer()
    post_id = next(iter(writer.posts.values()))
    assert made.enter("instructor").get(f"review/{post_id}").status_code == 200


@act("views_reviewed")
def _review_views(made: Installation) -> None:
    assert made.enter("administrator").get("privacy/views").status_code == 200


@act("papers_downloaded")
def _take_papers(made: Installation) -> None:
    assert made.enter("administrator").get("privacy/papers").status_code == 200


@act("disclosed")
def _disclose(made: Installation) -> None:
    person = made.enter("student")
    with made.session() as session:
        launch = session.get_one(LaunchSession, person.launch_id)
        looking.disclose(
            session, now(), launch.institution_id, launch.person_id, "court", "texts", "court order"
        )


@act("consent_changed", *["granted"] * 2, *["declined"] * 4, "withdrawn", "expired")
def _choose(made: Installation) -> None:
    person = made.enter("student")
    person.post("choices", {"a": "yes", "b": "no", "c": "no", "d": "no"})
    person.post("choices/b", {"value": "yes"})
    person.post("choices/b", {"value": "no"})
    who = made.rows("consent_changed")[0].actor_id
    with made.session() as session:
        assert consent.expire(session, now() + timedelta(days=366), who)


@act("data_exported", "json")
def _take_away(made: Installation) -> None:
    assert made.writer().browser.get("data/export").status_code == 200


@act("text_labelled", "labels", "labels", "cannot_tell", "undone")
def _label(made: Installation) -> None:
    writer = made.writer()
    post_id, said = next(iter(writer.posts.values())), {"text_hash": "0" * 64, "sentiment": "negative"}
    comment = {"comment": "Planted comment."}
    assert writer.browser.post(f"texts/{post_id}/wrong", said | comment).status_code == 303
    instructor = made.enter("instructor")
    for more in ({}, {"act": "cannot_tell"}):
        assert instructor.post(f"review/{post_id}", said | more).status_code == 303
    assert instructor.post("review/undo").status_code == 303
    made.secrets.add("Planted comment.")


@act("serving_moved", "nightly run")
def _promote(made: Installation) -> None:
    made.writer()
    made.version()


@act("rolled_back")
def _go_back(made: Installation) -> None:
    with made.session() as session:
        first = serving.install_shipped(session, now())
        more = {"weights_hash": first.weights_hash, "calibration": first.calibration, "created_at": now()}
        second = ModelVersion(**more, origin="retrained")
        session.add(second)
        session.flush()
        serving.promote(session, now(), second.id, "nightly run", "promoted")
    assert made.enter("administrator").post("model/rollback").status_code == 303
    assert [row.code for row in made.rows("serving_moved")] == [
        "installation",
        "nightly run",
        "administrator",
    ]


@act("retraining_requested")
def _have_it_retrained(made: Installation) -> None:
    assert made.enter("administrator").post("model/run").status_code == 303


@act("retraining", "too_few")
def _retrain(made: Installation) -> None:
    made.writer()
    made.version()
    with made.session() as session:
        job = enqueue(session, now(), "retrain")
    retraining.perform(Run(job.id, "", {}, made.database, made.settings, lambda step, done, total: None))
