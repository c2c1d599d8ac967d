"""A withdrawal meets everything that writes, in many orders, on both databases (P16)."""

import pytest
from sqlalchemy import select

from lti_tool.ingest.tables import Post
from lti_tool.insights.tables import Snapshot
from lti_tool.jobs import Run
from tests.classroom import Classroom, settings_in
from tests.withdrawal import interleaving
from tests.withdrawal.interleaving import quick, round_of
from tests.withdrawal.place import Lms, place

FEW, MANY = 4, 500


@pytest.fixture
def version(either):
    with either.session() as session:
        return Classroom(session).version("of the rounds")


def test_p16_whatever_runs_while_somebody_withdraws_nothing_of_theirs_is_written_later(
    either, version, tmp_path, monkeypatch
):
    quick(monkeypatch)
    for seed in range(FEW):
        round_of(either, settings_in(tmp_path), version, seed)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_p16_five_hundred_random_interleavings_write_nothing_of_the_person_later(
    either, version, tmp_path, monkeypatch, capsys
):
    quick(monkeypatch)
    for seed in range(MANY):
        round_of(either, settings_in(tmp_path), version, 1000 + seed)
    with capsys.disabled():
        print(f"\n{MANY} interleavings on {either.engine.dialect.name}: nothing was written later")


def test_p16_a_picture_counted_before_a_withdrawal_is_counted_anew(sqlite, tmp_path, monkeypatch):
    quick(monkeypatch)
    here, counted = place(sqlite), []
    here.pull(Lms(4))

    def compose(session, *_, **__):
        """Whoever withdraws while it is counted is in the first count, and in no other."""
        if not counted:
            here.withdraw()
        counted.append(1)
        return interleaving.compose(session, None, here.course_id)

    monkeypatch.setattr(interleaving.pictures.service, "compose", compose)
    run = Run("a job", here.course_id, {}, sqlite, settings_in(tmp_path), lambda *_: None)
    interleaving.pictures.snapshot(run)
    with sqlite.reading() as session:
        kept = session.scalars(select(Snapshot)).one().body["findings"][0]["examples"]
        theirs = set(session.scalars(select(Post.id).where(Post.person_id == here.other)))
    assert len(counted) == 2
    assert set(kept) == theirs
