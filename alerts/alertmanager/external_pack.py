"""The pack under which alerts from outside become findings: which severity, site and words they are given."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from alerts.alarm_row import storable
from alerts.alertmanager.episode import DETECTOR, VERSION, Message
from alerts.alertmanager.labels import EXTERNAL
from topics.domain import Domain
from topics.domain_file import load_domain
from topics.errors import ConfigurationError
from topics.finding import Finding, Origin, Text
from topics.scheme import load_scheme

#: The pack that comes with the product.
SHIPPED = Path(__file__).parent / "external.toml"
FAMILY = "external"
#: Annotations that say in words what is wrong, the first that is there; ``_zh`` and ``_en`` are asked for first.
SAYING = ("summary", "description", "message")
NAMELESS = "unnamed"


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``facts.external``: the words for ``severity`` and the labels that name a site, the first there is first."""

    source: str
    confirmed: bool
    default_severity: str
    site_labels: tuple[str, ...]
    severity: dict[str, str]


class ExternalPack:
    """A pack read from a TOML file (empty: the product's own).

    Raises ``ConfigurationError`` with file, key, what was required and what came.
    """

    def __init__(self, file: str = "") -> None:
        path = Path(file) if file else SHIPPED
        self.domain: Domain = load_domain(path)
        if self.domain.name != EXTERNAL:
            raise ConfigurationError(f"{path.name}: name: expected {EXTERNAL!r}, got {self.domain.name!r}")
        try:
            self._words = msgspec.convert(self.domain.facts.get("external", {}), Translation)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"{path.name}: facts.external: {error}") from error
        codes = {level.code for level in load_scheme(self.domain.scheme).levels}
        for word, code in {"default_severity": self._words.default_severity, **self._words.severity}.items():
            if code not in codes:
                raise ConfigurationError(
                    f"{path.name}: facts.external.{word}: expected one of {sorted(codes)}, got {code!r}"
                )
        self._severities = {code: code for code in codes} | self._words.severity

    def severity(self, labels: dict[str, str]) -> str:
        """The level of an alert: by its label ``severity``; the stated default where that is missing or unknown."""
        return self._severities.get(labels.get("severity", "").lower(), self._words.default_severity)

    def finding(self, message: Message) -> Finding:
        """The message as one of our findings."""
        kept = message.kept
        labels = kept.labels
        site = next((labels[name] for name in self._words.site_labels if labels.get(name)), EXTERNAL)
        name = labels.get("alertname", NAMELESS)
        facts: dict[str, str | float | int | None] = {
            f"label {each}": storable(value) for each, value in sorted(labels.items())
        }
        return Finding(
            id=kept.finding_id,
            phase=message.phase,
            seq=kept.seq,
            domain=EXTERNAL,
            site=_key_part(site),
            subject=kept.fingerprint,
            quantity=_key_part(name),
            family=FAMILY,
            detector=DETECTOR,
            detector_version=VERSION,
            severity=self.severity(labels),
            opened=kept.opened,
            time=message.time,
            text=_words(kept.annotations, name),
            origin=Origin("api/v2/alerts", 0, 0, 0),
            closed=message.time if message.phase == "close" else None,
            facts=facts | ({"source": storable(kept.generator_url)} if kept.generator_url else {}),
        )


def _key_part(text: str) -> str:
    """As a part of an alarm's key, in which ``|`` divides."""
    return storable(text).replace("|", "/")


def _words(annotations: dict[str, str], name: str) -> Text:
    """Both languages where the rule gives both, else what it says in either."""
    plain = _first(annotations, SAYING)
    said = {language: _first(annotations, [f"{each}_{language}" for each in SAYING]) for language in ("zh", "en")}
    other = plain or said["en"] or said["zh"]
    zh, en = said["zh"] or other, said["en"] or other
    return Text(
        storable(f"外部告警 {name}：{zh}" if zh else f"外部告警 {name}"),
        storable(f"{name}: {en}" if en else f"alert {name} from another system"),
    )


def _first(annotations: dict[str, str], names: Iterable[str]) -> str:
    return next((annotations[name] for name in names if annotations.get(name)), "")
