"""A candidate as bytes, by name, and in force in a kernel."""

import hashlib

import msgspec

from detectors.kernel import Kernel
from topics.codec import encode
from topics.published_pack import PublishedPack, content_hash
from topics.shadow import Candidate, candidate_ref


def put_in_force(kernel: Kernel, candidate: Candidate) -> None:
    """Let a kernel judge by what the candidate names. Raises ``ValueError`` or ``MsgspecError`` for what is broken."""
    if candidate.pack is not None:
        pack = PublishedPack(candidate.domain, content_hash(candidate.pack), candidate.begun, candidate.pack)
        kernel.obey("~config", pack.ref, encode(pack))
    if candidate.models is not None:
        kernel.obey("~model", models_ref(candidate.models, candidate.key), candidate.models)


def candidate_ref_of(candidate: Candidate) -> str:
    """What a ``~shadow`` control calls this candidate."""
    return candidate_ref(candidate.key, encode(candidate))


def models_ref(models: bytes, key: str) -> str:
    """What a ``~model`` control calls a bundle that stands under this key."""
    return f"{key}@{hashlib.sha256(models).hexdigest()}"


def read_candidate(body: bytes) -> Candidate:
    """The candidate of a record. Raises ``MsgspecError`` for what is none."""
    return msgspec.json.decode(body, type=Candidate)
