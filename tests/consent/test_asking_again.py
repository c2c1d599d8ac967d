"""New words: a material change pauses what it is about until asked again, an editorial one is told once (P18, U14)."""

from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import func, select

from lti_tool.audit.tables import AuditEvent
from lti_tool.consent import asking_again, ledger, ledger_tasks, service, translating, wording
from lti_tool.consent.errors import OldWordingError
from lti_tool.consent.marking import marked
from lti_tool.consent.service import DECLINED, Choices
from lti_tool.consent.standing import counts
from lti_tool.consent.tables import ConsentEvent, ConsentState, Wording
from lti_tool.consent.wording import Change
from lti_tool.jobs import Run
from lti_tool.launch.tables import LaunchSession

ALL = Choices(True, a=True, earlier=True, b=True, c=True, d=True)
YES = {"a": "yes", "b": "no", "c": "yes", "d": "no"}
EDITED = "Nothing is stored elsewhere. "


@pytest.fixture
def publish_next(monkeypatch):
    """`publish_next(session, now, Change(…))`: the next number, with one more sentence in its purpose."""
    texts = wording.texts

    def publish(session, now, change):
        version = wording.VERSION + 1

        def other(translate):
            found = texts(translate)
            found["first"]["purpose"] = EDITED * (version - first) + found["first"]["purpose"]
            return found

        monkeypatch.setattr(wording, "VERSION", version)
        monkeypatch.setattr(translating, "VERSION", version, raising=False)
        monkeypatch.setattr(wording, "texts", other)
        monkeypatch.setitem(wording.CHANGES, version, change)
        return wording.publish(session, now)

    first = wording.VERSION
    return publish


MATERIAL = Change("material", "ABCD")
EDITORIAL = Change("editorial")


@pytest.fixture
def agreed(session, course, now):
    """Two people who agreed to everything, and one who declined."""
    first, second, third = course.people
    for person in course.people:
        service.show(session, now, person, course.course, "en")
    service.save(session, now, first, course.course, ALL, "en")
    service.save(session, now, second, course.course, ALL, "en")
    service.save(session, now, third, course.course, DECLINED, "en")
    return course


def grants(session, course, purpose):
    return service.granted(session, course.course, purpose)


def test_p18_a_material_change_stops_the_next_reading_for_who_agreed_to_older_words(
    session, agreed, later, publish_next
):
    first, second, _ = agreed.people
    assert service.covers(service.lock(session, first), later)
    publish_next(session, later, MATERIAL)
    for purpose in "abcd":
        assert grants(session, agreed, purpose) == set()
    assert not service.covers(service.lock(session, first), later)
    assert service.choices(session, first) == ALL
    service.save(session, later, second, agreed.course, ALL, "en")
    assert grants(session, agreed, "c") == {second}
    assert service.covers(service.lock(session, second), later)


def test_p18_only_the_purposes_that_the_change_is_about_are_paused(session, agreed, later, publish_next):
    publish_next(session, later, Change("material", "C"))
    people = set(agreed.people[:2])
    assert [grants(session, agreed, purpose) for purpose in "abcd"] == [people, people, set(), people]
    assert service.lock(session, agreed.people[0]).reads
    for purpose, count in (("a", 2), ("c", 0)):
        query = select(func.count()).select_from(ConsentState).where(counts(purpose))
        assert session.scalar(query) == count


def test_p18_an_editorial_change_pauses_nothing(session, agreed, later, publish_next):
    publish_next(session, later, EDITORIAL)
    assert grants(session, agreed, "a") == set(agreed.people[:2])
    assert asking_again.pending(session, agreed.people[0]) == asking_again.Pending(False, wording.VERSION - 1)
    asking_again.note(session, later, agreed.people[0], agreed.course, "en")
    assert asking_again.pending(session, agreed.people[0]) is None


def test_p18_a_change_disturbs_nobody_who_declined(session, agreed, later, publish_next):
    publish_next(session, later, MATERIAL)
    assert asking_again.pending(session, agreed.people[2]) is None


def test_p18_the_ledger_says_paused_asked_again_and_resumed(session, agreed, later, publish_next):
    person = agreed.people[0]
    publish_next(session, later, MATERIAL)
    for _twice in range(2):
        asking_again.note(session, later, person, agreed.course, "en")
    later += timedelta(days=1)
    service.save(session, later, person, agreed.course, Choices(True, a=True, b=True), "en")
    said = [(line.event, line.purpose) for line in reversed(ledger.history(session, person))][6:]
    told = [(line.event, line.purpose) for line in ledger.history(session, person)]
    assert [one for one in told if one[0] in ("paused", "re-asked", "resumed")].count(
        ("re-asked", "all")
    ) == 1
    assert {purpose for event, purpose in told if event == "paused"} == set("ABCD")
    assert {purpose for event, purpose in told if event == "resumed"} == set("AB")
    assert {purpose for event, purpose in told if event == "withdrawn"} == {"A-earlier", "C", "D"}
    assert len(said) == 4 + 1 + 3 + 2
    assert ledger.verify(session, agreed.course) is None
    assert service.lock(session, person).agreed_version == wording.VERSION


