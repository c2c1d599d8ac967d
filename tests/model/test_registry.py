import io
import json
import resource
import shutil
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.checkpoint import MANIFEST, Manifest
from model.errors import AlteredCheckpoint, MissingCheckpoint, ModelError
from model.registry import Registry, pack, unpack
from model.scoring import Scorer


def test_stored_weights_lie_under_their_hash_and_load(copy: Path, tmp_path: Path, manifest: Manifest) -> None:
    registry = Registry(tmp_path / "weights")
    stored = registry.store(copy)
    assert stored == manifest.weights_hash
    assert stored in registry
    assert registry.verify(stored) == manifest
    assert not copy.exists()
    assert Scorer.load(registry.path_of(stored)).weights_hash == stored


def test_storing_twice_keeps_the_first(copy: Path, tiny: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "weights")
    first = registry.store(copy)
    again = Path(shutil.copytree(tiny, tmp_path / "again"))
    assert registry.store(again) == first
    assert not again.exists()
    assert [place.name for place in registry.root.iterdir()] == [first]


def test_altered_weights_are_not_stored(copy: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "weights")
    (copy / "calibration.json").write_text("{}")
    with pytest.raises(AlteredCheckpoint):
        registry.store(copy)
    assert not registry.root.exists()


def test_weights_under_another_name_do_not_verify(copy: Path, tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    copy.rename(tmp_path / ("0" * 64))
    with pytest.raises(AlteredCheckpoint, match="another one"):
        registry.verify("0" * 64)


@pytest.mark.parametrize("name", ["../etc", "", "A" * 64, "0" * 63])
def test_only_a_hash_names_weights(tmp_path: Path, name: str) -> None:
    with pytest.raises(MissingCheckpoint):
        Registry(tmp_path).path_of(name)


def test_packing_is_repeatable_and_unpacks_to_the_same(tiny: Path, tmp_path: Path) -> None:
    packed = pack(tiny)
    assert packed == pack(tiny)
    registry = Registry(tmp_path / "weights")
    stored = registry.unpack(packed)
    assert pack(registry.path_of(stored)) == packed
    assert [place.name for place in registry.root.iterdir()] == [stored]


def archive(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            out.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../evil.json", "/evil.json", "folder/evil.json", "weights.pkl", ".json"])
def test_a_packed_file_outside_the_rules_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(AlteredCheckpoint, match="never loaded"):
        unpack(archive(**{name: b"{}"}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_packed_link_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        entry = tarfile.TarInfo("config.json")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(entry)
    with pytest.raises(AlteredCheckpoint):
        unpack(buffer.getvalue(), tmp_path / "out")


@pytest.mark.parametrize("packed", [b"", b"PK\3\4nonsense", b"\0" * 2000])
def test_what_is_no_archive_is_refused(tmp_path: Path, packed: bytes) -> None:
    with pytest.raises((AlteredCheckpoint, MissingCheckpoint)):
        Registry(tmp_path / "weights").unpack(packed)
    assert list((tmp_path / "weights").iterdir()) == []


def test_a_packed_checkpoint_with_a_changed_file_is_refused(tiny: Path, tmp_path: Path) -> None:
    files = {file.name: file.read_bytes() for file in tiny.iterdir()}
    changed = json.loads(files[MANIFEST])
    changed["weights_hash"] = "f" * 64
    with pytest.raises(AlteredCheckpoint):
        unpack(archive(**{**files, MANIFEST: json.dumps(changed).encode()}), tmp_path / "out")


def test_a_file_that_is_mostly_hole_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as out:
        entry = tarfile.TarInfo("config.json")
        entry.pax_headers = {
            "GNU.sparse.major": "0",
            "GNU.sparse.size": str(1 << 40),
            "GNU.sparse.map": "0,0",
        }
        out.addfile(entry, io.BytesIO())
    with pytest.raises(AlteredCheckpoint):
        unpack(buffer.getvalue(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_lies_in_it_twice_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as out:
        for _ in range(2):
            out.addfile(tarfile.TarInfo("config.json"))
    with pytest.raises(AlteredCheckpoint, match="twice"):
        unpack(buffer.getvalue(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def packed(tiny: Path) -> bytes:
    return pack(tiny)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_archive_is_refused_or_means_the_same(
    packed: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, 2000) | st.integers(0, len(packed) - 1))
    new = data.draw(st.binary(max_size=16))
    spoilt = packed[:place] + new + packed[place + data.draw(st.integers(0, 32)) :]
    registry = Registry(tmp_path_factory.mktemp("registry"))
    try:
        stored = registry.unpack(spoilt)
        assert pack(registry.path_of(stored)) == packed
    except ModelError:
        assert list(registry.root.iterdir()) == []
    shutil.rmtree(registry.root)


def test_no_room_to_unpack_is_said_and_leaves_nothing(packed: bytes, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(ModelError, match="could not be written") as caught:
            Registry(tmp_path / "weights").unpack(packed)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert caught.value.code == "not_written"
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.skipif(
    not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == Path("/tmp").stat().st_dev,
    reason="needs a second file system",
)
def test_weights_from_another_file_system_are_moved_whole(copy: Path) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        registry = Registry(Path(elsewhere) / "weights")
        stored = registry.store(copy)
        assert [place.name for place in registry.root.iterdir()] == [stored]
        assert registry.verify(stored).weights_hash == stored
        assert not copy.exists()
