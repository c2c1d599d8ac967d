import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from transformers import AutoTokenizer, pipeline

from model import backbones, checkpoint, export, folding, network
from model.checkpoint import Manifest
from model.commands import release
from model.decision import present, probabilities
from model.errors import AlteredCheckpoint, BadInput, ModelError
from model.labels import EMOTIONS, ENGAGEMENT, ENTHUSIASM, LABELS, SENTIMENT
from model.rows import Row
from model.scoring import Scorer

NOTES = {"README.md", "DATASHEET.md", "LABELS.md"}


@pytest.fixture(scope="module")
def exported(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export.export(tiny, tmp_path_factory.mktemp("export") / "plain")


@pytest.fixture(scope="module")
def three(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export.export(tiny, tmp_path_factory.mktemp("export") / "three", sentiment=True)


@pytest.fixture(scope="module")
def texts(rows: list[Row]) -> list[str]:
    return [row["text"] for row in rows[:20]]


@pytest.fixture(scope="module")
def ours(scorer: Scorer, texts: list[str]) -> Any:
    """Our calibrated probabilities (20, 10)."""
    return probabilities(scorer.calibration, scorer.score(texts))


def column(answers: list[list[dict[str, Any]]], label: str) -> list[float]:
    return [next(entry["score"] for entry in answer if entry["label"] == label) for answer in answers]


@pytest.mark.parametrize("name", [name for name in EMOTIONS if name != "engagement"])
def test_a_stock_sigmoid_pipeline_gives_our_probabilities(
    exported: Path, texts: list[str], ours: Any, name: str
) -> None:
    classify: Any = pipeline(
        "text-classification", model=str(exported), top_k=None, function_to_apply="sigmoid"
    )
    assert column(classify(texts), name) == pytest.approx(ours[:, LABELS.index(name)], abs=1e-4)


def test_engagement_is_ours_by_the_rule_that_the_export_states(
    exported: Path, texts: list[str], ours: Any
) -> None:
    classify: Any = pipeline("text-classification", model=str(exported), top_k=None)
    answers = classify(texts)
    larger = np.maximum(column(answers, "engagement"), column(answers, "enthusiasm"))
    assert larger == pytest.approx(ours[:, ENGAGEMENT], abs=1e-4)
    rules = checkpoint.read_json(exported / "decoding.json")
    assert "larger of engagement and enthusiasm" in rules["engagement"]


def test_an_export_does_not_claim_to_say_nothing_where_it_says_something(exported: Path, three: Path) -> None:
    for folder in (exported, three):
        card = " ".join((folder / "README.md").read_text().split())
        assert "are not scored" not in card
        assert "weights answer to every text" in card
        assert "answers to every text" in checkpoint.read_json(folder / "decoding.json")["abstention"]


def test_the_calibration_was_worth_folding(exported: Path, scorer: Scorer, texts: list[str]) -> None:
    own = scorer.calibration["labels"]["enthusiasm"]
    assert (own["scale"], own["shift"]) != (1.0, 0.0)
    assert scorer.calibration["sentiment"]["temperature"] != 1.0
    raw = 1 / (1 + np.exp(-scorer.score(texts)[:, ENTHUSIASM]))
    classify: Any = pipeline("text-classification", model=str(exported), top_k=None)
    assert np.abs(column(classify(texts), "enthusiasm") - raw).max() > 1e-3


def test_the_three_label_export_needs_no_decoding(three: Path, texts: list[str], ours: Any) -> None:
    classify: Any = pipeline("text-classification", model=str(three), top_k=None)
    answers = classify(texts)
    assert [{entry["label"] for entry in answer} for answer in answers] == [set(SENTIMENT)] * len(texts)
    for number, name in enumerate(SENTIMENT):
        assert column(answers, name) == pytest.approx(ours[:, number], abs=1e-4)


def test_an_export_loads_here_too_and_decides_the_same(
    exported: Path, scorer: Scorer, texts: list[str], ours: Any
) -> None:
    again = Scorer.load(exported)
    found = probabilities(again.calibration, again.score(texts))
    assert found == pytest.approx(ours, abs=1e-4)
    assert (present(again.calibration, found) == present(scorer.calibration, ours)).mean() > 0.99
    assert all(own["scale"] == 1 and own["shift"] == 0 for own in again.calibration["labels"].values())


def test_the_three_label_export_is_not_loaded_as_ten(three: Path) -> None:
    with pytest.raises(AlteredCheckpoint, match="other labels"):
        Scorer.load(three)


def test_an_export_needs_nothing_of_ours(exported: Path, three: Path) -> None:
    for folder in (exported, three):
        names = {file.name for file in folder.iterdir()}
        assert {"config.json", "model.safetensors", "tokenizer.json", "decoding.json", *NOTES} <= names
        assert not [name for name in names if not checkpoint.allowed(name)]
        assert "adapter" not in " ".join(names)
        assert "site-packages" not in (folder / "config.json").read_text()
        assert "Purpose" in (folder / "README.md").read_text()
    assert 'function_to_apply="sigmoid"' in (exported / "README.md").read_text()
    assert "function_to_apply" not in (three / "README.md").read_text()


def test_an_export_names_its_origin_and_verifies(exported: Path, three: Path, manifest: Manifest) -> None:
    for folder, kind in ((exported, checkpoint.FULL), (three, checkpoint.SENTIMENT_ONLY)):
        own = checkpoint.verify(folder)
        assert (own.kind, own.source, own.data) == (kind, manifest.weights_hash, manifest.data)
    text = (three / "LABELS.md").read_text()
    (three / "LABELS.md").write_text(text + "x")
    with pytest.raises(AlteredCheckpoint, match=r"LABELS\.md"):
        checkpoint.verify(three)
    (three / "LABELS.md").write_text(text)


def test_the_label_guide_explains_every_label() -> None:
    text = export.LABEL_GUIDE.read_text()
    assert all(f"**{name}**" in text for name in LABELS)


def test_the_words_that_a_base_wants_before_each_text_stay_in_the_tokenizer(tmp_path: Path) -> None:
    source = network.tokenizer_of(backbones.resolve(backbones.MULTILINGUAL).source)
    source.save_pretrained(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    again: Any = AutoTokenizer.from_pretrained(str(tmp_path))
    for text in export.PROBES:
        assert again(text)["input_ids"] == source(text)["input_ids"]
    start = again.convert_ids_to_tokens(again("Wieso?")["input_ids"])[:4]
    assert start == ["<s>", "▁que", "ry", ":"]


def test_long_texts_are_read_as_far_as_there_are_positions(exported: Path, three: Path) -> None:
    for folder, labels in ((exported, LABELS), (three, SENTIMENT)):
        classify: Any = pipeline("text-classification", model=str(folder), top_k=None)
        assert len(classify(["word " * 3000], truncation=True)[0]) == len(labels)
        with pytest.raises(RuntimeError):
            classify(["word " * 3000])
        assert classify.tokenizer.model_max_length == classify.model.config.max_position_embeddings == 512


def test_the_notes_say_that_long_texts_need_truncation(exported: Path, three: Path) -> None:
    for folder in (exported, three):
        notes = " ".join((folder / "README.md").read_text().split())
        assert "Keep `truncation=True`: it reads the first 512 tokens" in notes
        assert "longer text is an error" in checkpoint.read_json(folder / "decoding.json")["length"]


@pytest.mark.parametrize("options", [(), ("--sentiment",)])
def test_the_command_says_that_long_texts_need_truncation(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    monkeypatch.setattr(export, "export", lambda source, out, sentiment: out)
    answer = CliRunner().invoke(release.export, ["--out", "plain", *options])
    assert answer.exit_code == 0
    assert "truncation=True" in answer.stdout
    assert ("the three sentiments are not" in answer.stdout) == (not options)


def test_of_the_ten_entries_seven_are_probabilities_and_the_sentiments_are_not(
    exported: Path, texts: list[str], ours: Any
) -> None:
    classify: Any = pipeline(
        "text-classification", model=str(exported), top_k=None, function_to_apply="sigmoid"
    )
    answers = classify(texts)
    assert {entry["label"] for entry in answers[0]} == set(LABELS)
    sentiments = np.array([column(answers, name) for name in SENTIMENT]).T
    assert np.abs(sentiments - ours[:, : len(SENTIMENT)]).max() > 0.01
    implied = column(answers, "engagement") < np.array(column(answers, "enthusiasm"))
    assert np.array(column(answers, "engagement"))[~implied] == pytest.approx(
        ours[~implied, ENGAGEMENT], abs=1e-4
    )
    notes = " ".join((exported / "README.md").read_text().split())
    assert "ten entries. Seven are the calibrated probabilities" in notes
    assert "under a sigmoid these are no probabilities: an export with `--sentiment` reads them" in notes
    assert "in our own decision only: take the larger of the two" in notes


def test_an_export_says_of_itself_what_its_checkpoint_does(tiny: Path, exported: Path, three: Path) -> None:
    for folder in (exported, three):
        assert network.settings(folder)["undertone"] == network.settings(tiny)["undertone"]


def test_an_export_that_disagrees_is_not_kept(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "disagreement", lambda *_: float("nan"))
    with pytest.raises(AlteredCheckpoint, match="does not agree"):
        export.export(tiny, tmp_path / "plain")
    assert list(tmp_path.iterdir()) == []


def test_a_calibration_that_is_not_folded_in_is_noticed(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "fold", lambda net, calibration, sentiment: net)
    with pytest.raises(AlteredCheckpoint, match="does not agree"):
        export.export(tiny, tmp_path / "plain")
    assert list(tmp_path.iterdir()) == []


def test_an_export_is_never_written_over_another(tiny: Path, exported: Path) -> None:
    with pytest.raises(BadInput, match="exists already"):
        export.export(tiny, exported)


def test_no_room_on_the_disk_is_said_and_leaves_nothing(tiny: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    try:
        with pytest.raises(ModelError, match="could not be written") as caught:
            export.export(tiny, tmp_path / "plain")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code == "not_written"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_may_not_be_written_is_said(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ModelError, match="could not be written"):
        export.export(tiny, tmp_path / "file" / "plain")


@pytest.mark.parametrize("step", ["write_json", "seal"])
def test_an_interruption_leaves_nothing(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        export.export(tiny, tmp_path / "plain")
    assert list(tmp_path.iterdir()) == []
