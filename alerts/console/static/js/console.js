// The console: what needs action first, kept live, worked by keyboard.

import { AcknowledgeForm } from "./acknowledge.js";
import { city, startBar } from "./bar.js";
import { Detail } from "./detail.js";
import { keyed, setText } from "./element.js";
import { count } from "./figures.js";
import { levels, pick, t } from "./frame.js";
import { bindKeys } from "./keyboard.js";
import { byUrgency, needsAction } from "./levels.js";
import { Roll } from "./roll.js";
import { fillAges, fillRow, makeRow } from "./rows.js";

const DRAWN = 100; // rows drawn at once; "show more" adds as many again
const byId = (id) => document.getElementById(id);
const list = byId("alarms");
const filters = byId("filters");

let chosen = null;
let drawn = DRAWN;
let order = [];

const form = new AcknowledgeForm((alarm) => roll.take(alarm));
const detail = new Detail(byId("detail"), form, () => choose(null));
const roll = new Roll(asked(), paint, (error) => {
  byId("list-error").hidden = !error;
  setText(byId("list-error"), error ? t("The list could not be loaded: {error}", { error: error.message }) : "");
});

function asked() {
  const given = new URLSearchParams(location.search);
  return { state: given.get("state") ?? "open", domain: given.get("domain") ?? "", severity: given.get("severity") ?? "" };
}

function paint() {
  order = roll.alarms().sort(byUrgency);
  const now = city.now();
  keyed(list, order.slice(0, drawn), (alarm) => alarm.id, (alarm) => makeRow(alarm, choose), (row, alarm) => {
    fillRow(row, alarm, now);
    row.setAttribute("aria-selected", String(alarm.id === chosen));
  });
  byId("more").hidden = order.length <= drawn;
  byId("empty").hidden = order.length > 0;
  setText(byId("empty"), roll.ready ? t("No alarm fits these filters.") : t("Loading…"));
  const todo = order.filter(needsAction).length;
  const more = roll.partial ? "+" : "";
  setText(byId("count"), t("{todo} to acknowledge of {n}", { todo: count(todo), n: count(order.length) + more }));
  // A chosen alarm stays in the pane when it leaves the list, so that nobody loses what they were reading.
  if (chosen) detail.show(roll.get(chosen));
}

function choose(id, scroll = true) {
  chosen = id;
  document.body.classList.toggle("has-chosen", Boolean(id));
  if (id) list.setAttribute("aria-activedescendant", `alarm-${id}`);
  else list.removeAttribute("aria-activedescendant");
  if (!id) detail.clear();
  paint();
  if (id && scroll) document.getElementById(`alarm-${id}`)?.scrollIntoView({ block: "nearest" });
}

function move(step) {
  if (order.length === 0) return;
  const at = order.findIndex((alarm) => alarm.id === chosen);
  const next = at < 0 ? (step > 0 ? 0 : order.length - 1) : Math.min(order.length - 1, Math.max(0, at + step));
  if (next >= drawn) drawn = next + 1;
  choose(order[next].id);
}

function fillFilters(query) {
  for (const level of levels) filters.elements.severity.append(new Option(pick(level.title, level.code), level.code));
  if (query.domain) filters.elements.domain.append(new Option(query.domain, query.domain));
  for (const [name, value] of Object.entries(query)) filters.elements[name].value = value;
}

function takeWall(wall) {
  const select = filters.elements.domain;
  for (const domain of wall.domains ?? []) {
    const title = pick(domain.title, domain.name);
    const option = [...select.options].find((each) => each.value === domain.name);
    if (option) setText(option, title);
    else select.append(new Option(title, domain.name));
  }
}

filters.addEventListener("change", () => {
  const query = Object.fromEntries(new FormData(filters));
  const kept = Object.entries(query).filter(([name, value]) => value && !(name === "state" && value === "open"));
  history.replaceState(null, "", kept.length ? `?${new URLSearchParams(kept)}` : location.pathname);
  for (const link of document.querySelectorAll(".switch")) {
    link.search = new URLSearchParams([...kept, ["lang", link.lang.slice(0, 2)]]).toString();
  }
  drawn = DRAWN;
  choose(null);
  roll.ask(query);
});
filters.addEventListener("submit", (event) => event.preventDefault());
byId("more").addEventListener("click", () => {
  drawn += DRAWN;
  paint();
});
byId("help-open").addEventListener("click", () => byId("help").showModal());
bindKeys({
  next: () => move(1),
  previous: () => move(-1),
  acknowledge: () => form.focus(),
  open: () => chosen && location.assign(`/alarms/${encodeURIComponent(chosen)}`),
  help: () => byId("help").showModal(),
  back: () => (form.hasFocus() ? list.focus() : choose(null)),
});
fillFilters(asked());
paint();
startBar({
  alarm: (alarm) => roll.take(alarm),
  wall: takeWall,
  resumed: () => roll.load(),
  second: () => fillAges(list, city.now()),
});
