"""What a domain pack says of declarations: the clocks, which authority answers for which part, and who may sign. Pure.

``[facts.declaration_terms.default]`` or ``.SITE`` gives the clocks, ``[facts.declaration_duties.AUTHORITY]`` a duty.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from records.declaration_form import Form
from records.declaration_limits import limits_of
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.events import Goods
from topics.finding import Text
from topics.pack_goods import goods_of

TERMS, DUTIES = "declaration_terms", "declaration_duties"

#: The parts of a declaration that an authority may have to look at.
Part = Literal["carriage", "goods", "hazards", "contact"]

Seconds = Annotated[int, msgspec.Meta(gt=0)]


class Terms(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Seconds of city time: declared ahead of the operation, until an answer, between two steps of the climb.

    ``handled_at`` are the kinds of sites (``source_type``) that can hold such cargo, all where empty: at sites of
    other kinds nothing can be declared, at one whose kind is not told it can.
    """

    ahead_s: Seconds
    answer_s: Seconds
    escalate_every_s: Seconds
    escalate_to: tuple[str, ...]
    source: str
    confirmed: bool
    handled_at: tuple[str, ...] = ()


class Duty(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One authority's part: what it ``sees``, for goods of which ``classes`` (all where empty; ``5`` stands for its
    divisions), and the names of those who may sign for it (whoever may decide at the desk where empty).
    """

    title: Text
    sees: tuple[Part, ...]
    source: str
    confirmed: bool
    classes: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()

    def concerns(self, goods: Sequence[Goods]) -> bool:
        """Whether it answers for any of these goods."""
        hazards = {hazard for line in goods for hazard in (line.hazard_class, *line.subsidiary)}
        return not self.classes or any(hazard.startswith(each) for hazard in hazards for each in self.classes)


def declaration_facts(domain: Domain) -> None:
    """Look at all that a pack says of declarations. Raises ``ConfigurationError`` for what cannot be used."""
    terms = _read(domain.facts, TERMS, dict[str, Terms])
    duties = duties_of(domain.facts)
    if bool(terms) != bool(duties):
        raise ConfigurationError(f"facts: expected {TERMS} and {DUTIES} together, got one of them")
    authorities = {route.authority for route in domain.routes}
    if unknown := sorted(set(duties) - authorities):
        raise ConfigurationError(f"facts.{DUTIES}: expected some of {sorted(authorities)}, got {unknown}")
    goods_of(domain.facts)
    limits_of(domain.facts)


def terms_of(facts: Mapping[str, Any], site: str) -> Terms | None:
    """The clocks of a site, ``None`` where the pack has none: then nothing can be declared there.

    Raises ``ConfigurationError`` for a table that cannot be used.
    """
    found: dict[str, Terms] = _read(facts, TERMS, dict[str, Terms])
    return found.get(site) or found.get("default")


def duties_of(facts: Mapping[str, Any]) -> dict[str, Duty]:
    """The duties by authority, in the pack's order. Raises ``ConfigurationError`` likewise."""
    duties: dict[str, Duty] = _read(facts, DUTIES, dict[str, Duty])
    return duties


def licence_of(facts: Mapping[str, Any], site: str) -> frozenset[str] | None:
    """The UN numbers a site may handle: those of its permits with anything permitted; ``None`` = not known."""
    permits = facts.get("permits", {}).get(site)
    return None if permits is None else frozenset(un for un, row in permits.items() if row["permit_t"] > 0)


def part_of(form: Form, sees: Sequence[Part]) -> dict[str, Any]:
    """What an authority sees of a form, field by field in the order of IMDG 5.4; its duty leaves the rest out."""
    found: dict[str, Any] = {"site": form.site, "container": form.container, "operation": form.operation}
    if "carriage" in sees:
        found |= {
            "handling": form.handling, "voyage": form.voyage, "vessel": form.vessel, "consignor": form.consignor,
            "consignee": form.consignee, "gross_t": form.gross_t, "tare_t": form.tare_t,
            "packing_certificate": form.packing_certificate, "reference": form.reference,
        }  # fmt: skip
    if "contact" in sees:
        found |= {"consignor": form.consignor, "emergency_contact": form.emergency_contact}
    found["goods"] = [_line(line, sees) for line in form.goods]
    return found


def _line(line: Goods, sees: Sequence[Part]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "un": line.un, "name": line.name, "technical_name": line.technical_name, "hazard_class": line.hazard_class,
        "subsidiary": line.subsidiary, "packing_group": line.packing_group,
    }  # fmt: skip
    if "goods" in sees:
        found |= {
            "packages": line.packages, "package_kind": line.package_kind, "mass_t": line.mass_t,
            "limited_quantity": line.limited_quantity,
        }  # fmt: skip
    if "hazards" in sees:
        found |= {
            "mass_t": line.mass_t, "flash_point_c": line.flash_point_c, "control_c": line.control_c,
            "emergency_c": line.emergency_c, "ems": line.ems, "marine_pollutant": line.marine_pollutant,
        }  # fmt: skip
    return found


def _read(facts: Mapping[str, Any], name: str, kind: Any) -> Any:
    try:
        return msgspec.convert(facts.get(name, {}), kind)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"facts.{name}: {error}") from error
