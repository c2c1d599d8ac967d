"""Whether a checkpoint's settings, calibration and tokenizer are ones that this version can load and trust.

Hashes say that files are those that were sealed, not that whoever sealed them meant well. Only what our own
training writes is accepted, so that no library is ever asked to read another architecture, module or pattern.
"""

from pathlib import Path
from typing import Any

from model.errors import AlteredCheckpoint
from model.integrity.adapter_settings import is_ours
from model.integrity.fields import ADAPTER, FULL, SENTIMENT_ONLY, is_number, is_whole
from model.integrity.jsonfile import read_json
from model.integrity.tensors import check_weights
from model.labels import EMOTIONS, LABELS, SENTIMENT

OUTPUTS = {ADAPTER: LABELS, FULL: LABELS, SENTIMENT_ONLY: SENTIMENT}
TOKENIZER = "tokenizer.json"
MOST_TOKENIZER_BYTES = 64 << 20

LIMITS = {
    "hidden_size": 8192,
    "intermediate_size": 65_536,
    "num_hidden_layers": 96,
    "num_attention_heads": 256,
    "vocab_size": 2_000_000,
    "max_position_embeddings": 65_536,
    "type_vocab_size": 16,
}
ACTIVATIONS = ("gelu", "gelu_new", "relu")
# Keys by which a library would import or fetch something.
NEVER = ("auto_map", "quantization_config", "attn_implementation", "_attn_implementation")


def check_contents(path: Path, kind: str) -> None:
    """AlteredCheckpoint when settings, calibration, tokenizer or weights of the directory cannot be trusted."""
    config, adapter = _settings(path / "config.json"), {}
    _require(_is_config(config), path / "config.json", "it is no classifier that this version builds")
    _require(_has_labels(config, kind), path / "config.json", "it has other labels than this version knows")
    calibration = read_json(path / "calibration.json")
    _require(_is_calibration(calibration, kind), path / "calibration.json", "it does not fit these labels")
    if kind == ADAPTER:
        adapter = _settings(path / "adapter_config.json")
        ours = is_ours(adapter, config["num_hidden_layers"])
        _require(ours, path / "adapter_config.json", "our training does not write such an adapter")
    else:
        _check_tokenizer(path, config["vocab_size"])
    check_weights(path, kind, config, adapter, len(OUTPUTS[kind]))


def _require(sound: bool, file: Path, words: str) -> None:
    if not sound:
        raise AlteredCheckpoint(f"{file} is refused: {words}.")


def _settings(path: Path) -> dict[str, Any]:
    found = read_json(path)
    _require(isinstance(found, dict), path, "it is no object")
    _require(not any(name in found for name in NEVER), path, "it asks for code or files from elsewhere")
    return dict(found)


def _is_config(config: dict[str, Any]) -> bool:
    sizes = [config.get(name) for name in LIMITS]
    if config.get("model_type") != "bert" or not all(map(is_whole, sizes)):
        return False
    bounded = all(0 < config[name] <= most for name, most in LIMITS.items())
    plain = not config.get("is_decoder") and not config.get("add_cross_attention")
    placed = config.get("position_embedding_type") in (None, "absolute")
    return bounded and plain and placed and config.get("hidden_act") in ACTIVATIONS and _fits_together(config)


def _fits_together(config: dict[str, Any]) -> bool:
    """Heads share the hidden size evenly, padding has a row, and as many tokens have places as are read at once."""
    pad, own = config.get("pad_token_id"), config.get("undertone", {})
    padded = pad is None or (is_whole(pad) and 0 <= pad < config["vocab_size"])
    length: Any = own.get("max_length", 0) if isinstance(own, dict) else None
    placed = is_whole(length) and 0 <= length <= config["max_position_embeddings"]
    return padded and placed and config["hidden_size"] % config["num_attention_heads"] == 0


def _has_labels(config: dict[str, Any], kind: str) -> bool:
    names = OUTPUTS[kind]
    numbered = {str(number): name for number, name in enumerate(names)}
    named = {name: number for number, name in enumerate(names)}
    return config.get("id2label") == numbered and config.get("label2id") == named


def _is_calibration(found: Any, kind: str) -> bool:
    if not isinstance(found, dict) or found.keys() != {"sentiment", "labels"}:
        return False
    own, wanted = found["labels"], {name for name in OUTPUTS[kind] if name in EMOTIONS}
    named = isinstance(own, dict) and own.keys() == wanted
    return named and all(map(_is_scale, own.values())) and _is_group(found["sentiment"])


def _is_group(group: Any) -> bool:
    if not isinstance(group, dict) or group.keys() != {"temperature", "bias"}:
        return False
    bias, temperature = group["bias"], group["temperature"]
    three = isinstance(bias, list) and len(bias) == len(SENTIMENT) and all(map(is_number, bias))
    return three and is_number(temperature) and temperature > 0


def _is_scale(own: Any) -> bool:
    if not isinstance(own, dict) or own.keys() != {"scale", "shift", "threshold"}:
        return False
    return all(map(is_number, own.values())) and own["scale"] > 0 and 0 <= own["threshold"] <= 1


def _check_tokenizer(path: Path, vocabulary: int) -> None:
    """The tokenizer loads, and gives no token that the weights have no row for."""
    from tokenizers import Tokenizer

    _settings(path / "tokenizer_config.json")
    read_json(path / TOKENIZER, MOST_TOKENIZER_BYTES)
    try:
        tokenizer = Tokenizer.from_file(str(path / TOKENIZER))
        highest = max([tokenizer.get_vocab_size() - 1, *tokenizer.encode("a").ids])
    except Exception as error:  # the library has no kind of its own
        raise AlteredCheckpoint(f"{path / TOKENIZER} is refused: it is no tokenizer.") from error
    _require(highest < vocabulary, path / TOKENIZER, "it has tokens that the weights do not know")
