// Hidden dangers: put to the firm, answered, checked again and closed; each is a ticket (ticket_view.js).

import { startBar } from "./bar.js";
import { el } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { attempt, byId, cells, doubt, fillSites, moment, onSend, options, prepareForms, terms, under } from "./safety_parts.js";
import { get } from "./server.js";
import { ticketView } from "./ticket_view.js";

const form = byId("cut");
const levels = { general: t("general"), major: t("major") };
const sources = { visit: t("at a visit"), self: t("by the firm itself"), public: t("reported by the public"), screen: t("on camera") };
const states = {
  "answer-awaited": t("to be put right"),
  "review-awaited": t("to be checked again"),
  answered: t("answered"),
  verified: t("put right"),
  withdrawn: t("withdrawn"),
};
const view = ticketView({ outcomes: { rectified: t("put right"), false: t("no danger") }, states, dated: true, changed: list });

function row(each) {
  const ticket = each.ticket;
  return el(
    "tr",
    { class: ticket.overdue ? "is-over" : null, "data-danger": each.id },
    ...cells(pick(each.site_title), [`${each.place}: ${each.text}`, under(sources[each.source])], levels[each.level], each.responsible, moment(each.found)),
    el("td", { class: "result" }, moment(ticket.due ?? each.due), ticket.overdue ? under(t("overdue")) : null),
    ...cells(states[ticket.state] ?? ticket.state),
    el("td", {}, el("button", { type: "button", class: "quiet", onclick: () => attempt(() => view.show(each.id)) }, t("Open"))),
  );
}

async function list() {
  const asked = form.elements.unfinished.value ? "?unfinished=true" : "";
  const { items } = await get(`/api/safety/dangers${asked}`);
  byId("dangers").replaceChildren(...items.map(row));
  byId("none").hidden = items.length > 0;
}

async function begin() {
  const known = await terms();
  const days = known.danger?.days ?? {};
  const about = t("A general danger is to be put right within {general} days, a major one within {major}, unless a date is given. Overdue it climbs; after the answer it is checked again.", { general: days.general ?? "–", major: days.major ?? "–" });
  byId("about").replaceChildren(about, doubt(known.danger?.confirmed) ?? "");
  await fillSites();
  await list();
}

startBar();
prepareForms();
byId("levels").append(...options(Object.entries(levels)));
byId("sources").append(...options(Object.entries(sources)));
form.addEventListener("change", () => attempt(list));
onSend(byId("reporting"), "/api/safety/dangers", list);
showFilled(attempt(begin));
