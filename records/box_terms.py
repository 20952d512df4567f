"""What a pack says of sensors at containers and tanks: ``[facts.box_conditions]``. Pure.

No standard gives most of these numbers: they ship as defaults of ours with ``source`` and ``confirmed = false``.
"""

from typing import Annotated

import msgspec

from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.families import BOX_CONDITIONS as FACT
from topics.finding import Text

Positive = Annotated[float, msgspec.Meta(gt=0)]
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]


class FromSadt(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of goods whose SADT is at most ``up_to_c``: how far below it (°C) control and emergency temperature lie."""

    up_to_c: float
    control_below_c: Positive
    emergency_below_c: Positive


class Rise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fast rise: Theil and Sen's slope over ``window_s`` of the medians of each ``bucket_s``, in °C an hour;
    ``controlled_per_h`` for goods that have a control temperature.
    """

    window_s: Positive = 3600.0
    bucket_s: Positive = 300.0
    per_h: Positive = 6.0
    controlled_per_h: Positive = 3.0


class Drift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A slow rise: the same slope over a longer window, where ``steady`` of all pairs of medians rise and the next
    limit would be reached within ``horizon_s``.
    """

    window_s: Positive = 21_600.0
    bucket_s: Positive = 1800.0
    per_h: Positive = 0.2
    steady: Share = 0.85
    horizon_s: Positive = 43_200.0


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two levels of a gas or a tilt, in the quantity's unit; beyond one for ``hold_s``, back by ``deadband``."""

    first: float
    second: float
    source: str
    confirmed: bool
    hold_s: float = 30.0
    deadband: float = 0.0


class Lost(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sensors of one area lost together: at least ``least`` devices and this ``share`` of them within ``within_s``."""

    least: Annotated[int, msgspec.Meta(ge=2)] = 3
    share: Share = 0.5
    within_s: Positive = 180.0


class TankGoods(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fixed tank whose sensors are those of a device, and what is in it."""

    site: str
    un: str
    title: Text


class BoxTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``temperatures``, ``gases``, ``tilts`` and ``doors`` name quantities of the pack. A reading waits ``settle_s`` of
    city time for those before it. ``ceilings_c`` by class or division, for goods of which the list has no ceiling.
    """

    source: str
    confirmed: bool
    temperatures: tuple[str, ...]
    gases: dict[str, Levels] = {}
    tilts: dict[str, Levels] = {}
    doors: tuple[str, ...] = ()
    ceilings_c: dict[str, float] = {}
    from_sadt: tuple[FromSadt, ...] = ()
    from_sadt_source: str = ""
    from_sadt_confirmed: bool = False
    tanks: dict[str, TankGoods] = {}
    rise: Rise = Rise()
    drift: Drift = Drift()
    lost: Lost = Lost()
    sadt_margin_c: float = 5.0
    hold_s: float = 120.0
    deadband_c: float = 1.0
    door_hold_s: float = 60.0
    inspected_within_s: float = 1800.0
    silent_s: Positive = 300.0
    settle_s: float = 30.0

    @property
    def quantities(self) -> frozenset[str]:
        """All that are looked at."""
        return frozenset((*self.temperatures, *self.gases, *self.tilts, *self.doors))


def box_terms(domain: Domain) -> BoxTerms | None:
    """The terms of a pack, ``None`` where it has none. Raises ``ConfigurationError`` with key, required and got."""
    table = domain.facts.get(FACT)
    if not table:
        return None
    where = f"{domain.name}.toml: facts.{FACT}"
    try:
        terms = msgspec.convert(table, BoxTerms)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{where}: {error}") from error
    if unknown := sorted(terms.quantities - set(domain.quantities)):
        known = ", ".join(sorted(domain.quantities))
        raise ConfigurationError(f"{where}: expected quantities of the pack ({known}), got {unknown}")
    for name, levels in (*terms.gases.items(), *terms.tilts.items()):
        if not levels.first < levels.second:
            raise ConfigurationError(f"{where}: {name}.first: expected less than {levels.second}, got {levels.first}")
    for name, window, bucket in (
        ("rise", terms.rise.window_s, terms.rise.bucket_s),
        ("drift", terms.drift.window_s, terms.drift.bucket_s),
    ):
        if window < 4 * bucket:
            raise ConfigurationError(f"{where}.{name}.window_s: expected at least four buckets, got {window} s")
    return terms
