"""Texts a second on a card, against a stock half-precision pipeline with batches of 64, in one run.

    python -m tests.gpu.scoring_speed [--texts 20000] [--model DIR] [--base-size] [--tflops 989]

Prints the ratio, the share of decisions that are the same in float32, and the share of the card's dense bfloat16
rate (`--tflops`, from its data sheet) that the matrix products alone come to. `--base-size` takes a network of the
usual base size with weights by chance, which is as fast as a trained one. A plain script: it needs no pytest.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForSequenceClassification, pipeline

from model.decision import present, probabilities
from model.export import export
from model.scoring import Scorer
from tests.benchmarks.posts import like_forum_posts

CHECKED = 2000
BASE_SIZE = {"hidden_size": 768, "num_attention_heads": 12, "intermediate_size": 3072}


def main() -> None:
    """Warm up, measure both, compare."""
    options = _options()
    scorer = Scorer.load(options.model, device="cuda")
    network, same = scorer.network, ""
    if options.base_size:
        network = _of_base_size(scorer)
        scorer = Scorer(network, scorer.tokenizer, scorer.manifest, scorer.calibration, "cuda")
    texts = like_forum_posts(scorer.tokenizer, options.texts)
    tokens = sum(len(own) for own in scorer.tokenizer(texts, verbose=False)["input_ids"])
    reading = _seconds(lambda: scorer.reader.parts(texts))
    ours = _seconds(lambda: scorer.score(texts))
    if not options.base_size:
        same = f"; decisions as in float32: {_same(scorer, options.model, texts[:CHECKED]):.2%}"
    stock = _stock(options.model, network if options.base_size else None)
    theirs = _seconds(lambda: stock(texts, batch_size=64, truncation=True))
    rate = 2 * _weights(scorer) * tokens / ours / 1e12
    print(
        f"{torch.cuda.get_device_name()}: {len(texts) / ours:.0f} texts and {tokens / ours:.0f} tokens a second "
        f"({len(texts) / reading:.0f} texts a second only tokenised), {theirs / ours:.2f} times the pipeline; "
        f"{rate:.1f} TFLOP/s, {rate / options.tflops:.1%} of the dense rate{same}",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--base-size", action="store_true")
    parser.add_argument("--tflops", type=float, default=989.0)
    return parser.parse_args()


def _of_base_size(scorer: Scorer) -> Any:
    config = AutoConfig.for_model(**{**scorer.network.config.to_dict(), **BASE_SIZE})
    return AutoModelForSequenceClassification.from_config(config).eval()


def _stock(model: Path | None, network: Any | None) -> Any:
    folder = str(export(model, Path(tempfile.mkdtemp()) / "plain"))
    if network is None:
        network = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float16)
    made: Any = pipeline("text-classification", model=network.half(), tokenizer=folder, top_k=None, device=0)
    made.tokenizer.model_max_length = 512
    return made


def _seconds(score: Callable[[], Any]) -> float:
    """The better of two runs after one to warm up."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        score()
        torch.cuda.synchronize()
        found.append(time.perf_counter() - start)
    return min(found[1:])


def _weights(scorer: Scorer) -> int:
    """Weights that every token is multiplied with: all but the embeddings'."""
    return sum(own.numel() for name, own in scorer.network.named_parameters() if "embeddings" not in name)


def _same(scorer: Scorer, model: Path | None, texts: list[str]) -> float:
    """Share of texts with the same sentiment and labels as on a processor."""
    exact = Scorer.load(model, device="cpu").score(texts)
    first, second = (probabilities(scorer.calibration, own) for own in (scorer.score(texts), exact))
    same = (present(scorer.calibration, first) == present(scorer.calibration, second)).all(axis=1)
    return float(np.mean(same & (first[:, :3].argmax(1) == second[:, :3].argmax(1))))


if __name__ == "__main__":
    main()
