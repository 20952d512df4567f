"""What is said of a group: its episode and the vector that turned it as a finding, with what each channel gave."""

from dataclasses import dataclass

import numpy as np

from detectors.base import FloatArray, SeriesSpec
from detectors.episodes import Episode
from detectors.groups.in_force import JudgedGroup
from detectors.groups.places import Place, PlaceState
from detectors.groups.watch import Verdict
from detectors.in_force import InForce
from detectors.series import SeriesTable
from detectors.teller import Facts, Moment, Teller
from detectors.wording import group_back_text, group_let_go_text, group_text, new_normal_text
from topics.finding import Channel, Finding, Phase, Text

#: Of so many channels a finding says what they gave; in its sentence of fewer, and only of those that weigh.
MOST_TOLD = 12
MOST_IN_A_SENTENCE = 3
LEAST_IN_A_SENTENCE = 0.1


@dataclass(frozen=True, slots=True)
class Heard:
    """One judged vector of a place: ``x`` (d,) its values, ``offsets`` (d,) of their records (both NaN where nothing
    came), ``begin`` the event time at which its period began (ms UTC)."""

    place: Place
    judged: JudgedGroup
    verdict: Verdict
    x: FloatArray
    offsets: FloatArray
    begin: int

    @property
    def end(self) -> int:
        """Event time at which the period was over."""
        return self.begin + self.judged.declared.period_ms

    @property
    def rarity(self) -> float:
        """How rare its score is on healthy data, as the group was fitted."""
        return self.judged.rarity(self.verdict.score)


class GroupTeller:
    """Opens, changes and closes the episode in a place's state and says so."""

    def __init__(self, series: SeriesTable, teller: Teller, force: InForce) -> None:
        self.series = series
        self.teller = teller
        self.force = force

    def opened(self, state: PlaceState, heard: Heard, rank: int, moment: Moment) -> Finding:
        """An episode of this severity begins; the finding that opens it."""
        place, code = heard.place, self.force.severities.code(rank)
        first = int(np.nanmin(heard.offsets))
        state.episode = Episode(
            heard.judged.declared.detector.name, place.subject, place.site, place.declared.name, heard.begin, rank,
            code, first,
        )  # fmt: skip
        return self._tell(state, state.episode, "open", heard, moment)

    def changed(self, state: PlaceState, heard: Heard, rank: int, moment: Moment) -> Finding:
        """The open episode is of this severity now; the finding that says so."""
        assert state.episode is not None
        state.episode.rank, state.episode.severity = rank, self.force.severities.code(rank)
        return self._tell(state, state.episode, "update", heard, moment)

    def over(self, state: PlaceState, heard: Heard, moment: Moment) -> Finding:
        """The open episode is over; the finding that closes it."""
        episode, state.episode, state.calm = state.episode, None, 0
        assert episode is not None
        channels = self._channels(heard)
        text, unit = group_back_text(self._title(state, heard.place)), channels[0].unit if channels else ""
        return self.teller.tell(episode, "close", self._moment(heard, channels, moment), text, unit, channels=channels)

    def declared_normal(self, state: PlaceState, spec: SeriesSpec, by: str, reason: str, moment: Moment) -> Finding:
        """A person has said that what this channel shows is its new normal."""
        assert state.episode is not None
        facts: Facts = {"new_normal_by": by, "new_normal_reason": reason}
        return self.teller.tell(state.episode, "update", moment, new_normal_text(spec, by, reason), spec.unit, facts)

    def let_go(self, state: PlaceState, moment: Moment) -> Finding:
        """Nothing judges the place any more."""
        episode, state.episode, state.calm = state.episode, None, 0
        assert episode is not None
        zh, en = state.title
        return self.teller.tell(episode, "close", moment, group_let_go_text(Text(zh, en)), "")

    def _tell(self, state: PlaceState, episode: Episode, phase: Phase, heard: Heard, moment: Moment) -> Finding:
        channels = self._channels(heard)
        weighty = [each for each in channels[1:MOST_IN_A_SENTENCE] if each.share >= LEAST_IN_A_SENTENCE]
        said = [
            (each.title, self._amount(each.series, each.value), self._amount(each.series, each.expected), each.share)
            for each in (channels[0], *weighty)
        ]
        period_ms = float(heard.judged.declared.period_ms)
        text = group_text(self._title(state, heard.place), said, episode.opened, heard.rarity, period_ms)
        told = self._moment(heard, channels, moment)
        return self.teller.tell(
            episode, phase, told, text, channels[0].unit, {"channels": len(heard.x)}, channels=channels
        )

    def _moment(self, heard: Heard, channels: tuple[Channel, ...], moment: Moment) -> Moment:
        value, expected = (channels[0].value, channels[0].expected) if channels else (None, None)
        rarity = heard.rarity
        return Moment(heard.end, moment.offset, moment.stamp, value, expected, rarity, 10.0**-rarity)

    def _channels(self, heard: Heard) -> tuple[Channel, ...]:
        """The channels that came, the greatest share first."""
        verdict = heard.verdict
        found: list[Channel] = []
        for place in np.argsort(-verdict.shares, kind="stable").tolist():
            if np.isnan(heard.x[place]) or len(found) == MOST_TOLD:
                continue
            spec = self.series.specs[self.series.slot_of[heard.judged.channels[place]]]
            expected = float(verdict.expected[place])
            found.append(
                Channel(
                    spec.series, self._name(spec, heard.place), round(float(verdict.shares[place]), 4),
                    float(heard.x[place]), None if np.isnan(expected) else expected, spec.unit,
                )
            )  # fmt: skip
        return tuple(found)

    def _name(self, spec: SeriesSpec, place: Place) -> Text:
        """A channel without its site, and with its device where the group has others like it."""
        alike = sum(series.split("/")[2] == spec.quantity for series in place.seats) > 1
        device = f" ({spec.device})" if alike else ""
        zh, en = (spec.title_zh.removeprefix(spec.site_zh), spec.title_en.removeprefix(spec.site_en))
        return Text(zh=(zh.strip() or spec.quantity) + device, en=(en.strip() or spec.quantity) + device)

    def _title(self, state: PlaceState, place: Place) -> Text:
        spec = self.series.specs[self.series.slot_of[min(place.seats)]]
        title = place.declared.group.title
        device = f" ({spec.device})" if place.declared.group.per == "device" else ""
        said = Text(
            zh=f"{spec.site_zh or place.site} {title.zh}{device}", en=f"{spec.site_en or place.site} {title.en}{device}"
        )
        state.title = (said.zh, said.en)
        return said

    def _amount(self, series: str, value: float | None) -> str:
        return self.force.amount(self.series, self.series.slot_of[series], value)
