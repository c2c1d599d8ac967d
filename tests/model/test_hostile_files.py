"""Checkpoints by someone who means harm, or a disk that fails: a clear error, never a crash, never a silent load.

Whoever can write a checkpoint can also seal it, so most of these have hashes that fit.
"""

import json
import os
import pickle
import shutil
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file
from transformers import BertConfig, BertForSequenceClassification

from model import checkpoint, network
from model.backbones import ENGLISH, resolve
from model.checkpoint import ADAPTER, CALIBRATION, FULL, MANIFEST, WEIGHTS, verify
from model.decision import UNCALIBRATED
from model.errors import AlteredCheckpoint, MissingCheckpoint, ModelError
from model.hashing import file_sha256
from model.integrity import manifest
from model.labels import id2label, label2id
from model.scoring import Scorer

ADAPTER_WEIGHTS = WEIGHTS[ADAPTER]
HEAD = "base_model.model.classifier.weight"
NAMES = ("adapter_config.json", ADAPTER_WEIGHTS, CALIBRATION, "config.json", MANIFEST)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def resealed(folder: Path) -> Path:
    """The folder with a manifest that fits whatever lies in it now."""
    own = manifest.read(folder)
    files = {name: file_sha256(folder / name) for name in own.files}
    identity = checkpoint.weights_hash(folder, own.kind, own.base["sha256"])
    manifest.write(folder, replace(own, files=files, weights_hash=identity))
    return folder


def with_json(folder: Path, name: str, change: Callable[[Any], Any]) -> Path:
    (folder / name).write_text(json.dumps(change(json.loads((folder / name).read_text()))))
    return resealed(folder)


def with_tensors(folder: Path, **changed: Any) -> Path:
    tensors = {**load_file(folder / ADAPTER_WEIGHTS), **changed}
    save_file({name: own for name, own in tensors.items() if own is not None}, folder / ADAPTER_WEIGHTS)
    return resealed(folder)


