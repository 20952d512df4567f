// The wall: domains, newest alarms, where they are, and what the authorities were told.

import { city, startBar } from "./bar.js";
import { DomainPanels } from "./domains.js";
import { el, keyed, setText } from "./element.js";
import { count, iso, moment, sentence } from "./figures.js";
import { showFilled } from "./filling.js";
import { district, pick, t } from "./frame.js";
import { legend } from "./legend.js";
import { isQuiet, mark, needsAction, rank, stateTitle } from "./levels.js";
import { CityMap } from "./map.js";
import { Roll } from "./roll.js";
import { Sites } from "./sites.js";
import { Steady } from "./steady.js";

const newest = document.getElementById("newest");
let shown = []; // the alarms whose rows are drawn
const panels = new DomainPanels(document.getElementById("domains"));
const map = new CityMap(document.getElementById("map"), document.getElementById("map-note"));
const sites = new Sites(() => roll.repaint());
const roll = new Roll({ state: "open" }, paint, (error) => setText(document.getElementById("newest-error"), error?.message ?? ""));
const steady = new Steady(newest, () => roll.repaint());

function paint() {
  // What is quiet or stands behind its cause is for the console; the wall shows what is there to be seen.
  const open = roll.alarms().filter((alarm) => !isQuiet(alarm));
  const room = rowsThatFit();
  const inOrder = [...open].sort((one, other) => other.opened - one.opened || rank(other.severity) - rank(one.severity)).slice(0, room);
  const held = steady.held && shown.length > 0;
  steady.wait(held ? inOrder.filter((alarm) => !shown.some(({ id }) => id === alarm.id)).length : 0);
  shown = held ? shown.map((alarm) => roll.get(alarm.id) ?? alarm) : inOrder;
  keyed(newest, shown, (alarm) => alarm.id, makeRow, fillRow);
  newest.classList.toggle("is-empty", open.length === 0);
  const rest = open.length - room;
  const words = open.length === 0 ? t("No open alarm.") : rest > 0 ? t("and {n} older", { n: count(rest) }) : "";
  setText(document.getElementById("newest-more"), roll.ready ? words : t("Loading…"));
  map.show(sites.known(open), open);
}

// As many whole rows as the board has room for; a page that scrolls (a phone) shows a fixed few.
function rowsThatFit() {
  const row = parseFloat(getComputedStyle(newest).getPropertyValue("--row"));
  const fixed = getComputedStyle(newest).getPropertyValue("--rows").trim();
  if (fixed !== "fit") return Number(fixed);
  const rows = Math.max(1, Math.floor(newest.clientHeight / row));
  newest.style.setProperty("--high", `${newest.clientHeight / rows}px`);
  return rows;
}

function makeRow(alarm) {
  return el(
    "li",
    {},
    el(
      "a",
      { href: `/alarms/${encodeURIComponent(alarm.id)}` },
      el("span", { class: "row-mark" }),
      el("time", {}),
      el("strong", { class: "row-where" }),
      el("span", { class: "row-text" }),
      el("span", { class: "row-state" }),
    ),
  );
}

function fillRow(row, alarm) {
  const stamp = JSON.stringify(alarm);
  row.classList.toggle("act", needsAction(alarm));
  const [badge, time, where, text, state] = row.firstElementChild.children;
  setText(time, moment(alarm.opened, city.now()));
  if (row.dataset.stamp === stamp) return;
  row.dataset.stamp = stamp;
  badge.replaceChildren(mark(alarm.severity, needsAction(alarm)));
  time.setAttribute("datetime", iso(alarm.opened));
  setText(where, pick(alarm.site_title, alarm.site));
  setText(text, sentence(alarm.text));
  text.title = district(alarm.district);
  setText(state, alarm.acknowledged_by ? t("taken by {who}", { who: alarm.acknowledged_by }) : stateTitle(alarm.state));
}

function takeWall(next) {
  panels.show(next);
  const readings = (next.domains ?? []).reduce((sum, each) => sum + (each.readings || 0), 0);
  setText(document.getElementById("readings"), count(readings));
  for (const node of document.querySelectorAll("[data-latency]")) {
    setText(node, count(next.latency_ms?.[node.dataset.latency]));
  }
  roll.repaint();
}

roll.repaint();
const [walled, listed] = [Promise.withResolvers(), Promise.withResolvers()];
startBar({
  alarm: (alarm) => roll.take(alarm),
  wall: (next) => {
    takeWall(next);
    walled.resolve();
  },
  resumed: () => {
    listed.resolve(roll.load());
    sites.load();
  },
});
showFilled(walled.promise, listed.promise);
document.getElementById("legend").replaceChildren(...legend());
new ResizeObserver(() => roll.repaint()).observe(newest);
