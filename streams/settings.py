"""The settings in force; the only file that reads the environment. The table of them: streams/settings_table.py.

Precedence, highest first:
1. the command's own option
2. the environment, ``CITYBRAIN_<NAME>``
3. the default in the table
"""

import math
import os
from collections.abc import Mapping
from difflib import get_close_matches
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.setting import PREFIX, Value
from streams.settings_table import SETTINGS, Settings
from topics.errors import ConfigurationError

__all__ = ["PREFIX", "SETTINGS", "Settings", "child_environment", "load_settings", "misspelt", "program_environment"]

#: How alike two names are, from 0 to 1, where one is taken for the other misspelt.
NEAR = 0.9


def load_settings(environment: Mapping[str, str] | None = None, **options: object) -> Settings:
    """The settings in force; options that are ``None`` were not given.

    Raises ``ConfigurationError`` naming the variable, what was required and what came.
    """
    environment = os.environ if environment is None else environment
    known = {setting.name for setting in SETTINGS}
    values: dict[str, Value] = {}
    for setting in SETTINGS:
        option = options.get(setting.name)
        if option is not None:
            values[setting.name] = setting.read(str(option), f"--{setting.name.replace('_', '-')}")
        elif setting.variable in environment:
            values[setting.name] = setting.read(environment[setting.variable], setting.variable)
        else:
            values[setting.name] = setting.default
    if unknown := set(options) - known:
        raise ConfigurationError(f"settings: expected names from the table, got {sorted(unknown)}")
    if not values["java_home"]:
        values["java_home"] = environment.get("JAVA_HOME", "")
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was made from the type of its default
    _check(settings)
    return settings


def misspelt(environment: Mapping[str, str] | None = None) -> list[str]:
    """A sentence for each variable that is nearly a setting's, and so was most likely meant to be one."""
    variables = [setting.variable for setting in SETTINGS]
    given = os.environ if environment is None else environment
    found = []
    for name in sorted(name for name in given if name.startswith(PREFIX) and name not in variables):
        for near in get_close_matches(name, variables, 1, NEAR):
            found.append(f"{name}: expected a setting of docs/settings.md, perhaps {near}; it has no effect")
    return found


def child_environment(settings: Settings, **overruled: str) -> dict[str, str]:
    """The environment of a part of ours: what this process was given, with every setting in force spelled out.

    ``overruled`` are settings by name that differ for the part. Arithmetic libraries get one thread each, because
    the machine's cores are shared out among the parts already.
    """
    values = {setting.variable: str(getattr(settings, setting.name)) for setting in SETTINGS}
    other = {f"{PREFIX}{name.upper()}": value for name, value in overruled.items()}
    return dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | values | other


def program_environment(**told: str) -> dict[str, str]:
    """The environment of a program that is not ours: what this process was given, and what of ``told`` is not empty."""
    return dict(os.environ) | {name: value for name, value in told.items() if value}


def _check(settings: Settings) -> None:
    for setting in SETTINGS:
        setting.check(getattr(settings, setting.name))
    try:
        ZoneInfo(settings.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(f"zone: expected an IANA time zone, got {settings.zone!r}") from None
    for name in ("resolve_timeout_s", "silence_max_h"):
        if not 0 < getattr(settings, name) < math.inf:
            raise ConfigurationError(f"{name}: expected more than 0, got {getattr(settings, name)}")
    if bool(settings.server_cert_file) != bool(settings.server_key_file):
        raise ConfigurationError("server_cert_file, server_key_file: expected both or neither")
