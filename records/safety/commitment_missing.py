"""A firm has not given its commitment of the day in time (notice of the ministry, 2018-09-19; Guangdong: 10:00)."""

from collections.abc import Iterator
from typing import ClassVar

from records.registry import Site, valid_at
from records.safety.days import DAY_MS, at, begins, day_of, days_back, hours, moment
from records.safety.standing import Picture, Rule, Standing
from records.safety.terms import CommitmentTerms
from topics.finding import Text


class CommitmentMissing(Rule):
    """Opens at the time it was due, closes when it comes, with the delay, or with the day. Days that nobody looked at
    when it was due are made up for; who begins to watch does not accuse anybody of the days before.
    """

    names: ClassVar[tuple[str, ...]] = ("commitment-missing",)
    part: ClassVar[str] = "commitment"
    over: ClassVar[Text] = Text("不再要求承诺", "it is no longer expected")

    def standing(self, picture: Picture, now: int) -> Iterator[Standing]:
        terms = picture.terms.commitment
        assert terms is not None
        for day in days_back(now, picture.looked):
            due = at(day, terms.due_by)
            told = due + terms.settle_s * 1000
            if now < told:
                continue
            opens = day == day_of(now) or (picture.looked is not None and picture.looked < told)
            for site in picture.sites.values():
                owes = site.source_type in terms.source_types and valid_at(site, due)
                if owes and picture.exempt(site.id, due) is None:
                    yield from self._one(picture, terms, site, day, due, now, opens)

    def _one(
        self, picture: Picture, terms: CommitmentTerms, site: Site, day: str, due: int, now: int, opens: bool
    ) -> Iterator[Standing]:
        given = picture.commitments.get((site.id, day))
        if given is not None and given.first.time <= due:
            return
        over, said = None, None
        if given is not None:
            over = given.first.time
            late = hours(over - due)
            said = Text(
                f"{given.first.by}于 {moment(over)} 补报，迟报 {late}（时:分）",
                f"given by {given.first.by} at {moment(over)}, {late} (h:min) late",
            )
        elif now >= begins(day) + DAY_MS:
            over = begins(day) + DAY_MS
            said = Text(f"{day} 全天未作安全承诺", f"no commitment was given on {day} at all")
        facts: dict[str, str | float | int | None] = {"day": day, "due": due}
        if given is not None:
            facts |= {"given": given.first.time, "delay_s": (given.first.time - due) // 1000}
        yield Standing(
            "commitment-missing",
            "commitment",
            "commitment",
            site.id,
            f"{site.id}/{day}",
            terms.severity,
            Text(
                f"{site.title.zh}：{terms.due_by} 前未作当日（{day}）安全承诺",
                f"{site.title.en}: no safety commitment for {day} by {terms.due_by}",
            ),
            since=due,
            ended=over,
            ended_text=said,
            opens=opens,
            facts=facts,
        )
