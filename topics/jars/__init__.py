"""Java archives by lock file: coordinates with SHA-256 sums, fetched once into Maven's own local store."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from jgo.maven import MavenContext, PythonResolver

from topics.errors import PartMissing

FOLDER = Path(__file__).parent


def jars(lock: str, say: Callable[[str], None] = lambda _: None) -> list[Path]:
    """Paths of all jars that ``<lock>.lock`` lists, each checked against its sum.

    Works offline once they are there. Raises ``PartMissing`` with the coordinate where one
    cannot be had or is not the one that was locked.
    """
    context = MavenContext(resolver=PythonResolver(), timeout=60)
    rows = [line.split() for line in (FOLDER / f"{lock}.lock").read_text(encoding="utf-8").splitlines()]
    wanted = [(row[0], row[1]) for row in rows if row and not row[0].startswith("#")]
    paths = []
    for number, (coordinate, sha256) in enumerate(wanted, 1):
        group, artifact, version = coordinate.split(":")
        jar = context.project(group, artifact).at_version(version).artifact()
        if jar.cached_path is None or not jar.cached_path.exists():
            say(f"fetching {artifact} {version} ({number} of {len(wanted)})")
        paths.append(_checked(jar.resolve, coordinate, sha256))
    return paths


def _checked(resolve: Callable[[], Path], coordinate: str, sha256: str) -> Path:
    try:
        path = resolve()
    except (OSError, RuntimeError) as error:  # requests' errors are OSErrors
        raise PartMissing(
            f"Java archive {coordinate}: expected it in Maven's store or its registry, got: {error}"
        ) from error
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise PartMissing(
            f"Java archive {coordinate}: expected SHA-256 {sha256}, got {found} in {path}; delete it and try again"
        )
    return path
