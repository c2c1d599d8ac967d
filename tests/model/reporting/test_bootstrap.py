import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from model.labels import SENTIMENT
from model.reporting.bootstrap import TOO_FEW, intervals, weighted
from model.reporting.cases import YES_NO, Cases

RNG = np.random.default_rng(5)


def label(count: int, positives: int) -> Cases:
    """A label that is read fairly well, with many equal probabilities."""
    truth = (np.arange(count) < positives).astype(int)
    chance = np.clip(np.round(0.3 + 0.4 * truth + RNG.normal(0, 0.2, count), 1), 0, 1)
    said = (chance >= 0.5).astype(int)
    return Cases("confusion", YES_NO, np.arange(count), np.column_stack([1 - chance, chance]), said, truth)


def sentiment(count: int) -> Cases:
    truth = RNG.integers(0, 3, count)
    chances = RNG.dirichlet([1, 1, 1], count) + np.eye(3)[truth]
    chances /= chances.sum(axis=1, keepdims=True)
    return Cases("sentiment", SENTIMENT, np.arange(count), chances, chances.argmax(axis=1), truth)


def test_each_row_once_gives_the_figures_of_scikit_learn_ties_included() -> None:
    cases = label(200, 60)
    found = weighted(cases, np.ones((1, 200)))
    assert found["f1"][0] == pytest.approx(f1_score(cases.truth, cases.said))
    assert found["macro_f1"][0] == pytest.approx(f1_score(cases.truth, cases.said, average="macro"))
    assert found["auc"][0] == pytest.approx(roc_auc_score(cases.truth, cases.chances[:, 1]))
    assert found["average_precision"][0] == pytest.approx(
        average_precision_score(cases.truth, cases.chances[:, 1])
    )


def test_weights_count_as_scikit_learn_counts_them() -> None:
    cases, weights = label(100, 30), RNG.integers(0, 4, 100).astype(float)
    found = weighted(cases, weights[None])
    chance = cases.chances[:, 1]
    assert found["f1"][0] == pytest.approx(f1_score(cases.truth, cases.said, sample_weight=weights))
    assert found["auc"][0] == pytest.approx(roc_auc_score(cases.truth, chance, sample_weight=weights))
    assert found["average_precision"][0] == pytest.approx(
        average_precision_score(cases.truth, chance, sample_weight=weights)
    )


def test_sentiment_is_the_mean_over_its_classes() -> None:
    cases = sentiment(150)
    found = weighted(cases, np.ones((1, 150)))
    against_rest = cases.truth[:, None] == np.arange(3)
    assert found["macro_f1"][0] == pytest.approx(f1_score(cases.truth, cases.said, average="macro"))
    assert found["average_precision"][0] == pytest.approx(
        average_precision_score(against_rest, cases.chances, average="macro")
    )
    assert "f1" not in found


def test_an_interval_holds_its_figure_narrows_with_rows_and_repeats_itself() -> None:
    widths = []
    for count in (100, 2500):
        cases = label(count, count // 3)
        low, high = intervals(cases)["f1"]
        assert low < f1_score(cases.truth, cases.said) < high
        assert intervals(cases)["f1"] == [low, high]
        widths.append(high - low)
    assert widths[1] < widths[0] / 3


@pytest.mark.parametrize(("positives", "refused"), [(4, True), (5, False)])
def test_under_five_positives_are_too_few(positives: int, refused: bool) -> None:
    assert (intervals(label(60, positives), resamples=20) == TOO_FEW) is refused


def test_a_label_that_all_rows_carry_has_no_ranking() -> None:
    assert intervals(label(30, 30), resamples=20).keys() == {"f1", "macro_f1", "accuracy"}
