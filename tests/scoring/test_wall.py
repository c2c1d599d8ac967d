"""The wall between institutions (P61): what learnt from one's texts serves no other, unless both share."""

from datetime import timedelta

import pytest

from lti_tool.jobs import running
from lti_tool.scoring import serving, wall
from lti_tool.scoring.errors import NothingBeforeError, WalledError
from lti_tool.scoring.tables import ModelVersion
from tests.classroom import START, Classroom

NOW = START + timedelta(days=41)


@pytest.fixture
def ours(session):
    room = Classroom(session)
    room.shipped = room.version()
    return room


@pytest.fixture
def theirs(session, ours):
    return Classroom(session)


def trained(session, parent, owner):
    row = ModelVersion(
        weights_hash=parent.weights_hash,
        calibration={},
        parent_id=parent.id,
        origin="retrained",
        institution_id=owner,
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def serve(session, version, scope=None):
    serving.promote(session, NOW, version.id, "nightly run", "promoted", scope)


def serves(session, room):
    return serving.serving(session, room.institution_id).id


def test_an_institution_that_is_alone_has_the_installations_pointer(session, ours):
    assert wall.scope_of(session, ours.institution_id) is None
    assert wall.owner_of(session, None) == ours.institution_id


def test_of_several_each_has_its_own_pointer_and_a_run_of_all_is_nobodys(session, ours, theirs):
    assert wall.scope_of(session, ours.institution_id) == ours.institution_id
    assert wall.owner_of(session, ours.institution_id) == ours.institution_id
    assert wall.owner_of(session, None) is None


def test_p61_what_learnt_from_one_institution_does_not_serve_one_that_comes_later(session, ours):
    own = trained(session, ours.shipped, ours.institution_id)
    serve(session, own)
    theirs = Classroom(session)
    assert serves(session, ours) == own.id
    assert serves(session, theirs) == ours.shipped.id
    assert [row.version_id for row in serving.history(session, theirs.institution_id)] == [ours.shipped.id]


def test_p61_what_nobody_is_named_for_serves_none_of_several(session, ours):
    nobodys = trained(session, ours.shipped, None)
    serve(session, nobodys)
    assert serves(session, ours) == nobodys.id
    Classroom(session)
    assert serves(session, ours) == ours.shipped.id


def test_each_institution_moves_its_own_pointer_alone(session, ours, theirs):
    own = trained(session, ours.shipped, ours.institution_id)
    serve(session, own, ours.institution_id)
    assert (serves(session, ours), serves(session, theirs)) == (own.id, ours.shipped.id)
    assert running(session, "score", ours.course_id) is not None
    assert running(session, "score", theirs.course_id) is None


def test_the_way_back_of_an_institution_goes_on_into_the_installations(session, ours, theirs):
    own = trained(session, ours.shipped, ours.institution_id)
    serve(session, own, ours.institution_id)
    back = serving.rollback(session, NOW, "administrator", ours.institution_id)
    assert back.id == serves(session, ours) == ours.shipped.id
    with pytest.raises(NothingBeforeError):
        serving.rollback(session, NOW, "administrator", ours.institution_id)


def test_p61_anothers_version_is_refused_unless_both_share(session, ours, theirs):
    foreign = trained(session, ours.shipped, theirs.institution_id)
    for sharing in ([], [ours], [theirs]):
        for room in (ours, theirs):
            wall.set_sharing(session, NOW, room.institution_id, on=room in sharing)
        with pytest.raises(WalledError):
            serve(session, foreign, ours.institution_id)
    wall.set_sharing(session, NOW, ours.institution_id, on=True)
    serve(session, foreign, ours.institution_id)
    assert serves(session, ours) == foreign.id


@pytest.mark.parametrize("who", ["ours", "theirs"])
def test_p61_when_one_stops_sharing_the_version_before_serves_at_once(session, ours, theirs, who):
    foreign = trained(session, ours.shipped, theirs.institution_id)
    for room in (ours, theirs):
        wall.set_sharing(session, NOW, room.institution_id, on=True)
    serve(session, foreign, ours.institution_id)
    room = ours if who == "ours" else theirs
    wall.set_sharing(session, NOW, room.institution_id, on=False)
    assert serves(session, ours) == ours.shipped.id


def test_p61_a_version_holds_what_its_ancestors_hold(session, ours, theirs):
    foreign = trained(session, ours.shipped, theirs.institution_id)
    own = trained(session, foreign, ours.institution_id)
    assert not wall.may_serve(session, own, ours.institution_id)
    assert wall.may_serve(session, own, None)
