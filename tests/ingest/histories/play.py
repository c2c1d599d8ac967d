"""One random history of a course: what happens in the LMS, who agrees, leaves and comes back, and pulls in between."""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentState
from lti_tool.ingest import drafts
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.own_words import own_words
from lti_tool.ingest.tables import Activity, Post, PullCursor
from lti_tool.launch.roster import Member, Roster
from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.protocol import PostFacts
from lti_tool.storage import blind_index
from tests.ingest.conftest import DECLINED, EARLIER, FROM_NOW, NOW, Pulled
from tests.ingest.histories.lms import Entry, Face, FakeLms, Place, Thread

STUDENTS = ("5", "6", "7", "8", "9")
NAMES = {"5": "Aino", "6": "Bram", "7": "Chloé", "8": "Danilo", "9": "Evalotta"}
FAULTS = (
    lambda: LmsUnavailableError(),
    lambda: LmsUnavailableError(code="lms_malformed"),
    lambda: LmsRefusedError(),
)
WORDS = "lost proof week group lab reading clear slow helped plan question answer draft again never".split()


@dataclass
class History:
    """A course of `Pulled`, a fake LMS, and chance."""

    course: Pulled
    face: Face
    chance: random.Random
    skew: timedelta = timedelta(0)
    """How far the LMS's clock is ahead of ours."""
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))
    untold: set[int] = field(default_factory=set)
    """Entries that came in reach without a word in any list: moved from elsewhere, or blank until they were edited."""

    def __post_init__(self) -> None:
        self.lms, self.away = FakeLms(self.face), set[str]()
        self.course.now = NOW
        self.new_place("forum")
        self.new_place("reflection")
        for user in STUDENTS[:4]:
            self.course.choose(user, self.chance.choice((EARLIER, EARLIER, FROM_NOW)))

    # The LMS

    def lms_now(self) -> datetime:
        return self.course.now + self.skew

    def wait(self, most_minutes: float) -> None:
        self.course.now += timedelta(minutes=1 + self.chance.random() * most_minutes)

    def new_place(self, kind: Any = None) -> None:
        number, kind = next(self.numbers), kind or self.chance.choice(("forum", "reflection"))
        threads = [Thread(next(self.numbers), [])] if kind == "reflection" else []
        self.lms.places.append(Place(number, kind, f"Place {number}", threads))

    def html(self) -> str:
        words = [self.chance.choice(WORDS) for _ in range(self.chance.randint(3, 9))]
        if self.chance.random() < 0.3:
            words.insert(2, NAMES[self.chance.choice(STUDENTS)])
        quote = "<blockquote>of another</blockquote>" if self.chance.random() < 0.1 else ""
        return f"<p>{quote}{' '.join(words)}</p>" if self.chance.random() > 0.05 else "<p> </p>"

    def write(self) -> None:
        place, author = self.chance.choice(self.lms.places), self.chance.choice((*STUDENTS, "3"))
        new = Entry(next(self.numbers), author, self.html(), self.lms_now())
        if place.kind == "reflection":
            if all(entry.author != author for entry in place.entries()):
                new.submitted = self.chance.random() > 0.2
                place.threads[0].entries.append(new)
        elif place.threads and self.chance.random() < 0.7:
            self.chance.choice(place.threads).entries.append(new)
        else:
            new.title = f"About {self.chance.choice(WORDS)}"
            place.threads.append(Thread(next(self.numbers), [new]))

    def change(self) -> None:
        for entry in self._some_entry():
            as_before = self.chance.random() < 0.2
            if not own_words(entry.html):
                self.untold.add(entry.number)
            entry.html, entry.edited = entry.html if as_before else self.html(), self.lms_now()

    def change_unstamped(self) -> None:
        """The message that opens a Canvas discussion, or a title: neither has a stamp of its edit."""
        threads = [thread for place in self.lms.places if place.kind == "forum" for thread in place.threads]
        if threads and (opening := self.chance.choice(threads).entries[0]) and not opening.deleted:
            if not own_words(opening.html):
                self.untold.add(opening.number)
            opening.title = f"About {NAMES[self.chance.choice(STUDENTS)]} and {self.chance.choice(WORDS)}"
            if self.face == "canvas":
                opening.html = self.html()

    def delete(self) -> None:
        for entry in self._some_entry("forum"):
            self.lms.delete(entry)
            entry.edited = self.lms_now()

    def forget(self) -> None:
        for entry in self._some_entry("forum"):
            entry.forgotten = self.face == "moodle"

    def back_to_draft(self) -> None:
        for entry in self._some_entry("reflection"):
            entry.submitted = not entry.submitted
            if entry.submitted:
                entry.edited = self.lms_now()

    def move(self) -> None:
        forums = [place for place in self.lms.places if place.kind == "forum"]
        if len(forums) > 1 and forums[0].threads:
            thread = forums[0].threads.pop()
            forums[1].threads.append(thread)
            self.untold |= {entry.number for entry in thread.entries}

    def hide(self) -> None:
        place = self.chance.choice(self.lms.places)
        place.visible = not place.visible

    def anonymise(self) -> None:
        place = self.chance.choice(self.lms.places)
        place.unreadable = "" if place.unreadable else "anonymous"

    def remove_place(self) -> None:
        if len(self.lms.places) > 2:
            self.lms.places.pop()

    def lag(self) -> None:
        self.lms.refresh() if self.lms.stale else self.lms.grow_stale()

    # People

    def choose(self) -> None:
        self.course.choose(
            self.chance.choice(STUDENTS), self.chance.choice((EARLIER, EARLIER, FROM_NOW, DECLINED))
        )

    def come_or_go(self) -> None:
        self.away ^= {self.chance.choice(STUDENTS[1:])}

    def roster(self) -> Roster:
        students = [
            Member(one, NAMES[one], "", NAMES[one], "", ("Learner",), student=True)
            for one in STUDENTS
            if one not in self.away
        ]
        return Roster((*students, Member("3", "Tea", "", "Tea", "", ("Instructor",), student=False)), True)

    # Pulls

    def some_acts(self, most: int) -> None:
        often = (self.write,) * 24 + (self.change,) * 9 + (self.delete,) * 4
        seldom = (self.forget, self.back_to_draft, self.move, self.hide, self.anonymise, self.new_place)
        seldom += (self.change_unstamped,) * 3
        acts = often + seldom + (self.remove_place, self.lag)
        for _ in range(self.chance.randint(0, most)):
            self.wait(5)
            self.chance.choice(acts)()
        if self.chance.random() < 0.4:
            self.chance.choice((self.choose, self.come_or_go))()

    def pull(self, *, complete: bool = False, disturbed: bool = False) -> bool:
        """Whether it was read to its end."""
        self.course.roster = self.roster()
        self.lms.filters = self.chance.random() < 0.8
        self.lms.before_call = self._disturb if disturbed else (lambda name: None)
        with suppress(LmsUnavailableError, LmsRefusedError):
            made = self.course.pull(None, connector=self.lms, complete=complete)
            return not made.counts.words
        return False

    def _disturb(self, name: str) -> None:
        """A fault, a slow answer, or a change in what was read already."""
        dice = self.chance.random()
        if dice < 0.12:
            raise self.chance.choice(FAULTS)()
        if dice < 0.3:
            self.wait(25)
            self.chance.choice((self.write, self.change, self.delete, self.choose))()

    def _some_entry(self, kind: str = "") -> Iterator[Entry]:
        places = [place for place in self.lms.places if kind in ("", place.kind)]
        entries = [entry for place in places for entry in place.entries() if not entry.deleted]
        if entries:
            yield self.chance.choice(entries)

    # What is stored, and what must be

    def stored(self) -> dict[str, list[Any]]:
        """All that is kept, in words that do not depend on ids; names of all who were ever there replaced."""
        everyone = Deidentifier([Member(o, n, "", n, "", (), student=True) for o, n in NAMES.items()])
        with self.course.database.reading() as session:
            own = Activity.course_id == self.course.course_id
            rows = {
                row.id: (row.kind, row.external_index, row.name)
                for row in session.scalars(select(Activity).where(own))
            }
            posts = session.scalars(select(Post).where(Post.course_id == self.course.course_id)).all()
            cursors = session.scalars(select(PullCursor).where(PullCursor.activity_id.in_(rows))).all()
        facts = [
            (
                *(post.external_index, post.person_id, rows[post.activity_id], post.thread_index),
                *(everyone.clean(post.text), post.title and everyone.clean(post.title)),
                *(post.written_at, post.edited_at, post.url, post.trainable),
            )
            for post in posts
        ]
        return {
            "activities": sorted(rows.values()),
            "posts": sorted(facts, key=repr),
            "cursors": sorted((rows[one.activity_id], one.position, one.fault) for one in cursors),
        }

    def readable(self) -> set[str]:
        """Indexes of the posts that a pull of this moment must find."""
        found = set[str]()
        with self.course.database.reading() as session:
            query = select(ConsentState).where(ConsentState.course_id == self.course.course_id)
            states = {state.person_id: state for state in session.scalars(query)}
        for place in self.lms.places:
            for entry in place.entries() if place.visible and not place.unreadable else ():
                state = states.get(self.course.people[entry.author])
                if state is not None and self._is_readable(place, entry, state):
                    found.add(blind_index(self.course.course_id, place.kind, str(entry.number)))
        return found

    def held(self) -> set[str]:
        with self.course.database.reading() as session:
            query = select(Post.external_index).where(Post.course_id == self.course.course_id)
            return set(session.scalars(query))

    def _is_readable(self, place: Place, entry: Entry, state: ConsentState) -> bool:
        if entry.deleted or entry.forgotten or not entry.submitted or entry.number in self.untold:
            return False
        if entry.author in self.away or entry.author not in STUDENTS or not own_words(entry.html):
            return False
        facts = PostFacts(
            str(entry.number), place.kind, entry.author, None, None, None, "", entry.created, entry.edited
        )
        return consent.covers(state, drafts.moment_of(facts))

    def empty(self) -> None:
        empty(self.course)


def empty(course: Pulled) -> None:
    """Forget everything that pulls brought, as if the course had never been read."""
    with course.database.session() as session:
        own = select(Activity.id).where(Activity.course_id == course.course_id)
        session.execute(delete(Post).where(Post.course_id == course.course_id))
        session.execute(delete(PullCursor).where(PullCursor.activity_id.in_(own)))
        session.execute(delete(Activity).where(Activity.course_id == course.course_id))
