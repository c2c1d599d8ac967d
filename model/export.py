"""A plain Hugging Face directory for a stock `pipeline("text-classification")`: adapter merged, calibration folded in.

With `top_k=None, function_to_apply="sigmoid"` the pipeline gives ten entries: seven calibrated probabilities of the
emotions, and three of the sentiments that are none. With `sentiment` the export has these three labels alone, and the
plain pipeline gives our sentiment. That engagement is at least enthusiasm, and what else the stock pipeline cannot
do, is left to its caller and said in `decoding.json`.
"""

import copy
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, pipeline

from model import card, checkpoint, folding
from model.abstention import FEWEST_WORDS, SENTIMENT_FLOOR
from model.checkpoint import Manifest
from model.decision import UNCALIBRATED, Floats, probabilities
from model.errors import AlteredCheckpoint
from model.integrity.placing import placed
from model.labels import ENGAGEMENT, ENTHUSIASM, LABELS, SENTIMENT
from model.network import MAX_LENGTH, settings
from model.scoring import SHIPPED, Scorer

AGREEMENT = 1e-4
HERE = Path(__file__).parent
DATASHEET = HERE / "starter" / "DATASHEET.md"
LABEL_GUIDE = HERE / "LABELS.md"
PROBES = (
    "Still stuck on part b, third evening now.",
    "Is the quiz on Friday?",
    "Why does this work?? So cool",
    "He explains well but the platform crashes every week",
    "No entiendo nada de la última clase 😕",
    "老师讲得很清楚,谢谢!",
)
FOLDED = "folded into the classifier, so scales are 1 and shifts 0; calibration.json has the thresholds that are left"
ABSTENTION = (
    "the pipeline answers to every text; `python -m model score` says nothing of one that is empty, has under "
    f"{FEWEST_WORDS} words or is in a language that was not learnt, nor of one in which no label reaches its threshold "
    f"and the sentiment has a probability under {SENTIMENT_FLOOR}"
)
DECODING = {
    "emotions": "sigmoid each: the calibrated probability; a label is present from its threshold in calibration.json",
    "engagement": "the larger of engagement and enthusiasm, which implies it; a linear layer cannot say so",
    "sentiment": "softmax over the logits of negative, neutral, positive: under a sigmoid only their order is right",
    "calibration": FOLDED,
    "abstention": ABSTENTION,
    "length": "truncation=True reads as many tokens as the encoder has positions for (model_max_length); without it a "
    f"longer text is an error; one of more than {MAX_LENGTH} tokens we read in pieces, all of it",
}
SENTIMENT_DECODING = {
    "sentiment": "softmax over the three logits: the calibrated probability; the largest is the sentiment",
    "calibration": FOLDED.replace("has the thresholds that are left", "has none that are left"),
    "abstention": ABSTENTION,
    "length": DECODING["length"],
}
USE = """\
## Use

```python
from transformers import pipeline

classify = pipeline("text-classification", model="{where}", top_k=None{extra})
classify("Still stuck on part b, third evening now.", truncation=True)
```

{words}

Keep `truncation=True`: it reads the first {positions} tokens of a text, and without it the pipeline ends in an error on
a longer one. `decoding.json` says what the pipeline leaves to you, and when to say nothing of a text; `LABELS.md`
what each label means, `DATASHEET.md` how the starter corpus came about.
"""
NOT_FOR = f"""\
{card.NOT_FOR.rstrip()} These
weights answer to every text: what they say of one in a language that they have not learnt means nothing.
"""
WORDS = """\
The answer has ten entries. Seven are the calibrated probabilities of the emotions, each on its own. Three are the
sentiments, and under a sigmoid these are no probabilities: an export with `--sentiment` reads them. That engagement is
at least as probable as enthusiasm, which implies it, is so in our own decision only: take the larger of the two."""
SENTIMENT_WORDS = "The three scores are calibrated probabilities and sum to one."


