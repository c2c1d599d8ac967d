"""What a person decides about the serving version, on the command line: list, show, promote, pin, go back, share."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from lti_tool.audit.tables import AuditEvent
from lti_tool.cli import main
from lti_tool.documents import models
from lti_tool.installation import Installation
from lti_tool.launch import institutions
from lti_tool.launch.tables import Institution
from lti_tool.retraining import by_hand, cards, papers, provenance
from lti_tool.scoring import pinning, serving
from lti_tool.scoring.errors import NotServingError, NotWholeError, UnknownVersionError
from lti_tool.scoring.signing import signature_of
from lti_tool.scoring.tables import ModelVersion, Weights
from tests.classroom import Classroom, open_database, settings_in

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    made = open_database(tmp_path)
    yield made
    made.dispose()


@pytest.fixture
def versions(database, small_model):
    """The ids of the one that came along and of one trained on it, which serves."""
    with database.session() as session:
        room = Classroom(session)
        first = serving.install_shipped(session, NOW, small_model)
        second = ModelVersion(
            weights_hash=first.weights_hash,
            calibration=first.calibration,
            parent_id=first.id,
            origin="retrained",
            institution_id=room.institution_id,
            created_at=NOW,
        )
        session.add(second)
        session.flush()
        serving.promote(session, NOW, second.id, "nightly run", "promoted")
        return first.id, second.id


@pytest.fixture
def undertone(database, tmp_path, monkeypatch):
    """The command on this database."""
    opened = Installation(settings_in(tmp_path), database)
    monkeypatch.setattr("lti_tool.installation.open_current", lambda: opened)
    return lambda *words: CliRunner().invoke(main, words)


def serves(database, scope=None):
    with database.reading() as session:
        return serving.serving(session, scope).id


def events(database):
    with database.reading() as session:
        return list(session.scalars(select(AuditEvent.event)))


def test_the_list_marks_what_serves_and_what_is_pinned(undertone, versions):
    told = undertone("model", "list").output.splitlines()
    assert sorted(line[:11] for line in told) == sorted([f"   {versions[0][:8]}", f"*  {versions[1][:8]}"])
    undertone("model", "pin")
    assert f"*! {versions[1][:8]} retrained" in undertone("model", "list").output


def test_a_version_is_shown_with_what_it_learnt_from(undertone, versions):
    assert "has learnt from no student's text" in undertone("model", "show", versions[0][:8]).output
    told = undertone("model", "show", versions[1]).output
    assert "has learnt from students' texts" in told
    assert "never grading" in told
    assert "consent basis: purpose C" in told


def test_an_earlier_version_is_promoted_by_hand_and_recorded(undertone, versions, database):
    assert undertone("model", "promote", versions[0][:8]).exit_code == 0
    assert serves(database) == versions[0]
    assert events(database).count("promoted_by_hand") == 1
    with database.reading() as session:
        move = serving.history(session)[-1]
        assert (move.who, move.why) == ("command line", "by_hand")


@pytest.mark.parametrize("wrong", ["", "abc", "0000000000"])
def test_an_unknown_or_too_short_name_is_refused(undertone, versions, wrong, database):
    result = undertone("model", "promote", wrong)
    assert result.exit_code == 2
    assert "no such model version" in result.output
    assert serves(database) == versions[1]


def test_a_name_that_fits_two_versions_is_refused(database, versions):
    with database.session() as session:
        for ending in "ab":
            row = session.get_one(ModelVersion, versions[0])
            values = {"weights_hash": row.weights_hash, "calibration": {}, "origin": "shipped"}
            session.add(ModelVersion(id="f00d" + ending * 28, created_at=NOW, **values))
        session.flush()
        with pytest.raises(UnknownVersionError):
            by_hand.named(session, "f00d")


def test_p17_a_version_that_holds_withdrawn_texts_is_refused(undertone, versions, database, monkeypatch):
    monkeypatch.setattr(provenance, "holds_withdrawn_since", lambda *_: NOW)
    result = undertone("model", "promote", versions[0])
    assert result.exit_code == 2
    assert "withdrawn" in result.output
    assert undertone("rollback").exit_code == 2
    assert serves(database) == versions[1]


def test_p62_a_version_whose_weights_are_gone_is_refused(undertone, versions, database):
    with database.session() as session:
        row = session.get_one(Weights, session.get_one(ModelVersion, versions[0]).weights_hash)
        row.archive, row.expired_at = b"", NOW
    result = undertone("model", "promote", versions[0])
    assert result.exit_code == 2
    assert "thrown away" in result.output
    assert "weights gone" in undertone("model", "list").output


@pytest.mark.parametrize("way", [("model", "promote"), ("rollback",)])
def test_s39_one_flipped_byte_stops_a_promotion_and_a_way_back(undertone, versions, database, way):
    with database.session() as session:
        row = session.get_one(Weights, session.get_one(ModelVersion, versions[0]).weights_hash)
        place = len(row.archive) // 2
        row.archive = row.archive[:place] + bytes([row.archive[place] ^ 1]) + row.archive[place + 1 :]
    words = (*way, versions[0]) if len(way) > 1 else way
    assert "not as they were stored" in undertone(*words).output
    assert serves(database) == versions[1]
    with database.reading() as session, pytest.raises(NotWholeError):
        by_hand.require_servable(session, session.get_one(ModelVersion, versions[0]))


@pytest.mark.parametrize("field", ["figures", "data"])
def test_p57_p58_a_version_whose_manifest_was_changed_is_refused_and_its_page_says_so(
    versions, database, undertone, field
):
    with database.session() as session:
        row = session.get_one(Weights, session.get_one(ModelVersion, versions[0]).weights_hash)
        row.manifest = {**row.manifest, field: {}}
        assert not papers.paper_of(session, session.get_one(ModelVersion, versions[0])).whole
    assert undertone("model", "promote", versions[0]).exit_code == 2
    assert serves(database) == versions[1]


def test_p57_p58_promotion_fails_without_a_card(versions, database, monkeypatch):
    """Signed by us and yet without figures, as a training that wrote none would leave it."""
    monkeypatch.setattr("lti_tool.scoring.weights.require_whole", lambda *_: None)
    with database.session() as session:
        version = session.get_one(ModelVersion, versions[0])
        row = session.get_one(Weights, version.weights_hash)
        row.manifest = {**row.manifest, "figures": {}}
        row.signature = signature_of(row.hash, row.manifest)
        session.flush()
        with pytest.raises(cards.CardError):
            by_hand.promote(session, NOW, version, "command line")
    assert serves(database) == versions[1]


OWN = {
    "sentiment": {"macro_f1": 0.4, "ece": 0.031, "intervals": {"macro_f1": [0.35, 0.45]}},
    "confusion": {
        "precision": 0.5, "recall": 0.25, "f1": 1 / 3, "ece": 0.02, "intervals": {"f1": [0.3, 0.36]}
    },
}  # fmt: skip


@pytest.mark.parametrize("origin", ["retrained", "recalibrated"])
def test_p57_a_card_shows_the_figures_of_its_own_version(versions, database, origin):
    """Not those of the manifest, which are of the weights with the limits that they came with."""
    with database.session() as session:
        shipped, made = (session.get_one(ModelVersion, one) for one in versions)
        made.origin, made.figures = origin, OWN
        paper = papers.paper_of(session, made)
        assert paper.figures == (
            ("sentiment", ("–", "–", "40 % (35 % to 45 %)")),
            ("confusion", ("50 %", "25 %", "33 % (30 % to 36 %)")),
        )
        assert "by the run that made it" in paper.measured_on
        first = papers.paper_of(session, shipped)
        assert len(first.figures) >= 7
        assert "before it came" in first.measured_on
        facts = models.of_installation(session, made.institution_id)
    assert (facts.heldout, facts.calibration) == (OWN, OWN)
    assert "### held-out starter texts, by the run that made this version" in facts.card
    assert "| confusion | – | 0.333 | – | – | – | 0.020 | – | 0.500 | 0.250 | 0.300 to 0.360 |" in facts.card
    assert "development rows (used" not in facts.card


def test_only_what_serves_can_be_pinned(undertone, versions, database):
    result = undertone("model", "pin", versions[0])
    assert result.exit_code == 2
    assert "Only the version that serves can be pinned." in result.output
    with database.session() as session, pytest.raises(NotServingError):
        by_hand.pin(session, NOW, session.get_one(ModelVersion, versions[0]), "command line")


@pytest.mark.parametrize("words", [("model", "pin", "--off"), ("model", "unpin")])
def test_a_pin_is_ended_by_either_command(undertone, versions, database, words):
    assert undertone("model", "pin", versions[1][:8]).exit_code == 0
    assert undertone(*words).output == "Nothing is pinned any more.\n"
    assert undertone(*words).output == "Nothing was pinned.\n"


def test_going_back_ends_the_pin(undertone, versions, database):
    undertone("model", "pin")
    assert undertone("model", "rollback").exit_code == 0
    assert serves(database) == versions[0]
    with database.reading() as session:
        assert not pinning.is_pinned(session)


def test_s22_of_several_institutions_one_has_to_be_named(undertone, versions, database):
    with database.session() as session:
        institutions.found(session, NOW, "Another College")
        own = session.scalars(select(Institution.id).where(Institution.name == "Invented College")).one()
    for words in (("model", "list"), ("model", "promote", versions[0]), ("rollback",), ("model", "pin")):
        assert "say whose" in undertone(*words).output
    assert undertone("rollback", "--institution", "Invented College").exit_code == 0
    assert serves(database, own) == versions[0]


def test_p61_one_institution_uses_anothers_version_only_when_both_share(undertone, versions, database):
    with database.session() as session:
        other = institutions.found(session, NOW, "Another College").id
    promote = ("model", "promote", versions[1], "--institution", "Another College")
    assert "another institution" in undertone(*promote).output
    assert versions[1][:8] not in undertone("model", "list", "--institution", "Another College").output
    for name in ("Another College", "Invented College"):
        assert undertone("model", "share", name).exit_code == 0
    assert undertone(*promote).exit_code == 0
    assert serves(database, other) == versions[1]
    undertone("model", "share", "Invented College", "--off")
    assert serves(database, other) == versions[0]
    assert events(database).count("model_sharing_set") == 3
