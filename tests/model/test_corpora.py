import json
import os
from pathlib import Path
from typing import Any

import pytest

from model import corpora
from model.errors import MissingCorpus


def comment(*emotions: str, sentiment: str | None = None) -> dict[str, Any]:
    labels = {"sentiment": sentiment} if sentiment else {}
    return {"text": "x", "lang": "en", "labels": labels, "original": {"emotions": list(emotions)}}


def test_excitement_is_enthusiasm_and_so_engagement() -> None:
    labels = corpora.goemotions(comment("excitement", sentiment="positive"))
    assert labels["enthusiasm"] == labels["engagement"] == 1
    assert "satisfaction" not in labels


def test_curiosity_alone_is_a_weak_sign() -> None:
    row = comment("curiosity")
    assert corpora.goemotions(row)["engagement"] == 1
    assert "enthusiasm" not in corpora.goemotions(row)
    assert corpora.goemotions_weights(row) == {
        "engagement": corpora.WEAK_SIGN,
        "confusion": corpora.WEAK_SIGN,
    }
    assert corpora.goemotions_weights(comment("curiosity", "excitement")) == {}


def test_gratitude_is_a_weak_sign_and_thanks_in_advance_is_none() -> None:
    assert corpora.goemotions(comment("gratitude"))["satisfaction"] == 1
    assert corpora.goemotions_weights(comment("gratitude")) == {"satisfaction": corpora.WEAK_SIGN}
    assert corpora.goemotions_weights(comment("gratitude", "joy")) == {}
    assert corpora.goemotions({**comment("gratitude"), "text": "Thanks in advance!"})["satisfaction"] == 0


@pytest.mark.parametrize("praise", ["admiration", "approval"])
def test_praise_decides_no_satisfaction(praise: str) -> None:
    assert "satisfaction" not in corpora.goemotions(comment(praise))


def test_plain_neutral_is_none_of_them() -> None:
    labels = corpora.goemotions(comment("neutral", sentiment="neutral"))
    assert labels == {
        "sentiment": "neutral",
        "confusion": 0,
        "frustration": 0,
        "satisfaction": 0,
        "engagement": 0,
        "enthusiasm": 0,
    }


def test_annoyance_is_frustration_but_disappointment_is_left_open() -> None:
    assert corpora.goemotions(comment("annoyance"))["frustration"] == 1
    assert "frustration" not in corpora.goemotions(comment("disappointment"))


def test_tweets_and_diaries_give_toxicity_only() -> None:
    assert corpora.davidson({"original": {"class": "offensive_language"}}) == {"toxicity": 1}
    assert corpora.davidson({"original": {"class": "neither"}}) == {"toxicity": 0}
    assert corpora.clean_diaries({}) == {"toxicity": 0}


def test_a_non_commercial_corpus_trains_only_when_it_is_named() -> None:
    assert "edurabsa" not in corpora.TRAINING
    assert not corpora.CORPORA["edurabsa"].permissive


def test_a_missing_folder_is_said() -> None:
    with pytest.raises(MissingCorpus, match="UNDERTONE_CORPORA"):
        corpora.load("davidson", None)
    with pytest.raises(MissingCorpus, match="does not exist"):
        corpora.load("davidson", Path("nowhere"))
    with pytest.raises(MissingCorpus, match="Unknown corpus"):
        corpora.load("wikipedia", Path("nowhere"))


def test_rows_are_read_in_the_languages_that_are_wanted(tmp_path: Path) -> None:
    folder = tmp_path / "cered"
    folder.mkdir()
    rows = [{"text": text, "lang": lang, "labels": {}} for text, lang in (("a", "en"), ("b", "cs"))]
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [row["text"] for row in corpora.load("cered", tmp_path, languages=("en",))] == ["a"]
    assert [row["text"] for row in corpora.load("cered", tmp_path)] == ["a", "b"]


def test_sampling_balances_toxic_and_clean_tweets() -> None:
    rows = [{"text": f"t{n}", "labels": {"toxicity": int(n % 10 > 0)}} for n in range(40_000)]
    kept = corpora.sample("davidson", rows, seed=1)
    assert sum(row["labels"]["toxicity"] for row in kept) == corpora.CORPORA["davidson"].take
    assert len(kept) == 2 * (corpora.CORPORA["davidson"].take or 0)
    assert kept == corpora.sample("davidson", rows, seed=1)
    assert kept != corpora.sample("davidson", rows, seed=2)


def test_a_split_depends_on_the_text_alone() -> None:
    rows = [{"text": f"text {n}", "labels": {}} for n in range(800)]
    train, dev = corpora.split(rows, 8)
    assert len(train) + len(dev) == 800
    assert 60 < len(dev) < 140
    assert corpora.split(rows[::-1], 8)[1] == dev[::-1]


def test_the_texts_of_a_pair_stay_together() -> None:
    rows = [{"text": f"text {n}", "pair": f"p{n // 2}", "labels": {}} for n in range(400)]
    dev = corpora.split(rows, 8)[1]
    assert dev
    assert all(sum(row["pair"] == other["pair"] for other in dev) == 2 for row in dev)


@pytest.mark.corpora
@pytest.mark.skipif("UNDERTONE_CORPORA" not in os.environ, reason="UNDERTONE_CORPORA is not set")
@pytest.mark.parametrize("name", corpora.TRAINING)
def test_real_corpora_are_mapped(name: str) -> None:
    rows = corpora.load(name, Path(os.environ["UNDERTONE_CORPORA"]))
    assert rows
    assert all(row["corpus"] == name and row["lang"] in corpora.CORPORA[name].languages for row in rows)


def test_only_those_that_may_train_what_is_shipped_are_listed_when_asked() -> None:
    names = [line.split()[0] for line in corpora.licences("permissive").splitlines()]
    assert tuple(names) == corpora.TRAINING
    assert [line.split()[0] for line in corpora.licences().splitlines()] == list(corpora.CORPORA)


def test_share_alike_is_said_and_why_it_counts_as_permissive() -> None:
    (line,) = [line for line in corpora.licences().splitlines() if line.startswith("senti4sd")]
    assert "texts CC BY-SA 3.0 (share alike)" in line
    assert "counted as permissive for training: share alike binds who passes the texts" in line
