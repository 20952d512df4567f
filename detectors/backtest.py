"""A kernel over recorded or generated readings at full speed: to look back, and to prime models before the first day.

Pure: an iterator of batches and controls in, findings out. The same kernel as the worker's, so the same findings.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from detectors.base import Columns, Outcome
from detectors.fitting import fit
from detectors.groups.fitting import fit_groups
from detectors.kernel import Kernel
from detectors.samples import Samples
from topics.domain import Domain
from topics.finding import Finding
from topics.reading import Control


@dataclass(frozen=True, slots=True)
class Step:
    """A control message with its place in the log; ``artefact`` as ``Kernel.control`` wants it."""

    control: Control
    offset: int
    stamp: int = 0
    artefact: bytes | None = None


@dataclass(frozen=True, slots=True)
class Primed:
    """What priming gives. ``artefact``: the models, for the ``models`` topic under the key ``name``; ``ref``: what
    a ``~model`` control calls them; ``kernel``: warmed and with these models in force, ready for ``export``.
    """

    name: str
    ref: str
    artefact: bytes
    kernel: Kernel
    findings: int


def backtest(kernel: Kernel, steps: Iterable[Columns | Step]) -> Iterator[Finding]:
    """What the kernel finds in these batches and controls, in log order; bind the series first."""
    for step in steps:
        yield from _taken(kernel, step).findings


def prime(
    kernel: Kernel, steps: Iterable[Columns | Step], samples: Samples, fitted_until: int, offset: int, seed: int = 0
) -> Primed:
    """Run a kernel over healthy days, fit its domain's models from what it saw and put them in force.

    ``kernel`` must have been made with ``samples`` (as ``sampling_kernel`` does). ``fitted_until`` is the event
    time of the last of these rows, ``offset`` the place in the log at which the models take force.
    """
    found = sum(len(_taken(kernel, step).findings) for step in steps)
    domain = kernel.force.tables.domain
    groups = fit_groups(domain, samples.groups.gathered(), fitted_until)
    asked = kernel.force.asked_outliers
    artefact = fit(domain.name, samples.rows(), fitted_until, seed, asked=asked, groups=groups)
    ref = model_ref(domain.name, artefact)
    kernel.control(Control("~model", fitted_until, ref=ref), offset, 0, artefact)
    return Primed(domain.name, ref, artefact, kernel, found)


def sampling_kernel(domain: Domain, partition: int = 0) -> tuple[Kernel, Samples]:
    """A kernel of this domain that keeps what models are fitted from."""
    samples = Samples()
    return Kernel(domain, domain.topic, partition, samples=samples), samples


def model_ref(domain: str, artefact: bytes) -> str:
    """What a ``~model`` control calls this artefact."""
    return f"{domain}@{hashlib.sha256(artefact).hexdigest()}"


def _taken(kernel: Kernel, step: Columns | Step) -> Outcome:
    if isinstance(step, Columns):
        return kernel.apply(step)
    return kernel.control(step.control, step.offset, step.stamp, step.artefact)
