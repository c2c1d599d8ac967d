"""A good start for pooler and classifier, so that few steps of training suffice.

The packaged encoder was trained for the mean of its tokens, its first token says little and its pooler's
outputs are tiny. So the last layer's query starts at zero (the first token then attends to all alike), the
pooler starts as a standardisation, and the classifier as the logistic regression on it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from model.losses import masked_loss
from model.rows import Row, encodable, targets, texts, weights

SQUASH = 0.5
RIDGE = 3e-3
ITERATIONS = 150
BATCH = 32


def prepare(
    network: Any, rows: Sequence[Row], tokenizer: PreTrainedTokenizerBase, pos_weight: Tensor, max_length: int
) -> None:
    """Set the last query, pooler and classifier of a fresh network from labelled rows, in place, on the processor.

    The encoder reads the texts where the network lies, on a card much sooner.
    """
    query = last_query(network)
    torch.nn.init.zeros_(query.weight)
    torch.nn.init.zeros_(query.bias)
    first = _first_tokens(network, texts(rows), tokenizer, max_length)
    network.cpu()
    middle, spread = first.mean(dim=0), first.std(dim=0).clamp(min=1e-4)
    pooler = network.bert.pooler.dense
    with torch.no_grad():
        pooler.weight.copy_(torch.diag(SQUASH / spread))
        pooler.bias.copy_(-SQUASH * middle / spread)
        features = torch.tanh(pooler(first))
    gold, counts = torch.from_numpy(targets(rows)), torch.from_numpy(weights(rows))
    _regress(network.classifier, features, gold, counts, pos_weight)


def last_query(network: Any) -> Any:
    """The query projection of the encoder's last layer."""
    return network.bert.encoder.layer[-1].attention.self.query


def _first_tokens(
    network: Any, own: Sequence[str], tokenizer: PreTrainedTokenizerBase, max_length: int
) -> Tensor:
    """The last hidden state of each text's first token (n, hidden)."""
    encoded = tokenizer([encodable(text) for text in own], truncation=True, max_length=max_length)[
        "input_ids"
    ]
    order = sorted(range(len(encoded)), key=lambda number: len(encoded[number]))
    result = torch.empty(len(own), network.config.hidden_size)
    network.eval()
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        padded = tokenizer.pad({"input_ids": [encoded[number] for number in batch]}, return_tensors="pt")
        with torch.inference_mode():
            hidden = network.bert(
                input_ids=padded["input_ids"].to(network.device),
                attention_mask=padded["attention_mask"].to(network.device),
            )
        result[batch] = hidden.last_hidden_state[:, 0].float().cpu()
    return result


def _regress(classifier: Any, features: Tensor, gold: Tensor, counts: Tensor, pos_weight: Tensor) -> None:
    """Fit the classifier to fixed features by the masked loss with a ridge."""
    torch.nn.init.zeros_(classifier.weight)
    torch.nn.init.zeros_(classifier.bias)
    solver = torch.optim.LBFGS(classifier.parameters(), max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        solver.zero_grad()
        fit = masked_loss(classifier(features), gold, pos_weight, counts)
        loss: Tensor = fit + RIDGE * classifier.weight.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    solver.step(closure)  # type: ignore[no-untyped-call]
