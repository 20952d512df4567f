"""Declarations in the store: entered, answered, amended, climbed and followed, each event chained in the ledger."""

import hashlib
from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa

from alerts.case_events import CaseEvents
from alerts.city import City
from alerts.declarations import tables
from alerts.declarations.words import Word, words
from alerts.store import Store
from records.declaration_ahead import declared_ms
from records.declaration_awaited import awaited, lapses, refuse_late_answer
from records.declaration_check import Check, Checked
from records.declaration_events import Amended, Cancelled, Entered, Event, Signed, TurnedDown
from records.declaration_form import Form, require_filled
from records.declaration_life import Declaration, fold, step
from records.declaration_limits import limits_of
from records.declaration_terms import Duty, Terms, duties_of, terms_of
from records.refused import Refused
from topics.domain import Domain
from topics.errors import ConfigurationError
from topics.finding import Text

SYSTEM = "citybrain"

_EVENT: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


class Declarations:
    """All declarations. ``wall_ms`` gives the wall time, ``check`` looks at a form; without it none is taken."""

    def __init__(self, store: Store, city: City, wall_ms: Callable[[], int], check: Check | None = None) -> None:
        self.store = store
        self.city = city
        self._events = CaseEvents(tables.declaration_event, _EVENT.decode, wall_ms)
        self._check = check

    def duties(self, site: str) -> dict[str, Duty]:
        """The authorities of a site's domain and their duties; none where its pack cannot be used."""
        domain = self._domain(site)
        try:
            return duties_of(domain.facts) if domain is not None else {}
        except ConfigurationError:
            return {}

    def terms(self, site: str) -> Terms | None:
        """The clocks of a site, ``None`` where its pack gives none that can be used or it holds no such cargo."""
        domain, known = self._domain(site), self.city.registry.site(site)
        try:
            found = terms_of(domain.facts, site) if domain is not None else None
        except ConfigurationError:
            return None
        kind = known.source_type if known is not None else ""
        return None if found is not None and found.handled_at and kind and kind not in found.handled_at else found

    def enter(self, form: Form, who: str, by: str = "form") -> tuple[str, bool]:
        """Take a form at city time now; its number, and whether it is new: the same form again is the same one. What
        the rules forbid is kept too, refused. Raises ``Refused`` where nothing can be declared.
        """
        now, terms = self.city.time, self._terms(form.site)
        checked, asked = self._checked(form, now, now), self._asked(form)
        entered = Entered(now, who, form, asked, now + terms.answer_s * 1000, checked.doubts, by, checked.by)
        events: list[Event] = [entered, *self._grounds(checked, now)]
        number = number_of(form)

        def work(connection: sa.Connection) -> tuple[str, bool]:
            name = self._free(connection, number)
            known = self._events.read(connection, name)
            if known:
                return name, False
            after = step(None, entered)
            row = {"id": name, "domain": self._known(form.site).name, "entered": now} | _standing(after, 0)
            connection.execute(sa.insert(tables.declaration).values(row))
            self._append(connection, name, [], events)
            return name, True

        return self.store.write(work)

    def amend(self, number: str, form: Form, who: str, why: str) -> Declaration:
        """A new version, looked at like the first. An amendment that brings goods, more of them or an earlier operation
        must itself be early enough; one that does not keeps the time at which they were declared.
        """
        before = self.declaration(number)
        now, terms = self.city.time, self._terms(form.site)
        more_share = limits_of(self._known(form.site).facts).more_mass_share.value
        first = declared_ms(before.versions, form, now, more_share)
        checked, due = self._checked(form, first, now), now + terms.answer_s * 1000
        amended = Amended(now, who, form, why, self._asked(form), due, checked.doubts, checked.by)
        return self.act(number, amended, *self._grounds(checked, now))

    def sign(self, number: str, authority: str, who: str) -> Declaration:
        """An authority accepts its part. Raises ``Refused`` where ``who`` may not sign for it."""
        self._may_sign(number, authority, who)
        return self.act(number, Signed(self.city.time, who, authority))

    def refuse(self, number: str, authority: str, who: str, why: str) -> Declaration:
        """An authority refuses the newest version."""
        self._may_sign(number, authority, who)
        return self.act(number, TurnedDown(self.city.time, who, authority, Text(why, why)))

    def cancel(self, number: str, who: str, why: str) -> Declaration:
        """The firm takes it back."""
        return self.act(number, Cancelled(self.city.time, who, why))

    def act(self, number: str, *events: Event) -> Declaration:
        """Events of one declaration, all or none. Raises ``Refused`` where its state does not allow one,
        ``LookupError`` where there is none of this number.
        """

        def work(connection: sa.Connection) -> Declaration:
            known = self._events.read(connection, number)
            if not known:
                raise LookupError(f"no declaration {number!r}")
            return self._append(connection, number, known, events)

        return self.store.write(work)

    def on_time(self) -> list[str]:
        """Let city time act: what is unanswered climbs, each step once. Gives the numbers that did."""
        now, table = self.city.time, tables.declaration.c
        asked = sa.select(table.id, table.site).where(table.due <= now)
        with self.store.read() as connection:
            late = connection.execute(asked).all()
        climbed = []
        for row in late:
            terms = self.terms(row.site)
            if terms is None:
                continue
            found = lapses(self.declaration(row.id), terms.escalate_to, terms.escalate_every_s * 1000, now)
            if found:
                self.act(row.id, *found)
                climbed.append(row.id)
        return climbed

    def declaration(self, number: str) -> Declaration:
        """Where it stands. Raises ``LookupError`` where there is none of this number."""
        events = self.events(number)
        if not events:
            raise LookupError(f"no declaration {number!r}")
        return fold(events)

    def events(self, number: str) -> list[Event]:
        """Its events in order; empty where there is none."""
        with self.store.read() as connection:
            return self._events.read(connection, number)

    def _append(
        self, connection: sa.Connection, number: str, known: Sequence[Event], events: Sequence[Event]
    ) -> Declaration:
        declaration = fold(known) if known else None
        said: list[Word] = []
        place = len(known)
        for event in events:
            if declaration is not None:
                refuse_late_answer(declaration, event)
            before, declaration = declaration, step(declaration, event)
            if declaration is before:
                continue  # a box's event that comes again
            place += 1
            entry = self._events.write(connection, number, place, event)
            said += words(self._known(declaration.newest.form.site), number, before, declaration, event, entry)
        assert declaration is not None, "an append has an event to append or to append to"
        rows = [
            {"message": each.message, "topic": each.topic, "key": each.key, "body": each.body.decode()} for each in said
        ]
        if rows:
            connection.execute(self.store.insert_new(tables.declaration_word), rows)
        where = tables.declaration.c.id == number
        connection.execute(sa.update(tables.declaration).where(where).values(_standing(declaration, place)))
        self._await(connection, number, declaration)
        return declaration

    def _await(self, connection: sa.Connection, number: str, declaration: Declaration) -> None:
        table = tables.declaration_awaited
        connection.execute(sa.delete(table).where(table.c.declaration_id == number))
        rows = [{"declaration_id": number, "authority": each} for each in awaited(declaration)]
        if rows:
            connection.execute(sa.insert(table), rows)

    def _free(self, connection: sa.Connection, number: str) -> str:
        """The number, or the next one with a count where all before were taken back: who declares again means it."""
        name, count = number, 1
        while (events := self._events.read(connection, name)) and fold(events).cancelled is not None:
            count += 1
            name = f"{number}-{count}"
        return name

    def _checked(self, form: Form, declared_at: int, now: int) -> Checked:
        require_filled(form)
        if self._check is None:
            raise Refused(Text("此处不受理申报", "no declarations are taken here: there are no rules to look at them"))
        return self._check(self._known(form.site), form, declared_at, now)

    def _grounds(self, checked: Checked, now: int) -> list[TurnedDown]:
        return [TurnedDown(now, SYSTEM, "", each.text, each.rule) for each in checked.grounds]

    def _asked(self, form: Form) -> tuple[str, ...]:
        asked = tuple(name for name, duty in self.duties(form.site).items() if duty.concerns(form.goods))
        if not asked:
            raise Refused(
                Text("领域包未规定由哪个部门答复", "the pack names no authority that answers for these goods")
            )
        return asked

    def _terms(self, site: str) -> Terms:
        terms = self.terms(site)
        if terms is None:
            raise Refused(Text(f"作业点“{site}”不受理申报", f"no declarations are taken for site {site!r}"))
        return terms

    def _may_sign(self, number: str, authority: str, who: str) -> None:
        duty = self.duties(self.declaration(number).newest.form.site).get(authority)
        if duty is not None and duty.signers and who not in duty.signers:
            raise Refused(Text(f"“{who}”不得代表{duty.title.zh}", f"{who} may not speak for the {duty.title.en}"))

    def _domain(self, site: str) -> Domain | None:
        known = self.city.registry.site(site)
        return self.city.domains.get(known.domain) if known is not None else None

    def _known(self, site: str) -> Domain:
        domain = self._domain(site)
        if domain is None:
            raise Refused(Text(f"没有站点“{site}”", f"no site {site!r} whose domain is known"))
        return domain


def number_of(form: Form) -> str:
    """The number of a declaration: the same for the same form, so that what is sent twice is declared once."""
    return "DG-" + hashlib.blake2b(msgspec.json.encode(form, order="sorted"), digest_size=6).hexdigest().upper()


def _standing(declaration: Declaration, events: int) -> dict[str, object]:
    version = declaration.newest
    return {
        "site": version.form.site, "container": version.form.container, "state": declaration.state,
        "unlawful": declaration.unlawful, "operation": version.form.operation,
        "due": version.due if awaited(declaration) else None,
        "closed": declaration.closed, "events": events,
    }  # fmt: skip
