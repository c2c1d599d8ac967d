"""SHA-256 of files and of values, in the one form that manifests use."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def json_sha256(value: Any) -> str:
    """Hexadecimal SHA-256 of a JSON value, independent of key order and spacing."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def rows_sha256(rows: Iterable[dict[str, Any]]) -> str:
    """Hexadecimal SHA-256 of labelled rows, in their order."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json_sha256({"text": row["text"], "labels": row["labels"]}).encode())
    return digest.hexdigest()
