from datetime import timedelta

import pytest
from sqlalchemy import func, select

from lti_tool.consent import ledger, service
from lti_tool.consent.service import DECLINED, Choices, ChoicesRefusedError
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.ingest.tables import Post
from lti_tool.review.tables import Answer
from lti_tool.scoring.tables import Score

ALL = Choices(True, a=True, earlier=True, b=True, c=True, d=True)
ONLY_A = Choices(True, a=True)


def rows(session, table, person):
    return session.scalar(select(func.count()).select_from(table).where(table.person_id == person))


def lines(session, person):
    written = sorted(ledger.history(session, person), key=lambda line: line.number)
    return [(line.purpose, line.event) for line in written]


def test_who_never_answered_grants_nothing(session, course):
    person = course.people[0]
    assert service.choices(session, person) == Choices()
    state = service.lock(session, person)
    assert not any(getattr(state, field) for field in service.FIELDS)
    assert rows(session, ConsentState, person) == 0


def test_no_thanks_is_an_answer_that_grants_nothing(session, course, now):
    person = course.people[0]
    service.save(session, now, person, course.course, DECLINED, "en")
    assert service.choices(session, person) == DECLINED
    assert lines(session, person) == [(name, "declined") for name in ("A", "A-earlier", "B", "C", "D")]


def test_granted_names_the_people_of_the_course_by_purpose(session, course, now):
    first, second, third = course.people
    service.save(session, now, first, course.course, ALL, "en")
    service.save(session, now, second, course.course, ONLY_A, "en")
    service.save(session, now, third, course.course, DECLINED, "en")
    assert service.granted(session, course.course, "a") == {first, second}
    assert service.granted(session, course.course, "b") == {first}


@pytest.mark.parametrize("field", ["earlier", "b", "c", "d"])
def test_a_choice_that_needs_a_is_refused_without_it_and_nothing_is_written(session, course, now, field):
    person = course.people[0]
    with pytest.raises(ChoicesRefusedError) as refused:
        service.save(session, now, person, course.course, Choices(True, **{field: True}), "en")
    assert refused.value.problems == {field: "needs_a"}
    assert rows(session, ConsentState, person) == rows(session, ConsentEvent, person) == 0


def test_the_window_starts_at_the_grant_unless_earlier_texts_are_included(session, course, now, later):
    person = course.people[0]
    state = service.save(session, now, person, course.course, ONLY_A, "en")
    assert service.covers(state, now)
    assert not service.covers(state, now - timedelta(seconds=1))
    state = service.save(session, later, person, course.course, Choices(True, a=True, earlier=True), "en")
    assert state.a_since == now
    assert service.covers(state, now - timedelta(days=40))


def test_withdrawing_a_erases_texts_scores_and_answers_in_the_same_transaction(session, course, now, later):
    person, other = course.people[:2]
    for one in (person, other):
        service.save(session, now, one, course.course, ALL, "en")
        course.write(session, one, 1)
    service.save(session, later, person, course.course, DECLINED, "en")
    assert [rows(session, table, person) for table in (Post, Score, Answer)] == [0, 0, 0]
    assert [rows(session, table, other) for table in (Post, Score, Answer)] == [1, 1, 1]
    assert service.lock(session, person).a_since is None
    assert lines(session, person)[5:] == [(n, "withdrawn") for n in ("A", "A-earlier", "B", "C", "D")]


@pytest.mark.parametrize("field", ["b", "c", "d"])
def test_withdrawing_another_purpose_only_flips_it(session, course, now, later, field):
    person = course.people[0]
    service.save(session, now, person, course.course, ALL, "en")
    course.write(session, person, 1)
    wanted = Choices(True, **{name: name != field for name in service.FIELDS})
    service.save(session, later, person, course.course, wanted, "en")
    assert service.choices(session, person) == wanted
    assert rows(session, Post, person) == rows(session, Answer, person) == 1
    assert lines(session, person)[-1] == (field.upper(), "withdrawn")


def test_withdrawing_the_box_for_earlier_texts_erases_those_only(session, course, now, later):
    person = course.people[0]
    service.save(session, now, person, course.course, ALL, "en")
    course.write(session, person, 1, now - timedelta(days=3))
    kept = course.write(session, person, 2, now + timedelta(days=1))
    wanted = Choices(True, a=True, b=True, c=True, d=True)
    service.save(session, later, person, course.course, wanted, "en")
    assert session.scalars(select(Post.id).where(Post.person_id == person)).all() == [kept]
    assert rows(session, Score, person) == rows(session, Answer, person) == 1


def test_saving_the_same_choices_again_writes_no_line(session, course, now, later):
    person = course.people[0]
    service.save(session, now, person, course.course, ONLY_A, "en")
    before = lines(session, person)
    service.save(session, later, person, course.course, ONLY_A, "en")
    assert lines(session, person) == before


def test_showing_is_recorded_once_per_wording(session, course, now, later):
    person = course.people[0]
    service.show(session, now, person, course.course, "en")
    service.show(session, later, person, course.course, "en")
    assert lines(session, person) == [("all", "shown")]


def test_consent_ends_after_a_year_and_the_person_is_asked_anew(session, course, now):
    person, fresh = course.people[:2]
    service.save(session, now, person, course.course, ALL, "en")
    course.write(session, person, 1)
    a_year_on = now + service.LAPSES_AFTER + timedelta(seconds=1)
    service.save(session, a_year_on, fresh, course.course, ALL, "en")
    assert service.lapsed(session, a_year_on) == [person]
    assert service.expire(session, a_year_on, person)
    assert service.choices(session, person) == Choices()
    assert rows(session, Post, person) == 0
    assert ("A", "expired") in lines(session, person)
    assert service.choices(session, fresh) == ALL
    assert service.lapsed(session, a_year_on) == []
    assert not service.expire(session, a_year_on, fresh)
