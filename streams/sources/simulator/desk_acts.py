"""What people do on the played day: firms declare and report, offices sign, plan and look. Read from a file; pure.

Each act is one request that a page or a firm's own system would send. A time in a body is written as a local time and
sent as ms UTC (in EPCIS events, which say times themselves, as a text). ``{name}`` stands for what an earlier act was
answered: its ``keep`` names the field and the word by which later acts speak of it.
"""

import datetime as dt
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from streams.sources.simulator.city import FOLDER
from streams.sources.simulator.script_lines import Expect, Moment, ms
from topics.errors import ConfigurationError
from topics.finding import Text

Door = Literal["server", "intake"]


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request, posted at ``at`` (local time).

    ``events``: how many events of which domain it puts on their topic in the end, which whoever counts what was lost
    must know. ``find`` asks that address first and takes the first item's field for each word of ``keep``;
    without it ``keep`` reads the answer to the request itself. ``expect``: alarms it is meant to raise.
    """

    at: Moment
    title: Text
    path: str
    body: dict[str, Any] | list[Any]
    door: Door = "server"
    find: str = ""
    keep: dict[str, str] = {}
    events: dict[str, int] = {}
    expect: tuple[Expect, ...] = ()


class DeskDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of acts, in the order of their times."""

    name: str
    title: Text
    source: str
    acts: tuple[Act, ...]


def load_desk_day(name: str = "desk-day", folder: Path = FOLDER / "acts") -> DeskDay:
    """Read ``<name>.toml``. Raises ``ConfigurationError`` naming file, key, what was required and what was found."""
    path = folder / f"{name}.toml"
    try:
        day = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), DeskDay)
    except (FileNotFoundError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from error
    known: set[str] = set()
    for number, act in enumerate(day.acts):
        place = f"{path.name}: acts[{number}]"
        if number and act.at < day.acts[number - 1].at:
            raise ConfigurationError(f"{place}.at: expected no time before the act above it, got {act.at}")
        known |= set(act.keep) if act.find else set()
        if missing := sorted(set(_words((act.path, act.body))) - known):
            raise ConfigurationError(f"{place}: expected words that an act above it keeps, got {missing}")
        known |= set(act.keep)
    return day


#: The files of acts that the demonstration plays.
DEMO_DAYS = ("desk-day", "road-day", "food-day")


def load_demo_day() -> DeskDay:
    """All that people do on the day of the demonstration, in the order of time."""
    days = [load_desk_day(name) for name in DEMO_DAYS]
    acts = sorted((act for day in days for act in day.acts), key=lambda act: act.at)
    return DeskDay("demo", days[0].title, "; ".join(day.source for day in days), tuple(acts))


def filled(value: Any, words: Mapping[str, Any]) -> Any:
    """A path or body as it is sent: words put in, local times as ms UTC."""
    if isinstance(value, str):
        if value.startswith("{") and value.endswith("}") and value[1:-1] in words:
            return words[value[1:-1]]  # alone it keeps its type
        for word, said in words.items():
            value = value.replace(f"{{{word}}}", str(said))
        return value
    if isinstance(value, dt.datetime):
        return ms(value)
    if isinstance(value, Mapping):
        return {key: filled(each, words) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [filled(each, words) for each in value]
    return value


def _words(value: Any) -> Iterator[str]:
    """The words in braces that a path or body speaks of."""
    if isinstance(value, str):
        for part in value.split("{")[1:]:
            yield part.split("}")[0]
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _words(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _words(each)
