"""Weights travel by hash through the database and are whole wherever they arrive."""

import shutil

import pytest

from lti_tool.scoring import weights
from lti_tool.scoring.errors import UnusableWeightsError
from model.checkpoint import verify
from tests.classroom import START


@pytest.fixture
def stored(session, adapter):
    return weights.store(session, START, adapter)


def test_weights_are_unpacked_under_their_hash(session, settings, stored, adapter):
    folder = weights.path_of(session, settings, stored.hash)
    assert folder == settings.weights_home / stored.hash
    assert verify(folder).weights_hash == stored.hash
    assert [path.name for path in settings.weights_home.iterdir()] == [stored.hash]


def test_altered_or_incomplete_weights_on_disk_are_replaced(session, settings, stored):
    folder = weights.path_of(session, settings, stored.hash)
    (folder / "adapter_model.safetensors").write_bytes(b"other")
    assert verify(weights.path_of(session, settings, stored.hash)).weights_hash == stored.hash
    (folder / "manifest.json").unlink()
    assert verify(weights.path_of(session, settings, stored.hash)).weights_hash == stored.hash


def test_altered_weights_in_the_database_are_refused_and_nothing_is_left(session, settings, stored):
    stored.archive = stored.archive[:5000] + b"x" + stored.archive[5001:]
    session.flush()
    with pytest.raises(UnusableWeightsError):
        weights.path_of(session, settings, stored.hash)
    assert list(settings.weights_home.iterdir()) == []


def test_unknown_weights_are_refused(session, settings):
    with pytest.raises(UnusableWeightsError):
        weights.path_of(session, settings, "0" * 64)


def test_an_altered_checkpoint_is_not_stored(session, adapter, tmp_path):
    copy = shutil.copytree(adapter, tmp_path / "copy")
    (copy / "config.json").write_text("{}")
    with pytest.raises(UnusableWeightsError):
        weights.store(session, START, copy)
