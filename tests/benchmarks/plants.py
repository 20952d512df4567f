"""Small water loops with a fault, made up: eight channels at 1 Hz, a pump, a valve, slow warming, coarse instruments.

Nothing in a plant lies at a fixed row: start, length and number of faults are drawn, so that a detector which knew
the row would gain nothing.
"""

from dataclasses import dataclass

import numpy as np

from detectors.base import BoolArray, FloatArray

CHANNELS = (
    "vibration_pump",
    "vibration_motor",
    "current",
    "pressure",
    "temperature",
    "thermocouple",
    "voltage",
    "flow",
)
FAULTS = ("valve_closing", "valve_sticking", "leak", "bearing", "cavitation", "imbalance", "low_water", "hot_motor")


@dataclass(frozen=True, slots=True)
class Plant:
    """``values`` (rows, 8), ``label`` true in a fault, ``fault`` its name."""

    values: FloatArray
    label: BoolArray
    fault: str


def plant(seed: int, *, fault: str = "", rows: int = 1150, quiet: int = 480) -> Plant:
    """A run of ``rows`` seconds, healthy for at least ``quiet``; equal seeds give equal plants."""
    noise = np.random.default_rng(seed)
    fault = fault or FAULTS[int(noise.integers(len(FAULTS)))]
    label = _label(noise, rows, quiet)
    depth = _depth(noise, label, float(noise.uniform(0.25, 1.0)))
    valve = 1.0 + 0.01 * _wander(noise, rows, 200.0)
    speed = 1.0 + 0.004 * _wander(noise, rows, 120.0)
    loss, rough, uneven, starve, heat = (np.zeros(rows) for _ in range(5))
    if fault == "valve_closing":
        valve = valve * (1.0 - 0.6 * depth)
    elif fault == "valve_sticking":
        valve = valve * (1.0 - 0.35 * depth * (np.sin(np.arange(rows) / noise.uniform(3.0, 9.0)) > 0))
    elif fault == "leak":
        loss = 0.35 * depth
    elif fault == "bearing":
        rough = 0.9 * depth
    elif fault == "cavitation":
        starve, rough = 0.25 * depth * np.abs(noise.standard_normal(rows)), 0.6 * depth
    elif fault == "imbalance":
        uneven = depth
    elif fault == "low_water":
        starve, heat = 0.3 * depth, 0.4 * depth
    else:
        heat, rough = depth, 0.2 * depth
    return Plant(_measured(noise, valve, speed, loss, rough, uneven, starve, heat), label, fault)


def _label(noise: np.random.Generator, rows: int, quiet: int) -> BoolArray:
    label = np.zeros(rows, np.bool_)
    times = 1 if noise.random() < 0.7 else 2
    room = (rows - quiet) // times
    for turn in range(times):
        length = int(noise.uniform(0.35, 0.75) * room)
        first = quiet + turn * room + int(noise.uniform(0.05, 0.95) * (room - length))
        label[first : first + length] = True
    return label


def _depth(noise: np.random.Generator, label: BoolArray, most: float) -> FloatArray:
    """How far the fault has gone: it comes within some seconds and goes within some."""
    coming, going = noise.uniform(1.0, 25.0), noise.uniform(1.0, 8.0)
    depth, now = np.zeros(len(label)), 0.0
    for row, faulty in enumerate(label.tolist()):
        now += (most - now) / coming if faulty else -now / going
        depth[row] = now
    return depth


def _wander(noise: np.random.Generator, rows: int, memory: float) -> FloatArray:
    """A slow process of spread 1."""
    keep = 1.0 - 1.0 / memory
    steps = noise.standard_normal(rows) * np.sqrt(1.0 - keep**2)
    walk, now = np.zeros(rows), float(noise.standard_normal())
    for row, step in enumerate(steps.tolist()):
        now = keep * now + step
        walk[row] = now
    return walk


def _measured(
    noise: np.random.Generator,
    valve: FloatArray,
    speed: FloatArray,
    loss: FloatArray,
    rough: FloatArray,
    uneven: FloatArray,
    starve: FloatArray,
    heat: FloatArray,
) -> FloatArray:
    rows = len(valve)
    seconds = np.arange(rows)
    through = speed * valve**0.5 * (1.0 - starve)
    head = speed**2 * (1.0 + 0.5 * (1.0 - valve)) * (1.0 - loss) * (1.0 - 0.5 * starve)
    load = speed**3 * (0.6 + 0.4 * through) * (1.0 + 0.15 * uneven + 0.08 * rough)
    warming = noise.uniform(-2.0, 4.0) * (1.0 - np.exp(-seconds / noise.uniform(400.0, 3000.0)))
    cooling = noise.uniform(-1.5, 1.5) * seconds / 1000.0
    heated = np.convolve(np.concatenate([np.zeros(80), heat]), np.exp(-np.arange(80) / 30.0) / 30.0)[80 : 80 + rows]
    heavy = noise.standard_t(4, (rows, len(CHANNELS)))
    values = np.column_stack([
        0.027 * (1.0 + rough + 0.7 * uneven) * (1.0 + 0.03 * heavy[:, 0] * (1.0 + rough)),
        0.040 * (1.0 + 0.5 * rough + uneven) * (1.0 + 0.025 * heavy[:, 1] * (1.0 + 0.5 * rough)),
        2.4 * load * (1.0 + 0.06 * heavy[:, 2]),
        np.round(0.9 * head / 0.328 + 0.55 * noise.standard_normal(rows)) * 0.328,
        68.0 + warming + 3.0 * heated + 0.08 * heavy[:, 4],
        24.5 + cooling + 1.2 * heated + 0.03 * heavy[:, 5],
        228.0 + 5.0 * _wander(noise, rows, 15.0) + 6.0 * heavy[:, 6],
        np.round(32.0 * through + 0.35 * noise.standard_normal(rows), 0) + 0.01 * noise.standard_normal(rows),
    ])  # fmt: skip
    return values
