"""What tests of the administrator's pages share: a decision, a platform typed in, a browser that came by a link."""

import re
from datetime import UTC, datetime

from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import antiforgery, invites
from lti_tool.launch.tables import Institution, Registration
from tests.launch.fixtures import BASE_URL

DECISION = {
    "mode": "individual",
    "approver": "The provost",
    "reason": "Asked for by the senate",
    "office": "Provost",
    "assessment": "DPIA 7",
    "memo": "Memo 3",
}
TYPED = {
    "issuer": "https://lms.example",
    "client_id": "c1",
    "authorization_url": "https://lms.example/auth",
    "token_url": "https://lms.example/token",
    "keys_url": "https://lms.example/keys",
}


def events(database, name):
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.event == name)))


def typed_in(administrator, **changes):
    answer = administrator.post("connection/connect/moodle", TYPED | changes)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def row(database, client_id="c1"):
    with database.reading() as session:
        return session.scalars(select(Registration).where(Registration.client_id == client_id)).one()


def undecide(database):
    with database.session() as session:
        institution = session.scalars(select(Institution)).one()
        institution.mode, institution.mode_record = "off", {}


def by_link(app, database, institution_id):
    """A browser that followed a one-time link; call it with a method and a path."""
    with database.session() as session:
        secret = invites.make(session, datetime.now(UTC), institution_id, "administration", None)
    client = app.test_client()
    answer = client.post("/lti/administer", data={"secret": secret}, headers={"Origin": BASE_URL})
    assert answer.status_code == 303, answer.text
    launch = re.search("/l/([0-9a-f]+)/connection", answer.headers["Location"])[1]

    def ask(method, path, data=None):
        with app.app_context():
            token = antiforgery.token(launch)
        fields = {"csrf_token": token} | (data or {}) if method == "POST" else None
        return client.open(f"/l/{launch}/{path}", method=method, data=fields, headers={"Origin": BASE_URL})

    return ask
