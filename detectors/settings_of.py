"""Detectors from a pack's settings: names checked, so that a misspelt setting is refused and not ignored."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

from topics.errors import ConfigurationError

T = TypeVar("T")


def made(kind: type[T], name: str, settings: Mapping[str, Any], **given: Any) -> T:
    """``kind(**settings)`` with numbers checked; ``given`` is what the pack cannot set.

    Raises ``ConfigurationError`` naming the detector, the setting, what was required and what came.
    """
    fields = {each.name: each for each in dataclasses.fields(kind) if each.name not in given}  # type: ignore[arg-type]
    for key, value in settings.items():
        if key not in fields:
            raise ConfigurationError(f"detectors.{name}: expected settings among {sorted(fields)}, got {key!r}")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ConfigurationError(f"detectors.{name}.{key}: expected a number, got {value!r}")
        if value < 0:
            raise ConfigurationError(f"detectors.{name}.{key}: expected a number >= 0, got {value}")
    return kind(**settings, **given)
