"""An LMS that is down, refuses, forgets its token or talks nonsense: what is read stays, and the state is readable."""

from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select

from lti_tool.ingest import cursors, reasons, state
from lti_tool.ingest.passes import OVERLAP
from lti_tool.ingest.tables import Activity, Post, PullCursor
from lti_tool.launch.roster import Roster
from lti_tool.launch.tables import Course
from lti_tool.lms.errors import LmsAccountError, LmsRefusedError, LmsUnavailableError
from tests.ingest.conftest import DECLINED, EARLIER, FROM_NOW, NOW, hours
from tests.ingest.histories.lms import Entry, FakeLms, Place, Thread

MALFORMED = LmsUnavailableError(code="lms_malformed")
SILENT = LmsUnavailableError()
REFUSED = LmsRefusedError("The reading account lacks a right in this course: mod/forum:viewdiscussion.")
EXPIRED = LmsAccountError("The token has expired. Make a new one.")


class Site(FakeLms):
    """Four forums with a post of 5 in each, and a list of what befalls reading them."""

    def __init__(self, face="moodle"):
        super().__init__(face)
        self.faults, self.asked, self.down, self.numbers = {}, [], None, count(100)
        for number in range(1, 5):
            entry = Entry(number, "5", f"<p>Text number {number} of mine.</p>", NOW - hours(48))
            self.places.append(Place(number, "forum", f"Forum {number}", [Thread(10 + number, [entry])]))

    def activities(self, course_id):
        self.asked.append("list")
        if self.down:
            raise self.down
        return super().activities(course_id)

    def posts(self, activity, since=None):
        self.asked.append((activity.external_id, since))
        if fault := self.faults.get(activity.external_id):
            raise fault
        yield from super().posts(activity, since)

    def write(self, number, at, author="5"):
        new = Entry(next(self.numbers), author, f"<p>Later words {at:%d %H %M}.</p>", at)
        self.places[number - 1].threads[0].entries.append(new)
        return new


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def agreed(course):
    course.choose("5", EARLIER)
    return course


def pulled(course, site, **changed):
    site.asked.clear()
    return course.pull(None, connector=site, **changed).counts


def state_of(course):
    with course.database.reading() as session:
        return state.of_course(session, course.now, session.get_one(Course, course.course_id))


def numbers(course):
    return sorted(text.split()[2] for text in course.texts() if text.startswith("Text number"))


@pytest.mark.parametrize(("fault", "raised"), [(MALFORMED, False), (REFUSED, False), (SILENT, True)])
def test_what_befalls_one_activity_keeps_no_other_from_being_read(agreed, site, fault, raised):
    site.faults["2"] = fault
    if raised:
        with pytest.raises(LmsUnavailableError):
            pulled(agreed, site)
    else:
        assert pulled(agreed, site).not_read == 1
    assert numbers(agreed) == ["1", "3", "4"]
    (missing,) = state_of(agreed).missing
    assert (missing.name, missing.read_at, missing.fault_since) == ("Forum 2", None, NOW)
    assert state_of(agreed).complete_at is None
    site.faults.clear()
    agreed.now = NOW + hours(1)
    pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3", "4"]
    assert state_of(agreed).missing == []
    assert state_of(agreed).complete_at == NOW


def test_two_activities_without_an_answer_end_the_pull(agreed, site):
    site.faults |= {"1": SILENT, "2": SILENT}
    with pytest.raises(LmsUnavailableError):
        pulled(agreed, site)
    assert [asked[0] for asked in site.asked[1:]] == ["1", "2"]


def test_the_next_pull_reads_first_what_is_missing_and_nothing_twice(agreed, site):
    site.faults |= {"3": SILENT, "4": SILENT}
    with pytest.raises(LmsUnavailableError):
        pulled(agreed, site)
    site.faults.clear()
    agreed.now = NOW + hours(1)
    pulled(agreed, site)
    assert sorted(site.asked[1:]) == [("3", None), ("4", None)], "what failed is read in any order"
    assert numbers(agreed) == ["1", "2", "3", "4"]


