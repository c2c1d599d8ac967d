"""The session of a request: reading for GET, writing otherwise, one per request, closed whatever happens."""

import pytest
from flask import Flask
from sqlalchemy import select

from lti_tool.launch.tables import Institution
from lti_tool.storage.request import Wiring, abandon, close_with_request, now, request_session, wiring


@pytest.fixture
def client(settings, database):
    application = Flask("requests")
    application.extensions["undertone"] = Wiring(settings, database)
    close_with_request(application)

    @application.route("/add", methods=["GET", "POST"])
    def add():
        request_session().add(Institution(name="added", created_at=now()))
        request_session().flush()
        return "added"

    @application.post("/abandon")
    def leave():
        add()
        abandon()
        return "left"

    @application.post("/fail")
    def fail():
        add()
        raise ZeroDivisionError

    @application.get("/same")
    def same():
        assert request_session() is request_session()
        assert now() is now()
        return str(wiring().settings.environment)

    return application.test_client()


def count(database):
    with database.reading() as session:
        return len(session.scalars(select(Institution)).all())


def test_a_post_commits(client, database):
    assert client.post("/add").text == "added"
    assert count(database) == 1


@pytest.mark.parametrize("path", ["/abandon", "/fail"])
def test_what_is_abandoned_or_fails_is_rolled_back(client, database, path):
    client.post(path)
    assert count(database) == 0


def test_a_get_keeps_nothing(client, database):
    client.get("/add")
    assert count(database) == 0


def test_one_session_and_one_time_per_request(client):
    assert client.get("/same").text == "test"


def test_no_connection_is_left_open(client, database):
    for _ in range(30):
        client.post("/fail")
        client.get("/add")
    assert database.engine.pool.checkedout() == 0
