"""`citybrain bench tep`: the Tennessee Eastman process with the frozen configuration for several channels."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from threadpoolctl import threadpool_limits

from detectors.benchmarks.multivariate import TEP_HIDDEN, tep_figures
from streams.tep_data import absent, read_tep


def tep(
    data: Annotated[Path, typer.Option(help="folder with d00.csv, d00_te.csv and d01_te.csv to d21_te.csv")],
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object on standard output")] = False,
) -> None:
    """Share of faulty rows found, fault by fault, with limits from a healthy run that was held out."""
    missing = absent(data)
    if missing is not None:
        print(f"skipped: {missing}", file=sys.stderr)
        if as_json:
            print(json.dumps({"skipped": missing}))
        return
    with threadpool_limits(1):
        told = tep_figures(*read_tep(data), say=lambda line: print(line, file=sys.stderr))
    if as_json:
        print(json.dumps(told))
        return
    print(f"found of the rows of the 18 faults that show  {told['detection_rate_18']:.1%}")
    print(f"found of the rows of all 21                   {told['detection_rate_21']:.1%}")
    print(f"false alarms, of rows before the faults       {told['false_alarm_rate']:.2%}")
    print(f"hidden in the noise: faults {', '.join(map(str, TEP_HIDDEN))}")
