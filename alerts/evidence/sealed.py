"""The file itself: a ZIP whose manifest binds every part to the one before it by SHA-256. Pure.

For part i of the manifest, in its order, ``chain`` is SHA-256 (hex) over the UTF-8 bytes of

    chain of part i-1 LF name LF SHA-256 of the part's bytes (hex)

with ``SEED`` before the first. ``head`` is one link more, its name ``manifest.json`` and its bytes the manifest itself
as JSON without blanks, keys sorted, ``head`` empty: so what is said to be missing is bound too. Whoever has noted the
head elsewhere knows that no part was changed, slipped in or taken out; anyone can reckon it with a ZIP reader and
SHA-256.
"""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import msgspec

from topics.finding import Text

SEED = hashlib.sha256(b"citybrain evidence 1").hexdigest()
MANIFEST = "manifest.json"

#: ZIP knows no time before this; equal parts shall give equal files.
EPOCH = (1980, 1, 1, 0, 0, 0)


class Part(msgspec.Struct, frozen=True):
    """A line of the manifest: ``size`` in bytes, hashes in hexadecimal digits."""

    name: str
    size: int
    sha256: str
    chain: str


class Lack(msgspec.Struct, frozen=True):
    """A part that such a pack should have and this one has not, and why."""

    part: str
    why: Text


class Manifest(msgspec.Struct, frozen=True):
    """What the pack holds and what it lacks. ``made`` is wall time, ms UTC."""

    finding: str
    made: int
    parts: tuple[Part, ...]
    head: str
    missing: tuple[Lack, ...] = ()
    format: str = "citybrain evidence 1"


#: What ``zipfile`` lets through of a pack that was changed: packed bytes that are none, or end too soon, a header that
#: does, a method of packing that it does not know, and a part under a password.
UNREADABLE = (zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError)


def seal(finding: str, parts: Mapping[str, bytes], missing: Sequence[Lack], made_ms: int) -> tuple[bytes, Manifest]:
    """The pack's bytes and its manifest; parts in the order given."""
    lines, chain = [], SEED
    for name, body in parts.items():
        digest = hashlib.sha256(body).hexdigest()
        chain = link(chain, name, digest)
        lines.append(Part(name, len(body), digest, chain))
    manifest = _headed(Manifest(finding, made_ms, tuple(lines), "", tuple(missing)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, body in {**parts, MANIFEST: msgspec.json.format(msgspec.json.encode(manifest))}.items():
            pack.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return out.getvalue(), manifest


def link(chain: str, name: str, digest: str) -> str:
    """The chain after one more part."""
    return hashlib.sha256(f"{chain}\n{name}\n{digest}".encode()).hexdigest()


def _headed(manifest: Manifest) -> Manifest:
    chain = manifest.parts[-1].chain if manifest.parts else SEED
    plain = msgspec.json.encode(msgspec.structs.replace(manifest, head=""), order="sorted")
    return msgspec.structs.replace(manifest, head=link(chain, MANIFEST, hashlib.sha256(plain).hexdigest()))


def faults_of(pack: bytes, head: str | None = None) -> tuple[Manifest | None, list[str]]:
    """The manifest and all that is wrong with a pack; ``head`` is what was noted elsewhere. Never raises."""
    try:
        with zipfile.ZipFile(io.BytesIO(pack)) as opened:
            names = opened.namelist()
            bodies = {name: opened.read(name) for name in names}
        manifest = msgspec.json.decode(bodies[MANIFEST], type=Manifest)
    except KeyError:
        return None, [f"{MANIFEST}: expected in the pack, got none"]
    except (zipfile.BadZipFile, msgspec.MsgspecError, OSError, ValueError, *UNREADABLE) as error:
        return None, [f"pack: expected a ZIP file with {MANIFEST}, got: {error}"]
    faults = [
        f"{name}: expected once, got {names.count(name)} times" for name in sorted(set(names)) if names.count(name) > 1
    ]
    chain = SEED
    for part in manifest.parts:
        body = bodies.get(part.name)
        if body is None:
            faults.append(f"{part.name}: expected in the pack, got none")
        digest = hashlib.sha256(body).hexdigest() if body is not None else part.sha256
        if digest != part.sha256:
            faults.append(f"{part.name}: expected SHA-256 {part.sha256}, got {digest}")
        chain = link(chain, part.name, part.sha256)
        if chain != part.chain:
            faults.append(f"{part.name}: expected chain {chain}, got {part.chain}")
    extra = sorted(set(names) - {part.name for part in manifest.parts} - {MANIFEST})
    faults += [f"{name}: expected in the manifest, got no line there" for name in extra]
    if manifest.head != (expected := _headed(manifest).head):
        faults.append(f"head: expected {expected}, got {manifest.head}")
    if head is not None and head != manifest.head:
        faults.append(f"head: expected {head} as noted elsewhere, got {manifest.head}")
    return manifest, faults
