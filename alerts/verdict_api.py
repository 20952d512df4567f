"""What people said of alarms, with suggestions, over HTTP."""

from typing import Any

import msgspec
from fastapi import APIRouter

from alerts.actions_api import From, To
from alerts.city import City
from alerts.sensor_class import sensor_class
from alerts.store import Store
from alerts.verdict_report import judged_episodes, suggestions, table


def verdict_routes(store: Store, city: City) -> APIRouter:
    """The report of verdicts by detector and sensor class."""
    routes = APIRouter()

    @routes.get("/api/verdicts/report", summary="Verdicts by detector and sensor class, and settings to try")
    def report(since: From = None, until: To = None) -> dict[str, Any]:
        """Of alarms that opened in this span. Suggestions are for people: nothing applies them."""
        episodes = judged_episodes(store, lambda domain, subject: sensor_class(city, domain, subject), since, until)
        return {
            "items": table(episodes),
            "suggestions": [msgspec.to_builtins(each) for each in suggestions(episodes)],
        }

    return routes
