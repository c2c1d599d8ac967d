"""The papers as texts: a template each, filled with the facts, and how they are kept beside hand-made copies."""

import hashlib
import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from lti_tool.documents.facts import PURPOSES, Facts
from lti_tool.documents.models import measured, recall_words
from lti_tool.errors import UndertoneError

SEAL = re.compile(r"\n<!-- undertone docs: ([0-9a-f]{64}) -->\n\Z")
ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The time of each file in an archive, so that the same facts give the same archive."""
PAPERS = {
    "README.md": "What lies here",
    "dpia.md": "Data protection impact assessment",
    "article-30.md": "Record of processing (Art. 30 GDPR)",
    "ai-act-memo.md": "Classification under the AI Act",
    "risk-register.md": "Risk register",
    "data-governance.md": "Data-governance sheet",
    "human-oversight.md": "Human oversight",
    "accuracy.md": "Accuracy sheet",
    "instructions-for-use.md": "Instructions for use",
    "fundamental-rights.md": "Fundamental-rights impact assessment",
    "ferpa.md": "FERPA: school-official terms",
    "article-28.md": "Processing on behalf (Art. 28 GDPR)",
    "hecvat.md": "Answers for HECVAT",
    "trusted-apps.md": "Answers for the TrustEd Apps rubrics",
    "accessibility.md": "Accessibility conformance",
    "consultation.md": "Consulting students",
    "model-card.md": "Model card",
    "datasheet.md": "Datasheet of the training pool",
}
"""Every paper, with its title, in the order in which they are listed."""


KINDS: Mapping[str, str] = {
    "texts": "texts that were read",
    "scores": "scores of texts",
    "alerts": "figures and findings of a course",
    "pool": "training pool (purpose C)",
    "models": "models learnt here",
    "proof": "proof of consent",
    "audit": "log of views and of security",
    "operation_logs": "logs of operation",
    "access": "the way by which a person reaches what is theirs",
}
"""The kinds of data in words."""


class EditedError(UndertoneError):
    """A file was changed by hand, so it is not written over."""

    code = "edited_document"

    def __init__(self, names: list[str]) -> None:
        super().__init__(
            f"These were changed by hand and are left as they are: {', '.join(names)}. Nothing was written. "
            "Move them elsewhere, or choose another folder with --out."
        )


def written(facts: Facts) -> dict[str, str]:
    """Every paper by its file name."""
    place = Environment(
        loader=PackageLoader("lti_tool.documents", "texts"),
        autoescape=select_autoescape(),  # Markdown for people to read, not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    place.globals.update(
        blank=blank,
        facts=facts,
        papers=PAPERS,
        purposes=PURPOSES,
        kinds=KINDS,
        number=_number,
        recall=recall_words(),
        measured=measured(),
    )
    return {name: _sealed(_one(place, name, title)) for name, title in PAPERS.items()}


def blank(what: str) -> str:
    """A place that only the institution can fill; easily found, since nothing else stands in such brackets."""
    return f"**[to be filled in: {what}]**"


def _one(place: Environment, name: str, title: str) -> str:
    return place.get_template(name).render(name=name, title=title).strip() + "\n"


def _number(value: Any) -> str:
    return "–" if value is None else f"{value:.3f}"


def _sealed(text: str) -> str:
    """The text with its own digest, by which a change by hand is seen."""
    return f"{text}\n<!-- undertone docs: {_digest(text)} -->\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_edited(text: str) -> bool:
    """Whether a file is not as it was written."""
    found = SEAL.search(text)
    return found is None or _digest(text[: found.start()]) != found[1]


def differences(folder: Path, papers: Mapping[str, str]) -> list[str]:
    """In words, what in the folder is missing or not as it would be written now."""
    found = []
    for name, text in papers.items():
        path = folder / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif path.read_text("utf-8") != text:
            found.append(f"{name} is out of date")
    return found


def store(folder: Path, papers: Mapping[str, str]) -> None:
    """Write every paper. Raises EditedError, with nothing written, when one there was changed by hand."""
    present = {name: folder / name for name in papers if (folder / name).is_file()}
    edited = [name for name, path in present.items() if is_edited(path.read_text("utf-8"))]
    if edited:
        raise EditedError(edited)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in papers.items():
        (folder / name).write_text(text, "utf-8")


def archive(papers: Mapping[str, str]) -> bytes:
    """All of them as one ZIP file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in papers.items():
            packed.writestr(_entry(name), text)
    return buffer.getvalue()


def _entry(name: str) -> Any:
    entry = zipfile.ZipInfo(f"undertone-documents/{name}", ALWAYS)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
