"""Processor time of whole process groups and process trees (Linux): a TaskManager and the Python workers it starts are
one group, a command and everything it has started one tree. And the memory of a process."""

import contextlib
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

#: Where in /proc/<pid>/stat, behind the name, the parent, the group and the two times of a process are.
PARENT, GROUP, USER, SYSTEM = 1, 2, 11, 12


class Process(NamedTuple):
    """``ticks`` is what it has used so far, in the kernel's clock ticks."""

    pid: int
    parent: int
    group: int
    ticks: int


def group_cpu_s(groups: Collection[int]) -> float:
    """Seconds that the living processes of these groups have used so far."""
    return sum(each.ticks for each in _living() if each.group in groups) / _ticks_a_second()


def trees_cpu_s(roots: Mapping[str, int]) -> dict[str, float]:
    """By name, seconds that a process and all its living descendants have used so far; a tree within another is only
    its own."""
    living = {each.pid: each for each in _living()}
    names = {pid: name for name, pid in roots.items()}
    sums = dict.fromkeys(roots, 0)
    for each in living.values():
        above: Process | None = each
        while above is not None and above.pid not in names:
            above = living.get(above.parent)
        if above is not None:
            sums[names[above.pid]] += each.ticks
    return {name: ticks / _ticks_a_second() for name, ticks in sums.items()}


def process_cpu_s(pid: int) -> float:
    """Seconds that one living process has used so far. Raises ``OSError`` where it has ended."""
    return _ticks(_told(Path(f"/proc/{pid}"))) / _ticks_a_second()


def resident_mb(processes: Mapping[str, int]) -> dict[str, float]:
    """By name, the memory that a process has now, MB; 0 for one that has ended."""
    page = os.sysconf("SC_PAGE_SIZE") / 1e6
    told = dict.fromkeys(processes, 0.0)
    for name, pid in processes.items():
        with contextlib.suppress(OSError):
            told[name] = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page
    return told


def _living() -> Iterator[Process]:
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                told = _told(each)
            except OSError:
                continue  # it has ended meanwhile
            yield Process(int(each.name), int(told[PARENT]), int(told[GROUP]), _ticks(told))


def _told(process: Path) -> list[str]:
    return (process / "stat").read_text().rpartition(") ")[2].split()


def _ticks(told: list[str]) -> int:
    return int(told[USER]) + int(told[SYSTEM])


def _ticks_a_second() -> int:
    return os.sysconf("SC_CLK_TCK")
