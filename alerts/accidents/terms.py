"""The terms of accidents that hold: a pack's own where it has them, else the product's."""

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from alerts.city import City
from records.accident_terms import Terms
from topics.domain import Domain
from topics.errors import ConfigurationError

#: Under which name a pack's facts hold them.
FACTS = "accidents"


@cache
def product_terms() -> Terms:
    """The rows of ``decree_493.toml``."""
    text = resources.files("alerts.accidents").joinpath("decree_493.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Terms)


def pack_terms(domain: Domain) -> Terms | None:
    """The pack's own terms, ``None`` where it has none.

    Raises ``ConfigurationError``: ``facts.accidents: what was required, got what``.
    """
    if FACTS not in domain.facts:
        return None
    rows: Any = domain.facts[FACTS]
    try:
        return msgspec.convert(rows, Terms)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.{FACTS}: {error}") from error


def terms_of(city: City, domain: str) -> Terms:
    """The terms for an accident of this domain; a pack whose own are broken is taken to have none, so that an
    accident can be entered all the same (streams/packs.py refuses such a pack).
    """
    pack = city.domains.get(domain)
    try:
        own = None if pack is None else pack_terms(pack)
    except ConfigurationError:
        own = None
    return own or product_terms()
