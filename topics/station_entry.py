"""What was done to a station's instruments, and where to see it: maintenance, pictures and cameras."""

from typing import Annotated, Literal, get_args

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

#: The topic of station logs; keyed by the site.
TOPIC = "station-log"

Kind = Literal["maintenance", "picture", "camera"]

#: What was done (HJ 75-2017 and HJ 355-2019 ask for a log of these).
Work = Literal["calibration", "verification", "repair", "replacement", "consumables", "cleaning", "patrol", "other"]
WORKS: tuple[Work, ...] = get_args(Work)

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class StationEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry in the log of a ``site``, or of one ``device`` of it, from ``start`` to ``end`` (ms UTC, the end is
    outside; ``None`` = a moment, of a camera: until further notice). The same id again is a newer form of it.

    Maintenance says which ``work``, by whom and for which ``firm``; a picture or camera has its ``link``, a picture
    the ``sha256`` of what lies there where that is known. ``made`` is when it was entered (ms UTC).
    """

    id: Word
    site: Word
    kind: Kind
    start: TimeMs
    made: TimeMs
    end: TimeMs | None = None
    device: Annotated[str, msgspec.Meta(max_length=80)] = ""
    work: Work | None = None
    who: Annotated[str, msgspec.Meta(max_length=80)] = ""
    firm: Annotated[str, msgspec.Meta(max_length=120)] = ""
    text: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    link: Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^$|^(https?|rtsps?)://[^\s]+$")] = ""
    sha256: Annotated[str, msgspec.Meta(pattern=r"^$|^[0-9a-f]{64}$")] = ""
    withdrawn: bool = False
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION

    def fault(self) -> str | None:
        """What keeps it out of the log, in words; it is read nevertheless: fields of a newer version may be missing."""
        if self.end is not None and self.end <= self.start:
            return f"end: expected a moment after start {self.start}, got {self.end}"
        if (self.work is not None) != (self.kind == "maintenance"):
            return f"work: expected one of {', '.join(WORKS)} for maintenance alone, got {self.work!r}"
        if bool(self.link) != (self.kind != "maintenance"):
            return f"link: expected an address for a picture or camera alone, got {self.link!r}"
        return None
