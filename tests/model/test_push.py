import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from transformers import BertConfig, BertForSequenceClassification

from model import checkpoint, network, push
from model.backbones import ENGLISH, PACKAGED, resolve
from model.checkpoint import Manifest
from model.decision import UNCALIBRATED
from model.errors import AlteredCheckpoint, ModelError, PushRefused
from model.integrity import manifest
from model.labels import id2label, label2id
from model.push import Decision

NAME = "someone/undertone"
WHY = "The course ended and every author agreed."


@dataclass
class Recorder:
    """A hub that notes what it is asked and which files it would have got."""

    public: bool = False
    fails: Exception | None = None
    asked: list[str] = field(default_factory=list)
    got: set[str] = field(default_factory=set)

    def create_repo(self, repo_id: str, *, private: bool, exist_ok: bool) -> str:
        self.asked.append(f"create {repo_id} private={private} exist_ok={exist_ok}")
        return f"https://hub/{repo_id}"

    def repo_info(self, repo_id: str) -> Any:
        return type("Info", (), {"private": not self.public})

    def upload_folder(
        self, *, repo_id: str, folder_path: Path, allow_patterns: list[str], commit_message: str
    ) -> None:
        if self.fails is not None:
            raise self.fails
        self.asked.append(f"upload {repo_id}")
        self.got = {file.name for file in folder_path.iterdir() if file.name in allow_patterns}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an export of a version that learnt from the starter corpus alone looks like, with a very small network."""
    folder = tmp_path_factory.mktemp("push")
    sizes = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    config = BertConfig(**sizes, id2label=id2label(), label2id=label2id())
    BertForSequenceClassification(config).save_pretrained(folder)
    network.tokenizer_of(resolve(ENGLISH).source).save_pretrained(folder)
    checkpoint.write_json(folder / checkpoint.CALIBRATION, dict(UNCALIBRATED))
    for name in checkpoint.NOTES:
        (folder / name).write_text("# A note\n")
    source = {"name": "starter", "use": "train", "rows": 64, "sha256": "0" * 64}
    base = {"name": ENGLISH, "sha256": PACKAGED[ENGLISH].sha256}
    checkpoint.seal(folder, checkpoint.FULL, base, data=[source], source="c" * 64)
    return folder


@pytest.fixture
def exported(made: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "plain"))


@pytest.fixture
def hub() -> Recorder:
    return Recorder()


def changed(folder: Path, **facts: Any) -> Manifest:
    return manifest.write(folder, replace(manifest.read(folder), **facts))


def with_corrections(folder: Path) -> Manifest:
    own = manifest.read(folder)
    return changed(folder, data=[*own.data, {**own.data[0], "name": "corrections"}])


def decided(own: Manifest, **other: str) -> Decision:
    facts = {"who": "Ada, operator", "when": "2026-01-31", "why": WHY, "weights_hash": str(own.source)}
    return Decision(**{**facts, **other})


def test_an_export_goes_up_whole_and_private(exported: Path, hub: Recorder) -> None:
    assert push.push(exported, NAME, client=hub) == f"https://hub/{NAME}"
    assert hub.asked == [f"create {NAME} private=True exist_ok=True", f"upload {NAME}"]
    assert hub.got == {file.name for file in exported.iterdir()}
    assert checkpoint.verify(exported).decision is None


def test_a_version_of_public_corpora_needs_no_decision(exported: Path, hub: Recorder) -> None:
    own = manifest.read(exported)
    changed(exported, data=[{**own.data[0], "name": name} for name in ("starter", "goemotions", "umsab")])
    push.push(exported, NAME, client=hub)
    assert hub.got


@pytest.mark.parametrize("name", ["corrections", "rows", "my-course.csv", "edurabsa"])
def test_other_peoples_texts_are_not_published_undecided(exported: Path, hub: Recorder, name: str) -> None:
    own = manifest.read(exported)
    changed(exported, data=[*own.data, {**own.data[0], "name": name}])
    with pytest.raises(PushRefused, match=name):
        push.push(exported, NAME, client=hub)
    assert hub.asked == []


@pytest.mark.parametrize(
    "facts", [{"data": []}, {"parent": "a" * 64}, {"options": {"average_of": ["a" * 64, "b" * 64]}}]
)
def test_what_is_not_known_is_not_published_undecided(
    exported: Path, hub: Recorder, facts: dict[str, Any]
) -> None:
    changed(exported, **facts)
    with pytest.raises(PushRefused, match="an operator must decide"):
        push.push(exported, NAME, client=hub)
    assert hub.asked == []


def test_weights_over_an_encoder_from_elsewhere_are_not_published_undecided(
    exported: Path, hub: Recorder
) -> None:
    """A model that learnt students' texts in all its weights can serve as a base, under any name."""
    own = manifest.read(exported)
    base = {"name": ENGLISH, "sha256": "b" * 64}
    identity = checkpoint.weights_hash(exported, own.kind, base["sha256"])
    own = changed(exported, base=base, weights_hash=identity)
    with pytest.raises(PushRefused, match="encoder that did not come with"):
        push.push(exported, NAME, client=hub)
    assert hub.asked == []
    push.push(exported, NAME, decided(own), hub)
    assert hub.got


