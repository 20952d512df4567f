"""A device's frame as it came: what an inspector lays beside the readings that were made of it."""

from typing import Annotated

import msgspec

from topics.reading import SCHEMA_VERSION, TimeMs

TOPIC = "raw-frames"


class RawFrame(msgspec.Struct, frozen=True, omit_defaults=True):
    """``frame``: the bytes from ``##`` on, as they came (base64 in JSON), encrypted ones encrypted. ``device``: its MN.
    ``time``: what the device says its values are of (ms UTC); ``received``: the gateway's wall time; ``peer``: from
    where.
    """

    device: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    time: TimeMs
    received: TimeMs
    frame: Annotated[bytes, msgspec.Meta(min_length=1)]
    peer: str = ""
    schema: Annotated[int, msgspec.Meta(ge=1)] = SCHEMA_VERSION