def test_p18_what_was_written_while_paused_is_never_read(session, agreed, now, publish_next):
    person, published = agreed.people[0], now + timedelta(days=7)
    publish_next(session, published, MATERIAL)
    service.save(session, now + timedelta(days=9), person, agreed.course, ALL, "en")
    state = service.lock(session, person)
    covered = [service.covers(state, now + timedelta(days=day)) for day in (1, 8, 10)]
    assert covered == [True, False, True]


def test_p18_the_night_writes_the_pauses_of_those_who_do_not_come(
    database, settings, session, agreed, later, publish_next
):
    publish_next(session, later, MATERIAL)
    session.commit()
    run = Run("job", "", {}, database, settings, lambda *_: None)
    assert ledger_tasks.tend_ledger(run)["paused"] == 8
    assert ledger_tasks.tend_ledger(run)["paused"] == 0
    assert ledger.verify(session, agreed.course) is None


def test_p18_one_stopped_choice_resumes_nothing_and_one_allowed_is_refused(
    session, agreed, later, publish_next
):
    person = agreed.people[0]
    publish_next(session, later, MATERIAL)
    less = Choices(True, a=True, earlier=True, b=True, c=True)
    service.save(session, later, person, agreed.course, less, "en", whole=False)
    assert grants(session, agreed, "a") == set()
    assert service.lock(session, person).suspended == "ABC"
    with pytest.raises(OldWordingError):
        service.save(session, later, person, agreed.course, ALL, "en", whole=False)
    service.save(session, later, person, agreed.course, DECLINED, "en", whole=False)
    assert service.lock(session, person).suspended == ""
    assert asking_again.pending(session, person) is None


def test_p18_two_changes_one_after_the_other_are_answered_at_once(session, agreed, now, publish_next):
    person = agreed.people[0]
    publish_next(session, now + timedelta(days=1), Change("material", "B"))
    publish_next(session, now + timedelta(days=2), Change("material", "A"))
    assert set(service.lock(session, person).suspended) == set("AB")
    assert asking_again.pending(session, person) == asking_again.Pending(True, wording.VERSION - 2)
    service.save(session, now + timedelta(days=3), person, agreed.course, ALL, "en")
    assert grants(session, agreed, "b") == {person}


def test_p18_the_kind_and_number_of_a_change_stand_with_the_published_text(session, later, publish_next):
    wording.publish(session, later)
    first = wording.VERSION
    publish_next(session, later, Change("material", "C"))
    publish_next(session, later, EDITORIAL)
    rows = session.scalars(select(Wording).order_by(Wording.version)).all()
    assert [(one.version - first, one.kind, one.affects) for one in rows][1:] == [
        (1, "material", "C"),
        (2, "editorial", ""),
    ]


# On the pages.


@pytest.fixture
def student(sign_in):
    person = sign_in("student")
    person.client.get(person.landing)
    person.post("choices", YES)
    return person


def publish_on(database, publish_next, later, change):
    with database.session() as session:
        return publish_next(session, later, change).sha256


def person_of(session, student):
    return session.get_one(LaunchSession, student.launch_id).person_id


def test_u14_a_material_change_is_shown_side_by_side_with_what_changed_marked(
    student, database, later, publish_next
):
    publish_on(database, publish_next, later, MATERIAL)
    answer = student.client.get(student.landing)
    assert answer.location.endswith("/choices/changed")
    page = HTMLParser(student.client.get(answer.location).text)
    (row,) = page.css("#what-changed tbody tr")
    before, present = row.css("td")
    assert present.css_first("ins").text() == EDITED
    assert EDITED not in before.text()
    assert "paused until you answer" in page.css_first("#what-changed").text()
    assert not page.css("input[checked]")
    assert len(page.css("#choices input[type=radio]")) == 8
    assert "paused until you answer" in student.get("choices").text


