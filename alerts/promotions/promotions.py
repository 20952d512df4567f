"""Starting, comparing, promoting and taking back: each act by a named person, each on the record before it is done."""

import secrets
import time
from collections.abc import Callable
from typing import Any

import msgspec

from alerts.city import City
from alerts.promotions.evidence import Evidence, named
from alerts.promotions.gate import Gate, read_gate
from alerts.promotions.record import PromotionRecord
from alerts.promotions.trials import Held, NotPossible, NoTrials, Trials
from alerts.store import Store
from topics.reading import EARLIEST_MS, parse_series
from topics.shadow import Candidate


class GateShut(NotPossible):
    """The evidence does not suffice; ``rulings`` says why."""

    def __init__(self, report: dict[str, Any]) -> None:
        shut = [each for each in report["gate"]["rulings"] if not each["ok"]]
        said = "; ".join(f"{each['rule']}: expected {each['required']:g}, got {each['got']}" for each in shut)
        super().__init__(f"gate: {said}")
        self.rulings = shut


class Promotions:
    """Over ``trials`` (default: none can run); ``gate`` with the hash of its file (default: the product's) decides."""

    def __init__(
        self,
        store: Store,
        city: City,
        trials: Trials | None = None,
        gate: tuple[Gate, str] | None = None,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self._city = city
        self._trials = trials or NoTrials()
        self._wall_ms = wall_ms
        self._record = PromotionRecord(store, wall_ms, self._now)
        self._evidence = Evidence(store, city, gate or read_gate())

    def start(
        self, domain: str, who: str, note: str, pack: dict[str, Any] | None, models: bytes | None
    ) -> dict[str, Any]:
        """Let a candidate run; what ``GET`` would say of it. Raises ``NotPossible``."""
        if pack is None and models is None:
            raise NotPossible("candidate: expected a pack, a change of the pack or models, got none")
        run = secrets.token_hex(8)
        candidate = Candidate(run, domain, who, self._now(), self._wall_ms(), pack, models, note)
        self._record.write(domain, "start", "asked", run, who, note, after=named(candidate))
        self._do(domain, "start", run, who, note, lambda: self._trials.start(candidate))
        return {"run": run, "domain": domain, "begun": candidate.begun}

    def stop(self, domain: str, who: str, note: str) -> dict[str, Any]:
        """End what runs."""
        run = self._newest(domain).id
        self._record.write(domain, "stop", "asked", run, who, note)
        self._do(domain, "stop", run, who, note, lambda: self._trials.stop(domain, self._now()))
        return {"run": run, "domain": domain}

    def report(self, domain: str, run: str | None = None) -> dict[str, Any]:
        """How the candidate and the live configuration differ, and what the gate says of it. Raises ``NotPossible``."""
        candidate = self._newest(domain) if run is None else self._named(domain, run)
        return self._evidence.report(candidate, self._trials.heard(candidate))

    def listed(self, domain: str | None, limit: int) -> list[dict[str, Any]]:
        """The acts, the youngest first."""
        return self._record.listed(domain, limit)

    def promote(self, domain: str, run: str | None, who: str, note: str) -> dict[str, Any]:
        """Bring a candidate into force. Raises ``GateShut`` where its evidence does not suffice."""
        report = self.report(domain, run)
        if not report["gate"]["open"]:
            self._record.write(domain, "promote", "refused", report["run"], who, note, evidence=report)
            raise GateShut(report)
        candidate = self._named(domain, report["run"])
        before = msgspec.to_builtins(self._trials.held(domain))
        self._record.write(domain, "promote", "asked", candidate.id, who, note, before, named(candidate), report)
        after = self._do(
            domain,
            "promote",
            candidate.id,
            who,
            note,
            lambda: self._trials.promote(candidate, self._now()),
            before,
            report,
        )
        return {"run": candidate.id, "domain": domain, "in_force": _short(after), "gate": report["gate"]}

    def roll_back(self, domain: str, who: str, note: str) -> dict[str, Any]:
        """Take the domain's last promotion back. Raises ``NotPossible`` where there is none to take back."""
        last = self._record.last_promoted(domain)
        if last is None:
            raise NotPossible(f"rollback {domain}: expected a promotion that has not been taken back, got none")
        before = msgspec.json.decode(last["before"], type=Held)
        now = msgspec.to_builtins(self._trials.held(domain))
        self._record.write(domain, "rollback", "asked", last["run"], who, note, now, msgspec.to_builtins(before))
        self._do(
            domain, "rollback", last["run"], who, note,
            lambda: self._trials.put_back(domain, before, self._now()), now,
        )  # fmt: skip
        return {"run": last["run"], "domain": domain, "in_force": _short(before)}

    def new_normal(self, series: str, who: str, note: str) -> dict[str, Any]:
        """What a series shows now is its new normal, says a person, and why; on the record before the log hears of it.

        Raises ``NotPossible`` for a series that is no series of a registered site, and where no reason is given.
        """
        if not note.strip():
            raise NotPossible("note: expected the reason, got none")
        domain = self._domain_of(series)
        told = {"series": series}
        self._record.write(domain, "new-normal", "asked", "", who, note, after=told)
        now = self._now()
        where: dict[str, Any] = self._do(
            domain, "new-normal", "", who, note, lambda: told | self._trials.new_normal(domain, series, who, note, now)
        )
        return {"domain": domain, "by": who, "reason": note} | where

    def _domain_of(self, series: str) -> str:
        try:
            said = parse_series(series)
        except ValueError as error:
            raise NotPossible(f"series: {error}") from error
        site = self._city.registry.site_called(said.site)
        pack = self._city.domains.get(site.domain) if site is not None else None
        if site is None or pack is None or said.quantity not in pack.quantities:
            raise NotPossible(f"series: expected one of a registered site and a quantity of its pack, got {series!r}")
        return site.domain

    def change_of(self, domain: str, change: dict[str, Any]) -> dict[str, Any]:
        """The pack in force with these keys changed: tables key by key, lists as a whole."""
        return merged(self._trials.held(domain).pack, change)

    def _do(
        self, domain: str, act: str, run: str, who: str, note: str, work: Callable[[], Any],
        before: dict[str, Any] | None = None, evidence: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """Do what has been put on record as asked for, and put on record what came of it."""
        try:
            done = work()
        except Exception as error:  # whatever it is goes on record, and on to whoever asked
            self._record.write(domain, act, "failed", run, who, f"{type(error).__name__}: {error}", before)
            raise
        after = msgspec.to_builtins(done) if done is not None else None
        self._record.write(domain, act, "done", run, who, note, before, after, evidence)
        return done

    def _newest(self, domain: str) -> Candidate:
        known = list(self._trials.candidates(domain))
        if not known:
            raise NotPossible(f"shadow {domain}: expected a candidate that was started, got none")
        return known[-1]

    def _named(self, domain: str, run: str) -> Candidate:
        for each in self._trials.candidates(domain):
            if each.id == run:
                return each
        raise NotPossible(f"shadow {domain}: expected a run that is known, got {run!r}")

    def _now(self) -> int:
        return max(EARLIEST_MS, self._city.time or self._wall_ms())


def merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """``base`` with the keys of ``change``; where both are tables these are merged likewise.

    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"c": 3}})
    {'a': {'b': 1, 'c': 3}}
    """
    made = dict(base)
    for key, value in change.items():
        old = made.get(key)
        made[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return made


def _short(held: Held) -> dict[str, Any]:
    return {"pack": held.pack.get("name", ""), "models": held.models}
