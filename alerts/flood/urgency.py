"""Which alarms keep their own lane whatever comes: those of the worst levels of their domain's scheme."""

from alerts.city import City


class Urgency:
    """Asks the schemes of ``city``. ``levels`` is how many of a scheme's worst levels are urgent (1 = red alone)."""

    def __init__(self, city: City, levels: int = 1) -> None:
        self._city = city
        self._levels = levels

    def least_rank(self, domain: str) -> int:
        """The rank from which an alarm of this domain is urgent."""
        ranks = sorted({level.rank for level in self._city.scheme(domain).levels}, reverse=True)
        return ranks[min(self._levels, len(ranks)) - 1]

    def urgent(self, domain: str, severity: str) -> bool:
        """Whether this severity is; an unknown code ranks as the worst, so it is too."""
        return self._city.rank(domain, severity) >= self.least_rank(domain)
