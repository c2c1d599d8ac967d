"""A pin holds the serving version against runs and newer shipped models, and ends when the pointer moves."""

from datetime import timedelta

from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.launch import institutions
from lti_tool.scoring import pinning, serving, wall
from lti_tool.scoring.tables import ModelPin
from tests.classroom import START, Classroom
from tests.scoring.test_serving import another

NOW = START + timedelta(days=41)


def pins(session):
    return list(session.scalars(select(ModelPin)))


def codes(session):
    found = select(AuditEvent.code).where(AuditEvent.event == "model_pinned")
    return list(session.scalars(found))


def test_a_pin_says_who_and_when_and_asking_twice_is_one_pin(session, room):
    version = room.version()
    first = pinning.pin(session, NOW, version.id, "administrator")
    assert pinning.pin(session, NOW + timedelta(hours=1), version.id, "command line") is first
    assert (first.who, first.at) == ("administrator", NOW)
    assert pinning.is_pinned(session)
    assert codes(session) == ["on"]


def test_unpinning_ends_it_and_keeps_the_record(session, room):
    pinning.pin(session, NOW, room.version().id, "administrator")
    assert pinning.unpin(session, NOW + timedelta(hours=1))
    assert not pinning.unpin(session, NOW)
    assert not pinning.is_pinned(session)
    assert [row.ended_at for row in pins(session)] == [NOW + timedelta(hours=1)]
    assert codes(session) == ["on", "off"]


def test_the_pin_of_one_pointer_holds_no_other(session, room):
    pinning.pin(session, NOW, room.version().id, "administrator", room.institution_id)
    assert pinning.is_pinned(session, room.institution_id)
    assert not pinning.is_pinned(session)


def test_who_moves_the_pointer_ends_the_pin(session, room):
    version = room.version()
    pinning.pin(session, NOW, version.id, "administrator")
    serving.promote(session, NOW, another(session, version).id, "command line", "by_hand")
    assert not pinning.is_pinned(session)


def test_a_newer_shipped_model_does_not_replace_a_pinned_one(session, adapter, other_adapter):
    old = serving.install_shipped(session, NOW, adapter)
    pinning.pin(session, NOW, old.id, "command line")
    new = serving.install_shipped(session, NOW, other_adapter)
    assert serving.serving(session, None).id == old.id
    pinning.unpin(session, NOW)
    serving.install_shipped(session, NOW, other_adapter)
    assert serving.serving(session, None).id == new.id


def test_a_pin_holds_on_when_a_second_institution_is_registered(session, room):
    version, own = room.version(), room.institution_id
    pinning.pin(session, NOW, version.id, "administrator", wall.scope_of(session, own))
    other = institutions.found(session, NOW, "Another College").id
    assert wall.scope_of(session, own) == own
    assert pinning.pin_of(session, own).version_id == version.id
    assert pinning.pin(session, NOW, version.id, "command line", own) is pins(session)[0]
    assert not pinning.is_pinned(session, other), "whoever comes later has decided nothing"


def test_an_institution_ends_the_pin_that_it_set_while_it_was_alone(session, room):
    version, own = room.version(), room.institution_id
    pinning.pin(session, NOW, version.id, "administrator")
    institutions.found(session, NOW, "Another College")
    assert pinning.unpin(session, NOW, own)
    assert not pinning.is_pinned(session, own)
    assert not pinning.unpin(session, NOW, own)
    pinning.pin(session, NOW + timedelta(days=1), version.id, "administrator", own)
    serving.promote(session, NOW, another(session, version, "shipped").id, "command line", "by_hand", own)
    assert not pinning.is_pinned(session, own)
    assert sorted(codes(session)) == ["off", "off", "on", "on"]


def test_a_newer_shipped_model_does_not_replace_what_one_of_several_institutions_has_pinned(
    session, adapter, other_adapter
):
    own = Classroom(session).institution_id
    institutions.found(session, NOW, "Another College")
    old = serving.install_shipped(session, NOW, adapter)
    pinning.pin(session, NOW, old.id, "administrator", own)
    serving.install_shipped(session, NOW, other_adapter)
    assert serving.serving(session, own).id == old.id
