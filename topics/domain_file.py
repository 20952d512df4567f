"""Reading domain packs from files: a broken one is refused with file, key, what was required and what came.

>>> [domain.name for domain in load_domains()]
['pollution', 'cargo', 'safety', 'food']
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from topics.channel_group import ChannelGroup
from topics.domain import Domain, Guidance, Quantity
from topics.domain_rules import problems
from topics.errors import ConfigurationError
from topics.event_sequence import EventSequence
from topics.handling import EscalationStep, Handling

#: The packs that come with the product.
FOLDER = Path(__file__).parent / "domains"

#: The parts whose keys are free: msgspec says ``[...]`` for them, so each entry is asked alone.
_BY_KEY: dict[str, Any] = {
    "quantities": Quantity,
    "guidance": Guidance,
    "detectors": dict[str, Any],
    "handling": Handling,
    "escalation": EscalationStep,
    "groups": ChannelGroup,
    "sequences": EventSequence,
}

_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<key>[^`]+)`")
_EXPECTED = re.compile(r"Expected (?P<required>.+?)(?:, got .+)?$")


def load_domains(folder: Path | None = None) -> tuple[Domain, ...]:
    """All packs (``*.toml``) of a folder, by default the product's own, in their order.

    Raises ``ConfigurationError`` for the first broken pack, for a name that two files give, and for an empty folder.
    """
    folder = folder or FOLDER
    origin: dict[str, Path] = {}
    domains = []
    for path in sorted(folder.glob("*.toml")):
        domain = load_domain(path)
        if domain.name in origin:
            raise ConfigurationError(
                f"{path.name}: name: expected a name of its own, got {domain.name!r} as in {origin[domain.name].name}"
            )
        origin[domain.name] = path
        domains.append(domain)
    if not domains:
        raise ConfigurationError(f"{folder}: expected at least one pack (*.toml), got none")
    return tuple(sorted(domains, key=lambda domain: (domain.order, domain.name)))


def load_domain(path: Path) -> Domain:
    """Read and check one pack. Raises ``ConfigurationError`` with one line for each thing that is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{path.name}: expected a readable file, got {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        what, _, place = str(error).partition(" (at ")
        where = f"{place.rstrip(')')}: " if place else ""
        raise ConfigurationError(f"{path.name}: {where}expected TOML in UTF-8, got: {what}") from error
    try:
        domain = msgspec.convert(raw, Domain)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{path.name}: {_explain(raw, error)}") from error
    # Facts as JSON has them (dates as text), so that a pack read back from its topic is equal.
    domain = msgspec.structs.replace(domain, facts=msgspec.to_builtins(domain.facts))
    if found := [f"{path.name}: {problem}" for problem in problems(domain)]:
        raise ConfigurationError("\n".join(found))
    return domain


def _explain(raw: dict[str, Any], error: msgspec.ValidationError) -> str:
    """``key.path: what was required, got what`` from msgspec's message about a whole pack."""
    prefix = str(error).partition(" - at `$.")[2].partition("[...]")[0]
    kind = _BY_KEY.get(prefix)
    if kind is None or "[...]" not in str(error):
        return _line("", raw, error)
    for key, entry in raw[prefix].items():
        try:
            msgspec.convert(entry, kind)
        except msgspec.ValidationError as wrong:
            return _line(f"{prefix}.{key}", entry, wrong)
    return _line("", raw, error)


def _line(prefix: str, raw: Any, error: msgspec.ValidationError) -> str:
    what, _, rest = str(error).partition(" - at `")
    path = f"{prefix}{rest.rstrip('`').removeprefix('$')}".lstrip(".")
    if missing := _MISSING.match(what):
        return f"{_join(path, missing['key'])}: expected a value, got nothing"
    if unknown := _UNKNOWN.match(what):
        return f"{_join(path, unknown['key'])}: expected a key that packs have, got an unknown one"
    value = _at(raw, rest.rstrip("`").removeprefix("$"))
    expected = _EXPECTED.match(what)
    required = expected["required"].replace("`", "") if expected else f"a valid value ({what})"
    return f"{path}: expected {required}, got {value!r}"


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _at(raw: Any, path: str) -> Any:
    """The value that a path like ``.limits[0].value`` names, as far as it goes."""
    for name, number in re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path):
        try:
            raw = raw[name] if name else raw[int(number)]
        except (KeyError, IndexError, TypeError):
            return raw
    return raw