def test_the_shipped_version_is_a_known_parent(
    exported: Path, hub: Recorder, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = Path(shutil.copytree(exported, exported.parent / "shipped"))
    own = changed(shipped, parent=None)
    monkeypatch.setattr(push, "SHIPPED", shipped)
    changed(exported, parent=own.weights_hash)
    push.push(exported, NAME, client=hub)
    assert hub.got


def test_a_decision_is_recorded_in_card_and_manifest_and_goes_along(exported: Path, hub: Recorder) -> None:
    own = with_corrections(exported)
    push.push(exported, NAME, decided(own), hub)
    after = checkpoint.verify(exported)
    assert after.decision == asdict(decided(own))
    assert after.weights_hash == own.weights_hash
    assert "README.md" in hub.got
    card = (exported / "README.md").read_text()
    push.push(exported, NAME, decided(own), hub)
    assert (exported / "README.md").read_text() == card
    assert card.count(push.HEADING) == 1
    assert f"- why: {WHY}" in card


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weights_hash", "b" * 64),
        ("who", " "),
        ("why", ""),
        ("why", "two\nlines"),
        ("why", "x" * 5000),
        ("when", "soon"),
        ("when", ""),
    ],
)
def test_half_a_decision_is_none(exported: Path, hub: Recorder, field: str, value: str) -> None:
    own = with_corrections(exported)
    with pytest.raises(PushRefused):
        push.push(exported, NAME, decided(own, **{field: value}), hub)
    assert hub.asked == []
    assert checkpoint.verify(exported).decision is None


def test_an_altered_export_stays_here(exported: Path, hub: Recorder) -> None:
    (exported / "LABELS.md").write_text("changed")
    with pytest.raises(AlteredCheckpoint):
        push.push(exported, NAME, client=hub)
    assert hub.asked == []


def test_only_an_export_is_published(tiny: Path, hub: Recorder) -> None:
    with pytest.raises(PushRefused, match="not an export"):
        push.push(tiny, NAME, client=hub)
    assert hub.asked == []


def test_a_repository_that_is_public_already_is_not_filled_by_mistake(exported: Path) -> None:
    hub = Recorder(public=True)
    with pytest.raises(PushRefused, match="is public"):
        push.push(exported, NAME, client=hub)
    assert not hub.got
    push.push(exported, NAME, client=hub, private=False)
    assert hub.got


@pytest.mark.parametrize("error", [OSError("no route"), ValueError("bad name"), RuntimeError()])
def test_a_hub_that_fails_is_told_in_words(exported: Path, error: Exception) -> None:
    with pytest.raises(ModelError, match="The hub did not take") as caught:
        push.push(exported, NAME, client=Recorder(fails=error))
    assert caught.value.code == "push_failed"


def test_the_real_hub_is_not_reached_while_it_is_off(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    own = with_corrections(exported)
    with pytest.raises(PushRefused, match="HF_HUB_OFFLINE=0") as caught:
        push.push(exported, NAME, decided(own))
    assert caught.value.code == "hub_off"
    assert checkpoint.verify(exported).decision is None
