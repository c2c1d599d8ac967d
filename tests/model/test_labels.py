import subprocess
import sys

from model.labels import EMOTIONS, LABELS, SENTIMENT, id2label, label2id


def test_ten_outputs_sentiment_first() -> None:
    assert SENTIMENT == ("negative", "neutral", "positive")
    assert (*SENTIMENT, *EMOTIONS) == LABELS
    assert len(LABELS) == 10


def test_names_and_numbers_are_inverse() -> None:
    assert {number: name for name, number in label2id().items()} == id2label()


def test_light_modules_import_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, model.labels, model.errors, model.decision, model.languages, model.rows, model.starter;"
        "sys.exit(any(name in sys.modules for name in ('torch', 'transformers', 'datasets')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
