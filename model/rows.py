"""Labelled rows: `{"text": str, "lang": str, "labels": {...}}`, read from JSON lines and turned into targets.

A label that is absent is not annotated. A row may have a `teacher`, the ten logits of another model
(`model.teaching`), and then needs no label. The same reader serves the command line, the starter corpus and
the public sets, so a bad file is refused with the same words everywhere.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.errors import BadInput, UnknownLabel
from model.labels import EMOTIONS, SENTIMENT

MASK = -100.0
MAX_TEXT_BYTES = 200_000

Row = dict[str, Any]


def read_text(path: Path) -> str:
    """The text of a UTF-8 file; BadInput when it is missing, empty or binary."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    if b"\0" in raw:
        raise BadInput(f"{path} is a binary file, not text.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text (byte {error.start}): save it as CSV UTF-8.") from error
    if not text.strip():
        raise BadInput(f"{path} is empty.")
    return text


def read_jsonl(path: Path) -> list[Row]:
    """Rows of a JSON lines file, each checked; BadInput or UnknownLabel names the line."""
    lines = read_text(path).split("\n")
    rows = [parse(line, f"{path}, line {n}") for n, line in enumerate(lines, 1) if line.strip()]
    if not rows:
        raise BadInput(f"{path} holds no rows.")
    return rows


def parse(line: str, where: str) -> Row:
    """One checked row from one JSON line."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is a plain ValueError
        raise BadInput(f"{where}: not a JSON object.") from error
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise BadInput(f"{where}: a row needs a text.")
    check_length(row["text"], where)
    labels = row.get("labels", {})
    if not isinstance(labels, dict):
        raise BadInput(f"{where}: labels must be an object.")
    check_labels(labels, where)
    return {**row, "lang": row.get("lang") or "und", "labels": labels}


def check_length(text: str, where: str) -> None:
    """BadInput for a text that no student wrote in one post."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEXT_BYTES:
        raise BadInput(f"{where}: the text has {size:,} bytes; at most {MAX_TEXT_BYTES:,} are read.")


def check_labels(labels: dict[str, Any], where: str) -> None:
    """UnknownLabel for a name or a value outside the label set."""
    for name, value in labels.items():
        if name == "sentiment":
            known = value in SENTIMENT
        elif name in EMOTIONS:
            known = value in (0, 1)
        else:
            raise UnknownLabel(f"{where}: unknown label {name!r}; known: sentiment, {', '.join(EMOTIONS)}.")
        if not known:
            raise UnknownLabel(f"{where}: {name} cannot be {value!r}.")


def targets(rows: Sequence[Row]) -> NDArray[np.float32]:
    """Gold values (n, 8): sentiment's index and seven 0/1 values, MASK where not annotated."""
    gold = np.full((len(rows), 1 + len(EMOTIONS)), MASK, dtype=np.float32)
    for number, row in enumerate(rows):
        for name, value in row["labels"].items():
            if name == "sentiment":
                gold[number, 0] = SENTIMENT.index(value)
            else:
                gold[number, 1 + EMOTIONS.index(name)] = float(value)
    return gold


def weights(rows: Sequence[Row]) -> NDArray[np.float32]:
    """How much each gold value counts (n, 8): a row's `weight` times the label's own in `weights`, by default 1."""
    found = np.ones((len(rows), 1 + len(EMOTIONS)), dtype=np.float32)
    for number, row in enumerate(rows):
        for name, value in row.get("weights", {}).items():
            found[number, 0 if name == "sentiment" else 1 + EMOTIONS.index(name)] = value
        found[number] *= row.get("weight", 1.0)
    return found


def texts(rows: Iterable[Row]) -> list[str]:
    """The texts of rows, in order."""
    return [row["text"] for row in rows]


def encodable(text: str) -> str:
    """The text as a tokenizer accepts it: half characters, which JSON can carry, become question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
