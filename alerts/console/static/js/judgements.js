// Formal judgements by station and day, the limit that was chosen and why, and every version of one of them.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { language, pick, t, zone } from "./frame.js";
import { get, getSites } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");
const DAY_MS = 86_400_000;
const PAGE = 50;
let next = null;
let runs = 0;

const verdicts = {
  exceeds: t("exceeds"),
  anomaly: t("anomaly (to the plant)"),
  within: t("within"),
  invalid: t("invalid"),
  exempt: t("exempt"),
  missing: t("missing"),
  "no-limit": t("no limit"),
};
const levels = { permit: t("permit"), local: t("local standard"), national: t("national standard") };
const causes = {
  first: t("first judged"),
  data: t("data came later"),
  mark: t("marks changed"),
  rules: t("rules changed"),
  history: t("earlier days changed"),
};

function moment(ms, withTime = true) {
  const shape = { timeZone: zone, dateStyle: "short", timeStyle: withTime ? "short" : undefined };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shape).format(ms);
}

// The beginning of a day of the city, from what the date field says.
function dayStart(text) {
  const guess = Date.parse(`${text}T00:00:00Z`);
  const shown = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const [hours, minutes] = shown.format(guess).split(":").map(Number);
  return guess - (hours * 60 + minutes) * 60_000;
}

const number = (value) => (value === null || value === undefined ? "–" : String(value));

function limitCell(limit) {
  if (!limit) return el("td", {}, "–");
  return el(
    "td",
    {},
    `${limit.side === "low" ? "≥" : "≤"} ${limit.value}`,
    limit.confirmed ? null : el("span", { class: "doubt" }, t("not confirmed")),
    el("span", { class: "under" }, `${said(limit, "standard")} · ${said(limit, "edition")}`),
  );
}

function row(each) {
  const open = el("button", { type: "button", class: "quiet", onclick: () => show(each.key) }, t("Version {n}", { n: each.version }));
  return el(
    "tr",
    { class: each.verdict === "exceeds" || each.verdict === "anomaly" ? "is-over" : null, "data-judgement": each.key },
    el("td", {}, pick(each.site_title), el("span", { class: "under" }, each.subject.split("/")[1])),
    el("td", {}, pick(each.quantity_title)),
    el("td", {}, moment(each.start, each.period === "hour")),
    el("td", { class: "result" }, verdicts[each.verdict] ?? each.verdict),
    el("td", { class: "number" }, `${number(each.value)} ${each.unit}`),
    el("td", { class: "number" }, each.multiple === null ? "–" : each.multiple.toFixed(2)),
    limitCell(each.limit),
    el("td", { class: "number" }, `${each.valid}/${each.of}`),
    el("td", {}, open),
  );
}

// Until a first day is over there are hours only: an empty page would say that nothing is judged.
async function first() {
  await list();
  if (byId("none").hidden) return;
  form.elements.period.value = "hour";
  await list();
}

// `cursor` goes on where the rows end; without it they begin anew.
async function list(cursor = null) {
  const fields = Object.fromEntries(new FormData(form));
  const asked = new URLSearchParams({ period: fields.period, limit: PAGE });
  if (cursor) asked.set("cursor", cursor);
  if (fields.site) asked.set("site", fields.site);
  if (fields.verdict) asked.set("verdict", fields.verdict);
  if (fields.day) {
    const start = dayStart(fields.day);
    asked.set("from", start);
    asked.set("to", start + DAY_MS);
  }
  const run = (runs += 1);
  const page = await get(`/api/judgements?${asked}`);
  if (run !== runs) return; // another cut has been asked for meanwhile
  const rows = page.items.map(row);
  if (cursor) byId("judgements").append(...rows);
  else byId("judgements").replaceChildren(...rows);
  next = page.next;
  byId("more").hidden = !next;
  byId("none").hidden = byId("judgements").rows.length > 0;
}

function fact(name, value) {
  return [el("dt", {}, name), el("dd", {}, value)];
}

// What a limit is called, in the language of the page.
const said = (limit, name) => pick(limit[`${name}_text`], limit[name]);

function limitFacts(limit) {
  if (!limit) return [];
  const sure = limit.confirmed ? t("confirmed") : el("span", { class: "doubt" }, t("not confirmed"));
  return [
    ...fact(t("Limit"), `${limit.value} (${levels[limit.level] ?? limit.level})`),
    ...fact(t("Standard"), ["standard", "edition", "clause"].map((name) => said(limit, name)).filter(Boolean).join(" · ")),
    ...fact(t("Why this one"), pick(limit.why)),
    ...fact(t("Source"), said(limit, "source")),
    ...fact(t("Confidence"), sure),
  ];
}

function version(each) {
  return el(
    "li",
    {},
    el("span", {}, String(each.version)),
    el("span", {}, verdicts[each.verdict] ?? each.verdict),
    el("span", {}, `${number(each.value)} ${each.unit}`),
    el("span", {}, `${causes[each.cause] ?? each.cause} · ${moment(each.made)}`, el("span", { class: "under" }, pick(each.reason))),
  );
}

async function show(key) {
  const { items } = await get(`/api/judgements/versions?${new URLSearchParams({ key })}`);
  const newest = items[0];
  byId("chosen").hidden = false;
  const name = `${pick(newest.site_title)} · ${pick(newest.quantity_title)} · ${moment(newest.start, newest.period === "hour")}`;
  setText(byId("chosen-title"), name);
  setText(byId("reason"), pick(newest.reason));
  byId("log").href = `/station-log?${new URLSearchParams({ site: newest.site })}`;
  byId("limit").replaceChildren(...limitFacts(newest.limit));
  byId("versions").replaceChildren(...items.map(version));
  byId("chosen").scrollIntoView({ block: "nearest" });
}

async function attempt(work) {
  try {
    await work();
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

startBar();
for (const [code, title] of Object.entries(verdicts)) byId("verdicts").append(el("option", { value: code }, title));
form.addEventListener("change", () => attempt(list));
byId("more").addEventListener("click", () => attempt(() => list(next)));
form.addEventListener("submit", (event) => event.preventDefault());
async function offerSites() {
  const { items } = await getSites();
  for (const site of items) form.elements.site.append(el("option", { value: site.id }, pick(site.title, site.id)));
}
showFilled(attempt(offerSites), attempt(first));
