"""From a series id to what is known of it: the registry's record and the pack's quantity in one ``SeriesSpec``."""

from typing import Literal

from detectors.base import SeriesSpec
from records.registry import Registry, SeriesRecord
from records.series_unit import series_unit
from topics.domain import Domain
from topics.reading import parse_series

#: Why a series cannot be judged: the first two are for the unregistered readings, the others for the dead letters.
Unjudged = Literal["unknown_site", "unknown_device", "unknown_quantity", "schema_mismatch"]


class SpecBook:
    """What the registry and one domain's pack say of a series.

    >>> book = SpecBook(registry, domain)
    >>> book.look_up("petro-01/MN88/so2/Rtd", 1_439_337_600_000)
    (SeriesSpec(series='petro-01/MN88/so2/Rtd', …), True)
    """

    def __init__(self, registry: Registry, domain: Domain) -> None:
        self.registry = registry
        self.domain = domain

    def look_up(self, series: str, time_ms: int) -> tuple[SeriesSpec, bool] | tuple[Unjudged, str]:
        """The spec and whether it holds at any time, or a reason and its detail.

        A site or device with a validity holds only for this reading's event time: ask again for the next.
        """
        try:
            known = self.registry.knows(series, time_ms)
        except ValueError as error:
            return "schema_mismatch", str(error)
        if isinstance(known, str):
            return known, series
        if known.quantity not in self.domain.quantities:
            return "unknown_quantity", (
                f"{series}: expected a quantity of pack {self.domain.name}, got {known.quantity!r}"
            )
        return self._spec(known), _holds_always(known)

    def _spec(self, known: SeriesRecord) -> SeriesSpec:
        quantity = self.domain.quantities[known.quantity]
        title = known.meta.title or quantity.title
        return SeriesSpec(
            series=known.series,
            site=known.site.id,
            quantity=known.quantity,
            statistic=known.statistic,
            unit=series_unit(quantity, known.meta)[0],
            sensor_class=known.meta.sensor_class or quantity.sensor_class,
            title_zh=f"{known.site.title.zh} {title.zh}",
            title_en=f"{known.site.title.en} {title.en}",
            site_zh=known.site.title.zh,
            site_en=known.site.title.en,
        )


def _holds_always(known: SeriesRecord) -> bool:
    bounds = (known.site.valid_from, known.site.valid_to, known.device.valid_from, known.device.valid_to)
    return all(bound is None for bound in bounds)


def site_of(series: str) -> str:
    """The site part of a series id, empty where there is none."""
    try:
        return parse_series(series).site
    except ValueError:
        return ""
