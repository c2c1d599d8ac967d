"""Reading without padding gives what the network's own forward gives."""

from threading import Thread
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertForSequenceClassification, DistilBertConfig
from transformers import DistilBertForSequenceClassification as DistilBert

from model.packed import Packed
from model.padded import Padded

WORDS = 50
PAD = 0


def network(layers: int = 3, heads: int = 3, **settings: Any) -> BertForSequenceClassification:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=WORDS,
        hidden_size=24,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=40,
        max_position_embeddings=32,
        num_labels=10,
        initializer_range=0.5,
        **settings,
    )
    return BertForSequenceClassification(config).eval()


def padded(bert: BertForSequenceClassification, ids: list[list[int]]) -> torch.Tensor:
    width = max(map(len, ids))
    rows = torch.tensor([own + [PAD] * (width - len(own)) for own in ids])
    mask = torch.tensor([[1] * len(own) + [0] * (width - len(own)) for own in ids])
    with torch.inference_mode():
        return bert(input_ids=rows, attention_mask=mask).logits


@pytest.fixture(scope="module")
def bert() -> BertForSequenceClassification:
    return network()


texts = st.lists(st.lists(st.integers(1, WORDS - 1), min_size=1, max_size=30), min_size=1, max_size=9)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=texts)
def test_any_mixture_of_lengths_gives_the_networks_own_logits(
    bert: BertForSequenceClassification, ids: list[list[int]]
) -> None:
    packed = Packed.of(bert)
    assert packed is not None
    torch.testing.assert_close(packed(ids), padded(bert, ids), atol=1e-4, rtol=1e-4)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=texts)
def test_padded_batches_give_the_networks_own_logits(
    bert: BertForSequenceClassification, ids: list[list[int]]
) -> None:
    torch.testing.assert_close(Padded(bert, PAD)(ids), padded(bert, ids), atol=1e-5, rtol=1e-5)


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(texts, max_size=4), threads=st.sampled_from([1, 3]))
def test_batches_read_beside_each_other_come_back_in_order(
    bert: BertForSequenceClassification, batches: list[list[list[int]]], threads: int
) -> None:
    packed = Packed.of(bert)
    assert packed is not None
    packed.threads = threads
    for found, ids in zip(packed.each(batches), batches, strict=True):
        torch.testing.assert_close(found, padded(bert, ids), atol=1e-4, rtol=1e-4)


def test_what_computes_later_has_as_many_threads_as_before(bert: BertForSequenceClassification) -> None:
    packed = Packed.of(bert)
    assert packed is not None
    packed.threads, before = 2, torch.get_num_threads()
    list(packed.each([[[1, 2, 3]], [[4, 5]], [[6]]]))
    later: list[int] = []
    thread = Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [before]


def test_a_batch_that_fails_is_told_and_does_not_hang(bert: BertForSequenceClassification) -> None:
    packed = Packed.of(bert)
    assert packed is not None
    packed.threads = 2
    with pytest.raises(IndexError):
        list(packed.each([[[1, 2]], [[WORDS]], [[3]]]))


def test_one_layer_alone_is_the_last_one() -> None:
    bert = network(layers=1)
    ids = [[1, 2, 3], [4, 5, 6], [7]]
    packed = Packed.of(bert)
    assert packed is not None
    torch.testing.assert_close(packed(ids), padded(bert, ids), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("threads", "heads", "parts"), [(1, 4, 1), (2, 4, 2), (2, 3, 1), (4, 4, 4), (6, 4, 2)]
)
def test_each_processor_has_its_share_and_the_answer_is_the_same(
    monkeypatch: pytest.MonkeyPatch, threads: int, heads: int, parts: int
) -> None:
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    bert = network(heads=heads)
    packed = Packed.of(bert)
    assert packed is not None
    assert packed.shared[0].parts == parts
    ids = [[5, 6, 7], [8, 9, 10], list(range(1, 20)), [3]]
    torch.testing.assert_close(packed(ids), padded(bert, ids), atol=1e-4, rtol=1e-4)


def test_texts_do_not_see_each_other(bert: BertForSequenceClassification) -> None:
    packed = Packed.of(bert)
    assert packed is not None
    alone = packed([[1, 2, 3]])
    torch.testing.assert_close(packed([[9, 9, 9], [1, 2, 3], [5, 5, 5, 5]])[1:2], alone, atol=1e-5, rtol=1e-4)


def test_what_is_not_a_plain_bert_is_left_to_itself() -> None:
    config = DistilBertConfig(vocab_size=WORDS, dim=24, n_layers=1, n_heads=3, hidden_dim=40)
    assert Packed.of(DistilBert(config).eval()) is None
    assert Packed.of(network(hidden_act="relu")) is None
    assert Packed.of(network().train()) is None
