"""The job as a program that a cluster runs itself: ``-pym streams.flink.application GROUP`` for Flink's PythonDriver.

All it is told is in its settings. It goes on from the newest savepoint or checkpoint in ``data_dir``.
"""

import sys

import msgspec

from streams.flink.job import submit
from streams.flink.run import make_plan, registered_domains
from streams.settings import load_settings


def main(group: str, *only: str) -> None:
    """Submit the job of this group, for ``only`` these domains or for all, to the cluster that runs this."""
    settings = load_settings()
    folder = settings.data / "flink" / group
    plan = make_plan(settings, group, registered_domains(settings, list(only)), folder, "", foreign=True)
    submit(msgspec.structs.replace(plan, host=""))


if __name__ == "__main__":
    main(*sys.argv[1:])
