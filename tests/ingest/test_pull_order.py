"""Activities that never answer, and an LMS that does: every other one is read, and the LMS is not called down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from lti_tool.ingest import breaker, tasks
from lti_tool.ingest.tables import LmsBreaker
from lti_tool.ingest.turns import MOST_SILENT
from lti_tool.launch.tables import Registration
from lti_tool.lms.errors import LmsAskedToWaitError, LmsUnavailableError
from lti_tool.lms.protocol import CheckLine
from tests.ingest.conftest import EARLIER, NOW, another_course, hours
from tests.ingest.histories.lms import Entry, Place, Thread
from tests.ingest.test_pull_breaker import HOUR, Hourly
from tests.ingest.test_pull_faults import SILENT, Site, numbers, pulled, state_of


class Answering(Site):
    """Says at any time whether it is up, and is asked how often."""

    def __init__(self, more=0):
        super().__init__()
        self.up, self.probes = True, 0
        for number in range(5, 5 + more):
            entry = Entry(number, "5", f"<p>Text number {number} of mine.</p>", NOW - hours(48))
            self.places.append(Place(number, "forum", f"Forum {number}", [Thread(50 + number, [entry])]))

    def check(self):
        self.probes += 1
        return [CheckLine("It answers", self.up)]


@pytest.fixture
def agreed(course):
    course.choose("5", EARLIER)
    return course


@pytest.fixture
def hourly(course, monkeypatch):
    made = Hourly([course, another_course(course), another_course(course)])
    monkeypatch.setattr(tasks.roster, "read", made.read_roster)
    monkeypatch.setattr(tasks, "connector_for", made.connector)
    return made


def turns(agreed, site, each, last):
    """A pull every so many hours; how each ended."""
    ends = []
    for hour in range(0, last, each):
        agreed.now = NOW + hours(hour)
        try:
            pulled(agreed, site)
        except LmsUnavailableError as error:
            ends.append(error.code)
        else:
            ends.append("")
    return ends


def test_two_that_never_answer_starve_no_other(agreed):
    site = Answering()
    site.faults |= {"1": SILENT, "2": SILENT}
    assert set(turns(agreed, site, 7, 30)) == {"lms_in_part"}
    assert numbers(agreed) == ["3", "4"]
    assert [one.name for one in state_of(agreed).missing] == ["Forum 1", "Forum 2"]


def test_with_an_lms_that_says_nothing_of_itself_the_others_come_first_the_next_time(agreed):
    """Down in the middle of the first pull: what was not reached then is read before what failed."""
    site = Answering()
    site.up = False
    site.faults |= {"1": SILENT, "2": SILENT}
    assert turns(agreed, site, 7, 1) == ["lms_unavailable"]
    assert [(one.name, one.fault) for one in state_of(agreed).missing] == [
        ("Forum 1", "lms_unavailable"),
        ("Forum 2", "lms_unavailable"),
        ("Forum 3", "not_reached"),
        ("Forum 4", "not_reached"),
    ]
    agreed.now = NOW + hours(1)
    with pytest.raises(LmsUnavailableError):
        pulled(agreed, site)
    assert [asked[0] for asked in site.asked[1:]][:2] == ["3", "4"]
    assert numbers(agreed) == ["3", "4"]


def test_what_was_read_once_and_not_reached_now_is_not_said_to_be_missing(agreed):
    site = Answering()
    pulled(agreed, site)
    site.up, site.faults = False, dict.fromkeys("1234", SILENT)
    agreed.now = NOW + hours(25)
    with pytest.raises(LmsUnavailableError):
        pulled(agreed, site)
    assert {one.fault for one in state_of(agreed).missing} == {"lms_unavailable"}
    assert len(state_of(agreed).missing) == 2


def test_a_pull_waits_for_no_more_than_a_few_and_reaches_all_in_time(agreed):
    """Twelve that never answer and one between them that does again: it is read within days, by turns."""
    site = Answering(more=9)
    site.faults |= {str(number): SILENT for number in range(1, 14)}
    turns(agreed, site, 7, 1)
    assert len(site.asked) == 1 + MOST_SILENT
    del site.faults["9"]
    turns(agreed, site, 7, 24 * 7)
    assert numbers(agreed) == ["9"]


def test_what_is_not_to_be_read_is_seen_to_before_anything_is_asked_for(agreed):
    site = Answering()
    pulled(agreed, site)
    site.up = False
    site.faults = dict.fromkeys("123", SILENT)
    site.places[3].unreadable = "anonymous"
    agreed.now = NOW + hours(25)
    with pytest.raises(LmsUnavailableError):
        pulled(agreed, site)
    assert numbers(agreed) == ["1", "2", "3"], "its authors were promised not to be seen"


def test_a_killed_pull_that_goes_on_keeps_the_order(agreed):
    site = Answering(more=9)
    site.faults |= {str(number): SILENT for number in range(1, 14)}
    turns(agreed, site, 7, 21)
    orders = []
    for _ in range(2):
        with pytest.raises(LmsUnavailableError):
            pulled(agreed, site, reading_id="the same job")
        orders.append([asked[0] for asked in site.asked[1:]])
    assert orders[0] == orders[1]


@pytest.mark.parametrize("up", [True, False])
def test_only_an_lms_that_answers_nothing_else_is_left_alone(hourly, monkeypatch, up):
    site = Answering()
    site.up, site.faults = up, dict.fromkeys("1234", SILENT)
    monkeypatch.setattr(tasks, "connector_for", lambda *_: site)
    hourly.courses[0].choose("5", EARLIER)
    for _ in range(4):
        hourly.run(hourly.courses[0].course_id, asked=True)
    with hourly.database.reading() as session:
        assert bool(session.scalars(select(LmsBreaker)).all()) is not up
    assert site.probes > 0


@pytest.mark.parametrize(("asks", "until"), [(HOUR, HOUR), (timedelta(days=1), breaker.LONGEST)])
def test_an_lms_that_asks_to_be_left_alone_is_until_then(hourly, asks, until):
    hourly.fault = LmsAskedToWaitError(asks)
    assert hourly.turn()[0] is LmsAskedToWaitError
    assert hourly.turn() == [], "nor is any other course of it read meanwhile"
    with hourly.database.reading() as session:
        registration = session.scalars(select(Registration.id)).one()
        assert breaker.paused_until(session, NOW, registration) == NOW + until
    hourly.fault, hourly.moment = None, NOW + until
    assert hourly.turn() == [None] * 3


def test_who_is_asked_to_wait_in_the_middle_asks_for_nothing_more(agreed):
    site = Answering()
    site.faults["2"] = LmsAskedToWaitError(HOUR)
    with pytest.raises(LmsAskedToWaitError):
        pulled(agreed, site)
    assert [asked[0] for asked in site.asked[1:]] == ["1", "2"]
    assert (numbers(agreed), site.probes) == (["1"], 0)
