import numpy as np
import pytest

from model.calibration import expected_calibration_error
from model.reliability import bins, error_by_chance


def test_bins_count_rows_and_compare_what_was_said_with_what_is_true() -> None:
    found = bins(np.array([0.05, 0.07, 0.95, 1.0]), np.array([False, True, True, True]))
    assert found.count.tolist() == [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert found.probability[[0, 9]] == pytest.approx([0.06, 0.975])
    assert found.frequency[[0, 9]].tolist() == [0.5, 1.0]
    assert np.isnan(found.frequency[4])


def test_the_error_is_the_gap_weighted_by_rows() -> None:
    chances, truth = np.array([0.2, 0.2, 0.2, 0.9]), np.array([False, False, False, False])
    assert bins(chances, truth).error == pytest.approx(0.75 * 0.2 + 0.25 * 0.9)
    assert expected_calibration_error(chances, truth) == bins(chances, truth).error


def test_no_rows_have_no_error_and_an_empty_bin_is_null() -> None:
    found = bins(np.array([]), np.array([], dtype=bool), number=4)
    assert found.error == 0
    assert found.listed()[3] == {"low": 0.75, "high": 1.0, "count": 0, "probability": None, "frequency": None}


def test_right_probabilities_err_by_chance_and_less_with_more_rows() -> None:
    random = np.random.default_rng(3)
    few, many = random.random(100), random.random(10_000)
    assert error_by_chance(many) < 0.02 < error_by_chance(few) < 0.2
    drawn = np.array([bins(few, random.random(100) < few).error for _ in range(200)])
    assert error_by_chance(few) == pytest.approx(drawn.mean(), rel=0.15)


def test_certain_probabilities_cannot_err_by_chance() -> None:
    assert error_by_chance(np.array([0.0, 1.0, 1.0])) == 0
