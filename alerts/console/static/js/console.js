// The console: what needs action first, kept live, worked by keyboard, one or many at a time.

import { ActDialog } from "./act_dialog.js";
import { ACTIONS, actionTitle, chosenBy, offered } from "./actions.js";
import { arrange } from "./arrange.js";
import { city, startBar } from "./bar.js";
import { DeskPanel } from "./desk_panel.js";
import { Detail } from "./detail.js";
import { el, keyed, setText } from "./element.js";
import { count } from "./figures.js";
import { showFilled } from "./filling.js";
import { levels, pick, t } from "./frame.js";
import { bindKeys } from "./keyboard.js";
import { needsAction } from "./levels.js";
import { Roll } from "./roll.js";
import { fillAges, fillRow, makeRow } from "./rows.js";
import { asTheyStood, Steady } from "./steady.js";
import { vocabulary } from "./vocabulary.js";

const DRAWN = 100; // rows drawn at once; "show more" adds as many again
const MOST_PICKED = 500; // the interface takes no more at once
const SAID_MS = 8_000;
const byId = (id) => document.getElementById(id);
const list = byId("alarms");
const filters = byId("filters");

let current = null; // the key of the row the keys act on
let shown = null; // the alarm in the pane
let drawn = DRAWN;
let rows = [];
let known = new Set(); // the alarms that the rows stand for
const picked = new Set();
const folds = new Map();

const dialog = new ActDialog((alarm) => roll.take(alarm), say);
const detail = new Detail(byId("detail"), (name, alarm) => dialog.open(name, [alarm]), () => choose(null));
const desk = new DeskPanel(byId("desk"));
const roll = new Roll(asked(), paint, (error) => {
  byId("list-error").hidden = !error;
  setText(byId("list-error"), error ? t("The list could not be loaded: {error}", { error: error.message }) : "");
});

const steady = new Steady(list, paint);

function asked() {
  const given = new URLSearchParams(location.search);
  return { state: given.get("state") ?? "open", domain: given.get("domain") ?? "", severity: given.get("severity") ?? "" };
}

function paint() {
  const alarms = roll.alarms();
  const held = steady.held && rows.length > 0;
  rows = held ? asTheyStood(rows, (id) => roll.get(id)) : arrange(alarms, (key, first) => folds.get(key) ?? first);
  steady.wait(held ? alarms.filter((alarm) => !known.has(alarm.id)).length : 0);
  if (!held) known = new Set(alarms.map((alarm) => alarm.id));
  forgetGone(alarms);
  const now = city.now();
  keyed(list, rows.slice(0, drawn), (row) => row.key, (row) => makeRow(row, { choose: (key) => choose(key, false), pick: togglePicked, fold: toggleFold }), (node, row) =>
    fillRow(node, row, { now, current: row.key === current, picked: row.alarms.filter((alarm) => picked.has(alarm.id)).length }),
  );
  const drawnNow = current !== null && document.querySelector(".row.is-current");
  if (drawnNow) list.setAttribute("aria-activedescendant", drawnNow.id);
  else list.removeAttribute("aria-activedescendant");
  byId("more").hidden = rows.length <= drawn;
  byId("empty").hidden = alarms.length > 0;
  setText(byId("empty"), roll.ready ? t("No alarm fits these filters.") : t("Loading…"));
  const more = roll.partial ? "+" : "";
  setText(byId("count"), t("{todo} to acknowledge of {n}", { todo: count(alarms.filter(needsAction).length), n: count(alarms.length) + more }));
  paintPicked();
  // A chosen alarm stays in the pane when it leaves the list, so that nobody loses what they were reading.
  if (shown) detail.show(roll.get(shown));
}

function forgetGone(alarms) {
  if (picked.size === 0) return;
  const here = new Set(alarms.map((alarm) => alarm.id));
  for (const id of picked) if (!here.has(id)) picked.delete(id);
}

// The bar that acts on all picked alarms.
function paintPicked() {
  byId("picked").hidden = picked.size === 0;
  document.body.classList.toggle("has-picked", picked.size > 0);
  if (picked.size === 0) return;
  setText(byId("picked-count"), t("{n} picked", { n: count(picked.size) }));
  const alarms = pickedAlarms();
  const names = Object.keys(ACTIONS).filter((name) => ACTIONS[name].many && alarms.some((alarm) => offered(alarm).includes(name)));
  keyed(byId("picked-actions"), names, (name) => name, (name) => el("button", { type: "button", class: name === "acknowledge" ? "" : "quiet", onclick: () => actOnPicked(name) }, actionTitle(name)), () => {});
}

const pickedAlarms = () => [...picked].map((id) => roll.get(id)).filter(Boolean);
const actOnPicked = (name) => dialog.open(name, pickedAlarms().filter((alarm) => offered(alarm).includes(name)));

