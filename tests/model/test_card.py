from dataclasses import replace

from model.card import markdown, table
from model.checkpoint import Manifest
from model.corpora import CORPORA


def test_the_card_says_what_for_what_not_and_where_from(manifest: Manifest) -> None:
    card = markdown(manifest)
    for part in ("## Purpose", "## Not for", "## Figures", "## Training data", "## Provenance"):
        assert part in card
    assert manifest.weights_hash in card
    assert str(manifest.base["sha256"]) in card
    assert "development rows" in card


def test_given_figures_replace_the_development_ones(manifest: Manifest) -> None:
    card = markdown(manifest, {"heldout": {"boredom": {"f1": 0.5, "auc": None, "support": 3}}})
    assert "### heldout" in card
    assert "| boredom | – | 0.500 | – | – | – | – | 3 |" in card
    assert "development rows" not in card


def test_a_table_has_as_many_cells_in_every_row(manifest: Manifest) -> None:
    assert len({line.count("|") for line in table(manifest.figures).splitlines()}) == 1


def test_the_fairness_table_has_a_section_of_its_own(manifest: Manifest) -> None:
    assert "## Fairness" not in markdown(manifest)
    assert "## Fairness\n" in markdown(manifest, fairness="| set | gap |")
    assert "| set | gap |" in markdown(manifest, fairness="| set | gap |")


def test_figures_on_held_out_texts_come_before_those_that_calibrated(manifest: Manifest) -> None:
    card = markdown(replace(manifest, heldout={"boredom": {"f1": 0.25, "support": 3}}))
    assert card.index("held-out starter texts") < card.index("development rows")


def test_precision_recall_and_intervals_have_columns_where_they_were_measured(manifest: Manifest) -> None:
    label = {"f1": 0.5, "precision": 0.4, "recall": 0.6, "support": 9, "intervals": {"f1": [0.3, 0.7]}}
    sentiment = {"macro_f1": 0.6, "support": 9, "intervals": {"macro_f1": [0.5, 0.7], "accuracy": [0.1, 0.2]}}
    lines = table({"boredom": label, "sentiment": sentiment, "toxicity": {"f1": 0.1}}).splitlines()
    assert lines[0].endswith("| support | precision | recall | 95 % interval |")
    assert lines[2].endswith("| 9 | 0.400 | 0.600 | 0.300 to 0.700 |")
    assert lines[3].endswith("| 9 | – | – | 0.500 to 0.700 |")
    assert lines[4].endswith("| – | – | – | – |")
    assert len({line.count("|") for line in lines}) == 1
    assert "interval" not in table(manifest.figures)


def source(name: str, use: str, texts: int, sha256: str, rows: int | None = None) -> dict[str, object]:
    return {"name": name, "use": use, "texts": texts, "rows": rows or texts, "sha256": sha256 * 64}


MANY = [
    source("senti4sd", "train", 2574, "a"),
    source("starter", "train", 7712, "b", 23136),
    source("senti4sd", "train", 2574, "c"),
    source("starter", "train", 9225, "d", 27675),
    source("senti4sd", "development", 129, "e"),
    source("csv:mine.csv", "train", 40, "f"),
]


def training_data(manifest: Manifest, data: list[dict[str, object]]) -> str:
    card = markdown(replace(manifest, data=data))
    return card[card.index("## Training data") : card.index("## Provenance")]


def test_a_source_has_one_row_per_use_however_many_trainings_it_was_in(manifest: Manifest) -> None:
    lines = [line for line in training_data(manifest, MANY).splitlines() if line.startswith("| ")]
    licence = CORPORA["senti4sd"].licence
    assert lines == [
        "| source | use | licence | texts | rows | sha256 |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| senti4sd | train | {licence} | 2574 | 2574 | 2 different |",
        "| starter | train | as the project | 7712 to 9225 | 23136 to 27675 | 2 different |",
        f"| senti4sd | development | {licence} | 129 | 129 | `eeeeeeeeeeee…` |",
        "| csv:mine.csv | train | – | 40 | 40 | `ffffffffffff…` |",
    ]


def test_the_range_of_several_trainings_is_explained_where_there_are_several(manifest: Manifest) -> None:
    assert "those of one training, from the fewest to the most" in training_data(manifest, MANY)
    assert "those of one training" not in training_data(manifest, MANY[:2])


def test_a_training_that_is_in_a_mean_twice_is_named_once(manifest: Manifest) -> None:
    card = markdown(replace(manifest, options={"average_of": ["aa", "aa", "bb"]}))
    assert "the mean of `aa` (2 times) and `bb`" in card
    assert "Their own manifests name it." in card


def test_the_card_names_the_licence_of_each_public_corpus(manifest: Manifest) -> None:
    card = training_data(manifest, [source(name, "train", 9, "a") for name in CORPORA])
    for name, corpus in CORPORA.items():
        assert f"| {name} | train | {corpus.licence} | 9 |" in card
    assert "senti4sd: MIT; texts CC BY-SA 3.0 (share alike); counted as permissive" in card
