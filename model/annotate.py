"""What `score` adds to a spreadsheet: cells per text, and why a text was left unscored."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from model import abstention, decision, languages, spreadsheets
from model.errors import BadInput
from model.labels import EMOTIONS, LABELS
from model.scoring import Scorer

REASON = "not_scored"


def columns(with_probabilities: bool) -> list[str]:
    """Names of the added columns: sentiment, the seven labels, p_ for the ten outputs, the reason."""
    return ["sentiment", *EMOTIONS, *(f"p_{name}" for name in LABELS if with_probabilities), REASON]


def check_free(header: Sequence[str], added: Sequence[str]) -> None:
    """BadInput when a column to add is there already."""
    taken = [name for name in added if name in map(spreadsheets.plain, header)]
    if taken:
        raise BadInput(f"The file already has the column {taken[0]}; rename it first.")


def cells(
    scorer: Scorer,
    texts: Sequence[str],
    with_probabilities: bool,
    progress: Callable[[int, int], None],
    unusable: Mapping[int, str] = MappingProxyType({}),
    stated: Sequence[str] = (),
) -> list[list[str]]:
    """The added cells of each text, in order; empty but for the reason where nothing is said of it (P60).

    `unusable` holds the reason of each row, by its place, whose text is not to be read at all; `stated` the language
    that each text is said to be in, where the file says so.
    """
    known = learnt(scorer)
    spoken = stated or [""] * len(texts)
    reasons = [
        unusable.get(number) or abstention.decide(text, covered(text, lang, known))
        for number, (text, lang) in enumerate(zip(texts, spoken, strict=True))
    ]
    scored = [text for text, why in zip(texts, reasons, strict=True) if not why]
    logits = scorer.score(scored, progress=progress)
    readings = iter(decision.read_all(scorer.calibration, logits))
    return [
        _empty(why, with_probabilities) if why else _read(text, next(readings), with_probabilities)
        for text, why in zip(texts, reasons, strict=True)
    ]


def learnt(scorer: Scorer) -> Sequence[str]:
    """The languages that a model has learnt; those of the shipped one where it does not say."""
    return scorer.manifest.options.get("languages") or languages.COVERED


def covered(text: str, stated: str, among: Sequence[str]) -> bool:
    """Whether a text is in one of these languages: the one stated or, without a code, the one it looks like."""
    code = spreadsheets.code(stated)
    spoken = languages.detect(text) if code in ("", languages.UNDETERMINED) else code
    return languages.covered(spoken, among)


def _read(text: str, reading: decision.Reading, with_probabilities: bool) -> list[str]:
    """The cells of a scored text; the reason alone where the model is too unsure of it."""
    why = abstention.decide(text, True, reading)
    if why:
        return _empty(why, with_probabilities)
    flags = [str(int(name in reading.labels)) for name in EMOTIONS]
    chances = [f"{reading.probabilities[name]:.4f}" for name in LABELS if with_probabilities]
    return [reading.sentiment, *flags, *chances, ""]


def _empty(why: str, with_probabilities: bool) -> list[str]:
    return [""] * (len(columns(with_probabilities)) - 1) + [why]