def test_a_token_that_expires_in_the_middle_ends_the_pull_with_its_words(agreed, site):
    site.faults["2"] = EXPIRED
    with pytest.raises(LmsAccountError) as told:
        pulled(agreed, site)
    assert told.value is EXPIRED
    assert numbers(agreed) == ["1"]
    assert [asked[0] for asked in site.asked[1:]] == ["1", "2"]
    told, *left = state_of(agreed).missing
    assert told.fault_words == EXPIRED.words
    assert [(one.name, one.fault) for one in left] == [("Forum 3", "not_reached"), ("Forum 4", "not_reached")]


def test_a_course_that_is_refused_everywhere_is_no_complete_reading(agreed, site):
    site.faults |= dict.fromkeys("1234", REFUSED)
    with pytest.raises(LmsRefusedError):
        pulled(agreed, site)


def test_a_fault_keeps_how_far_was_read_and_since_when_it_lasts(agreed, site):
    pulled(agreed, site)
    site.faults["1"] = MALFORMED
    for later in (25, 50):
        agreed.now = NOW + hours(later)
        pulled(agreed, site)
    (missing,) = state_of(agreed).missing
    assert (missing.read_at, missing.complete_at, missing.fault_since) == (NOW, NOW, NOW + hours(25))
    assert numbers(agreed) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("face", ["moodle", "canvas"])
@pytest.mark.parametrize("skew", [-10, 0, 10])
def test_a_clock_ten_minutes_off_loses_nothing(agreed, skew, face):
    """Every minute somebody writes, at the LMS's time, and pulls come in between."""
    site = Site(face)
    pulled(agreed, site)
    for minute in range(1, 60):
        agreed.now = NOW + timedelta(minutes=minute)
        site.write(1, agreed.now + timedelta(minutes=skew))
        if minute % 7 == 0:
            pulled(agreed, site)
    counts = pulled(agreed, site)
    assert counts.complete == 0
    assert len(agreed.posts()) == 4 + 59


def test_what_is_written_behind_the_back_of_a_long_read_comes_with_the_next(agreed, site):
    """While the second forum's hour-long read goes on, somebody writes in a thread that was read already."""
    site.face = "canvas"
    place = site.places[0]
    place.threads.append(Thread(50, [Entry(51, "5", "<p>The second thread.</p>", NOW - hours(40))]))
    pulled(agreed, site)
    passed = iter(range(100))

    def slowly(name):
        if name == "posts" and next(passed) == 1:
            site.write(1, agreed.now + timedelta(minutes=5))
            agreed.now += hours(1)
            place.threads[1].entries.append(Entry(52, "5", "<p>The last words of all.</p>", agreed.now))

    site.before_call = slowly
    agreed.now = NOW + hours(1)
    site.write(1, agreed.now)
    pulled(agreed, site)
    site.before_call = lambda name: None
    agreed.now += hours(1)
    assert pulled(agreed, site).complete == 0
    assert len(agreed.posts()) == 4 + 4


def test_what_canvas_shows_late_comes_with_the_next_pull(agreed):
    """Its trees are built in the background: an entry can appear after one that is minutes younger."""
    site = Site("canvas")
    site.write(1, NOW)
    pulled(agreed, site)
    agreed.now = NOW + hours(1)
    site.write(1, NOW - timedelta(minutes=10))
    site.write(1, agreed.now)
    assert pulled(agreed, site).complete == 0
    assert len(agreed.posts()) == 4 + 3


def test_only_what_changed_is_asked_for_and_an_edit_comes_within_hours(agreed, site):
    agreed.now = NOW
    pulled(agreed, site)
    entry = site.places[0].threads[0].entries[0]
    entry.html, entry.edited = "<p>Said otherwise now.</p>", NOW + timedelta(minutes=1)
    agreed.now = NOW + hours(1)
    pulled(agreed, site)
    assert site.asked == ["list"], "Moodle's list says that nothing was added"
    site.write(2, agreed.now)
    agreed.now = NOW + hours(2)
    pulled(agreed, site)
    assert site.asked == ["list", ("2", NOW - hours(48) - OVERLAP)]
    agreed.now = NOW + hours(7)
    pulled(agreed, site)
    assert "Said otherwise now." in agreed.texts()


