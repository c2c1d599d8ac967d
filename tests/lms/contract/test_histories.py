"""The contract of a connector while a course goes on: people write, edit, delete, hand in and leave."""

from tests.lms.contract.face import read, texts


def somewhere(live):
    """(forum id, id of a post without replies, its author) of a running discussion."""
    for forum in live.campus.forums():
        for discussion in forum.discussions:
            posts = live.campus.posts(discussion)
            answered = {post.parent for post in posts}
            for post in posts[1:]:
                if post.id not in answered and live.campus.person(post.author).role == "student":
                    return forum.id, post.id, post.author
    raise AssertionError


def later(live):
    """Move the clock and give the moment."""
    live.clock.day += 1
    return live.clock()


def reads_what_stands(live):
    found = {text for text in texts(read(live.connector())) if "pluginfile" not in text[2]}
    assert live.standing() <= found <= live.standing() | live.also()


def test_a_new_discussion_and_a_new_reply_come_with_a_quick_pass(live):
    moment = later(live)
    forum, _, author = somewhere(live)
    opened = live.campus.open_discussion(author, forum, "A new one", "<p>Just opened.</p>")
    live.campus.reply("will", opened.posts[0].id, "<p>Just answered.</p>")
    found = {text[2] for text in texts(read(live.connector(), since=moment))}
    assert {"<p>Just opened.</p>", "<p>Just answered.</p>"} <= found
    reads_what_stands(live)


def test_an_edit_comes_at_the_latest_with_a_complete_pass(live):
    _, post, author = somewhere(live)
    moment = later(live)
    live.campus.edit(author, post, "<p>Thought again.</p>")
    quick = {text[2] for text in texts(read(live.connector(), since=moment))}
    assert ("<p>Thought again.</p>" in quick) or not live.quick_sees_edits
    reads_what_stands(live)
    edited = next(one for one in read(live.connector()) if one.html == "<p>Thought again.</p>")
    assert edited.edited_at == moment


def test_deleted_posts_stand_no_longer_and_their_replies_as_the_lms_has_it(live):
    _, post, _author = somewhere(live)
    later(live)
    reply = live.campus.reply("will", post, "<p>Below it.</p>")
    later(live)
    live.campus.delete_with_replies(post)
    standing = {one.external_id for one in read(live.connector()) if not one.deleted}
    assert str(post) not in standing
    assert (str(reply.id) in standing) == live.replies_outlive
    reads_what_stands(live)


def test_a_submission_goes_through_its_life(live):
    task = live.campus.assignments()[1]
    for html, status in (("<p>One.</p>", "submitted"), ("<p>Two.</p>", "submitted"), ("<p>3.</p>", "draft")):
        moment = later(live)
        live.campus.submit("will", task.id, html, status)
        if status == "submitted":
            assert html in {text[2] for text in texts(read(live.connector(), since=moment))}
        reads_what_stands(live)
    live.campus.submit("will", task.id, "<p>Four.</p>")
    reads_what_stands(live)


def test_submissions_of_people_who_left_are_gone_and_come_back_with_them(live):
    author = live.campus.submissions(live.campus.assignments()[1])[0].author
    before = texts(read(live.connector()))
    live.campus.leave(author, "unenrolled")
    gone = before - texts(read(live.connector()))
    assert {text[:2] for text in gone} >= {("reflection", live.campus.roster_sub(author))}
    live.campus.come_back(author)
    assert texts(read(live.connector())) == before


def test_a_course_without_activities_is_empty_and_no_error(live):
    live.campus.content.forums.clear()
    live.campus.content.assignments.clear()
    live.campus.content.others.clear()
    assert live.connector().activities("2") == []
