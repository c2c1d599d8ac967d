import json
from pathlib import Path

import numpy as np
import pytest

from model.errors import BadInput, ModelError, UnknownLabel
from model.rows import MASK, MAX_TEXT_BYTES, read_jsonl, targets


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "rows.jsonl"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_missing_labels_are_masked_not_zero(tmp_path: Path) -> None:
    path = written(tmp_path, '{"text": "hm", "labels": {"boredom": 0}}\n{"text": "ha", "lang": "en"}\n')
    gold = targets(read_jsonl(path))
    assert gold.shape == (2, 8)
    assert gold[0, 3] == 0
    assert np.count_nonzero(gold == MASK) == 15


def test_targets_hold_sentiment_index_and_flags() -> None:
    gold = targets([{"text": "x", "labels": {"sentiment": "positive", "confusion": 1, "toxicity": 0}}])
    assert gold[0].tolist() == [2, 1, MASK, MASK, MASK, MASK, MASK, 0]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "empty"),
        ("  \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\0\0", "binary"),
        (b'{"text": "caf\xe9"}', "UTF-8"),
        ("text,label\nhm,1\n", "line 1: not a JSON object"),
        ('{"text": "hm", "id": ' + "9" * 5000 + "}\n", "line 1: not a JSON object"),
        ("[1, 2]\n", "needs a text"),
        ('{"labels": {}}\n', "needs a text"),
        ('{"text": "a"}\n{"text": 3}\n', "line 2: a row needs a text"),
        ('{"text": "a", "labels": [1]}\n', "labels must be an object"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, content: bytes | str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_jsonl(written(tmp_path, content))


def test_a_missing_file_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_jsonl(tmp_path / "none.jsonl")


def test_a_text_of_a_megabyte_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="1,000,000 bytes"):
        read_jsonl(written(tmp_path, json.dumps({"text": "a" * 1_000_000})))
    assert read_jsonl(written(tmp_path, json.dumps({"text": "a" * MAX_TEXT_BYTES})))


@pytest.mark.parametrize(
    "labels", [{"anger": 1}, {"sentiment": "bad"}, {"boredom": 2}, {"boredom": "1"}, {"boredom": None}]
)
def test_unknown_labels_and_values_are_refused(tmp_path: Path, labels: dict[str, object]) -> None:
    with pytest.raises(UnknownLabel) as caught:
        read_jsonl(written(tmp_path, json.dumps({"text": "a", "labels": labels})))
    assert isinstance(caught.value, ModelError)
    assert "\n" not in caught.value.words


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    rows = read_jsonl(written(tmp_path, b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b"}\r\n'))
    assert [row["text"] for row in rows] == ["a", "b"]