@pytest.mark.parametrize("choose", [EARLIER, FROM_NOW])
def test_whoever_agrees_is_read_with_the_next_pull_whatever_the_list_says(agreed, site, choose):
    site.write(1, NOW - hours(20), author="6")
    pulled(agreed, site)
    agreed.now = NOW + hours(1)
    agreed.choose("6", choose)
    pulled(agreed, site)
    came = [post for post in agreed.posts() if post.person_id == agreed.people["6"]]
    assert len(came) == (choose is EARLIER)


def test_who_withdraws_and_agrees_again_between_two_pulls_is_read_again(agreed, site):
    pulled(agreed, site)
    agreed.choose("5", DECLINED)
    agreed.choose("5", EARLIER)
    assert agreed.posts() == []
    pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3", "4"]


def test_the_texts_of_who_left_go_and_come_back_with_them(agreed, site):
    pulled(agreed, site)
    whole = agreed.roster
    agreed.roster = Roster(tuple(one for one in whole.members if one.lms_user_id != "5"), True)
    pulled(agreed, site)
    assert agreed.posts() == []
    agreed.roster = whole
    pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3", "4"]


def test_a_roster_without_students_changes_nothing(agreed, site):
    pulled(agreed, site)
    agreed.roster = Roster((), True)
    pulled(agreed, site, complete=True)
    assert site.asked == []
    assert numbers(agreed) == ["1", "2", "3", "4"]


def test_a_tombstone_is_followed_by_a_read_of_changes(agreed):
    site = Site("canvas")
    pulled(agreed, site)
    agreed.now = NOW + hours(1)
    entry = site.places[0].threads[0].entries[0]
    site.delete(entry)
    entry.edited = agreed.now
    assert pulled(agreed, site).complete == 0
    assert numbers(agreed) == ["2", "3", "4"]


def test_a_hidden_forum_is_not_read_and_its_texts_go_after_a_day(agreed, site):
    pulled(agreed, site)
    site.places[1].visible = False
    agreed.now = NOW + hours(1)
    pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3", "4"]
    assert [one.fault for one in state_of(agreed).missing] == ["not_listed"]
    assert "hidden or deleted" in reasons.why_not_read("not_listed")
    site.places[1].visible = True
    agreed.now = NOW + hours(2)
    pulled(agreed, site)
    assert state_of(agreed).missing == []
    site.places[1].visible = False
    for later in (3, 28):
        agreed.now = NOW + hours(later)
        pulled(agreed, site)
    assert numbers(agreed) == ["1", "3", "4"]
    with agreed.database.reading() as session:
        assert (
            len(session.scalars(select(Activity)).all())
            == len(session.scalars(select(PullCursor)).all())
            == 3
        )


def test_a_complete_pass_erases_what_is_gone_at_once(agreed, site):
    pulled(agreed, site)
    del site.places[1]
    pulled(agreed, site, complete=True)
    assert numbers(agreed) == ["1", "3", "4"]


def test_a_refused_list_erases_nothing(agreed, site):
    pulled(agreed, site)
    site.down = REFUSED
    agreed.now = NOW + hours(50)
    with pytest.raises(LmsRefusedError):
        pulled(agreed, site, complete=True)
    assert numbers(agreed) == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("reason", "left", "words"),
    [
        ("anonymous", ["2", "3", "4"], "hides their authors"),
        ("blind", ["2", "3", "4"], "hidden from those who grade"),
        ("team", ["2", "3", "4"], "written by groups"),
        ("initial_post", ["1", "2", "3", "4"], "written in it first"),
    ],
)
def test_a_topic_that_turns_anonymous_loses_its_texts_at_once_and_one_to_write_in_does_not(
    agreed, site, reason, left, words
):
    """That somebody must write first is said of our account, which had the right before; it says nothing of authors."""
    pulled(agreed, site)
    site.places[0].unreadable = reason
    counts = pulled(agreed, site)
    assert counts.not_read == 1
    assert numbers(agreed) == left
    assert ("1", None) not in site.asked
    (missing,) = state_of(agreed).missing
    assert words in reasons.why_not_read(missing.fault)
    assert state_of(agreed).complete_at == NOW, "it is not to be read, so the reading is complete without it"


