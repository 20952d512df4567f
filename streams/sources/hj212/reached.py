"""The file that says how far each device's data reach, so that a gap over the gateway's restart is found too."""

from pathlib import Path

import msgspec
import structlog

from streams.sources.hj212.gaps import GapFinder

log = structlog.get_logger(__name__)

#: Its name in the data folder.
REACHED = "hj212-reached.json"

_STATE = msgspec.json.Decoder(dict[str, int])


def read_reached(path: Path) -> dict[str, int]:
    """What an earlier process wrote, nothing where there is no such file or it cannot be read."""
    try:
        return _STATE.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        log.warning("hj212_reached_unreadable", path=str(path), error=str(error))
        return {}


def write_reached(path: Path, gaps: GapFinder) -> None:
    """Replace the file in one step; a crash leaves the old or the new one."""
    new = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(msgspec.json.encode(gaps.state()))
        new.replace(path)
    except OSError as error:
        log.warning("hj212_reached_not_written", path=str(path), error=str(error))
