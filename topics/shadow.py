"""A candidate that runs beside the live configuration, and what it says there: never a finding, so never an alarm."""

import hashlib
from typing import Annotated, Any, Literal

import msgspec

from topics.finding import Finding
from topics.reading import SCHEMA_VERSION, TimeMs

CANDIDATES = "candidates"
SHADOW_FINDINGS = "shadow-findings"

#: ``began`` and ``ended`` say from which offset to which; ``cost`` what it took since the last such word; ``failed``
#: that it ended because it could not go on.
Kind = Literal["began", "finding", "cost", "ended", "failed"]


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another configuration of one domain: a pack (its content, as ``PublishedPack.domain``), a bundle of models, or
    both. What it does not name stays the live one's. ``begun`` is city time, ``created`` wall time.
    """

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$", description="names the run, a new one each time")]
    domain: str
    by: str
    begun: TimeMs
    created: TimeMs
    pack: dict[str, Any] | None = None
    models: Annotated[bytes | None, msgspec.Meta(description="a bundle as on `models`, base64")] = None
    note: str = ""
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    @property
    def key(self) -> str:
        """Its key on the ``candidates`` topic."""
        return f"shadow/{self.domain}/{self.id}"


def candidate_ref(key: str, value: bytes) -> str:
    """What a ``~shadow`` control calls the candidate that stands under this key."""
    return f"{key}@{hashlib.sha256(value).hexdigest()}"


class ShadowWord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message of a run about one partition of readings. A finding is *inside* it and bears none of a finding's
    own fields outside, so that no reader of findings takes it for one.

    ``offset`` and ``time`` (city time, 0 = none yet) are where it was said. Of a ``cost``: readings judged, and
    processor seconds of the live kernel and of the candidate's for the same readings; ``refused`` are rows that the
    candidate refused and the live kernel did not.
    """

    run: str
    domain: str
    kind: Kind
    topic: str
    partition: int
    offset: int
    time: int
    finding: Finding | None = None
    readings: int = 0
    live_s: float = 0.0
    candidate_s: float = 0.0
    refused: int = 0
    detail: str = ""
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
