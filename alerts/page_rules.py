"""The one table of pages by what rules each shows applied; a page that is not in it cannot be rendered.

``None`` = nothing that is judged is shown. ``yard`` and ``responder_card`` let the reader choose the rules and say
theirs themselves (``responder/rules.py``).
"""

from collections.abc import Mapping

import msgspec


class Applied(msgspec.Struct, frozen=True):
    """Whose editions a page names: ``limits`` of the packs' quantities, ``yards``' critical quantities, the
    ``segregation`` table, and tables of the packs' ``facts`` by dotted path, with what holds where no pack has it.
    """

    limits: bool = False
    yards: bool = False
    segregation: bool = False
    facts: Mapping[str, str] = {}


#: What a page says itself, with the rules that its reader asked for.
ASKED = Applied(yards=True)

_ALARMS = Applied(limits=True, yards=True, segregation=True)
_CARRIAGE = Applied(facts={"carriage.terms": "", "carriage.permits": ""})
_RECALL = Applied(facts={"recall_terms": "", "cold_chain": ""})
_DECREE = "State Council Decree 493 (2007)"

PAGES: Mapping[str, Applied | None] = {
    "wall": Applied(),  # read from across the room: the day alone
    "lookup": Applied(),  # for everybody: no clock is shown, and where numbers are from tells a shopper nothing
    "console": _ALARMS,
    "story": _ALARMS,
    "judgements": Applied(facts={"formal_limits": "", "validity": ""}),
    "month": Applied(facts={"formal_limits": "", "validity": ""}),
    "tickets": Applied(facts={"ticket_terms": ""}),
    "declarations": Applied(
        yards=True, segregation=True, facts={"declaration_terms": "", "declaration_duties": "", "reconciliation": ""}
    ),
    "yard": ASKED,
    "responder_card": ASKED,
    "cargo": _CARRIAGE,
    "cargo_trip": _CARRIAGE,
    "cargo_container": _CARRIAGE,
    "recalls": _RECALL,
    "lot": _RECALL,
    "recall_receipt": Applied(facts={"recall_terms": ""}),
    "coding": Applied(facts={"coding": ""}),
    "kitchens": Applied(facts={"kitchens": "", "ticket_terms.kitchen-order": ""}),
    "safety_work": Applied(facts={"safety_work": ""}),
    "commitments": Applied(facts={"safety_work.commitment": ""}),
    "special_work": Applied(facts={"safety_work.permit": ""}),
    "firms": Applied(facts={"safety_work.guarantor": "", "safety_work.grade": "", "hazard.critical": ""}),
    "inspections": Applied(facts={"safety_work.visit": ""}),
    "dangers": Applied(
        facts={"safety_work.danger": "", "ticket_terms.danger-general": "", "ticket_terms.danger-major": ""}
    ),
    "accidents": Applied(facts={"accidents": _DECREE}),
    "safety_figures": Applied(facts={"accidents": _DECREE}),
    "firm_risk": Applied(facts={"firm_risk": "", "safety_work.grade": "", "hazard.critical": ""}),
    "station_log": None,
    "sign_in": None,
    "link": None,
    "account": None,
    "accounts": None,
}
