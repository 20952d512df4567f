"""Who is told of an alarm, as Alertmanager's receivers and routes: the authorities of the packs, else the duty desk."""

from typing import Any

import msgspec

from alerts.alertmanager.labels import EXTERNAL
from alerts.city import City
from topics.domain import Domain, Route

#: Sees every alarm; alone where no route of a pack asks for it.
DUTY_DESK = "duty-desk"
#: The labels by which alarms are gathered into groups.
GROUP_BY = ("alertname", "site")


def receivers_of(city: City, domain: str, family: str, severity: str) -> list[str]:
    """The names of the receivers of an alarm, in the order of its pack's routes."""
    pack = city.domains.get(domain)
    routes = pack.routes if pack is not None else ()
    rank = city.rank(domain, severity)
    told = [
        route.authority
        for route in routes
        if (not route.families or family in route.families) and rank >= _least(city, domain, route)
    ]
    return list(dict.fromkeys(told)) or [DUTY_DESK]


def all_receivers(city: City) -> list[str]:
    """Every receiver there is, the duty desk first."""
    named = {route.authority for pack in city.domains.values() for route in pack.routes}
    return [DUTY_DESK, *sorted(named - {DUTY_DESK})]


def as_configuration(city: City, resolve_timeout_ms: int) -> str:
    """The routes of the packs as an Alertmanager configuration: for whoever reads it, nothing is set by it."""
    packs = sorted(city.domains.values(), key=lambda pack: (pack.order, pack.name))
    configuration = {
        "global": {"resolve_timeout": f"{resolve_timeout_ms // 1000}s"},
        "route": {
            "receiver": DUTY_DESK,
            "group_by": list(GROUP_BY),
            "routes": [_route(city, pack, route) for pack in packs for route in pack.routes],
        },
        "receivers": [{"name": name} for name in all_receivers(city)],
    }
    return msgspec.yaml.encode(configuration).decode()


def _route(city: City, pack: Domain, route: Route) -> dict[str, Any]:
    least = _least(city, pack.name, route)
    codes = [level.code for level in city.scheme(pack.name).levels if level.rank >= least]
    # What comes from outside keeps its own labels, and seldom has one that is called domain.
    matchers = ['domain=""'] if pack.name == EXTERNAL else [f'domain="{pack.name}"', f'severity=~"{"|".join(codes)}"']
    if route.families:
        matchers.append(f'family=~"{"|".join(route.families)}"')
    return {"receiver": route.authority, "matchers": matchers, "continue": True}


def _least(city: City, domain: str, route: Route) -> int:
    """The rank from which a route is told; a severity its scheme does not have keeps nothing back."""
    level = city.level(domain, route.min_severity)
    return level.rank if level is not None else 0
