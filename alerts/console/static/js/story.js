// One alarm's story: what it is, the readings around it, what was done and who was told.

import { ActDialog } from "./act_dialog.js";
import { ACTIONS, chosenBy } from "./actions.js";
import { city, startBar } from "./bar.js";
import { channelNodes } from "./channels.js";
import { clockNodes, clocksOf, tickClocks } from "./clocks.js";
import { showActions, takenNode } from "./detail.js";
import { el, setText } from "./element.js";
import { iso, moment, sentence, span, withUnit } from "./figures.js";
import { showFilled } from "./filling.js";
import { district, pick, t } from "./frame.js";
import { guidanceNode } from "./guidance.js";
import { bindKeys } from "./keyboard.js";
import { levelTitle, mark, needsAction, stateTitle } from "./levels.js";
import { plots } from "./plots.js";
import { authorityNames, findingNodes, logNodes, warningNodes } from "./record.js";
import { getAlarm, getReadings, getSilences } from "./server.js";
import { behindNodes, silenceNodes } from "./silences.js";
import { vocabulary, wordFor } from "./vocabulary.js";

const REREAD_MS = 2_000; // at most this often is the whole story fetched again while the alarm changes
const byId = (id) => document.getElementById(id);
const id = byId("story").dataset.alarm;
const dialog = new ActDialog(reread, (words) => setText(byId("said"), words));
const act = (name, alarm) => dialog.open(name, [alarm]);
const [loaded, walled] = [Promise.withResolvers(), Promise.withResolvers()];
let alarm = null;
let readings = null;
let silences = null;
let due = null;
let lastRead = 0;

// Changes come in bursts; one fetch covers them all.
function reread() {
  if (due) return;
  due = setTimeout(() => {
    due = null;
    lastRead = Date.now();
    load();
  }, Math.max(0, lastRead + REREAD_MS - Date.now()));
}

async function load() {
  try {
    [alarm, readings, silences] = await Promise.all([
      getAlarm(id),
      getReadings(id).catch((error) => ({ error })),
      getSilences(id).catch((error) => ({ error })),
      vocabulary().catch(() => null), // without it the log shows codes
    ]);
  } catch (error) {
    byId("story-error").hidden = false;
    setText(byId("story-error"), error.status === 404 ? t("There is no alarm {id}.", { id }) : error.message);
    byId("story").setAttribute("aria-busy", "false");
    return;
  }
  byId("story-error").hidden = true;
  show();
  loaded.resolve();
}

function show() {
  const now = city.now();
  document.title = document.title.replace(/^[^·]*/, `${pick(alarm.site_title, alarm.site)} `);
  showHead(now);
  const problems = (alarm.problems ?? []).map((each) => el("p", { class: "error" }, pick(each)));
  byId("guidance").replaceChildren(guidanceNode(alarm.guidance, alarm.family), ...problems);
  byId("taken").replaceChildren(takenNode(alarm, now) ?? "");
  showActions(byId("actions"), alarm, (name) => act(name, alarm));
  const clocks = clocksOf(alarm, alarm.guidance);
  byId("clocks").replaceChildren(...clockNodes(clocks, now));
  byId("no-clock").hidden = clocks.length > 0;
  byId("silences").replaceChildren(...silenceNodes(silences, now));
  const behind = behindNodes(alarm);
  byId("behind").replaceChildren(...behind);
  byId("behind-board").hidden = behind.length === 0;
  const channels = channelNodes(alarm.findings ?? [], now);
  byId("channels").replaceChildren(...channels);
  byId("channels-board").hidden = channels.length === 0;
  byId("facts").replaceChildren(...facts(now));
  byId("log").replaceChildren(...logNodes(alarm.log ?? [], authorityNames(alarm.warnings ?? []), now));
  byId("warnings").replaceChildren(...warningNodes(alarm.warnings ?? [], now));
  byId("findings").replaceChildren(...findingNodes(alarm.findings ?? [], now));
  showPlots();
}

