"""What `score` adds to a spreadsheet: cells per text, and why a text was left unscored."""

from collections.abc import Callable, Sequence

from model import decision, languages
from model.errors import BadInput
from model.labels import EMOTIONS, LABELS
from model.scoring import Scorer

REASON = "not_scored"


def columns(with_probabilities: bool) -> list[str]:
    """Names of the added columns: sentiment, the seven labels, p_ for the ten outputs, the reason."""
    return ["sentiment", *EMOTIONS, *(f"p_{name}" for name in LABELS if with_probabilities), REASON]


def check_free(header: Sequence[str], added: Sequence[str]) -> None:
    """BadInput when a column to add is there already."""
    taken = [name for name in added if name in header]
    if taken:
        raise BadInput(f"The file already has the column {taken[0]}; rename it first.")


def cells(
    scorer: Scorer, texts: Sequence[str], with_probabilities: bool, progress: Callable[[int, int], None]
) -> list[list[str]]:
    """The added cells of each text, in order; empty but for the reason where it is not scored."""
    reasons = [reason(text) for text in texts]
    scored = [text for text, why in zip(texts, reasons, strict=True) if not why]
    logits = scorer.score(scored, progress=progress)
    readings = iter(decision.read_all(scorer.calibration, logits))
    width = len(columns(with_probabilities)) - 1
    return [
        [""] * width + [why] if why else [*_shown(next(readings), with_probabilities), ""] for why in reasons
    ]


def reason(text: str) -> str:
    """Why a text is not scored, or nothing."""
    if not text.strip():
        return "no text"
    if not languages.covered(languages.detect(text)):
        return "language not covered yet"
    return ""


def _shown(reading: decision.Reading, with_probabilities: bool) -> list[str]:
    flags = [str(int(name in reading.labels)) for name in EMOTIONS]
    chances = [f"{reading.probabilities[name]:.4f}" for name in LABELS if with_probabilities]
    return [reading.sentiment, *flags, *chances]
