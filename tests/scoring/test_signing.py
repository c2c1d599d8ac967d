"""Manifests are signed (S39): an altered one that fits every hash is not loaded, and the old model keeps serving."""

import json
import shutil
from dataclasses import replace

import pytest

from lti_tool.scoring import serving, tasks, weights
from lti_tool.scoring.errors import UnusableWeightsError
from lti_tool.scoring.signing import require_signed, signature_of
from lti_tool.scoring.tables import CourseModel, Weights
from lti_tool.storage import Keyring, use_keyring
from model import registry
from model.checkpoint import verify
from model.integrity import manifest as manifests
from tests.classroom import START


@pytest.fixture
def stored(session, adapter):
    return weights.store(session, START, adapter)


def forged(folder):
    """The manifest says something else of its training, and its own hash fits: only the signature does not."""
    return manifests.write(folder, replace(verify(folder), command="forged"))


def flipped(archive: bytes) -> bytes:
    place = len(archive) // 2
    return archive[:place] + bytes([archive[place] ^ 1]) + archive[place + 1 :]


def test_a_signature_is_of_one_manifest_and_one_key(stored):
    assert stored.signature == signature_of(stored.hash, stored.manifest)
    for manifest in ({**stored.manifest, "seed": 99}, {}):
        with pytest.raises(UnusableWeightsError):
            require_signed(stored.hash, manifest, stored.signature)
    use_keyring(Keyring.generate())
    with pytest.raises(UnusableWeightsError):
        require_signed(stored.hash, stored.manifest, stored.signature)


def test_the_order_of_a_manifests_fields_does_not_matter(stored):
    again = json.loads(json.dumps(stored.manifest, sort_keys=True))
    require_signed(stored.hash, again, stored.signature)


def test_s39_a_forged_manifest_on_disk_gives_way_to_the_kept_one(session, settings, stored):
    folder = weights.path_of(session, settings, stored.hash)
    forged(folder)
    assert verify(weights.path_of(session, settings, stored.hash)).command != "forged"


def test_s39_a_forged_manifest_in_the_database_is_not_loaded(session, settings, stored, tmp_path):
    folder = shutil.copytree(weights.path_of(session, settings, stored.hash), tmp_path / "copy")
    forged(folder)
    stored.archive = registry.pack(folder)
    session.flush()
    shutil.rmtree(settings.weights_home)
    with pytest.raises(UnusableWeightsError) as refused:
        weights.path_of(session, settings, stored.hash)
    assert refused.value.code == "unsigned_weights"
    with pytest.raises(UnusableWeightsError):
        weights.require_whole(session, stored.hash)


def test_s39_unsigned_weights_are_neither_loaded_nor_stored_again(session, settings, stored, adapter):
    weights.path_of(session, settings, stored.hash)
    stored.signature = ""
    session.flush()
    with pytest.raises(UnusableWeightsError):
        weights.path_of(session, settings, stored.hash)
    with pytest.raises(UnusableWeightsError):
        weights.store(session, START, adapter)


def test_s39_one_flipped_byte_stops_loading_and_the_old_model_keeps_serving(
    run,
    database,
    course,
    other_adapter,
):
    tasks.score(run)
    with database.session() as session:
        new = serving.install_shipped(session, START, other_adapter)
        row = session.get_one(Weights, new.weights_hash)
        row.archive = flipped(row.archive)
    with pytest.raises(UnusableWeightsError):
        tasks.score(run)
    with database.reading() as session:
        assert session.get_one(CourseModel, course.course_id).version_id == course.version_id
        with pytest.raises(UnusableWeightsError):
            weights.require_whole(session, new.weights_hash)