function showHead(now) {
  byId("head").classList.toggle("act", needsAction(alarm));
  byId("head").replaceChildren(
    mark(alarm.severity, needsAction(alarm), alarm.state === "normal"),
    el(
      "div",
      {},
      el("p", { class: "where" }, [pick(alarm.domain_title, alarm.domain), district(alarm.district), pick(alarm.quantity_title, alarm.quantity)].filter(Boolean).join(" · ")),
      el("h1", {}, pick(alarm.site_title, alarm.site)),
      el("p", { class: "sentence" }, sentence(alarm.text)),
      el("p", {}, el("a", { class: "button", href: `/responder-card?alarm=${encodeURIComponent(alarm.id)}` }, t("Responder card")), " ", el("a", { class: "button", href: `/accidents?${new URLSearchParams({ alarm: alarm.id, site: alarm.site })}` }, t("Make it an accident"))),
    ),
    el(
      "dl",
      { class: "head-facts" },
      fact(t("Severity"), levelTitle(alarm.severity)),
      fact(t("State"), stateTitle(alarm.state)),
      fact(t("Since"), el("time", { datetime: iso(alarm.opened) }, moment(alarm.opened, now))),
      fact(t("Lasted"), el("span", { id: "lasted" })),
    ),
  );
  showLasted(now);
}

function showLasted(now) {
  const until = alarm.returned ?? alarm.closed ?? now;
  setText(byId("lasted"), until ? span(until - alarm.opened) : "–");
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

function facts(now) {
  const has = (value) => value !== null && value !== undefined;
  const families = {
    limit: t("limit exceeded"),
    quality: t("data quality"),
    anomaly: t("unusual course"),
    model: t("model"),
    integrity: t("signs of manipulated data"),
    yard: t("yard rule"),
    "hazard-grade": t("hazard grade"),
    segregation: t("segregation"),
    "over-storage": t("over-storage"),
    undeclared: t("not declared"),
    observed: t("reported by people"),
    dwell: t("stands too long"),
    commitment: t("commitment of the day"),
    "special-work": t("special work"),
    guarantor: t("named guarantors"),
    "static-grade": t("static grade"),
    inspection: t("visits and hidden dangers"),
    dwell: t("stands too long"),
  };
  const rows = [
    [t("Value"), has(alarm.value) ? withUnit(alarm.value, alarm.unit) : ""],
    [t("Expected or allowed"), has(alarm.expected) ? withUnit(alarm.expected, alarm.unit) : ""],
    [t("Kind"), families[alarm.family] ?? alarm.family],
    [t("Worst so far"), levelTitle(alarm.latched_severity)],
    [t("Last change"), moment(alarm.updated, now)],
    [t("Went back to normal"), alarm.returned ? moment(alarm.returned, now) : ""],
    [t("Closed"), alarm.closed ? moment(alarm.closed, now) : ""],
    [t("Revised by late data"), alarm.revision ? t("{n} times", { n: alarm.revision }) : ""],
    [t("Recorded in the store (real time)"), alarm.stored ? moment(alarm.stored, 0) : ""],
    [t("Handed to"), alarm.handed_to],
    [t("Escalated"), alarm.escalation ? t("{n} times", { n: alarm.escalation }) : ""],
    [t("Confirmed by"), alarm.confirmed_by],
    [t("Verdict"), alarm.verdict ? [wordFor("verdicts", alarm.verdict), alarm.verdict_by].filter(Boolean).join(" · ") : ""],
    [t("Key"), alarm.key],
  ];
  const nodes = rows.filter(([, value]) => value).map(([name, value]) => fact(name, value));
  const link = (to, words) => el("a", { href: `/alarms/${encodeURIComponent(to)}` }, words);
  if (alarm.follows) nodes.push(fact(t("Follows"), link(alarm.follows, t("the alarm before it"))));
  if (alarm.followed_by) nodes.push(fact(t("Followed by"), link(alarm.followed_by, t("the alarm after it"))));
  return nodes;
}

function showPlots() {
  if (!readings) return;
  const nodes = readings.error ? [el("p", { class: "error" }, readings.error.message)] : plots(readings, alarm, city.now());
  byId("plots").replaceChildren(...nodes);
}

let width = 0;
new ResizeObserver(([entry]) => {
  if (Math.abs(entry.contentRect.width - width) < 2) return;
  width = entry.contentRect.width;
  if (alarm) showPlots();
}).observe(byId("plots"));
const press = (key) => {
  const found = alarm && chosenBy(key, [alarm]);
  if (found) dialog.open(found.name, found.alarms);
};
const letters = new Set(Object.values(ACTIONS).map(({ key }) => key).filter(Boolean));
bindKeys(Object.fromEntries([...letters].map((key) => [key, () => press(key)])));
startBar({
  // Times are said against the city's: the story is shown once that is known too.
  wall: () => {
    if (alarm && byId("story").ariaBusy === "true") show();
    walled.resolve();
  },
  alarm: (changed) => changed.id === id && reread(),
  second: () => {
    if (!alarm) return;
    showLasted(city.now());
    tickClocks(byId("clocks"), city.now());
  },
  resumed: reread,
});
load();
showFilled(loaded.promise, walled.promise);
