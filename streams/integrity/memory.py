"""What the integrity watch remembers of what it has told: in one file, so that a process that begins anew goes on."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from streams.integrity.telling import Name, name_of
from topics.finding import Finding


class Remembered(msgspec.Struct):
    """Of one domain: the last ``day`` judged whole (its beginning) and the end of the last ``hour`` looked at, ms UTC,
    0 = none; by the beginning of each day of late, how many readings it had when it was judged, and the last message
    of each episode.
    """

    day: int = 0
    hour: int = 0
    rows: dict[int, int] = {}
    told: dict[int, list[Finding]] = {}

    def known(self, day: int) -> dict[Name, Finding]:
        """The last message of each episode of a day; of an episode that began anew, that of the newest."""
        return {name_of(each): each for each in self.told.get(day, [])}

    def note(self, day: int, said: Iterable[Finding]) -> None:
        """These have been told of a day."""
        last = self.known(day) | {name_of(each): each for each in said}
        if last:
            self.told[day] = list(last.values())

    def forget(self, before: int) -> None:
        """Days that begin before this are not looked at any more."""
        self.rows = {day: rows for day, rows in self.rows.items() if day >= before}
        self.told = {day: told for day, told in self.told.items() if day >= before}


def remembered(file: Path) -> dict[str, Remembered]:
    """By domain; empty where there is no such file, or one that cannot be read: telling again is harmless."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Remembered])
    except (FileNotFoundError, msgspec.MsgspecError):
        return {}


def remember(file: Path, domains: dict[str, Remembered]) -> None:
    """Replaced in one step."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".tmp")
    fresh.write_bytes(msgspec.json.encode(domains))
    fresh.rename(file)
