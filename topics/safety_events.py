"""What firms say of their safety work day by day: the commitment of the day and permits of special work.

They travel on ``events.<domain>`` topics like all events (topics/events.py), keyed by the site.
"""

from typing import Annotated, Literal, get_args

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]
Day = Annotated[str, msgspec.Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90, description="WGS-84")]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180, description="WGS-84")]

#: The eight kinds of special work of GB 30871.
Work = Literal[
    "hot-work",
    "confined-space",
    "blind-plate",
    "height",
    "lifting",
    "temporary-power",
    "earthwork",
    "road-closure",
]
WORKS: tuple[Work, ...] = get_args(Work)


class Commitment(msgspec.Struct, frozen=True, tag="commitment", tag_field="event", omit_defaults=True):
    """The safety commitment of a firm for one ``day`` of the city, given at ``time``; a later one of a day amends it.

    ``units`` counts the firm's plants, of which so many run, stand still or are overhauled. ``works`` says how many
    special works are meant for the day, by kind; a kind that is not named is none.
    """

    id: Word
    site: Word
    time: TimeMs
    day: Day
    by: Annotated[str, msgspec.Meta(min_length=1, max_length=80, description="the head who signs")]
    units: Count = 0
    running: Count = 0
    stopped: Count = 0
    overhaul: Count = 0
    works: dict[Work, Count] = msgspec.field(default_factory=dict)
    trial_production: bool = False
    starting_up_or_down: bool = False
    tank_farm: Literal["normal", "abnormal", "none"] = "normal"
    text: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    schema: int = SCHEMA_VERSION

    @property
    def stands_still(self) -> bool:
        """Whether it says that the whole firm stands still."""
        return self.running == 0 and self.units > 0


class Signature(msgspec.Struct, frozen=True):
    """One signature on a permit; the role is a code of the domain's facts."""

    role: Word
    who: Word
    time: TimeMs


class WorkPermit(msgspec.Struct, frozen=True, tag="work_permit", tag_field="event", omit_defaults=True):
    """A permit of special work as it stands at ``time``; the same number again amends it.

    ``level`` is the standard's own word (``special``, ``1``, ``2``), empty where the kind has none. ``signatures``
    stand in any order, the times tell; ``gas_tests`` are times of analyses that were passed.
    """

    id: Word
    site: Word
    time: TimeMs
    permit: Word
    work: Work
    applicant: Word
    start: TimeMs
    end: TimeMs
    level: Annotated[str, msgspec.Meta(max_length=20)] = ""
    lat: Latitude | None = None
    lon: Longitude | None = None
    place: Annotated[str, msgspec.Meta(max_length=200)] = ""
    signatures: tuple[Signature, ...] = ()
    gas_tests: tuple[TimeMs, ...] = ()
    guardian: Annotated[str, msgspec.Meta(max_length=120)] = ""
    completed: TimeMs | None = None
    completed_by: Annotated[str, msgspec.Meta(max_length=120)] = ""
    cancelled: bool = False
    schema: int = SCHEMA_VERSION
