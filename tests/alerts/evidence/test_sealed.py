"""A sealed pack: whoever changes anything in it is found out, with nothing but the file and a noted head."""

import io
import zipfile
from collections.abc import Callable

import msgspec
import pytest

from alerts.evidence.sealed import MANIFEST, Lack, Manifest, faults_of, link, seal
from topics.finding import Text

PARTS = {"report.en.txt": b"values stood still", "readings.csv": b"series,time\na,1\n"}
LACKS = (Lack("pictures", Text("无图片", "no pictures")),)


def altered(pack: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(pack)) as opened:
        bodies = {name: opened.read(name) for name in opened.namelist()}
    change(bodies)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, body in bodies.items():
            made.writestr(name, body)
    return out.getvalue()


def manifest_with(**more: object) -> Callable[[dict[str, bytes]], None]:
    def change(bodies: dict[str, bytes]) -> None:
        plain = msgspec.json.decode(bodies[MANIFEST]) | more
        bodies[MANIFEST] = msgspec.json.encode(plain)

    return change


def test_a_pack_is_whole_and_the_same_each_time() -> None:
    pack, manifest = seal("f1", PARTS, LACKS, 1_700_000_000_000)
    assert seal("f1", PARTS, LACKS, 1_700_000_000_000)[0] == pack
    read, faults = faults_of(pack, manifest.head)
    assert (read, faults) == (manifest, [])
    assert [each.part for each in manifest.missing] == ["pictures"]


def test_the_chain_is_what_its_description_says() -> None:
    _, manifest = seal("f1", PARTS, (), 1)
    first, second = manifest.parts
    assert second.chain == link(first.chain, "readings.csv", second.sha256)
    assert manifest.head not in (first.chain, second.chain)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda bodies: bodies.update({"readings.csv": b"series,time\na,2\n"}), "readings.csv: expected SHA-256"),
        (lambda bodies: bodies.pop("readings.csv") and None, "readings.csv: expected in the pack"),
        (lambda bodies: bodies.update({"more.txt": b"x"}), "more.txt: expected in the manifest"),
        (lambda bodies: bodies.pop(MANIFEST) and None, "manifest.json: expected in the pack"),
        (manifest_with(missing=[]), "head: expected"),
        (manifest_with(made=2), "head: expected"),
        (manifest_with(finding="f2"), "head: expected"),
    ],
)
def test_what_was_changed_is_named(change: Callable[[dict[str, bytes]], None], said: str) -> None:
    pack, _ = seal("f1", PARTS, LACKS, 1)
    _, faults = faults_of(altered(pack, change))
    assert any(fault.startswith(said) for fault in faults), faults


def test_a_pack_made_anew_does_not_have_the_head_that_was_noted() -> None:
    _, manifest = seal("f1", PARTS, LACKS, 1)
    forged, _ = seal("f1", PARTS | {"readings.csv": b"other"}, LACKS, 1)
    assert faults_of(forged)[1] == []
    assert faults_of(forged, manifest.head)[1][0].startswith("head: expected")


@pytest.mark.parametrize("body", [b"", b"no zip", b"PK\x03\x04 broken"])
def test_what_is_no_pack_is_said_to_be_none(body: bytes) -> None:
    manifest, (fault,) = faults_of(body)
    assert manifest is None
    assert fault.startswith("pack: expected a ZIP file")


def test_whatever_byte_is_changed_or_missing_is_told_and_ends_nobody() -> None:
    """A ZIP reader has an error of its own for each of its fields; none of them may end the verification."""
    pack, manifest = seal("f1", PARTS | {"plot.svg": b"<svg>" + bytes(range(256)) * 2}, LACKS, 1)
    for place in range(len(pack)):
        for flip in (0x01, 0x10, 0x80):
            broken = bytearray(pack)
            broken[place] ^= flip
            said, faults = faults_of(bytes(broken), manifest.head)
            assert faults or said == manifest, (place, flip)  # what ZIP keeps twice may be read all the same
        assert faults_of(pack[:place], manifest.head)[1], place


def test_a_manifest_that_is_none_of_ours_is_refused() -> None:
    pack, _ = seal("f1", PARTS, (), 1)
    assert faults_of(altered(pack, lambda bodies: bodies.update({MANIFEST: b"[]"})))[0] is None
    assert isinstance(faults_of(pack)[0], Manifest)
