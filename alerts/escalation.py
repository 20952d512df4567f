"""Whom an alarm's warnings go to: the routes of its pack, who answers for it by name, and the steps it has climbed.

A step is told as soon as the alarm climbs to it (unanswered in time, or sent up by a person), as a warning over the
step's channels. A step without channels is told at the desk alone: the alarm's level and its log say so.
"""

from alerts.alarm_row import AlarmRow
from alerts.city import City
from topics.domain import Domain, Route
from topics.finding import Text


def routes_of(alarm: AlarmRow, pack: Domain, city: City) -> list[tuple[str, Route]]:
    """Each route with the name of the rule it stands in."""
    routes = [(f"{pack.name}.routes[{place}]", route) for place, route in enumerate(pack.routes)]
    return routes + list(city.answerable(alarm.domain, alarm.site, alarm.family)) + climbed(alarm, pack, city)


def climbed(alarm: AlarmRow, pack: Domain, city: City) -> list[tuple[str, Route]]:
    """The steps climbed so far that are told over a channel, as routes for whatever severity it has."""
    over = alarm.life.handling.escalate_over
    least = min(city.scheme(pack.name).levels, key=lambda level: level.rank).code
    found = []
    for name in alarm.life.handling.escalate_to[: alarm.life.escalation]:
        step = pack.escalation.get(name)  # a newer pack may have dropped it
        channels = step.channels or over if step is not None else over
        if channels:
            title = step.title if step is not None else _title(pack, name)
            found.append((f"{pack.name}.escalation.{name}", Route(name, title, least, channels=channels)))
    return found


def _title(pack: Domain, name: str) -> Text:
    """What a step is called that the pack has no entry for: as an authority of its routes, else by its name."""
    return next((route.title for route in pack.routes if route.authority == name), Text(name, name))