def export(source: Path | None, out: Path, sentiment: bool = False) -> Path:
    """Write the merged and calibrated model, its tokenizer, notes and manifest to a new directory `out`.

    With `sentiment` it has three outputs, else ten. The result is loaded in a stock pipeline and compared: raises
    AlteredCheckpoint when a probability differs by more than 1e-4; as `placing.placed`; and as loading does.
    """
    scorer = Scorer.load(
        source, device="cpu", exact=True
    )  # a card holds weights of fewer digits than are written
    wanted = probabilities(scorer.calibration, scorer.score(PROBES))
    with placed(out) as folder:
        _write(scorer, folder, sentiment, settings(source or SHIPPED).get("undertone", {}))
        agrees = disagreement(wanted, folder, sentiment) <= AGREEMENT  # false too for what is no number
        if not agrees:
            raise AlteredCheckpoint("The exported model does not agree with the checkpoint it came from.")
    return out


def disagreement(wanted: Floats, folder: Path, sentiment: bool = False) -> float:
    """Largest difference between our probabilities of the probes (n, 10) and a stock pipeline's, decoded."""
    network: Any = AutoModelForSequenceClassification.from_pretrained(str(folder))
    classify: Any = pipeline("text-classification", model=network, tokenizer=str(folder), top_k=None)
    if sentiment:
        return float(np.abs(_table(classify(list(PROBES)), SENTIMENT) - wanted[:, : len(SENTIMENT)]).max())
    found = _table(classify(list(PROBES), function_to_apply="sigmoid"), LABELS)
    found[:, ENGAGEMENT] = np.maximum(found[:, ENGAGEMENT], found[:, ENTHUSIASM])
    logits = _table(classify(list(PROBES), function_to_apply="none"), LABELS)
    found[:, : len(SENTIMENT)] = probabilities(UNCALIBRATED, logits)[:, : len(SENTIMENT)]
    return float(np.abs(found - wanted).max())


def _table(answers: list[list[dict[str, Any]]], names: Sequence[str]) -> Floats:
    """A pipeline's answers, each a list in order of score, as numbers (n, len(names))."""
    scores = [{entry["label"]: entry["score"] for entry in answer} for answer in answers]
    return np.array([[own[name] for name in names] for own in scores], dtype=np.float64)


def _write(scorer: Scorer, folder: Path, sentiment: bool, about: dict[str, Any]) -> None:
    """The export's files; `about` is what the checkpoint's `config.json` says, which an adapter's base does not."""
    network = folding.fold(scorer.network.to(torch.device("cpu")), scorer.calibration, sentiment)
    network.config._name_or_path = "undertone"
    network.config.undertone = about
    network.save_pretrained(str(folder))
    tokenizer = copy.deepcopy(scorer.tokenizer)
    tokenizer.model_max_length = network.config.max_position_embeddings
    tokenizer.save_pretrained(str(folder))
    checkpoint.write_json(folder / checkpoint.CALIBRATION, folding.remaining(scorer.calibration, sentiment))
    checkpoint.write_json(folder / "decoding.json", SENTIMENT_DECODING if sentiment else DECODING)
    readme = _readme(scorer.manifest, sentiment, tokenizer.model_max_length)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    shutil.copyfile(DATASHEET, folder / "DATASHEET.md")
    shutil.copyfile(LABEL_GUIDE, folder / "LABELS.md")
    _seal(scorer.manifest, folder, sentiment)


def _readme(manifest: Manifest, sentiment: bool, positions: int) -> str:
    extra = "" if sentiment else ', function_to_apply="sigmoid"'
    words = SENTIMENT_WORDS if sentiment else WORDS
    about = card.markdown(manifest, not_for=NOT_FOR)
    use = USE.format(where="folder or hub id", extra=extra, words=words, positions=positions)
    return f"{about}\n{use}"


def _seal(origin: Manifest, folder: Path, sentiment: bool) -> None:
    """The manifest of the checkpoint it came from, with the export's own files and identity."""
    own = ("kind", "base", "weights_hash", "files", "format", "source", "decision", "manifest_hash")
    facts = {name: value for name, value in asdict(origin).items() if name not in own}
    kind = checkpoint.SENTIMENT_ONLY if sentiment else checkpoint.FULL
    checkpoint.seal(folder, kind, origin.base, source=origin.weights_hash, **facts)
