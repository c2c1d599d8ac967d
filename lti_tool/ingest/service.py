"""A pull: read each activity outside of any transaction, keep what may be kept, write it in short batches.

Killed anywhere and run again, it ends in the same state: every write is an upsert or a deletion that follows from
what the LMS shows, and an activity's cursor moves when the activity was read to its end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from lti_tool.errors import UndertoneError
from lti_tool.ingest import cursors, passes, reasons
from lti_tool.ingest.activity_names import name_of
from lti_tool.ingest.authors import Authors, basis_of, newest_grants, readable_authors
from lti_tool.ingest.deidentify import Deidentifier
from lti_tool.ingest.reading import Reading
from lti_tool.ingest.tables import PullCursor
from lti_tool.ingest.turns import Key, Silence, answers, in_turn, key_of
from lti_tool.ingest.writing import Counts, store_activity
from lti_tool.jobs import enqueue
from lti_tool.launch import people, stopping
from lti_tool.launch.roster import Roster
from lti_tool.lms.errors import LmsRefusedError, LmsUnavailableError
from lti_tool.lms.protocol import ActivityFacts, Connector
from lti_tool.storage import Database

Tell = Callable[[str, int, int], None]


@dataclass
class Pull:
    """One reading of one course."""

    database: Database
    course_id: str
    lms_course_id: str
    connector: Connector
    roster: Roster
    people: Mapping[str, str]
    """LMS user id → person id, of everyone who ever launched."""
    reading_id: str
    """The job's id: activities that this very job has finished before it was killed are not read twice."""
    now: Callable[[], datetime]
    tell: Tell
    complete: bool = False
    """Read everything, whatever it costs, and erase at once what is not listed any more."""
    counts: Counts = field(default_factory=Counts)

    def run(self) -> Counts:
        """Read every activity that can be read, and keep it.

        Raises LmsUnavailableError when the LMS did not answer for one (`lms_in_part` when it does answer otherwise),
        LmsAccountError when the account may read nothing any more, and LmsRefusedError when every activity was
        refused.
        Without a student on the roster nobody is read and nothing is changed.
        """
        with self.database.session() as session:
            present = {member.lms_user_id for member in self.roster.members}
            people.follow_roster(session, self.now(), self.course_id, present)
        if not any(member.student for member in self.roster.members):
            return self.counts
        self.tell("activities", 0, 0)
        course = _Course(self)
        listed = self.connector.activities(self.lms_course_id)
        course.settle(listed)
        course.read_all(listed)
        with self.database.session() as session:
            cursors.close(session, self.course_id)
            enqueue(session, self.now(), "score", self.course_id)
        self.tell("done", len(listed), len(listed))
        return self.counts

    def require_running(self) -> None:
        """Raise StoppedError when the course was switched off while this pull runs (P64)."""
        with self.database.reading() as session:
            stopping.require_running(session, self.now(), self.course_id)

    def authors(self) -> Authors:
        """Whose texts may be read, as it is now."""
        students = {member.lms_user_id for member in self.roster.members if member.student}
        with self.database.reading() as session:
            return readable_authors(session, self.course_id, self.people, students)


