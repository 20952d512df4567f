"""The weights that hold: a pack's own where it has them, else the product's."""

import tomllib
from functools import cache
from importlib import resources

import msgspec

from alerts.city import City
from records.firm_risk_terms import Weights
from topics.domain import Domain
from topics.errors import ConfigurationError

#: Under which name a pack's facts hold them.
FACTS = "firm_risk"


@cache
def product_weights() -> Weights:
    """The rows of ``weights.toml``."""
    text = resources.files("alerts.firm_risk").joinpath("weights.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Weights)


def pack_weights(domain: Domain) -> Weights | None:
    """The pack's own weights, ``None`` where it has none.

    Raises ``ConfigurationError``: ``facts.firm_risk: what was required, got what``.
    """
    if FACTS not in domain.facts:
        return None
    try:
        return msgspec.convert(domain.facts[FACTS], Weights)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.{FACTS}: {error}") from error


def weights_of(city: City, domain: str) -> Weights:
    """The weights of this domain; a pack whose own are broken is taken to have none (streams/packs.py refuses it)."""
    pack = city.domains.get(domain)
    try:
        own = None if pack is None else pack_weights(pack)
    except ConfigurationError:
        own = None
    return own or product_weights()