def test_u14_it_stays_paused_until_answered_and_is_asked_no_more_then(student, database, later, publish_next):
    sha256 = publish_on(database, publish_next, later, MATERIAL)
    for _visit in range(2):
        assert student.client.get(student.landing).location.endswith("/choices/changed")
        student.get("choices/changed")
    with database.reading() as session:
        course = session.scalars(select(ConsentState.course_id)).one()
        assert service.granted(session, course, "a") == set()
        shown = select(func.count()).select_from(ConsentEvent).where(ConsentEvent.event == "re-asked")
        assert session.scalar(shown) == 1
    assert student.post("choices", {**YES, "wording": sha256}).status_code == 303
    assert student.client.get(student.landing).location.endswith("/texts")
    with database.reading() as session:
        assert service.granted(session, course, "a") == {person_of(session, student)}


def test_p18_a_replayed_form_of_before_resumes_nothing(student, database, later, publish_next):
    """It asks for nothing new, so only that the changed words were never shown stands in its way."""
    publish_on(database, publish_next, later, MATERIAL)
    assert student.post(student.address("choices"), YES).status_code == 409
    with database.reading() as session:
        assert service.lock(session, person_of(session, student)).suspended == "AC"


def test_p18_allowing_one_more_choice_leads_to_the_changed_words(student, database, later, publish_next):
    publish_on(database, publish_next, later, EDITORIAL)
    answer = student.post("choices/b", {"value": "yes"})
    assert answer.location.endswith("/choices/changed")
    student.client.get(answer.location)
    assert student.post("choices/b", {"value": "yes"}).location.endswith("changed=b")


def test_u14_declining_changed_words_ends_it(student, database, later, publish_next):
    publish_on(database, publish_next, later, MATERIAL)
    student.get("choices/changed")
    student.post("choices", {"decision": "decline"})
    with database.reading() as session:
        assert service.choices(session, person_of(session, student)) == DECLINED
    assert "Nothing of yours is read here" in student.client.get(student.landing).text


def test_p18_an_editorial_change_is_told_once_on_the_next_visit(student, database, later, publish_next):
    publish_on(database, publish_next, later, EDITORIAL)
    answer = student.client.get(student.landing)
    assert answer.location.endswith("/choices/changed")
    page = HTMLParser(student.client.get(answer.location).text)
    assert page.css_first("#what-changed ins").text() == EDITED
    assert "stays as it is" in page.css_first("#what-changed").text()
    assert not page.css("main form")
    assert student.client.get(student.landing).location.endswith("/texts")
    assert student.get("choices/changed").status_code == 302


def test_p18_an_answer_to_old_words_saves_nothing_and_shows_the_new_ones(
    sign_in, database, later, publish_next
):
    student = sign_in("student")
    page = HTMLParser(student.client.get(student.landing).text)
    old = page.css_first("#choices input[name=wording]").attributes["value"]
    new = publish_on(database, publish_next, later, MATERIAL)
    answer = student.post("choices", {**YES, "wording": old})
    assert answer.status_code == 409
    page = HTMLParser(answer.text)
    assert "Nothing was saved" in page.css_first("#reworded").text()
    assert page.css_first("#choices input[name=wording]").attributes["value"] == new
    assert EDITED in page.text()
    with database.reading() as session:
        assert not service.choices(session, person_of(session, student)).answered
        assert session.scalar(
            select(func.count()).select_from(AuditEvent).where(AuditEvent.code == "old_wording")
        )
    assert student.post("choices", {**YES, "wording": new}).status_code == 303


@pytest.mark.parametrize("forged", ["0" * 64, "x", "' OR 1=1", "é"])
def test_p18_a_forged_hash_saves_nothing(sign_in, database, forged):
    student = sign_in("student")
    student.client.get(student.landing)
    assert student.post("choices", {**YES, "wording": forged}).status_code == 409
    with database.reading() as session:
        assert not service.choices(session, person_of(session, student)).answered


def test_p18_a_yes_without_the_present_words_having_been_shown_saves_nothing(
    sign_in, database, later, publish_next
):
    student = sign_in("student")
    student.client.get(student.landing)
    publish_on(database, publish_next, later, MATERIAL)
    answer = student.post(student.address("choices"), YES)
    assert answer.status_code == 409
    assert EDITED in HTMLParser(answer.text).text()
    with database.reading() as session:
        assert not service.choices(session, person_of(session, student)).answered


def test_what_changed_is_marked_word_by_word_and_escaped():
    found = marked("Texts are <b>kept</b> a year.", "Texts are kept two years.")
    assert (
        found.before
        == "Texts are <del>&lt;b&gt;</del>kept<del>&lt;/b&gt;</del> <del>a</del> <del>year</del>."
    )
    assert found.now == "Texts are kept <ins>two</ins> <ins>years</ins>."
    assert marked("", "x").before == ""
    assert marked("保存一年", "保存两年").now == "保存<ins>两</ins>年"
