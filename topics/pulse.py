"""A worker's pulse: once a second it says how far it has come, so that the wall can tell silence from health."""

import msgspec

SCHEMA_VERSION = 1


class Pulse(msgspec.Struct, frozen=True, omit_defaults=True):
    """Counters since the worker started, of one domain. ``city_time`` is the last tick seen (ms UTC),
    ``wall_time`` when this was said, ``last_reading`` the youngest event time judged (0 = none yet).
    ``lag`` is the number of records on the topic not yet judged.
    """

    worker: str
    domain: str
    wall_time: int
    city_time: int = 0
    last_reading: int = 0
    readings: int = 0
    events: int = 0
    findings: int = 0
    late: int = 0
    duplicate: int = 0
    unregistered: int = 0
    dead_lettered: dict[str, int] = msgspec.field(default_factory=dict)
    unknown_fields: int = 0
    lag: int = 0
    schema: int = SCHEMA_VERSION
