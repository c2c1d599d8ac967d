"""Settings of the network that a training changes."""

from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification

from model.backbones import ENGLISH, MULTILINGUAL, Backbone, resolve
from model.network import base_tokenizer, save, set_dropout, settings, tokenizer_of
from model.reading import TextReader


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


def small(base: Backbone) -> BertForSequenceClassification:
    """A tiny network for the tokens of a base."""
    sizes = {"num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    return BertForSequenceClassification(
        BertConfig(vocab_size=len(base_tokenizer(base)), hidden_size=4, **sizes)
    )


@pytest.mark.parametrize(("name", "prefix"), [(MULTILINGUAL, "query: "), (ENGLISH, "")])
def test_a_checkpoint_names_the_prefix_that_its_tokenizer_adds_once(
    tmp_path: Path, name: str, prefix: str
) -> None:
    base = resolve(name)
    save(small(base), tmp_path, base, base_tokenizer(base))
    assert settings(tmp_path)["undertone"]["prefix"] == prefix
    again = tokenizer_of(str(tmp_path))
    (ids,) = TextReader(again).parts(["stuck again"]).ids
    assert ids == base_tokenizer(base)("stuck again")["input_ids"]
    assert again.decode(ids, skip_special_tokens=True).strip() == f"{prefix}stuck again"


def test_an_adapter_names_the_prefix_too(tiny: Path) -> None:
    assert settings(tiny)["undertone"]["prefix"] == ""
