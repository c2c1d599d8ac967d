import numpy as np
import pytest
from sklearn.metrics import f1_score

from model.decision import UNCALIBRATED
from model.evaluation import beside, compare, report
from model.labels import EMOTIONS
from model.rows import MASK

RNG = np.random.default_rng(11)


def noisy(gold: np.ndarray, noise: float) -> np.ndarray:
    """Logits that know the gold up to noise."""
    logits = RNG.normal(0, noise, size=(len(gold), 10))
    logits[np.arange(len(gold)), gold[:, 0].astype(int)] += 2
    logits[:, 3:] += np.where(gold[:, 1:] == 1, 2, -2)
    return logits.astype(np.float32)


def some_gold(count: int = 300) -> np.ndarray:
    gold = (RNG.random((count, 8)) < 0.3).astype(np.float32)
    gold[:, 0] = RNG.integers(0, 3, count)
    return gold


def test_perfect_logits_give_perfect_figures() -> None:
    gold = some_gold()
    gold[:, 1 + EMOTIONS.index("enthusiasm")] *= gold[:, 1 + EMOTIONS.index("engagement")]
    figures = report(UNCALIBRATED, noisy(gold, 0.01), gold)
    assert figures["sentiment"]["macro_f1"] == figures["sentiment"]["accuracy"] == 1
    assert all(figures[name]["f1"] == figures[name]["auc"] == 1 for name in EMOTIONS)


def test_each_label_is_judged_over_the_rows_that_carry_it() -> None:
    gold = some_gold(40)
    gold[:, 2:] = MASK
    gold[:30, 1] = MASK
    figures = report(UNCALIBRATED, noisy(gold, 0.01), gold)
    assert figures.keys() == {"sentiment", "confusion"}
    assert figures["confusion"]["support"] == 10
    assert figures["sentiment"]["support"] == 40


def test_one_sided_gold_has_no_ranking_figures() -> None:
    gold = some_gold(20)
    gold[:, 1] = 0
    confusion = report(UNCALIBRATED, noisy(gold, 0.01), gold)["confusion"]
    assert confusion["auc"] is None
    assert confusion["average_precision"] is None
    assert confusion["macro_f1"] == 1


def test_a_better_candidate_wins_with_its_interval_above_zero() -> None:
    gold = some_gold()
    result = compare(noisy(gold, 0.5), noisy(gold, 3.0), gold)
    assert result.candidate > result.serving
    assert 0 < result.low < result.difference < result.high


def test_equal_models_differ_by_nothing() -> None:
    gold = some_gold()
    logits = noisy(gold, 1.0)
    result = compare(logits, logits, gold, resamples=50)
    assert (result.low, result.difference, result.high) == (0, 0, 0)


def test_the_compared_score_is_the_mean_of_the_f1_values() -> None:
    gold = some_gold()
    gold[:, 2:] = MASK
    logits = noisy(gold, 2.0)
    result = compare(logits, logits, gold, resamples=2)
    sentiment = f1_score(gold[:, 0], logits[:, :3].argmax(axis=1), average="macro")
    confusion = f1_score(gold[:, 1], logits[:, 3] >= 0)
    assert result.candidate == pytest.approx((sentiment + confusion) / 2)


def test_precision_is_told_at_the_share_that_ordinary_texts_have() -> None:
    """Half of these rows are positive; of ordinary texts a twentieth bores, so four false alarms in 100 weigh more."""
    gold = np.full((200, 8), MASK, dtype=np.float32)
    place = 1 + EMOTIONS.index("boredom")
    gold[:, place] = np.arange(200) % 2
    logits = np.where(gold[:, place, None] == 1, 3.0, -3.0) * np.ones((200, 10))
    logits[np.flatnonzero(gold[:, place] == 0)[:4]] = 3.0
    logits[np.flatnonzero(gold[:, place] == 1)[:20]] = -3.0
    own = beside(UNCALIBRATED, logits.astype(np.float32), gold)
    assert own.keys() == {"boredom"}
    assert own["boredom"]["recall"] == pytest.approx(0.8)
    assert own["boredom"]["prevalence"] == 0.05
    assert own["boredom"]["precision_at_prevalence"] == pytest.approx(0.8 * 0.05 / (0.8 * 0.05 + 0.04 * 0.95))
    assert 0 < own["boredom"]["ece_by_chance"] < 0.1


def test_without_positives_or_a_label_said_there_is_no_precision() -> None:
    gold = np.full((20, 8), MASK, dtype=np.float32)
    gold[:, 1], gold[:, 2] = 0, np.arange(20) % 2
    own = beside(UNCALIBRATED, np.full((20, 10), -4, dtype=np.float32), gold)
    assert (own["confusion"]["precision_at_prevalence"], own["confusion"]["recall"]) == (None, None)
    assert (own["frustration"]["precision_at_prevalence"], own["frustration"]["recall"]) == (None, 0)
