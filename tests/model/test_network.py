"""Settings of the network that a training changes."""

from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification

from model.network import set_dropout, settings


def same_twice(share: float) -> bool:
    torch.manual_seed(2)
    config = BertConfig(
        vocab_size=40, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40
    )
    network = BertForSequenceClassification(config).train()
    set_dropout(network, share)
    ids = torch.arange(1, 13).reshape(2, 6)
    return torch.equal(network(input_ids=ids).logits, network(input_ids=ids).logits)


def test_without_dropout_two_passes_of_a_training_are_alike() -> None:
    assert same_twice(0.0)
    assert not same_twice(0.3)


def test_a_checkpoint_names_the_architecture_that_its_outputs_belong_to(tiny: Path) -> None:
    assert settings(tiny)["architectures"] == ["BertForSequenceClassification"]
