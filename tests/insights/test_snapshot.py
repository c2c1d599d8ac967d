"""A snapshot of a class of 24 tells its arcs, and nothing about few."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from lti_tool.consent.tables import ConsentState
from lti_tool.ingest.tables import Activity, Post
from lti_tool.insights import service
from lti_tool.insights.places import section_name
from lti_tool.insights.snapshot import from_json, to_json
from lti_tool.insights.tables import Snapshot
from lti_tool.review.service import answer, contest
from lti_tool.scoring.tables import Serving
from tests.classroom import START, Classroom, open_database, settings_in
from tests.insights.arcs import CONFUSED, NOW, ClassOf24


@pytest.fixture
def session(tmp_path):
    with open_database(tmp_path).session() as opened:
        yield opened


@pytest.fixture
def room(session):
    return ClassOf24(session)


def of(body, label):
    return [finding for finding in body.findings if finding.label == label]


def test_the_picture_is_ready_and_rounded(room, tmp_path):
    body = room.snapshot(tmp_path)
    assert (body.state, body.week, body.smallest_group) == ("ready", 6, 5)
    assert body.texts == 155
    assert body.coverage == "half_to_three_quarters"
    assert [week.number for week in body.weeks] == [1, 2, 3, 4, 5, 6]
    assert body.weeks[2].due == ("Week 3 reflection",)


def test_the_peak_of_confusion_is_on_the_chart_and_above_it(room, tmp_path):
    body = room.snapshot(tmp_path)
    line = [point.percent for point in body.series["reflection"]["confusion"]]
    assert line == [round(100 * n / 17 / 5) * 5 for n in CONFUSED.values()]
    (confusion,) = (found for found in body.chart if found.label == "confusion")
    assert (confusion.peak_week, confusion.peak_name) == (3, "Recursion")
    peak = body.series["reflection"]["confusion"][2]
    assert peak.low < peak.percent < peak.high


def test_frustration_that_returns_is_a_finding_with_place_size_evidence_and_next_step(room, tmp_path):
    (found,) = of(room.snapshot(tmp_path), "frustration")
    assert found.place.name == "Autograder problems"
    assert found.change == "is_back"
    assert (found.texts, found.of, found.authors) == (10, 10, 5)
    assert (found.certainty, found.next_step) == ("mixed", "draft_note")
    assert (found.share, found.before) == ("most", "few")
    assert found.trend == (0, 80, 10, 0, 0, 90)
    assert len(found.examples) == 8
    assert {room.session.get_one(Post, one).person_id for one in found.examples} <= set(room.named)


def test_p56_at_most_five_findings_never_of_toxicity(room, tmp_path):
    for place, post in enumerate(room.session.scalars(select(Post)).all()):
        if place % 2:
            room.session.execute(delete(Snapshot))
            again = room.post(post.person_id, post.activity_id, f"{post.text} again", 40)
            room.score(again, room.model, toxicity=0.95, boredom=0.9, engagement=0.9, confusion=0.9)
    body = room.snapshot(tmp_path)
    assert 0 < len(body.findings) <= 5
    assert not of(body, "toxicity")


def test_a_finding_quotes_only_phrases_of_two_authors_with_b(room, tmp_path):
    (found,) = of(room.snapshot(tmp_path), "frustration")
    assert any("times out" in words for words in service.phrases(room.session, found))
    for phrase in found.phrases:
        writers = {room.session.get_one(Post, one).person_id for one in phrase.posts}
        assert len(writers) >= 2
        assert writers <= set(room.named)


def test_a_withdrawal_hides_phrases_at_once_and_numbers_at_the_next_snapshot(room, tmp_path):
    body = room.snapshot(tmp_path)
    (found,) = of(body, "frustration")
    for person in room.named[1:]:
        room.session.get_one(ConsentState, person).b = False
    room.session.flush()
    assert service.phrases(room.session, found) == []
    assert service.body_of(service.latest(room.session, room.course_id)) == body
    assert of(room.snapshot(tmp_path), "frustration") != [found]


def test_the_stored_picture_holds_no_text_and_no_person(room, tmp_path):
    room.snapshot(tmp_path)
    stored = json.dumps(service.latest(room.session, room.course_id).body)
    assert not any(person in stored for person in room.named + room.hidden)
    for post in room.session.scalars(select(Post)):
        assert post.text not in stored
    assert "times out" not in stored


def test_only_the_newest_picture_is_kept(room, tmp_path):
    room.snapshot(tmp_path)
    room.snapshot(tmp_path)
    assert len(room.session.scalars(select(Snapshot)).all()) == 1


def test_weeks_with_too_few_are_gaps(room, tmp_path):
    fourth = room.session.scalars(select(Post).where(Post.activity_id == room.reflections[4])).all()
    keep = {post.id for post in fourth[:4]}
    room.session.execute(delete(Post).where(Post.activity_id == room.reflections[4], Post.id.not_in(keep)))
    body = room.snapshot(tmp_path)
    assert body.series["reflection"]["confusion"][3] is None
    assert body.series["reflection"]["confusion"][2] is not None
    assert len(body.series["reflection"]["confusion"]) == len(body.weeks)


def test_authors_without_b_count_only_as_a_group(room, tmp_path):
    """Four authors without B in a week: the figure rests on the eleven with B alone, which staff can count."""
    gone = set(room.hidden[:2])
    for post in room.session.scalars(select(Post).where(Post.activity_id == room.reflections[3])).all():
        if post.person_id in gone:
            room.session.delete(post)
    room.session.flush()
    body = room.snapshot(tmp_path)
    with_b = [person for person in room.authors[:13] if person in room.named]
    assert body.series["reflection"]["confusion"][2].percent == round(100 * len(with_b) / 11 / 5) * 5


def test_a_correction_counts_and_a_contest_leaves_the_figures(room, tmp_path):
    posts = room.session.scalars(select(Post).where(Post.activity_id == room.autograder)).all()
    week6 = [post for post in posts if post.text.startswith("It times out") and post.text.endswith("6")]
    for post in week6[:4]:
        contest(room.session, NOW, post.id, post.person_id, {"sentiment": "neutral"})
    assert not of(room.snapshot(tmp_path), "frustration")
    teacher = room.person("-")
    for post in week6[:4]:
        said = {"sentiment": "negative", "frustration": 1}
        later = NOW + timedelta(minutes=1)
        answer(room.session, later, post.id, teacher, said, post.text_hash, course_id=room.course_id)
    (found,) = of(room.snapshot(tmp_path), "frustration")
    assert found.certainty == "likely"


def test_topics_tell_where_confusion_is_high(room, tmp_path):
    topics = {topic.place.name: topic for topic in room.snapshot(tmp_path).topics}
    assert topics["Recursion"].shares["confusion"] == 75
    assert topics["Recursion"].week == 3
    assert topics["Autograder problems"].shares["frustration"] > topics["Sorting"].shares["frustration"]


def test_a_topic_says_whether_it_rests_on_shared_texts_alone(room, tmp_path):
    topics = {topic.place.name: topic for topic in room.snapshot(tmp_path).topics}
    assert topics["Autograder problems"].shared
    assert not topics["Recursion"].shared
    assert topics["Autograder problems"].week is None, "a forum outside the sections is of no week"


def test_what_eased_quotes_nothing_of_what_is_left(session, tmp_path):
    room = Classroom(session)
    version, people = room.version(), room.people(12, "AB")
    for day, confused in ((1, 11), (8, 6)):
        corner = room.activity("Corner", "reflection", day // 7 + 1, "Loops")
        for place, person in enumerate(people):
            post = room.post(person, corner, f"The base case puzzles me. {place} {day}", day)
            room.score(post, version, confusion=0.9 if place < confused else 0.1)
    body = service.body_of(service.build(session, NOW, settings_in(tmp_path), room.course_id))
    eased = [found for found in of(body, "confusion") if found.change == "fell"]
    assert eased
    assert all(found.phrases == () and found.examples for found in eased)


def test_a_topic_of_few_is_suppressed_whole(room, tmp_path):
    odd = room.activity("Odd corner")
    room.scored(room.named[:4], odd, room.model, 20, confusion=0.9)
    topic = next(topic for topic in room.snapshot(tmp_path).topics if topic.place.name == "Odd corner")
    assert topic.texts is None
    assert set(topic.shares.values()) == {None}


def test_coverage_is_not_told_without_a_roster(room, tmp_path):
    assert room.snapshot(tmp_path, size=None).coverage is None


def test_texts_in_other_languages_are_counted_when_they_are_of_enough_people(room, tmp_path):
    forum = room.activity("Preguntas")
    for person in room.named[:4]:
        room.post(person, forum, f"¿Por qué? {person}", 3, language="es", scorable="language")
    assert room.snapshot(tmp_path).uncovered is None
    for person in room.named[4:7]:
        room.post(person, forum, f"¿Por qué? {person}", 3, language="es", scorable="language")
    assert room.snapshot(tmp_path).uncovered == 5


def test_nothing_to_show_says_why(session, tmp_path):
    room = Classroom(session)
    settings = settings_in(tmp_path)

    def state():
        return service.body_of(service.build(session, NOW, settings, room.course_id)).state

    assert state() == "no_model"
    version = room.version()
    assert state() == "no_posts"
    forum = room.activity("Help")
    assert state() == "too_few"
    room.scored(room.people(4, "AB"), forum, version, confusion=0.9)
    assert state() == "too_few"
    session.execute(delete(Serving))
    room.scored(room.people(1, "AB"), forum, version, confusion=0.9)
    assert state() == "ready"


def test_a_body_survives_its_storage(room, tmp_path):
    body = room.snapshot(tmp_path)
    assert from_json(json.loads(json.dumps(to_json(body)))) == body


def test_a_section_far_from_the_calendar_is_no_week(session, tmp_path):
    room = Classroom(session)
    version = room.version()
    project = room.activity("Project", section=14, section_name="Project")
    room.scored(room.people(6, "AB"), project, version, 8, confusion=0.9)
    body = service.body_of(service.build(session, START, settings_in(tmp_path), room.course_id))
    assert body.week == 2


@pytest.mark.parametrize(
    ("given", "own"),
    [
        ("Week 3: Recursion", "Recursion"),
        ("Woche 3 – Rekursion", "Rekursion"),
        ("Week 3", ""),
        ("Recursion", "Recursion"),
        ("2D geometry", "2D geometry"),
    ],
)
def test_a_section_is_called_by_its_own_name(given, own):
    assert section_name(Activity(section=3, section_name=given)) == own
    assert section_name(Activity(section=0, section_name=given)) == ""


def test_a_place_of_one_week_has_no_line_and_never_that_of_the_course(room, tmp_path):
    body = room.snapshot(tmp_path)
    (recursion,) = (finding for finding in body.findings if finding.place.name == "Recursion")
    assert recursion.trend == (None, None, 75, None, None, None)


def test_a_finding_about_the_whole_course_has_the_line_of_the_chart(session, tmp_path):
    room = Classroom(session)
    version = room.version()
    for number, person in enumerate(room.people(6, "AB")):
        corner = room.activity(f"Corner {number}")
        room.scored([person], corner, version, 1, confusion=0.1)
        room.scored([person], corner, version, 8, confusion=0.9)
    body = service.body_of(service.build(session, NOW, settings_in(tmp_path), room.course_id))
    (found,) = of(body, "confusion")
    assert found.place.kind == "course"
    assert found.trend == (0, 100)


def test_a_quiet_week_still_tells_which_place_before_it_was_hard(room, tmp_path):
    found = [finding for finding in room.snapshot(tmp_path).findings if finding.place.name == "Recursion"]
    assert [(finding.label, finding.change, finding.texts) for finding in found] == [
        ("confusion", "high", 15)
    ]
