"""A port with two authorities for the tests of declarations, and forms to declare there."""

from typing import Any

import msgspec

from alerts.city import City
from alerts.declarations.desk import Declarations
from records.declaration_form import Form
from records.registry import Site, registry_of
from streams.declaring import DeclarationRules
from tests.alerts.city_parts import GUIDANCE, House, domain
from topics.domain import Route
from topics.events import Goods
from topics.finding import Text

HOUR = 3_600_000
NOW = 1_439_300_000_000

SOURCE = {"source": "the test", "confirmed": True}
FACTS: dict[str, Any] = {
    "declaration_terms": {
        "default": {
            "ahead_s": 86_400, "answer_s": 7_200, "escalate_every_s": 3_600,
            "escalate_to": ["leader", "city"], "handled_at": ["yard"], **SOURCE,
        }
    },
    "declaration_duties": {
        "transport": {"title": {"zh": "交通", "en": "transport"}, "sees": ["carriage", "goods"], **SOURCE},
        "emergency": {
            "title": {"zh": "应急", "en": "emergency"}, "sees": ["hazards", "contact"], "signers": ["Sun"], **SOURCE,
        },
    },
    "permits": {
        "yard": {"1942": {"permit_t": 100.0, **SOURCE}, "1005": {"permit_t": 50.0, **SOURCE},
                 "1689": {"permit_t": 0.0, **SOURCE}},
    },
}  # fmt: skip

YARD = Site(
    id="yard", domain="cargo", title=Text("堆场", "the yard"), firm="Port", district="120116", lat=39.0, lon=117.7,
    source_type="yard",
)  # fmt: skip
OTHER = Site(
    id="quay", domain="cargo", title=Text("码头", "the quay"), firm="Port", district="120110", lat=39.0, lon=117.7,
)  # fmt: skip
HAULIER = Site(
    id="haulier", domain="cargo", title=Text("车队", "the haulier"), firm="Lorries", district="120116", lat=39.1,
    lon=117.6, source_type="haulier",
)  # fmt: skip

NITRATE = Goods("1942", "AMMONIUM NITRATE", "5.1", 20.0, packing_group="III", packages=800, ems="F-H, S-Q")


def port() -> City:
    """The city at ``NOW``."""
    routes = (
        Route("transport", Text("交通", "transport"), "yellow"),
        Route("emergency", Text("应急", "emergency"), "yellow"),
    )
    pack = domain(
        name="cargo", events=True, facts=FACTS, routes=routes, quantities={}, wall=(), guidance={"default": GUIDANCE}
    )
    made = City([pack], registry_of([HAULIER, YARD, OTHER]))
    made.tick(NOW)
    return made


def form(*goods: Goods, **more: Any) -> Form:
    """A good form, with changes."""
    made = Form("yard", "CSQU3054383", goods or (NITRATE,), "Firm A", "+86 22 8888", NOW + 30 * HOUR)
    return msgspec.structs.replace(made, **more)


def desk_of(house: House) -> Declarations:
    """The desk with the rules of the running server."""
    return Declarations(house.store, house.city, house.clock, DeclarationRules())
