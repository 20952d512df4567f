"""One fit of one domain: from what the topics and the history hold to its report, and into force where asked."""

import asyncio
from pathlib import Path
from typing import Any

import structlog

from streams.fit_report import fit_report, fresh_classes
from streams.fitting_days import DAY_MS, Fitted, fit_from_history
from streams.history_days import HistoryDays
from streams.model_release import publish, put_in_force
from streams.model_shelf import ModelShelf
from streams.registry_feed import load_registry
from streams.settings import Settings
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.reading import Control

log = structlog.get_logger(__name__)


async def fit_once(
    settings: Settings, domain: Domain, point: int, *, days: int | None = None, save: Path | None = None, release: bool
) -> dict[str, Any]:
    """Fit with the readings of ``days`` (default: the setting) before event time ``point``.

    The report is that of ``streams/fit_report.py`` with ``domain``, ``until``, ``bytes`` and ``in_force``: the ref
    that was put in force, empty if nothing was. ``save`` is where the bundle goes as a file. Raises
    ``ConfigurationError`` where it is to be released and what is in force is not older.
    """
    registry = await load_registry(settings.kafka)
    shelf = ModelShelf(settings.kafka, bodies=True)
    await shelf.start()
    try:
        held = shelf.in_force(domain.name)
        if release and held is not None and held.time >= point:
            raise ConfigurationError(f"fit: expected a time after {held.time} ({held.ref} is in force), got {point}")
        before = shelf.models(held.ref) if held else None
        window = (point - (days or settings.fit_days) * DAY_MS, point)
        with HistoryDays(settings.data / "history", domain.name) as history:
            fitted = await asyncio.to_thread(
                fit_from_history, domain, registry, history, window, settings.fit_most_series, before
            )
        if save is not None:
            await asyncio.to_thread(save.write_bytes, fitted.models)
        report = fit_report(fitted, before)
        ref = await _released(settings, shelf, domain, point, fitted, report) if release else ""
        return report | {"domain": domain.name, "until": point, "bytes": len(fitted.models), "in_force": ref}
    finally:
        await shelf.stop()


async def _released(
    settings: Settings, shelf: ModelShelf, domain: Domain, point: int, fitted: Fitted, report: dict[str, Any]
) -> str:
    if not fresh_classes(report):
        log.warning("too_few_rows_to_fit", domain=domain.name)
        return ""
    ref = await publish(settings.kafka, domain.name, point, fitted.models)
    await put_in_force(settings.kafka, shelf, domain, Control("~model", point, ref=ref))
    return ref
