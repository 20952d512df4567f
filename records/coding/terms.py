"""What a pack says of first-station coding: ``[facts.coding]``. Every number and name of a step is data."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from topics.errors import ConfigurationError

Role = Literal["code", "in", "out", "sale", "held", "made", "used"]
Days = Annotated[float, msgspec.Meta(gt=0, le=3650)]

#: What may be asked of a record of flow (records/coding/flow.py).
FIELDS = ("place", "goods", "form", "offset", "voucher", "source", "destination", "quantity", "first_station")


class CodingTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Steps are last parts of CBV business steps. ``first_station`` gives, for each thing that the record of coding
    must hold, the names under which master data (``ilmd``) may bring it; ``record_fields`` what a record of each role
    must have to be well formed. ``goods``: beginnings of the canonical identifiers (a GTIN as ``…/01/0690…``) that must
    be coded, all where there is none. A fault is told for ``stands_days``; firms with at least ``min_records`` within
    ``share_days`` are told where less than ``least_share`` of them are well formed.
    """

    source: str
    confirmed: bool
    coding_steps: tuple[str, ...] = ("commissioning",)
    in_steps: tuple[str, ...] = ("receiving",)
    out_steps: tuple[str, ...] = ("shipping",)
    sale_steps: tuple[str, ...] = ("retail_selling",)
    held_steps: tuple[str, ...] = ("storing", "stocking", "packing", "unpacking", "picking")
    first_station: dict[str, tuple[str, ...]] = {}
    record_fields: dict[Role, tuple[str, ...]] = {}
    goods: tuple[str, ...] = ()
    stands_days: Days = 7.0
    share_days: Days = 7.0
    least_share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.95
    min_records: Annotated[int, msgspec.Meta(ge=1)] = 20
    severities: dict[str, str] = {}

    def role(self, step: str) -> Role | None:
        """The role of a step in the flow, ``None`` where it has none."""
        for role, steps in self._roles():
            if step in steps:
                return role
        return None

    def subject(self, code: str) -> bool:
        """Whether goods of this canonical identifier must be coded; boxes, pallets and vehicles never are."""
        if code.startswith(CARRIERS):
            return False
        return not self.goods or code.startswith(self.goods)

    def severity(self, kind: str) -> str:
        """The severity of a fault of this kind, the pack's own or the usual one."""
        return self.severities.get(kind, SEVERITIES[kind])

    def _roles(self) -> tuple[tuple[Role, tuple[str, ...]], ...]:
        return (
            ("code", self.coding_steps),
            ("out", self.out_steps),
            ("in", self.in_steps),
            ("sale", self.sale_steps),
            ("held", self.held_steps),
        )


#: Logistic units, returnable assets and single assets: they carry goods.
CARRIERS = ("https://id.gs1.org/00/", "https://id.gs1.org/8003/", "https://id.gs1.org/8004/")

SEVERITIES = {"uncoded-sale": "orange", "broken-link": "yellow", "two-holders": "orange", "coding-records": "yellow"}


def coding_terms(name: str, facts: Mapping[str, Any]) -> CodingTerms | None:
    """The terms of the domain ``name``, ``None`` where it has none. Raises ``ConfigurationError`` with key, required
    and got.
    """
    table = facts.get("coding")
    if table is None:
        return None
    try:
        terms = msgspec.convert(table, CodingTerms)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: facts.coding: {error}") from error
    for role, fields in terms.record_fields.items():
        for field in fields:
            if field not in FIELDS:
                raise ConfigurationError(
                    f"{name}: facts.coding.record_fields.{role}: expected some of {', '.join(FIELDS)}, got {field!r}"
                )
    for kind in terms.severities:
        if kind not in SEVERITIES:
            raise ConfigurationError(
                f"{name}: facts.coding.severities: expected some of {', '.join(SEVERITIES)}, got {kind!r}"
            )
    return terms
