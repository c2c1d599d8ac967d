"""What versions have learnt is known from the reports of the runs that made them."""

from datetime import timedelta

import pytest

from lti_tool.jobs import Job
from lti_tool.retraining.learnt import learnt_from, trained_on
from lti_tool.retraining.tables import TrainingRun
from lti_tool.scoring.tables import ModelVersion
from lti_tool.storage import new_id
from tests.classroom import START, Classroom, open_database


class Versions:
    """A shipped version and what is trained on top of it, one run each."""

    def __init__(self, session) -> None:
        self.session, self.shipped, self.runs = session, Classroom(session).version(), 0

    def trained(self, parent, report, decision="promoted"):
        version = ModelVersion(
            weights_hash=parent.weights_hash,
            calibration=parent.calibration,
            parent_id=parent.id,
            origin="retrained",
            created_at=START,
        )
        job = Job(kind="retrain", key=new_id(), state="done", queued_at=START)
        self.session.add_all([version, job])
        self.session.flush()
        self.runs += 1
        row = TrainingRun(
            job_id=job.id, decision=decision, report=report, started_at=START + self.runs * timedelta(days=1)
        )
        row.candidate_version_id = version.id
        self.session.add(row)
        self.session.flush()
        return version


@pytest.fixture
def versions(tmp_path):
    with open_database(tmp_path).session() as session:
        yield Versions(session)


def test_a_version_has_learnt_what_its_parents_have(versions):
    first = versions.trained(versions.shipped, {"answers": ["a", "b", "h"], "learnt": ["a", "b"]})
    second = versions.trained(first, {"answers": ["c"]})
    beside = versions.trained(versions.shipped, {"answers": ["d"]})
    told = trained_on(versions.session, second)
    assert told == {"a", "b", "c"}, "what was held out was not learnt; an old report does not tell"
    assert trained_on(versions.session, second, beside) == told | {"d"}
    assert trained_on(versions.session, versions.shipped) == set()


def test_moved_limits_have_learnt_nothing(versions):
    version = versions.trained(versions.shipped, {"answers": ["a"]}, "recalibrated")
    assert trained_on(versions.session, version) == set()


def test_versions_that_learnt_from_some_answers_oldest_first(versions):
    first = versions.trained(versions.shipped, {"learnt": ["a", "b"]})
    beside = versions.trained(versions.shipped, {"learnt": ["c"]})
    third = versions.trained(beside, {"learnt": ["b"]})
    assert learnt_from(versions.session, ["b", "x"]) == [first.id, third.id]
    assert learnt_from(versions.session, ["x"]) == []


def test_s40_what_was_trained_on_top_or_had_its_limits_fitted_to_them_is_named_too(versions):
    fitted = versions.trained(versions.shipped, {"answers": ["a"], "learnt": []}, "recalibrated")
    on_top = versions.trained(fitted, {"learnt": ["c"]})
    held_out = versions.trained(versions.shipped, {"answers": ["a", "c"], "learnt": ["c"]})
    assert learnt_from(versions.session, ["a"]) == [fitted.id, on_top.id]
    assert learnt_from(versions.session, ["c"]) == [on_top.id, held_out.id]
