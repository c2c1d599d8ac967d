"""Role × address: nobody on the staff sees who agreed, declined, withdrew or never answered (P14, P15)."""

import re
from contextlib import ExitStack
from datetime import timedelta

import pytest

from lti_tool.consent.service import granted
from lti_tool.launch import roles
from tests.blindness.filling import queued
from tests.blindness.routes import ELSEWHERE, OF_STUDENTS, STAFF, Ask
from tests.blindness.worlds import NOW, PICTURE, ROLES, build, choose, frozen

OTHERS = {
    "consents to everything": choose("ABCDe"),
    "never answered": None,
    "withdrew before writing": choose("ABC", ""),
    "took B back": choose("AB", "A"),
}


@pytest.fixture
def world(tmp_path, keyring):
    """`world(name, mode, act)`: an installation of its own, with the same ids and the same clock as all others."""
    with ExitStack() as stack:

        def make(name, mode, act):
            clock = stack.enter_context(frozen())
            made = build(tmp_path / name, keyring, mode, act, clock)
            stack.callback(made.database.dispose)
            return made

        yield make


def requests(of_roles, of_addresses, more=()):
    """(role, request) → what is asked; each role in turn, the addresses in a fixed order."""
    asked = [*(ask for asks in of_addresses.values() for ask in asks), *more]
    return {
        (role, f"{ask.method} {ask.path}?{ask.query}{ask.fields.get('act', '')}"): ask
        for role in of_roles
        for ask in asked
    }


def everything(world, only=None):
    """(role, request) → the answer. `only`: some of them."""
    wanted = requests(ROLES, STAFF, of_students(world.app))
    return {key: world.ask(key[0], ask) for key, ask in wanted.items() if only is None or key in only}


def let_in(answers):
    """The requests that were not refused for the role: a refusal looks at no row of the course."""
    return {key for key, answer in answers.items() if not answer.startswith(b"403")}


def of_students(app):
    """Every address of the parts for students, as the application lists it."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] in OF_STUDENTS]
    return [
        Ask(re.sub("<[^>]*>", "{post}", rule.rule.removeprefix("/l/<launch_id>/")), method)
        for rule in sorted(rules, key=lambda rule: rule.rule)
        for method in sorted(rule.methods & {"GET", "POST"})
    ]


def assert_alike(one, other):
    assert other
    different = [key for key in other if one[key] != other[key]]
    assert not different


def test_p14_every_address_is_declared(app):
    known = {
        rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.split(".")[0] not in OF_STUDENTS
    }
    assert known - set(STAFF) - set(ELSEWHERE) == set(), "say in routes.py what staff may ask of it"
    assert (set(STAFF) | set(ELSEWHERE)) - known == set()
    assert not set(STAFF) & set(ELSEWHERE)


def test_p14_a_decliner_and_a_consenter_without_posts_look_alike_to_all_staff(world):
    declined = everything(world("declined", "individual", choose("")))
    assert sum(answer.startswith(b"200") for answer in declined.values()) > 30
    everybody, *others = OTHERS.items()
    assert_alike(declined, everything(world(everybody[0], "individual", everybody[1])))
    asked = let_in(declined)
    for name, act in others:
        assert_alike(declined, everything(world(name, "individual", act), asked))


def test_p14_they_look_alike_where_only_the_class_is_shown(world):
    asked = {key for key in requests(ROLES, STAFF) if key[0] == "instructor"}
    declined = everything(world("declined", "aggregate_only", choose("")), asked)
    assert b"so no single text is shown" in declined["instructor", "GET overview?"]
    consents = world("consents", "aggregate_only", choose("ABCDe"))
    assert_alike(declined, everything(consents, let_in(declined)))


def test_p15_a_choice_changes_nothing_that_staff_see_before_the_next_picture(world):
    """Every choice of one who wrote nothing, and the withdrawal of all, after the picture was drawn."""
    open_to_staff = {key for key in requests(ROLES, STAFF) if key[0] != "other staff"}
    unchanged = everything(world("unchanged", "individual", choose("A")), open_to_staff)
    for name in ("ABCDe", "AC", ""):
        changed = world(f"changed {name}", "individual", choose("A"))
        choose("A", name, at=NOW)(changed)
        assert_alike(unchanged, everything(changed, let_in(unchanged)))


@pytest.mark.parametrize("answers", [("ABCDe",), ("A", "Ae"), ("ABC", ""), ("AB", "A", "AB"), ("",)])
def test_p14_no_choice_starts_work_whose_time_or_progress_staff_could_see(world, answers):
    made = world("any", "individual", None)
    before = queued(made.database)
    choose(*answers, at=NOW)(made)
    assert queued(made.database) == before


def test_p15_coverage_follows_with_the_next_picture_only_and_only_who_wrote(world):
    pages = []
    for name, answers in (
        ("stays silent", None),
        ("agrees", choose("ABC", at=PICTURE + timedelta(minutes=1))),
    ):
        made = world(name, "individual", choose(""))
        before = made.ask("instructor", Ask("overview"))
        if answers is not None:
            answers(made)
        assert made.ask("instructor", Ask("overview")) == before
        made.draw(NOW)
        pages.append(made.ask("instructor", Ask("overview")))
    assert pages[0] == pages[1]


@pytest.mark.parametrize("page", ["reflections", "forums", "forums?label=boredom"])
def test_p15_one_sentence_stands_for_every_cause_of_absence(world, page):
    path, _, query = page.partition("?")
    told = world("any", "individual", choose("A")).ask("instructor", Ask(path, query=query)).decode()
    assert told.count("this page does not tell which") == 1


def test_p14_the_comparison_would_see_a_leak(world, monkeypatch):
    def told(body):
        from lti_tool.storage.request import request_session

        return str(len(granted(request_session(), seen["course"], "a")))

    monkeypatch.setattr("lti_tool.insights.words.coverage", told)
    answers = []
    for name, act in (("no", choose("")), ("yes", choose("A"))):
        made = world(name, "individual", act)
        seen = made.names
        answers.append(made.ask("instructor", Ask("overview")))
    assert answers[0] != answers[1]


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("membership/Instructor#TeachingAssistant", "none"),
        ("membership#ContentDeveloper", "none"),
        ("membership#Mentor", "none"),
        ("membership#Instructor", "instructor"),
    ],
)
def test_p14_the_roles_of_the_matrix_are_those_of_a_launch(given, becomes):
    assert roles.role_of([f"http://purl.imsglobal.org/vocab/lis/v2/{given}"]) == becomes
