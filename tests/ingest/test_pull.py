"""A pull over recorded answers of Moodle: which texts come out, and that it ends in one state whatever happens."""

import copy
import logging

import pytest
from sqlalchemy import select

from lti_tool.ingest.tables import Activity, PullCursor
from lti_tool.jobs.tables import Job
from lti_tool.launch.roster import Roster
from lti_tool.lms import LmsUnavailableError
from lti_tool.scoring.tables import Score
from tests.ingest.conftest import DECLINED, EARLIER, FROM_NOW, NOW, hours, make_course, members
from tests.lms.captured_lms import recorded


def test_the_texts_of_those_who_agreed_come_out_in_their_own_words(everyone, moodle_site):
    pull = everyone.pull(moodle_site)
    assert set(everyone.texts()) == {
        "I expected to observe only, but I noticed that I was nervous because I had never spoken to a patient. "
        "Next time I will prepare two questions.",
        "I felt the same & it helped to talk. Smile <3 — ääkköset 👍",
        "The course lasts 4 weeks.\none\ntwo",
        "Post that will be deleted.",
        "Reply to the post that will be deleted (blocks deletion of a parent by a student).",
        "I realised that I judge too fast.",
        "Pinned text",
        "Extra 1",
        "Extra 2",
        "Extra 3",
        "A only",
        "B only",
        "This week I met my first client. I felt unsure, because I had no plan. I will write a plan next time.",
        "Week was fine.\nÇa va — ø ß 漢字",
        "First attempt text.",
    }
    # The Q and A forum says that it holds a discussion and shows none: a right is missing. One assignment is marked
    # blind and one is written by groups.
    assert (pull.counts.activities, pull.counts.new, pull.counts.not_read) == (3, 15, 3)
    assert "mod/forum:viewdiscussion" in pull.counts.words[0]


def test_staff_are_never_stored_whatever_they_are_listed_as(everyone, moodle_site):
    everyone.pull(moodle_site)
    staff = {everyone.people["3"], everyone.people["4"]}
    assert staff.isdisjoint({post.person_id for post in everyone.posts()})


def test_titles_stand_only_on_the_openers_own_post(everyone, moodle_site):
    everyone.pull(moodle_site)
    titled = {post.text: post.title for post in everyone.posts() if post.title}
    assert titled["I realised that I judge too fast."] == "Started by a student"
    assert "What do you expect from this course?" not in titled.values()
    replies = [post for post in everyone.posts() if post.text.startswith("I felt the same")]
    assert replies[0].title is None


def test_only_texts_since_consent_are_kept_without_the_box_for_earlier_ones(course, moodle_site):
    first = course.posts
    course.choose("5", FROM_NOW, at=NOW)
    course.pull(moodle_site)
    assert first() == []
    course.choose("7", FROM_NOW, at=NOW - hours(10_000))
    course.pull(moodle_site)
    assert {post.person_id for post in course.posts()} == {course.people["7"]}


def test_an_edit_after_consent_does_not_open_an_older_forum_post(course, moodle_site):
    moodle_site.stage = "delta"
    course.choose("5", FROM_NOW, at=NOW - hours(8))
    course.pull(moodle_site)
    assert not any("EDITED" in text for text in course.texts())


def test_a_repeated_pull_changes_no_row(everyone, moodle_site):
    everyone.pull(moodle_site)
    before = everyone.dump("pull_cursors")
    everyone.now = NOW + hours(25)
    again = everyone.pull(moodle_site)
    assert everyone.dump("pull_cursors") == before
    assert again.counts.complete == 3
    assert (again.counts.new, again.counts.edited, again.counts.gone) == (0, 0, 0)
    assert again.counts.unchanged == 15


