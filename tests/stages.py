"""The whole test set in stages, each with its time printed; in CI a stage that takes too long fails.

Run by ``make test``. Stages are told apart by pytest's markers, so a new test lands in one by itself.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
PYTEST = [sys.executable, "-m", "pytest", "-q", "-rs", "--durations=5", "--durations-min=5"]
#: Two at a time, each with a broker and a PostgreSQL of its own; tests of one file share its fixtures.
#: In the order of their names: by their number of tests, files with few and long ones would come last and alone.
BESIDE = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A name, the commands in order, and how long they may take together in CI."""

    name: str
    minutes: float
    commands: tuple[list[str], ...]


#: What set-up and all stages together may take in CI. Each stage's limit has some room of its own, because a noisy
#: neighbour does not slow all of them at once.
ALL_MINUTES = 25.0

STAGES = (
    Stage(
        "style and types",
        1.5,
        (
            [str(BIN / "ruff"), "check", "."],
            [str(BIN / "ruff"), "format", "--check", "."],
            [*PYTEST, "tests/test_packaging.py"],  # first and alone: a collision breaks the collection of the rest
            [str(BIN / "mypy")],
        ),
    ),
    Stage("unit", 6, ([*PYTEST, *BESIDE, "-m", "not (kafka or pages or flink or demo or full)"],)),
    Stage("Kafka and stores", 7.5, ([*PYTEST, *BESIDE, "-m", "kafka and not (pages or flink or demo or full)"],)),
    Stage("pages", 4, ([*PYTEST, *BESIDE, "-m", "pages and not (flink or demo or full)"],)),
    # One after the other: each has a cluster of several JVMs, and there are two cores.
    Stage("Flink", 5, ([*PYTEST, "-m", "flink and not full"],)),
    # The day alone may take three minutes; a second start that is interrupted and three refusals take some more.
    Stage("demo", 5, ([*PYTEST, "-m", "demo and not full"],)),
)


def main() -> int:
    """Run all stages, even after one has failed; the exit status is 0 only if all passed in time."""
    strict = bool(os.environ.get("CITYBRAIN_NO_SKIP"))
    # Hundreds of short processes run our code here: each would compile all of it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    chosen = sys.argv[1:]
    rows, good, whole = [], True, time.monotonic()
    for stage in STAGES:
        if chosen and stage.name not in chosen:
            continue
        print(f"\n== {stage.name} (at most {stage.minutes:g} minutes in CI)", flush=True)
        began = time.monotonic()
        passed = all(subprocess.run(command, check=False).returncode == 0 for command in stage.commands)
        minutes = (time.monotonic() - began) / 60
        late = strict and minutes > stage.minutes
        good &= passed and not late
        verdict = "passed" if passed and not late else "took too long" if passed else "FAILED"
        rows.append(f"{stage.name:<20}{minutes:6.1f} of {stage.minutes:g} min  {verdict}")
    minutes = (time.monotonic() - whole) / 60
    left = ALL_MINUTES - float(os.environ.get("CITYBRAIN_SETUP_MINUTES", "0"))
    late = strict and minutes > left
    good &= not late
    rows.append(f"{'all':<20}{minutes:6.1f} of {left:g} min  {'took too long' if late else ''}".rstrip())
    print("\n" + "\n".join(rows))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
