"""The full report: its figures, its three forms, and what it must not show."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from selectolax.lexbor import LexborHTMLParser

from model.decision import UNCALIBRATED
from model.errors import BadInput
from model.evaluation import report as plain_report
from model.labels import EMOTIONS, SENTIMENT
from model.reporting.report import assess, evaluate, write_report
from model.rows import Row, targets
from model.scoring import Scorer

RNG = np.random.default_rng(17)
SECRET = "my tutor <b>Wen</b> & the $5 quiz"
FORMS = ("report.json", "report.txt", "report.html")


def some_rows(count: int = 160) -> list[Row]:
    """Rows of two languages and two lengths; every fifth has only a sentiment, every third is written to mislead."""
    rows: list[Row] = []
    for number in range(count):
        labels: dict[str, Any] = {"sentiment": SENTIMENT[number % 3]}
        if number % 5:
            labels |= {name: int(RNG.random() < 0.3) for name in EMOTIONS}
            labels["engagement"] |= labels["enthusiasm"]
        text = f"{SECRET} {number} " + "word " * (number % 2 * 40)
        row = {"text": text, "lang": ("en", "zh")[number % 2], "labels": labels, "source": "a & b"}
        rows.append({**row, "hard": True} if number % 3 == 0 else row)
    return rows


def some_logits(rows: list[Row], noise: float = 2.0) -> np.ndarray:
    gold = targets(rows)
    logits = RNG.normal(0, noise, (len(rows), 10))
    logits[np.arange(len(rows)), gold[:, 0].astype(int)] += 2
    logits[:, 3:] += np.where(gold[:, 1:] == 1, 2, -2)
    return logits.astype(np.float32)


ROWS = some_rows()
LOGITS = some_logits(ROWS)
CLEAN = np.full((50, 10), -2.0, dtype=np.float32)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return {"data": "rows.jsonl", "model": "a" * 64, **assess(UNCALIBRATED, LOGITS, ROWS, CLEAN, public=True)}


@pytest.fixture(scope="module")
def folder(found: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "deep" / "er"
    write_report(out, found)
    return out


def test_the_labels_extend_the_plain_report(found: dict[str, Any]) -> None:
    plain = plain_report(UNCALIBRATED, LOGITS, targets(ROWS))
    for name, figures in plain.items():
        assert figures.items() <= found["labels"][name].items()
    own = found["labels"]["boredom"]
    assert own["intervals"]["f1"][0] < own["f1"] < own["intervals"]["f1"][1]
    assert own["ece_after"] == own["ece"] == pytest.approx(own["ece_before"])
    assert np.sum(own["matrix"]) == own["support"] == sum(one["count"] for one in own["reliability"]["after"])
    assert found["labels"]["sentiment"]["average_precision"] > 0.5


def test_what_a_label_is_worth_among_ordinary_texts_is_told_beside_the_figures(
    found: dict[str, Any], folder: Path
) -> None:
    own = found["labels"]["boredom"]
    assert own["prevalence"] == 0.05
    assert 0 < own["precision_at_prevalence"] < 1
    told = [" ".join(line.split()) for line in (folder / "report.txt").read_text().splitlines()]
    assert f"boredom 5.0 % {own['precision_at_prevalence']:.2f} {own['recall']:.2f}" in told
    assert "prevalence" not in found["labels"]["sentiment"]


def test_calibration_shows_in_the_error_after_it() -> None:
    sharper = json.loads(json.dumps(UNCALIBRATED))
    sharper["labels"]["boredom"]["shift"] = 4.0
    own = assess(sharper, LOGITS, ROWS)["labels"]["boredom"]
    assert own["ece_after"] > own["ece_before"] + 0.2


def test_groups_hold_the_figures_of_their_rows(found: dict[str, Any]) -> None:
    odd = list(range(1, len(ROWS), 2))
    own = found["groups"]["language"]["zh"]
    assert own["rows"] == 80
    expected = plain_report(UNCALIBRATED, LOGITS[odd], targets(ROWS)[odd])
    assert own["labels"]["sentiment"]["macro_f1"] == expected["sentiment"]["macro_f1"]
    assert found["groups"].keys() == {"language", "length", "source", "wording"}


def test_the_worst_mistakes_are_wrong_few_and_surest_first(found: dict[str, Any]) -> None:
    for name, ones in found["worst"].items():
        assert 0 < len(ones) <= 20
        assert all(one["said"] != one["truth"] for one in ones)
        sure = [one["confidence"] for one in ones]
        assert sure == sorted(sure, reverse=True)
        assert all(ROWS[one["row"]]["text"] == one["text"] for one in ones), name


def test_rows_not_said_to_be_public_leave_no_word_in_any_form(tmp_path: Path) -> None:
    withheld = assess(UNCALIBRATED, LOGITS, ROWS, CLEAN)
    write_report(tmp_path, withheld)
    for form in FORMS:
        content = (tmp_path / form).read_text()
        assert "Wen" not in content
        assert "public data only" in content


def test_the_json_is_the_whole_object(found: dict[str, Any], folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == sorted(FORMS)
    assert json.loads((folder / "report.json").read_text()) == found


def test_the_text_has_every_section_and_label(folder: Path) -> None:
    content = (folder / "report.txt").read_text()
    for words in (
        "Figures of each label",
        "mistaken",
        "If the model said less",
        "False alarms",
        "surest",
        *EMOTIONS,
    ):
        assert words in content
    assert not re.search(r"\bnan\b", content)


def test_the_page_is_one_file_without_scripts_or_addresses(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    tree = LexborHTMLParser(page)
    assert not tree.css("script, link, img, iframe")
    assert tree.css_first("html").attributes["lang"] == "en"
    assert not re.findall(r'(?:src|href)="(?!#)', page)
    assert set(re.findall(r'https?://[^"\s<]+', page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "<b>Wen" not in page
    assert "&lt;b&gt;Wen" in page


def test_the_page_names_each_id_once_and_refers_only_to_those(folder: Path) -> None:
    page = (folder / "report.html").read_text()
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert max(ids.values()) == 1
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', page)) <= set(ids)


def test_every_plot_has_a_sentence_above_a_name_a_caption_and_a_table(folder: Path) -> None:
    tree = LexborHTMLParser((folder / "report.html").read_text())
    shown = [exhibit for exhibit in tree.css(".exhibit") if exhibit.css_first("figure")]
    assert len(shown) == 8  # the one source gives nothing to compare
    for exhibit in shown:
        assert exhibit.css_first(".finding").text().endswith(".")
        drawing = exhibit.css_first("svg")
        assert drawing.attributes["role"] == "img"
        assert drawing.attributes["aria-label"]
        assert exhibit.css_first("figcaption").text()
        assert exhibit.css_first("table caption").text()
    assert [node.text() for node in tree.css("h1")] == ["How well the classifier reads these texts"]
    assert len(tree.css("h2")) == 7


def test_the_same_findings_give_the_same_page(found: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    write_report(tmp_path, found)
    assert (tmp_path / "report.html").read_bytes() == (folder / "report.html").read_bytes()


@pytest.mark.parametrize(
    "labels",
    [{}, {"toxicity": 1}, {"toxicity": 0}, {"sentiment": "neutral"}, {"sentiment": "negative", "boredom": 1}],
)
@pytest.mark.parametrize("count", [1, 12])
def test_few_and_one_sided_rows_make_a_report_too(labels: dict[str, Any], count: int, tmp_path: Path) -> None:
    rows = [{"text": "\x0b odd\ud800 text", "lang": "en", "labels": labels}] * count
    write_report(tmp_path, assess(UNCALIBRATED, np.zeros((count, 10), dtype=np.float32), rows, public=True))
    for form in FORMS:
        assert not re.search(r"\bnan\b", (tmp_path / form).read_text().lower())


def test_a_report_that_cannot_be_written_says_so(found: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    with pytest.raises(BadInput, match="cannot be written"):
        write_report(tmp_path / "file", found)


def test_a_checkpoint_is_evaluated_whole(scorer: Scorer, rows: list[Row]) -> None:
    found = evaluate(scorer, rows[:20], clean=rows[:5], name="starter")
    assert found["model"] == scorer.weights_hash
    assert found["data"] == "starter"
    assert found["clean"]["rows"] == 5
    json.dumps(found, allow_nan=False)