def test_edits_and_deletions_arrive_and_old_scores_go(everyone, moodle_site):
    everyone.pull(moodle_site)
    old = {post.text: post for post in everyone.posts()}
    edited = next(post for text, post in old.items() if text.startswith("I expected"))
    kept = old["The course lasts 4 weeks.\none\ntwo"]
    with everyone.database.session() as session:
        for post in old.values():
            score = {"post_id": post.id, "person_id": post.person_id, "text_hash": post.text_hash}
            session.add(Score(**score, weights_hash="w", logits=[0.0] * 10, scored_at=NOW))
    moodle_site.stage = "delta"
    pull = everyone.pull(moodle_site, complete=True)
    texts = {post.id: post.text for post in everyone.posts()}
    assert texts[edited.id].startswith("EDITED: I expected to observe only")
    assert "Post that will be deleted." not in texts.values()
    # Handed in since, put back to draft, and a second attempt that is not handed in yet.
    assert "Draft only so far, not submitted." in texts.values()
    assert "Week was fine.\nÇa va — ø ß 漢字" not in texts.values()
    assert "First attempt text." not in texts.values()
    with everyone.database.reading() as session:
        scored = set(session.scalars(select(Score.post_id)))
    assert kept.id in scored
    assert edited.id not in scored
    assert scored <= set(texts)
    assert pull.counts.edited == 1


def test_what_was_erased_or_belongs_to_a_deleted_account_goes(everyone, moodle_site):
    everyone.pull(moodle_site)
    moodle_site.stage = "gone"
    everyone.pull(moodle_site, complete=True)
    texts = everyone.texts()
    assert "I realised that I judge too fast." not in texts
    assert not any("removed and can no longer" in text or "why do you judge" in text for text in texts)


def test_who_left_the_roster_is_not_read_any_more(everyone, moodle_site):
    everyone.roster = Roster(tuple(one for one in members() if one.lms_user_id != "5"), True)
    everyone.pull(moodle_site)
    assert everyone.people["5"] not in {post.person_id for post in everyone.posts()}


def test_a_name_does_not_come_back_when_its_owner_leaves(everyone, moodle_site):
    posts = copy.deepcopy(recorded("moodle", "mod_forum_get_discussion_posts")["response"])
    posts["posts"][1]["message"] = "<p>I asked Bram Bakker and chloe, n = 5.</p>"
    moodle_site.changes["mod_forum_get_discussion_posts"] = lambda asked: posts
    everyone.pull(moodle_site)
    assert "I asked [NAME] and [NAME], n = 5." in everyone.texts()
    everyone.roster = Roster(tuple(one for one in members() if one.lms_user_id != "6"), True)
    everyone.pull(moodle_site)
    assert "I asked [NAME] and [NAME], n = 5." in everyone.texts()


def test_texts_pulled_without_names_on_the_roster_never_train(everyone, moodle_site):
    everyone.roster = Roster(everyone.roster.members, False)
    everyone.pull(moodle_site)
    assert {post.trainable for post in everyone.posts()} == {False}
    everyone.roster = Roster(everyone.roster.members, True)
    everyone.pull(moodle_site)
    assert {post.trainable for post in everyone.posts()} == {True}


def test_withdrawing_while_a_pull_runs_leaves_no_row(everyone, moodle_site, monkeypatch):
    """The pull has read the texts already; between reading and writing their author withdraws (P16)."""
    moodle_site.fail = lambda name, number: (
        everyone.choose("5", DECLINED) if name == "mod_assign_get_submissions" else None
    )
    everyone.pull(moodle_site)
    assert everyone.people["5"] not in {post.person_id for post in everyone.posts()}


def test_a_pull_that_the_lms_stops_in_the_middle_ends_as_an_undisturbed_one(
    tmp_path, moodle_site, monkeypatch
):
    monkeypatch.setattr("lti_tool.ingest.reading.BATCH", 2)
    states = []
    for disturbed in (False, True):
        folder = tmp_path / str(disturbed)
        folder.mkdir()
        course = make_course(folder)
        for user in "56789":
            course.choose(user, EARLIER)
        if disturbed:
            moodle_site.calls.clear()
            moodle_site.fail = lambda name, number: (
                (503, {}, b"") if name == "mod_forum_get_discussion_posts" and number > 4 else None
            )
            with pytest.raises(LmsUnavailableError) as down:
                course.pull(moodle_site)
            assert "answers, but not for everything" in down.value.words
            assert 0 < len(course.posts()) < 15
            moodle_site.fail = lambda name, number: None
        course.pull(moodle_site)
        states.append(
            sorted((post.text, post.title, post.language, post.written_at) for post in course.posts())
        )
        with course.database.reading() as session:
            states[-1] += sorted(
                (row.newest_at, row.position) for row in session.scalars(select(PullCursor)) if row.newest_at
            )
    assert states[0] == states[1]


