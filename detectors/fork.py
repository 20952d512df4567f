"""A second kernel with the same memory as the first: where a candidate starts from."""

from detectors.kernel import Kernel
from detectors.series import BLOCKS


def forked(kernel: Kernel, topic: str, partition: int, offset: int) -> Kernel:
    """A kernel that will say from ``offset`` on exactly what this one would, until something else is put in force.

    Its memory is a copy: open episodes, learnt levels and all, so that what it says differs by its configuration and
    not by how long it has run. Costs about as much as one full snapshot of the partition.
    """
    made = alike(kernel, topic, partition)
    made.force.judge_like(kernel.force)
    for block in range(BLOCKS):
        made.load(kernel.export(block), offset)
    made.load_shared(kernel.export_shared(), offset)
    made.saved.settle(offset)
    return made


def alike(kernel: Kernel, topic: str, partition: int) -> Kernel:
    """A fresh kernel with the pack and the settings of this one."""
    force = kernel.force
    return Kernel(force.tables.domain, topic, partition, rate=force.rate, members=force.members)
