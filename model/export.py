"""A plain Hugging Face directory with the adapter merged in, for a stock `pipeline("text-classification")`.

The pipeline, called with `top_k=None`, returns ten numbers per text. The seven emotions are uncalibrated
sigmoids. The three sentiment outputs are a softmax group: the pipeline applies a sigmoid to each, so take
the largest of the three as the sentiment, or softmax over their logits; `DECODING` says so in the export.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, pipeline

from model import card, checkpoint
from model.decision import sigmoid
from model.errors import AlteredCheckpoint, BadInput
from model.labels import LABELS
from model.scoring import Scorer

AGREEMENT = 1e-4
PROBES = (
    "Still stuck on part b, third evening now.",
    "Is the quiz on Friday?",
    "Why does this work?? So cool",
    "He explains well but the platform crashes every week",
)
DECODING = {
    "sentiment": "softmax over the logits of negative, neutral, positive; or the largest of the three",
    "others": "sigmoid each; engagement is the larger of engagement and enthusiasm",
    "calibration": "calibration.json: scale, shift, threshold per label; temperature, bias for sentiment",
}


def export(source: Path | None, out: Path) -> Path:
    """Write the merged model, its tokenizer, calibration and card to a new directory `out`.

    Loads the result in a stock pipeline and compares; raises AlteredCheckpoint when a probability differs
    by more than 1e-4, BadInput when `out` exists, and whatever loading `source` raises.
    """
    if out.exists():
        raise BadInput(f"{out} exists already; an export is never written over another.")
    scorer = Scorer.load(source)
    out.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".export-", dir=out.parent))
    try:
        _write(scorer, workshop)
        if disagreement(scorer, workshop) > AGREEMENT:
            raise AlteredCheckpoint("The exported model does not agree with the checkpoint it came from.")
        workshop.rename(out)
    except BaseException:
        shutil.rmtree(workshop, ignore_errors=True)
        raise
    return out


def disagreement(scorer: Scorer, folder: Path) -> float:
    """Largest difference between a stock pipeline's numbers and the sigmoids of the scorer's logits."""
    network: Any = AutoModelForSequenceClassification.from_pretrained(str(folder))
    classify: Any = pipeline("text-classification", model=network, tokenizer=str(folder), top_k=None)
    theirs = [{entry["label"]: entry["score"] for entry in answer} for answer in classify(list(PROBES))]
    ours = sigmoid(scorer.score(PROBES))
    wanted = np.array([[answer[name] for name in LABELS] for answer in theirs])
    return float(np.abs(ours - wanted).max())


def _write(scorer: Scorer, folder: Path) -> None:
    scorer.network.to(torch.device("cpu"))
    scorer.network.config._name_or_path = "undertone"
    scorer.network.save_pretrained(str(folder))
    scorer.tokenizer.save_pretrained(str(folder))
    checkpoint.write_json(folder / checkpoint.CALIBRATION, dict(scorer.calibration))
    checkpoint.write_json(folder / "decoding.json", DECODING)
    (folder / "README.md").write_text(card.markdown(scorer.manifest), encoding="utf-8")