def test_the_same_job_started_again_does_not_read_a_finished_activity_twice(everyone, moodle_site):
    moodle_site.fail = lambda name, number: (503, {}, b"") if name == "mod_assign_get_submissions" else None
    with pytest.raises(LmsUnavailableError):
        everyone.pull(moodle_site, job="one")
    read = moodle_site.calls["mod_forum_get_discussion_posts"]
    moodle_site.fail = lambda name, number: None
    everyone.pull(moodle_site, job="one")
    assert moodle_site.calls["mod_forum_get_discussion_posts"] == read
    assert len(everyone.posts()) == 15
    with everyone.database.reading() as session:
        assert {row.position for row in session.scalars(select(PullCursor))} == {""}


def test_a_read_that_stops_half_way_deletes_nothing(everyone, moodle_site):
    everyone.pull(moodle_site)
    moodle_site.stage = "delta"
    moodle_site.calls.clear()
    moodle_site.fail = lambda name, number: (
        (503, {}, b"") if name == "mod_forum_get_discussion_posts" and number > 5 else None
    )
    with pytest.raises(LmsUnavailableError):
        everyone.pull(moodle_site, complete=True)
    assert "Post that will be deleted." in everyone.texts()


def test_scoring_is_queued_with_the_last_write_only(everyone, moodle_site):
    moodle_site.fail = lambda name, number: (503, {}, b"") if name == "mod_assign_get_submissions" else None
    with pytest.raises(LmsUnavailableError):
        everyone.pull(moodle_site)
    with everyone.database.reading() as session:
        assert session.scalars(select(Job)).all() == []
    moodle_site.fail = lambda name, number: None
    everyone.pull(moodle_site)
    with everyone.database.reading() as session:
        assert [(job.kind, job.key) for job in session.scalars(select(Job))] == [
            ("score", everyone.course_id)
        ]


def test_a_text_of_a_megabyte_is_cut_and_stored(everyone, moodle_site):
    posts = copy.deepcopy(recorded("moodle", "mod_forum_get_discussion_posts")["response"])
    posts["posts"][1]["message"] = "<p>" + "I am lost in the proof. " * 45_000 + "</p>"
    moodle_site.changes["mod_forum_get_discussion_posts"] = lambda asked: posts
    everyone.pull(moodle_site)
    assert max(map(len, everyone.texts())) in (19_999, 20_000)


def test_activities_carry_their_week_and_follow_a_new_name(everyone, moodle_site):
    everyone.pull(moodle_site)
    contents = recorded("moodle", "core_course_get_contents")["response"]
    contents[1]["name"] = "Week 1: Hopes"
    moodle_site.changes["core_course_get_contents"] = lambda asked: contents
    everyone.pull(moodle_site)
    with everyone.database.reading() as session:
        rows = session.execute(select(Activity.name, Activity.section, Activity.section_name)).all()
    assert ("Weekly reflection 1", 1, "Week 1: Hopes") in rows
    assert len(rows) == 6


def test_progress_is_told_by_activity(everyone, moodle_site):
    told = []
    everyone.pull(moodle_site, tell=lambda *step: told.append(step))
    assert told[0] == ("activities", 0, 0)
    assert told[1] == ("texts", 0, 6)
    assert told[-1] == ("done", 6, 6)


def test_no_text_stands_in_a_log(everyone, moodle_site, caplog):
    caplog.set_level(logging.DEBUG)
    everyone.pull(moodle_site)
    assert not any(text in caplog.text for text in everyone.texts())
