"""What a domain pack says of declarations beyond the clocks: numbers, each with where it comes from. Pure.

``[facts.declaration_limits]``, a row by name: ``value``, ``source`` and ``confirmed``. What it leaves out is as here.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from topics.errors import ConfigurationError

LIMITS = "declaration_limits"


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number of at least 0; its unit is in its name."""

    value: Annotated[float, msgspec.Meta(ge=0)]
    source: str
    confirmed: bool


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``more_mass_share``: how much more of the same goods than was declared ahead is no new goods, of 1;
    ``box_gross_t``: the largest gross mass of a box (tonnes).
    """

    more_mass_share: Limit = Limit(0.05, "default of ours: as much as a scale may differ from the papers", False)
    box_gross_t: Limit = Limit(
        36.0, "ISO 668:2013/Amd 2:2016, 36,000 kg (30,480 kg before), one public copy of an encyclopedia", False
    )


def limits_of(facts: Mapping[str, Any]) -> Limits:
    """The numbers of a pack. Raises ``ConfigurationError`` for rows that cannot be used."""
    try:
        return msgspec.convert(facts.get(LIMITS, {}), Limits)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.{LIMITS}: {error}") from error