@pytest.fixture(scope="module")
def victim(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that each example spoils and mends."""
    return Path(shutil.copytree(tiny, tmp_path_factory.mktemp("victim") / "copy"))


@st.composite
def damage(draw: st.DrawFn, size: int) -> Callable[[bytes], bytes]:
    """A change of some bytes of a file of that size, which is never none."""
    start = draw(st.integers(0, size - 1))
    end = draw(st.integers(start + 1, min(size, start + 64)))
    new = draw(st.binary(max_size=64))
    mask = draw(st.integers(1, 255))
    ways: tuple[Callable[[bytes], bytes], ...] = (
        lambda old: old[:start] + bytes([old[start] ^ mask]) + old[start + 1 :],
        lambda old: old[:start],
        lambda old: old[:start] + old[end:],
        lambda old: old[:start] + b"x" + new + old[start:],
        lambda old: old + bytes([mask]),
    )
    return draw(st.sampled_from(ways))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), name=st.sampled_from(NAMES))
def test_no_byte_of_any_file_changes_unseen(victim: Path, data: st.DataObject, name: str) -> None:
    original = (victim / name).read_bytes()
    spoil = data.draw(damage(len(original)))
    (victim / name).write_bytes(spoil(original))
    try:
        with pytest.raises(ModelError):
            Scorer.load(victim)
    finally:
        (victim / name).write_bytes(original)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), name=st.sampled_from(["adapter_config.json", CALIBRATION, "config.json", MANIFEST]))
def test_no_json_value_makes_it_crash_even_when_hashes_fit(
    victim: Path, data: st.DataObject, name: str
) -> None:
    kept = {own: (victim / own).read_bytes() for own in (name, MANIFEST)}
    found = json.loads(kept[name])
    key = data.draw(st.sampled_from([*sorted(found), "auto_map", "else"]))
    changed = {**found, key: data.draw(JSON)} if data.draw(st.booleans()) else data.draw(JSON)
    try:
        (victim / name).write_text(json.dumps(changed))
        if name != MANIFEST:
            resealed(victim)
        verify(victim)
    except ModelError:
        pass
    finally:
        for own, content in kept.items():
            (victim / own).write_bytes(content)


def test_a_pickle_under_a_safe_name_is_never_opened(copy: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (os.mkdir, (str(tmp_path / "exploded"),))

    (copy / ADAPTER_WEIGHTS).write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(AlteredCheckpoint, match="not a whole safetensors file"):
        Scorer.load(resealed(copy))
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("keep", [0, 4, 8, 100, -1])
def test_truncated_weights_are_refused(copy: Path, keep: int) -> None:
    (copy / ADAPTER_WEIGHTS).write_bytes((copy / ADAPTER_WEIGHTS).read_bytes()[:keep])
    with pytest.raises(AlteredCheckpoint, match="not a whole safetensors file"):
        Scorer.load(resealed(copy))


@pytest.mark.parametrize("length", [0, 1 << 32, (1 << 64) - 1])
def test_a_header_that_claims_any_length_is_refused(copy: Path, length: int) -> None:
    content = (copy / ADAPTER_WEIGHTS).read_bytes()
    (copy / ADAPTER_WEIGHTS).write_bytes(struct.pack("<Q", length) + content[8:])
    with pytest.raises(AlteredCheckpoint, match="not a whole safetensors file"):
        Scorer.load(resealed(copy))


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (np.zeros((10, 384), np.int8), "holds I8"),
        (np.zeros((10, 384), np.int64), "holds I64"),
        (np.zeros((10, 384), np.float64), "holds F64"),
        (np.full((10, 384), np.nan, np.float16), "not finite"),
        (np.full((10, 384), np.inf, np.float32), "not finite"),
        (np.zeros((9, 384), np.float16), r"shape \(9, 384\), not \(10, 384\)"),
        (np.zeros((10, 384, 1), np.float16), "shape"),
        (np.zeros((0,), np.float16), "shape"),
        (None, "is missing"),
    ],
)
def test_weights_of_another_kind_or_shape_are_refused(copy: Path, tensor: Any, words: str) -> None:
    with pytest.raises(AlteredCheckpoint, match=words):
        Scorer.load(with_tensors(copy, **{HEAD: tensor}))


def test_weights_that_nothing_asks_for_are_refused(copy: Path) -> None:
    with pytest.raises(AlteredCheckpoint, match=r"'base_model\.model\.more' is unknown"):
        Scorer.load(with_tensors(copy, **{"base_model.model.more": np.zeros(3, np.float16)}))


def names_of(labels: list[str]) -> dict[str, Any]:
    return {
        "id2label": {str(number): name for number, name in enumerate(labels)},
        "label2id": {name: number for number, name in enumerate(labels)},
    }


@pytest.mark.parametrize(
    "labels",
    [
        [*id2label().values()][::-1],
        [*id2label().values()][:9],
        ["negative", "neutral", "positive"],
        ["joy"] * 10,
        [],
    ],
)
def test_other_labels_are_refused(copy: Path, labels: list[str]) -> None:
    with pytest.raises(AlteredCheckpoint, match="other labels"):
        Scorer.load(with_json(copy, "config.json", lambda found: {**found, **names_of(labels)}))


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "llama"},
        {"model_type": None},
        {"auto_map": {"AutoModel": "evil--code.Model"}},
        {"quantization_config": {"quant_method": "bitsandbytes"}},
        {"attn_implementation": "someone/kernel"},
        {"hidden_size": 0},
        {"hidden_size": -384},
        {"hidden_size": 10**9},
        {"hidden_size": "384"},
        {"hidden_size": 384.0},
        {"num_hidden_layers": 10**400},
        {"num_attention_heads": 7},
        {"hidden_act": "evil"},
        {"is_decoder": True},
        {"pad_token_id": -5},
        {"undertone": {"max_length": 10**6}},
        {"undertone": []},
    ],
    ids=str,
)
def test_settings_of_another_network_are_refused(copy: Path, change: dict[str, Any]) -> None:
    with pytest.raises(AlteredCheckpoint, match=r"config\.json is refused"):
        Scorer.load(with_json(copy, "config.json", lambda found: {**found, **change}))


@pytest.mark.parametrize(
    "change",
    [
        {"target_modules": "(a+)+$"},
        {"target_modules": ["query", "value"]},
        {"target_modules": "x" * 100_000},
        {"megatron_config": {"a": 1}},
        {"megatron_core": "os"},
        {"auto_mapping": {"parent_library": "os"}},
        {"peft_type": "PROMPT_TUNING"},
        {"task_type": "CAUSAL_LM"},
        {"init_lora_weights": "eva"},
        {"use_dora": True},
        {"rank_pattern": {".*": 10**9}},
        {"modules_to_save": ["pooler"]},
        {"modules_to_save": None},
        {"r": 0},
        {"r": True},
        {"r": 10**9},
        {"lora_alpha": "64"},
        {"lora_alpha": 10**400},
        {"auto_map": {}},
    ],
    ids=lambda change: str(change)[:40],
)
def test_an_adapter_that_our_training_does_not_write_is_refused(copy: Path, change: dict[str, Any]) -> None:
    with pytest.raises(AlteredCheckpoint, match=r"adapter_config\.json is refused"):
        Scorer.load(with_json(copy, "adapter_config.json", lambda found: {**found, **change}))


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [],
        lambda found: {},
        lambda found: {**found, "labels": {}},
        lambda found: {**found, "labels": {**found["labels"], "joy": found["labels"]["boredom"]}},
        lambda found: {**found, "labels": {**found["labels"], "boredom": {"scale": 1.0}}},
        lambda found: {**found, "labels": {**found["labels"], "boredom": 3}},
        lambda found: {**found, "sentiment": {"temperature": 0, "bias": [0, 0, 0]}},
        lambda found: {**found, "sentiment": {"temperature": 1, "bias": [0, 0]}},
        lambda found: {**found, "sentiment": {"temperature": 1, "bias": [0, 0, "0"]}},
        lambda found: {**found, "sentiment": {"temperature": 10**400, "bias": [0, 0, 0]}},
        lambda found: json.loads(json.dumps(found).replace('"threshold": 0.', '"threshold": 7.')),
        lambda found: json.loads(json.dumps(found).replace('"scale": ', '"scale": -')),
    ],
)
def test_a_calibration_that_cannot_be_calculated_with_is_refused(
    copy: Path, change: Callable[[Any], Any]
) -> None:
    with pytest.raises(AlteredCheckpoint, match=r"calibration\.json is refused"):
        Scorer.load(with_json(copy, CALIBRATION, change))


@pytest.mark.parametrize("name", [CALIBRATION, "config.json", "adapter_config.json", MANIFEST])
@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b"[" * 40 + b"]" * 40,
        b'{"a": "' + b"x" * (2 << 20) + b'"}',
        b'{"a": NaN}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"",
    ],
    ids=[
        "deep list",
        "deep object",
        "40 deep",
        "huge",
        "no number",
        "5000 digits",
        "not UTF-8",
        "mark",
        "empty",
    ],
)
def test_json_that_is_huge_or_deep_or_none_is_refused(copy: Path, name: str, content: bytes) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(AlteredCheckpoint):
        Scorer.load(copy if name == MANIFEST else resealed(copy))


TRICKS = [
    "../config.json",
    "/etc/passwd.json",
    "folder/config.json",
    "..\\config.json",
    ".hidden.json",
    "con\0fig.json",
    "con\nfig.json",
    "cönfig.json",
    "",
    "x" * 300 + ".json",
]


@pytest.mark.parametrize("name", TRICKS)
def test_a_manifest_leads_to_no_file_outside(copy: Path, name: str) -> None:
    own = manifest.read(copy)
    (copy.parent / "config.json").write_bytes((copy / "config.json").read_bytes())
    manifest.write(copy, replace(own, files={**own.files, name: own.files["config.json"]}))
    with pytest.raises(AlteredCheckpoint, match="cannot be understood: files"):
        verify(copy)


@pytest.mark.parametrize(
    "name", ["../../base", "/etc", "~/base", "a/b/c", "a\\b", ".", "", "a/../b", "x" * 300, "a\nb"]
)
def test_a_base_is_a_name_and_no_path(copy: Path, name: str) -> None:
    own = manifest.read(copy)
    manifest.write(copy, replace(own, base={**own.base, "name": name}))
    with pytest.raises(AlteredCheckpoint, match="cannot be understood: base"):
        verify(copy)


@pytest.mark.parametrize("name", NAMES)
def test_a_link_is_never_followed(copy: Path, tmp_path: Path, name: str) -> None:
    (copy / name).rename(tmp_path / "real")
    (copy / name).symlink_to(tmp_path / "real")
    with pytest.raises(AlteredCheckpoint):
        verify(copy)


def test_a_folder_or_a_pipe_in_a_files_place_is_refused(copy: Path) -> None:
    (copy / "config.json").unlink()
    (copy / "config.json").mkdir()
    with pytest.raises(AlteredCheckpoint, match="not the file that was saved"):
        verify(copy)
    (copy / "config.json").rmdir()
    os.mkfifo(copy / "config.json")
    with pytest.raises(AlteredCheckpoint, match="not the file that was saved"):
        verify(copy)


def test_a_place_that_is_no_folder_is_said(copy: Path) -> None:
    for place in (copy / "config.json", copy / "nowhere", Path("x" * 5000)):
        with pytest.raises((MissingCheckpoint, AlteredCheckpoint)):
            verify(place)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All weights of a very small network that nobody trained, sealed."""
    folder = tmp_path_factory.mktemp("small") / "full"
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    config = BertConfig(**sizes, id2label=id2label(), label2id=label2id())
    BertForSequenceClassification(config).save_pretrained(folder)
    network.tokenizer_of(resolve(ENGLISH).source).save_pretrained(folder)
    checkpoint.write_json(folder / CALIBRATION, dict(UNCALIBRATED))
    checkpoint.seal(folder, FULL, {"name": "small", "sha256": "0" * 64})
    return folder


@pytest.fixture
def full(small: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(small, tmp_path / "full"))


def test_the_small_one_loads(full: Path) -> None:
    assert Scorer.load(full).score(["Is the quiz on Friday?"]).shape == (1, 10)


def test_a_tokenizer_whose_tokens_have_no_weights_is_refused(full: Path) -> None:
    found = json.loads((full / "tokenizer.json").read_text())
    found["model"]["vocab"]["onemore"] = 40_000
    (full / "tokenizer.json").write_text(json.dumps(found))
    with pytest.raises(AlteredCheckpoint, match="tokens that the weights do not know"):
        Scorer.load(resealed(full))


def test_a_template_whose_tokens_have_no_weights_is_refused(full: Path) -> None:
    found = json.loads((full / "tokenizer.json").read_text())
    found["post_processor"]["special_tokens"]["[CLS]"]["ids"] = [40_000]
    (full / "tokenizer.json").write_text(json.dumps(found))
    with pytest.raises(AlteredCheckpoint, match="tokens that the weights do not know"):
        Scorer.load(resealed(full))


@pytest.mark.parametrize("content", ["{}", "[]", '{"version": "1.0"}', "[" * 1000 + "]" * 1000])
def test_what_is_no_tokenizer_is_refused(full: Path, content: str) -> None:
    (full / "tokenizer.json").write_text(content)
    with pytest.raises(AlteredCheckpoint):
        Scorer.load(resealed(full))


def test_a_tokenizer_that_asks_for_code_is_refused(full: Path) -> None:
    with pytest.raises(AlteredCheckpoint, match="code or files from elsewhere"):
        Scorer.load(with_json(full, "tokenizer_config.json", lambda found: {**found, "auto_map": {}}))


@pytest.mark.parametrize("change", [{"vocab_size": 30_523}, {"num_hidden_layers": 2}, {"hidden_size": 16}])
def test_settings_that_promise_more_than_the_weights_hold_are_refused(
    full: Path, change: dict[str, Any]
) -> None:
    with pytest.raises(AlteredCheckpoint, match="cannot be loaded"):
        Scorer.load(with_json(full, "config.json", lambda found: {**found, **change}))
