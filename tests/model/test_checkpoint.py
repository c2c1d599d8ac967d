import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from model.checkpoint import ADAPTER, MANIFEST, WEIGHTS, seal, verify
from model.errors import AlteredCheckpoint, MissingCheckpoint, ModelError
from model.integrity import manifest
from model.scoring import Scorer


def test_an_untouched_checkpoint_verifies(tiny: Path) -> None:
    assert len(verify(tiny).weights_hash) == 64


def test_where_there_is_none_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingCheckpoint, match="There is no checkpoint"):
        Scorer.load(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", ["adapter_model.safetensors", "adapter_config.json", "config.json", "calibration.json"]
)
def test_one_flipped_byte_in_any_file_stops_loading(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[-2] ^= 1
    (copy / name).write_bytes(content)
    with pytest.raises(AlteredCheckpoint, match=name):
        Scorer.load(copy)


def test_a_missing_file_stops_loading(copy: Path) -> None:
    (copy / "adapter_model.safetensors").unlink()
    with pytest.raises(AlteredCheckpoint, match="not the file that was saved"):
        Scorer.load(copy)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "adapter_model.bin", "training.pkl", "modeling.py"])
def test_pickles_and_code_are_refused(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(AlteredCheckpoint, match="neither safetensors nor JSON"):
        Scorer.load(copy)


def test_a_file_the_manifest_does_not_name_is_refused(copy: Path) -> None:
    (copy / "model.safetensors").write_bytes(b"x")
    with pytest.raises(AlteredCheckpoint, match="does not name"):
        verify(copy)


def test_a_link_is_refused(copy: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.json"
    (copy / "config.json").rename(real)
    (copy / "config.json").symlink_to(real)
    with pytest.raises(AlteredCheckpoint):
        verify(copy)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"kind": "adapter"}', "\x00"])
def test_a_broken_manifest_is_an_altered_checkpoint(copy: Path, content: str) -> None:
    (copy / MANIFEST).write_text(content)
    with pytest.raises(ModelError) as caught:
        verify(copy)
    assert caught.value.code == "altered_checkpoint"


@pytest.mark.parametrize(
    ("field", "value"), [("kind", "pickle"), ("format", 99), ("base", {}), ("files", {})]
)
def test_a_manifest_of_another_kind_is_refused(copy: Path, field: str, value: object) -> None:
    found = json.loads((copy / MANIFEST).read_text())
    (copy / MANIFEST).write_text(json.dumps({**found, field: value}))
    with pytest.raises(AlteredCheckpoint):
        verify(copy)


def test_naming_another_base_changes_the_identity(copy: Path) -> None:
    own = manifest.read(copy)
    manifest.write(copy, replace(own, base={**own.base, "sha256": "0" * 64}))
    with pytest.raises(AlteredCheckpoint, match="hash is not that of its files"):
        verify(copy)


@pytest.mark.parametrize(("before", "after"), [('"seed": 3', '"seed": 4'), ("\n}", "\n }"), ("\n", "\r\n")])
def test_no_character_of_the_manifest_changes_unseen(copy: Path, before: str, after: str) -> None:
    text = (copy / MANIFEST).read_text()
    assert before in text
    (copy / MANIFEST).write_bytes(text.replace(before, after).encode())
    with pytest.raises(AlteredCheckpoint, match="its manifest is not what was written"):
        verify(copy)


def test_the_first_format_which_had_no_hash_of_its_own_is_still_read(copy: Path) -> None:
    found = json.loads((copy / MANIFEST).read_text())
    for late in ("source", "decision", "manifest_hash"):
        del found[late]
    (copy / MANIFEST).write_text(json.dumps({**found, "format": 1}))
    assert verify(copy).weights_hash == found["weights_hash"]
    (copy / MANIFEST).write_text(json.dumps({**found, "format": 1, "manifest_hash": "0" * 64}))
    with pytest.raises(AlteredCheckpoint, match="cannot be understood: manifest_hash"):
        verify(copy)


def test_a_network_that_diverged_is_not_sealed(copy: Path) -> None:
    own = manifest.read(copy)
    tensors = load_file(copy / WEIGHTS[ADAPTER])
    name = sorted(tensors)[0]
    save_file({**tensors, name: tensors[name] * np.float16("nan")}, copy / WEIGHTS[ADAPTER])
    with pytest.raises(AlteredCheckpoint, match="not finite"):
        seal(copy, ADAPTER, own.base)
