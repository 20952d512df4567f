"""A scenario file: its lines, how it is played and the story they make. ``load_script`` reads it."""

import tomllib
from pathlib import Path
from typing import Literal

import msgspec

from streams.sources.simulator.city import FOLDER, Basis
from streams.sources.simulator.script_lines import Expect, Moment, ScriptLine
from topics.errors import ConfigurationError
from topics.finding import Text


class Dense(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A window in which the devices of some sites speak every ``step_s`` seconds."""

    start: Moment
    end: Moment
    step_s: int
    sites: tuple[str, ...]


class PlayLeg(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Play at ``speed`` (city seconds per wall second) until a moment."""

    speed: float
    until: Moment


class Play(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a scenario is played."""

    start: Moment
    legs: tuple[PlayLeg, ...]
    dense: tuple[Dense, ...] = ()


class Beat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One alarm of the story: the first of ``alarms`` that reaches its severity tells it. ``when`` it comes: before the
    first event of the scenario, with it (within two minutes) or after it.
    """

    name: str
    title: Text
    alarms: tuple[Expect, ...]
    when: Literal["before", "with", "after"]
    source: str
    basis: Basis


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scenario file."""

    name: str
    title: Text
    lines: tuple[ScriptLine, ...]
    play: Play | None = None
    story: tuple[Beat, ...] = ()

    def of(self, *kinds: type) -> list[ScriptLine]:
        """The lines of some kinds, in the file's order."""
        return [line for line in self.lines if isinstance(line, kinds)]


def load_script(name: str, folder: Path = FOLDER) -> Script:
    """Read ``<name>.toml``. Raises ``ConfigurationError`` naming file, key, what was required and what was found."""
    path = folder / f"{name}.toml"
    try:
        script = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), Script)
    except FileNotFoundError as error:
        known = sorted(each.stem for each in folder.glob("*.toml") if each.stem != "city")
        raise ConfigurationError(f"scenario: expected one of {known}, got {name!r}") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    ids = [line.id for line in script.lines]
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise ConfigurationError(f"{path.name}: expected each line's id once, got {twice} more than once")
    return script


def joined(name: str, *scripts: Script) -> Script:
    """One script with the lines of several; the play is that of the first which has one."""
    lines = tuple(line for script in scripts for line in script.lines)
    play = next((script.play for script in scripts if script.play), None)
    return Script(name, scripts[0].title, lines, play)
