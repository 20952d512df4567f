"""Where Flink's own files are: the pip package's jars and plugins, found without importing it."""

import importlib.util
from pathlib import Path

import yaml

from topics.errors import PartMissing

#: What brings Flink into this environment.
INSTALL = "pip install 'citybrain[flink]'"


def flink_home() -> Path:
    """The folder with ``lib``, ``opt``, ``plugins`` and ``conf``. Raises ``PartMissing`` naming the command that
    installs it."""
    spec = importlib.util.find_spec("pyflink")
    if spec is None or spec.origin is None:
        raise PartMissing(f"engine flink: expected the package apache-flink, got none; install it with {INSTALL}")
    return Path(spec.origin).parent


def class_path(home: Path) -> str:
    """Everything that JobManager, TaskManager and client load; ``flink-python`` too, because two jobs in one
    TaskManager otherwise load its native part twice."""
    return ":".join(str(path) for path in [*sorted((home / "lib").glob("*.jar")), *python_jars(home)])


def python_jars(home: Path) -> list[Path]:
    """What a job in Python needs of the JVM. Flink's own distribution has it among the optional parts, so a cluster
    that others have started does not know it, and it must travel with the job."""
    return sorted((home / "opt").glob("flink-python-*.jar"))


def java_options(home: Path) -> list[str]:
    """The packages of the JVM that Flink must be let into, as its own configuration lists them."""
    configuration = yaml.safe_load((home / "conf" / "config.yaml").read_text(encoding="utf-8"))
    options: str = configuration["env"]["java"]["opts"]["all"]
    return options.split()
