"""One round: pull, scoring, answers, a training pool, a picture and a draft meet a withdrawal at a random point.

Every statement of every thread passes a gate that may let the others go first; the withdrawal begins when a random
number of statements has passed. What is asserted holds for every order.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import numpy
from sqlalchemy import event, select

from lti_tool.consent import ledger
from lti_tool.consent import service as consent
from lti_tool.consent.tables import ConsentEvent, ConsentState
from lti_tool.errors import NotFoundError, UndertoneError
from lti_tool.ingest.tables import Post
from lti_tool.ingest.writing import lock_all
from lti_tool.insights import tasks as pictures
from lti_tool.insights.snapshot import Finding, SnapshotBody
from lti_tool.insights.snapshot import Place as Place_
from lti_tool.insights.tables import Snapshot
from lti_tool.jobs import Run
from lti_tool.reflections import writing
from lti_tool.reflections.tables import Reflection
from lti_tool.retraining import pool, provenance
from lti_tool.retraining.tables import TrainingManifest
from lti_tool.review import pool as corrections
from lti_tool.review import service as review
from lti_tool.scoring import tasks as scoring
from lti_tool.scoring import weights
from lti_tool.scoring.tables import ModelVersion, Score
from lti_tool.settings import Settings
from lti_tool.storage import Database
from model.labels import LABELS
from tests.withdrawal.place import NOW, Lms, Place, left_of, place

POSTS = 8
MOST_STATEMENTS = 240
"""About as many as a round has; a withdrawal that was not reached comes at the end."""
PROMOTED = "made in a round"


FINDING = Finding(
    id="f",
    label="confusion",
    change="high",
    place=Place_("course", "", ""),
    source="all",
    share="about_half",
    before=None,
    texts=5,
    of=10,
    authors=5,
    certainty="likely",
    next_step="draft_note",
    trend=(),
    examples=(),
)


class Network:
    """Scores anything, at once."""

    def score(self, texts: list[str], progress: Any = None) -> Any:
        return numpy.zeros((len(texts), len(LABELS)))


def quick(monkeypatch: Any) -> None:
    """No network is loaded and no platform asked: what is looked at is who writes when."""
    monkeypatch.setattr(scoring, "scorer_for", lambda folder: Network())
    monkeypatch.setattr(weights, "path_of", lambda *_: None)
    monkeypatch.setattr(pictures, "_class_size", lambda run: None)
    monkeypatch.setattr(pictures.service, "compose", compose)


def compose(session: Any, settings: Settings, course_id: str, class_size: int | None = None) -> Any:
    """A picture that names every text that staff may read: a class of two has none of its own."""
    people = consent.granted(session, course_id, "a") & consent.granted(session, course_id, "b")
    posts = session.execute(select(Post.id, Post.person_id).where(Post.course_id == course_id))
    named = tuple(post_id for post_id, person in posts if person in people)
    return None, SnapshotBody("ready", 5, findings=(replace(FINDING, examples=named),)), None


@dataclass
class Gate:
    """Lets threads pass in a random order, and opens for the withdrawal after `after` statements."""

    seed: int
    after: int
    passed: int = 0
    opened: threading.Event = field(default_factory=threading.Event)
    own: threading.local = field(default_factory=threading.local)

    def enter(self, name: str) -> None:
        self.own.dice = random.Random(f"{self.seed} {name}")

    def __call__(self, *_: Any) -> None:
        dice = getattr(self.own, "dice", None)
        if dice is None:
            return
        self.passed += 1
        if self.passed >= self.after:
            self.opened.set()
        if dice.random() < 0.3:
            time.sleep(0)  # the others' turn

    @contextmanager
    def watching(self, database: Database) -> Iterator[None]:
        event.listen(database.engine, "before_cursor_execute", self)
        try:
            yield
        finally:
            event.remove(database.engine, "before_cursor_execute", self)


def round_of(database: Database, settings: Settings, version: ModelVersion, seed: int) -> None:
    """Play one round and raise AssertionError where something of the person was written later, or half."""
    dice = random.Random(seed)
    here = place(database)
    if dice.random() < 0.7:
        here.pull(Lms(POSTS))
        _answer(here)
    gate = Gate(seed, dice.randint(1, MOST_STATEMENTS))
    before: set[str] = set()
    with gate.watching(database):
        together(gate, works(here, settings, version, dice), lambda: _withdraw(here, gate, before))
    check(here, before, seed)
    # Whatever runs afterwards writes nothing either.
    for name, work in works(here, settings, version, dice).items():
        if name != "reflection":
            work()
    check(here, before, seed)


def works(
    here: Place, settings: Settings, version: ModelVersion, dice: random.Random
) -> dict[str, Callable[[], None]]:
    run = Run("a job", here.course_id, {}, here.database, settings, lambda *_: None)
    chosen = {
        "pull": lambda: here.pull(Lms(POSTS)),
        "score": lambda: _score(run),
        "review": lambda: _answer(here),
        "pool": lambda: _train(here, version),
        "picture": lambda: _picture(run),
        "reflection": lambda: _write_here(here),
    }
    names = sorted(chosen)
    dice.shuffle(names)
    return {name: chosen[name] for name in names}


def together(gate: Gate, working: dict[str, Callable[[], None]], last: Callable[[], None]) -> None:
    """Run all at once, the last when the gate opens or the others have ended; raise what one of them raised."""
    faults: list[BaseException] = []

    def run(name: str, work: Callable[[], None]) -> None:
        gate.enter(name)
        try:
            work()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=one) for one in working.items()]
    withdrawing = threading.Thread(target=run, args=("withdrawal", last))
    withdrawing.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gate.opened.set()
    withdrawing.join()
    if faults:
        raise faults[0]


def _withdraw(here: Place, gate: Gate, before: set[str]) -> None:
    """Withdraw, and note which pictures and manifests were there already when it was committed."""
    gate.opened.wait()
    here.withdraw(NOW + timedelta(hours=1))
    with here.database.reading() as session:
        before.update(session.scalars(select(Snapshot.id).where(Snapshot.course_id == here.course_id)))
        made = select(TrainingManifest.version_id).join(ModelVersion)
        before.update(
            session.scalars(made.where(ModelVersion.figures[PROMOTED].as_string() == here.course_id))
        )


def _score(run: Run) -> None:
    scoring.score(run)


def _picture(run: Run) -> None:
    pictures.snapshot(run)


def _answer(here: Place) -> None:
    """The instructor answers what the queue would have shown, also what has gone since."""
    with here.database.reading() as session:
        posts = list(session.execute(select(Post.id, Post.text_hash).where(Post.course_id == here.course_id)))
    for post_id, text_hash in posts[:4]:
        try:
            with here.database.session() as session:
                review.answer(
                    session,
                    NOW,
                    post_id,
                    here.teacher,
                    {"sentiment": "neutral", "confusion": 1},
                    text_hash,
                    course_id=here.course_id,
                )
        except NotFoundError:
            continue


def _train(here: Place, parent: ModelVersion) -> None:
    """Take the pool, then promote under the consent rows, as a run does; its training is left out."""
    with here.database.session() as session:
        taken = pool.build(corrections.corrections(session, here.institution_id))
        subjects = provenance.subjects_of(session, NOW, taken.people)
    with here.database.session() as session:
        lock_all(session, taken.people)
        if not provenance.still_agreed(session, subjects, taken.answer_ids):
            return
        made = ModelVersion(
            weights_hash=parent.weights_hash,
            calibration=parent.calibration,
            parent_id=parent.id,
            origin="retrained",
            figures={PROMOTED: here.course_id},
            created_at=NOW,
        )
        session.add(made)
        session.flush()
        provenance.write(session, made, subjects, taken.hash)


def _write_here(here: Place) -> None:
    """The person hands something in at the same moment, and drafts again."""
    with here.database.session() as session:
        activity = Reflection(
            course_id=here.course_id,
            link_key="k",
            activity_id=_activity(session, here),
            title="Week 3",
            prompt="What was hard?",
            otherwise="Tell somebody.",
            closes_at=NOW + timedelta(days=9),
            zone="UTC",
        )
        session.add(activity)
    for text in ("A draft.", "Another draft."):
        try:
            with here.database.session() as session:
                own = writing.own(session, activity.id, here.writer)
                writing.save_draft(session, NOW, activity, here.writer, text, own.version if own else "")
        except UndertoneError:
            return


def _activity(session: Any, here: Place) -> str:
    from lti_tool.reflections.pipeline import keep_activity

    return keep_activity(session, here.course_id, "k", "Week 3", NOW + timedelta(days=9))


def check(here: Place, before: set[str], seed: int) -> None:
    """Nothing of the person is there, all of the other is, and the record is whole."""
    said = f"seed {seed}"
    assert left_of(here.database, here.writer) == {}, said
    with here.database.reading() as session:
        state = session.get_one(ConsentState, here.writer)
        assert not any((state.a, state.earlier, state.b, state.c, state.d, state.a_since)), said
        lines = ConsentEvent.person_id == here.writer, ConsentEvent.event == "withdrawn"
        purposes = sorted(session.scalars(select(ConsentEvent.purpose).where(*lines)))
        assert purposes == ["A", "A-earlier", "B", "C", "D"], said
        assert ledger.verify(session, here.course_id) is None, said
        _check_others(session, here, said)
        _check_later(session, here, before, said)
        assert all(
            one.person_id != here.writer for one in corrections.corrections(session, here.institution_id)
        ), said


def _check_others(session: Any, here: Place, said: str) -> None:
    theirs = set(session.scalars(select(Post.person_id).where(Post.course_id == here.course_id)))
    assert theirs <= {here.other}, said
    orphans = select(Score.id).outerjoin(Post, Post.id == Score.post_id).where(Post.id.is_(None))
    assert session.scalars(orphans).first() is None, said
    assert consent.choices(session, here.other).a, said


def _check_later(session: Any, here: Place, before: set[str], said: str) -> None:
    """What was kept after the withdrawal names none of the person's texts, and learnt from none."""
    known = set(session.scalars(select(Post.id).where(Post.course_id == here.course_id)))
    for picture in session.scalars(select(Snapshot).where(Snapshot.course_id == here.course_id)):
        named = {post for finding in picture.body["findings"] for post in finding["examples"]}
        assert picture.id in before or named <= known, said
    made = select(TrainingManifest).join(ModelVersion)
    for row in session.scalars(made.where(ModelVersion.figures[PROMOTED].as_string() == here.course_id)):
        theirs = provenance.digest(row.salt, here.writer) in row.subjects
        assert row.version_id in before or not theirs, said
