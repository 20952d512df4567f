"""Series that stand in no registry: judged by the pack alone, called by their site's id."""

from detectors.base import SeriesSpec
from records.registry import Registry
from streams.specs import SpecBook, Unjudged
from topics.domain import Domain
from topics.reading import parse_series


class OpenBook(SpecBook):
    """Knows every series whose quantity the pack has: for data from outside, of sites that nobody registered."""

    def __init__(self, domain: Domain) -> None:
        super().__init__(Registry(), domain)

    def look_up(self, series: str, time_ms: int) -> tuple[SeriesSpec, bool] | tuple[Unjudged, str]:
        try:
            parts = parse_series(series)
        except ValueError as error:
            return "schema_mismatch", str(error)
        quantity = self.domain.quantities.get(parts.quantity)
        if quantity is None:
            known = sorted(self.domain.quantities)
            return "unknown_quantity", f"{series}: expected a quantity of pack {self.domain.name}, one of {known}"
        spec = SeriesSpec(
            series=series,
            site=parts.site,
            quantity=parts.quantity,
            statistic=parts.statistic,
            unit=quantity.unit,
            sensor_class=quantity.sensor_class,
            title_zh=f"{parts.site} {quantity.title.zh}",
            title_en=f"{parts.site} {quantity.title.en}",
            site_zh=parts.site,
            site_en=parts.site,
        )
        return spec, True
