"""The product as another version of itself, for upgrades in which really other code goes on."""

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: File, a line of it, and what stands there in the next version.
Change = tuple[str, str, str]

FIELD = "    channels: tuple[Channel, ...] = ()\n"
#: It writes and knows one field more of a finding.
SAYS_MORE: Change = (
    "topics/finding.py", FIELD, FIELD + "    later: str = msgspec.field(default_factory=lambda: 'B')\n",
)  # fmt: skip


def next_version(folder: Path, *changes: Change) -> dict[str, str]:
    """A copy of the product with ``SAYS_MORE`` and these changes; the environment in which it runs."""
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    for name in packages["wheel"]["packages"]:
        shutil.copytree(ROOT / name, folder / name)
    for name, old, new in (SAYS_MORE, *changes):
        source = (folder / name).read_text(encoding="utf-8")
        assert source.count(old) == 1, f"{name}: expected once: {old}"
        (folder / name).write_text(source.replace(old, new), encoding="utf-8")
    return {"PYTHONPATH": str(folder), "PYTHONSAFEPATH": "1"}