@pytest.mark.parametrize("face", ["moodle", "canvas"])
def test_a_topic_that_is_not_anonymous_any_more_gets_its_older_texts_back(agreed, face):
    """Though nobody wrote in it meanwhile, so that the list says of it what it said before."""
    site = Site(face)
    pulled(agreed, site)
    site.places[0].unreadable = "anonymous"
    pulled(agreed, site)
    site.places[0].unreadable = ""
    agreed.now = NOW + timedelta(minutes=5)
    pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3", "4"]


def test_an_activity_that_comes_back_while_its_texts_are_erased_is_read_anew(agreed, site, monkeypatch):
    """The pull that erases what is not listed any more is killed when the texts are gone, and the list has it again."""
    pulled(agreed, site)
    hidden = site.places.pop(0)
    erase = cursors.erase_posts

    def killed(*given):
        erase(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(cursors, "erase_posts", killed)
    with pytest.raises(KeyboardInterrupt):
        pulled(agreed, site, complete=True)
    assert numbers(agreed) == ["2", "3", "4"]
    site.places.insert(0, hidden)
    pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3", "4"]


def test_an_activity_that_no_lms_lists_is_left_alone(agreed, site):
    """Such as one that was made inside the tool."""
    with agreed.database.session() as session:
        session.add(Activity(course_id=agreed.course_id, external_index="own", kind="reflection", name="Own"))
    pulled(agreed, site, complete=True)
    with agreed.database.reading() as session:
        assert len(session.scalars(select(Activity)).all()) == 5
        assert len(session.scalars(select(Post)).all()) == 4


@pytest.mark.parametrize("named", [True, False])
def test_an_edit_without_a_stamp_comes_with_a_complete_read(agreed, named):
    """A placeholder in what is stored stands for one name, not for whatever the author writes there later."""
    site = Site("canvas")
    entry = site.places[0].threads[0].entries[0]
    entry.title, entry.html = "On Bram today", "<p>Thanks Bram!</p>" if named else "<p>Thanks all!</p>"
    pulled(agreed, site)
    assert ("Thanks [NAME]!" in agreed.texts()) == named
    entry.title = "On nobody, and See you Bram today"
    entry.html = "<p>Thanks to nobody: the lecture was bad, see you Bram!</p>"
    pulled(agreed, site, complete=True)
    (post,) = [one for one in agreed.posts() if one.title]
    assert post.text == "Thanks to nobody: the lecture was bad, see you [NAME]!"
    assert post.title == "On nobody, and See you [NAME] today"


def test_a_title_that_changes_brings_no_name_back_into_the_text(agreed, site):
    entry = site.places[0].threads[0].entries[0]
    entry.title, entry.html = "One", "<p>Thanks Bram for it!</p>"
    pulled(agreed, site)
    agreed.roster = Roster(tuple(one for one in agreed.roster.members if one.lms_user_id != "6"), True)
    entry.title = "Two"
    pulled(agreed, site, complete=True)
    (post,) = [one for one in agreed.posts() if one.title]
    assert (post.title, post.text) == ("Two", "Thanks [NAME] for it!")


def test_a_text_whose_source_is_not_known_is_cleaned_anew(agreed, site):
    pulled(agreed, site)
    with agreed.database.session() as session:
        for post in session.scalars(select(Post)):
            post.source_hash = ""
    assert pulled(agreed, site, complete=True).edited == 4
    assert pulled(agreed, site, complete=True).unchanged == 4


def test_a_language_that_is_covered_now_is_scored(agreed, site):
    pulled(agreed, site)
    with agreed.database.session() as session:
        for post in session.scalars(select(Post)):
            post.scorable = "language"
    pulled(agreed, site, complete=True)
    assert {post.scorable for post in agreed.posts()} == {"yes"}
