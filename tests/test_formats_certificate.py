"""The certificate of a bound: its numbers are read back exactly, and no other file is taken for one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
import worlds
from hypothesis import given, settings
from hypothesis import strategies as st

from safepassage.formats.certificate import read_certificate, write_certificate
from safepassage.formats.operation import operation_hash

DUALS = {"crossing": np.array([0.1, -1e-300, 3.0]), "demand": np.array([[1.5], [2.5]]), "bays": np.zeros(0)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bound.npz"
    hash = operation_hash(worlds.one_road())
    write_certificate(path, operation_hash=hash, grid_minutes=5, value=1 / 3, duals=DUALS)
    return path


def test_what_is_written_is_read_back_exactly(file: Path) -> None:
    certificate, problems = read_certificate(file, operation_hash(worlds.one_road()))
    assert problems == ()
    assert certificate is not None
    assert (certificate.grid_minutes, certificate.value) == (5, 1 / 3)
    assert certificate.duals.keys() == DUALS.keys()
    for name, array in DUALS.items():
        assert np.array_equal(certificate.duals[name], array)
        assert certificate.duals[name].shape == array.shape


def test_the_same_bound_gives_the_same_file(file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.npz"
    hash = operation_hash(worlds.one_road())
    write_certificate(again, operation_hash=hash, grid_minutes=5, value=1 / 3, duals=DUALS)
    assert again.read_bytes() == file.read_bytes()


def test_a_bound_of_another_operation_is_refused_and_both_are_named(file: Path) -> None:
    certificate, (problem,) = read_certificate(file, operation_hash(worlds.hub()))
    assert certificate is None
    assert operation_hash(worlds.one_road())[:12] in problem.what
    assert operation_hash(worlds.hub())[:12] in problem.what


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_bound_is_finite(tmp_path: Path, value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        write_certificate(tmp_path / "bound.npz", operation_hash="", grid_minutes=5, value=value, duals={})
    with pytest.raises(ValueError, match="finite"):
        write_certificate(
            tmp_path / "bound.npz", operation_hash="", grid_minutes=5, value=1.0, duals={"a": np.array([value])}
        )
    assert list(tmp_path.iterdir()) == []


def test_another_npz_is_no_certificate(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, a=np.zeros(3))
    certificate, (problem,) = read_certificate(path)
    assert certificate is None
    assert "no certificate" in problem.what


def test_pickled_objects_are_not_loaded(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, certificate=np.array([{"format": 1}], dtype=object))
    assert read_certificate(path)[0] is None


def test_an_array_that_claims_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bound.npz"
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,), }"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("certificate.npy", array)
    assert read_certificate(path)[0] is None


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    assert "no such file" in read_certificate(tmp_path / "none.npz")[1][0].what
    assert "directory" in read_certificate(tmp_path)[1][0].what


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_refused(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever byte is cut off or changed: the certificate that was written, or a problem."""
    path = tmp_path_factory.mktemp("certificate") / "bound.npz"
    write_certificate(path, operation_hash="a" * 64, grid_minutes=5, value=12.5, duals=DUALS)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at:]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    certificate, problems = read_certificate(path)
    assert (certificate is None) == bool(problems)
    if certificate is not None:
        assert (certificate.operation_hash, certificate.value) == ("a" * 64, 12.5)
        for name, array in certificate.duals.items():
            assert np.array_equal(array, DUALS[name])