class _Course:
    """What holds for all activities of a pull, settled before its first call."""

    def __init__(self, pull: Pull) -> None:
        self.pull, self.database, self.counts = pull, pull.database, pull.counts
        self.began, self.authors = pull.now(), pull.authors()
        with pull.database.reading() as session:
            grants = newest_grants(session, pull.course_id)
        self.basis = basis_of(pull.course_id, self.authors, grants, pull.roster)
        self.rows: dict[Key, str] = {}
        self.cursors: dict[Key, PullCursor] = {}

    @cached_property
    def cleaner(self) -> Deidentifier:
        """Made when there is a text to clean: the names of thousands take a second."""
        return Deidentifier(self.pull.roster.members)

    def settle(self, listed: list[ActivityFacts]) -> None:
        """Store what the list says; forget what it does not hold any more."""
        with self.database.session() as session:
            for facts in listed:
                named = replace(facts, name=name_of(facts, self.pull.roster))
                row = store_activity(session, self.pull.course_id, named)
                self.cursors[key_of(facts)] = cursors.of(session, row.id)
                self.rows[key_of(facts)] = row.id
        cursors.drop_unlisted(
            self.database,
            self.began,
            self.pull.course_id,
            set(self.rows.values()),
            self.counts,
            at_once=self.pull.complete,
        )

    def read_all(self, listed: list[ActivityFacts]) -> None:
        """Read one after the other; raise what `Pull.run` says."""
        faults: list[UndertoneError] = []
        silence = Silence(lambda: answers(self.pull.connector))
        ordered = in_turn(listed, self.cursors, self.pull.reading_id)
        for place, facts in enumerate(ordered):
            self.pull.tell("texts", place, len(listed))
            self.pull.require_running()
            fault = self._tried(facts)
            faults += [fault] if fault else []
            if silence.ends(fault):
                self._not_reached(ordered[place + 1 :])
                break
        silence.settle()
        if any(map(reasons.is_silence, faults)) and not silence.down:
            faults.append(LmsUnavailableError(reasons.IN_PART_WORDS, code=reasons.IN_PART))
        if any(map(reasons.ends_a_pull, faults)) or (faults and not self.counts.activities):
            raise faults[-1]

    def _tried(self, facts: ActivityFacts) -> UndertoneError | None:
        """Read an activity; return what kept it from being read, which is written down too."""
        activity_id = self.rows[key_of(facts)]
        try:
            if facts.unreadable:
                self._leave(activity_id, facts.unreadable)
            else:
                self._read(activity_id, facts)
        except (LmsRefusedError, LmsUnavailableError) as fault:
            self._note(activity_id, fault.code, fault.words)
            self.counts.words.append(fault.words)
            return None if fault.code in reasons.NOTES else fault
        return None

    def _leave(self, activity_id: str, code: str) -> None:
        """The LMS says that this may not be read: what was read of it before must not stay.

        That others must write first is said of our account, which had the right before: nothing is erased for it.
        """
        if code != "initial_post":
            cursors.erase(self.database, activity_id, self.counts)
        self._note(activity_id, code, "")

    def _not_reached(self, left: list[ActivityFacts]) -> None:
        """What the pull stopped before and no other has read is missing, whatever its cursor does not say."""
        for facts in left:
            cursor = self.cursors[key_of(facts)]
            if cursor.read_at is None and not cursor.fault:
                self._note(cursor.activity_id, reasons.NOT_REACHED, "")

    def _note(self, activity_id: str, code: str, words: str) -> None:
        with self.database.session() as session:
            cursors.not_read(session, self.pull.now(), activity_id, code, words)
        self.counts.not_read += 1

    def _read(self, activity_id: str, facts: ActivityFacts) -> None:
        with self.database.reading() as session:
            cursor = cursors.of(session, activity_id)
        if cursor.position == self.pull.reading_id:
            return
        plan = passes.plan(cursor, facts, self.began, self.basis, complete=self.pull.complete)
        newest = None if plan.kind == "nothing" else self._taken(activity_id, facts, plan)
        with self.database.session() as session:
            cursors.read(
                session,
                activity_id,
                facts,
                plan,
                began=self.began,
                newest=newest,
                basis=self.basis,
                position=self.pull.reading_id,
            )
        self.counts.activities += 1
        self.counts.complete += plan.kind == "complete"

    def _taken(self, activity_id: str, facts: ActivityFacts, plan: passes.Plan) -> datetime | None:
        """Read it to its end; the newest stamp that was seen."""
        reading = Reading(
            database=self.database,
            course_id=self.pull.course_id,
            activity_id=activity_id,
            authors=self.authors,
            cleaner=self.cleaner,
            trainable=self.pull.roster.names,
            complete=plan.kind == "complete",
            now=self.pull.now,
            counts=self.counts,
        )
        try:
            for post in self.pull.connector.posts(facts, plan.since):
                reading.take(post)
        except stopping.StoppedError:
            raise  # what waits was not written, and must not be
        except UndertoneError:
            reading.keep()
            raise
        reading.finish()
        return reading.newest
