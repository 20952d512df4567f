"""Processor time of whole process groups (Linux): a TaskManager and the Python workers it starts are one."""

import os
from collections.abc import Collection
from pathlib import Path

#: Where in /proc/<pid>/stat, behind the name, the group and the two times of a process are.
GROUP, USER, SYSTEM = 2, 11, 12


def group_cpu_s(groups: Collection[int]) -> float:
    """Seconds that the living processes of these groups have used so far."""
    ticks = 0
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                told = (each / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            if int(told[GROUP]) in groups:
                ticks += int(told[USER]) + int(told[SYSTEM])
    return ticks / os.sysconf("SC_CLK_TCK")
