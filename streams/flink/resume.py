"""Where a job goes on from: the newest savepoint or checkpoint in its folder, and the mode they were taken in."""

from pathlib import Path

from topics.errors import ConfigurationError

#: State of PROCESS mode is silently empty in THREAD mode, though the offsets are kept: never mix them.
MODE = "process"
MARK = "execution-mode"


def newest_point(folder: Path) -> str:
    """The newest complete one, empty where there is none.

    Raises ``ConfigurationError`` where the folder holds those of another execution mode.
    """
    points = [*folder.glob("checkpoints/*/chk-*/_metadata"), *folder.glob("savepoints/*/_metadata")]
    if not points:
        return ""
    mark = folder / MARK
    found = mark.read_text(encoding="utf-8").strip() if mark.exists() else "unknown"
    if found != MODE:
        raise ConfigurationError(
            f"{folder}: expected savepoints of execution mode {MODE}, got those of mode {found}: their offsets would "
            "be kept and their state would be empty; resume them as they were, or give another --group"
        )
    return str(max(points, key=lambda each: each.stat().st_mtime_ns).parent)


def mark_mode(folder: Path) -> None:
    """Say in which mode this folder's savepoints are taken."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text(f"{MODE}\n", encoding="utf-8")
