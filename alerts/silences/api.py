"""What the console asks about the silences of one alarm; silences themselves are written over /api/v2."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path

from alerts.city import City
from alerts.silences.story import silences_of
from alerts.store import Store


def silence_routes(store: Store, city: City, wall_ms: Callable[[], int]) -> APIRouter:
    """``GET /api/alarms/{alarm}/silences``."""
    routes = APIRouter(prefix="/api/alarms", tags=["silences"])

    @routes.get("/{alarm}/silences", summary="The silences that cover an alarm now or have held something of it back")
    def silenced(alarm: Annotated[str, Path(min_length=1, max_length=64)]) -> dict[str, Any]:
        found = silences_of(store, city, alarm, wall_ms())
        if found is None:
            raise HTTPException(404, f"no alarm {alarm!r}")
        return {"items": found}

    return routes
