import numpy as np

from model.reporting.abstaining import FLOORS, curve
from model.reporting.cases import YES_NO, Cases


def test_the_curve_keeps_less_and_gains_where_confidence_is_earned() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 400)
    chance = np.clip(0.5 + (truth - 0.5) * 0.6 + rng.normal(0, 0.25, 400), 0.01, 0.99)
    said = (chance >= 0.5).astype(int)
    cases = Cases("boredom", YES_NO, np.arange(400), np.column_stack([1 - chance, chance]), said, truth)
    points = curve(cases)
    assert [point["floor"] for point in points] == list(FLOORS)
    assert points[0]["kept"] == 1
    kept = [point["kept"] for point in points]
    assert kept == sorted(kept, reverse=True)
    assert points[5]["score"] > points[0]["score"]


def test_where_under_five_positives_are_kept_there_is_no_score() -> None:
    chances = np.column_stack([np.full(40, 0.95), np.full(40, 0.05)])
    truth = (np.arange(40) < 4).astype(int)
    cases = Cases("boredom", YES_NO, np.arange(40), chances, np.zeros(40, dtype=int), truth)
    assert {point["score"] for point in curve(cases)} == {None}