const rowOf = (key) => rows.find((row) => row.key === key);

function choose(key, scroll = true) {
  current = key;
  const alarm = key ? rowOf(key)?.alarm : null;
  shown = alarm?.id ?? null;
  document.body.classList.toggle("has-chosen", Boolean(shown));
  if (!shown) detail.clear();
  paint();
  if (key && scroll) list.querySelector(".is-current")?.scrollIntoView({ block: "nearest" });
}

// Heads of open sections have nothing to do on them, so the keys pass over them.
function move(step) {
  const stops = rows.filter((row) => row.kind !== "section" || !row.open);
  if (stops.length === 0) return;
  const at = stops.findIndex((row) => row.key === current);
  const next = at < 0 ? (step > 0 ? 0 : stops.length - 1) : Math.min(stops.length - 1, Math.max(0, at + step));
  drawn = Math.max(drawn, rows.indexOf(stops[next]) + 1);
  choose(stops[next].key);
}

// What somebody asks of the list is done at once, whoever's hand is on it.
function arrangeAnew() {
  steady.release();
  paint();
}

function toggleFold(key) {
  const row = rowOf(key);
  if (!row?.foldable) return;
  folds.set(key, !row.open);
  current = key;
  arrangeAnew();
}

function unfold(open) {
  const row = rowOf(current);
  if (!row) return;
  if (row.foldable && row.open !== open) return toggleFold(current);
  if (open) return;
  const above = rows.slice(0, rows.indexOf(row)).findLast((each) => each.level < row.level);
  if (above) choose(above.key);
}

function togglePicked(key) {
  const row = rowOf(key);
  if (!row) return;
  const all = row.alarms.every((alarm) => picked.has(alarm.id));
  for (const { id } of row.alarms) {
    if (all) picked.delete(id);
    else if (picked.size < MOST_PICKED) picked.add(id);
  }
  paint();
}

// What a key acts on: the picked alarms, else those of the row; a letter that none of them takes says so.
function press(key) {
  const alarms = picked.size > 0 ? pickedAlarms() : (rowOf(current)?.alarms ?? [roll.get(shown)].filter(Boolean));
  if (alarms.length === 0) return;
  const found = chosenBy(key, alarms);
  if (found) return dialog.open(found.name, found.alarms);
  const name = Object.keys(ACTIONS).find((each) => ACTIONS[each].key === key);
  say(t("{action}: not possible as it stands now.", { action: actionTitle(name) }));
}

let saidAt = 0;
function say(words) {
  saidAt = Date.now();
  setText(byId("said"), words);
}

function back() {
  if (document.activeElement !== list) list.focus();
  else if (picked.size > 0) picked.clear();
  else return choose(null);
  paint();
}

function fillFilters(query) {
  for (const level of levels) filters.elements.severity.append(new Option(pick(level.title, level.code), level.code));
  if (query.domain) filters.elements.domain.append(new Option(query.domain, query.domain));
  for (const [name, value] of Object.entries(query)) filters.elements[name].value = value;
}

function takeWall(wall) {
  desk.take(wall);
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
  picked.clear();
  steady.release();
  choose(null);
  roll.ask(query);
});
filters.addEventListener("submit", (event) => event.preventDefault());
byId("more").addEventListener("click", () => {
  drawn += DRAWN;
  paint();
});
byId("picked-clear").addEventListener("click", () => {
  picked.clear();
  paint();
  list.focus();
});
const help = () => byId("help").showModal();
byId("help-open").addEventListener("click", help);
const letters = new Set(Object.values(ACTIONS).map(({ key }) => key).filter(Boolean));
bindKeys({
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  ArrowRight: () => unfold(true),
  ArrowLeft: () => unfold(false),
  " ": () => current && togglePicked(current),
  Enter: () => (rowOf(current)?.kind === "alarm" || !rowOf(current) ? shown && location.assign(`/alarms/${encodeURIComponent(shown)}`) : toggleFold(current)),
  "?": help,
  Escape: back,
  ...Object.fromEntries([...letters].map((key) => [key, () => press(key)])),
});
fillFilters(asked());
paint();
vocabulary().catch(() => {}); // at hand before the first dialog; where it is not, the dialog asks again
const [walled, listed] = [Promise.withResolvers(), Promise.withResolvers()];
startBar({
  alarm: (alarm) => roll.take(alarm),
  wall: (wall) => {
    takeWall(wall);
    roll.repaint(); // times are said against the city's
    walled.resolve();
  },
  flood: (told) => steady.later(() => desk.flood(told)),
  resumed: () => listed.resolve(roll.load()),
  second: () => {
    fillAges(list, city.now());
    detail.tick();
    if (saidAt && Date.now() - saidAt > SAID_MS) say("");
  },
});
showFilled(walled.promise, listed.promise);
