// Accidents: what is owed and by when, every version of the figures, and the reports that are signed here.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { count, moment, span } from "./figures.js";
import { showFilled } from "./filling.js";
import { district, districtCentres, language, me, pick, t, zone } from "./frame.js";
import { mark } from "./levels.js";
import { get, getSites, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const [cut, opening, reporting] = [byId("cut"), byId("opening"), byId("reporting")];
const asked = new URLSearchParams(location.search);
let chosen = null;
let now = 0;

const STATES = {
  "report-awaited": t("initial report awaited"),
  reported: t("reported, at work"),
  concluded: t("concluded"),
  withdrawn: t("withdrawn"),
};
const STAGES = { initial: t("initial report"), "follow-up": t("follow-up"), final: t("final report") };
const ACTS = {
  opened: t("made known"), reported: t("reported"), "passed-up": t("passed up"), linked: t("alarms linked"),
  extended: t("more time approved"), withdrawn: t("withdrawn"), escalated: t("overdue, passed on"),
};

const may = (act) => me.acts === null || me.acts.includes(act);
const number = (text) => el("td", { class: "number" }, text);
const doubt = () => el("span", { class: "doubt" }, t("not confirmed"));

function gradeNodes(grade) {
  if (!grade) return ["–"];
  return [mark(grade.severity, true), pick(grade.title)];
}

function row(each) {
  const next = each.next ? [pick(each.next.title), el("span", { class: "under" }, dueWords(each.next))] : ["–"];
  return el(
    "tr",
    { class: each.overdue ? "is-over" : null, "data-accident": each.id },
    el("td", {}, each.id),
    el("td", {}, each.title, el("span", { class: "under" }, [each.firm, district(each.district), each.place, pick(each.kind_title)].filter(Boolean).join(" · "))),
    el("td", {}, moment(each.occurred, now)),
    el("td", {}, gradeNodes(each.grade)),
    number(count(each.figures.deaths)),
    number(count(each.figures.missing)),
    number(count(each.figures.serious)),
    el("td", {}, pick(each.state_title), each.late_initial ? el("span", { class: "under" }, t("initial report late")) : null),
    el("td", { class: "result" }, next),
    el("td", {}, el("button", { type: "button", class: "quiet", onclick: () => attempt(() => show(each.id)) }, t("Open"))),
  );
}

function dueWords(duty) {
  if (duty.done) return `${t("done {time}", { time: moment(duty.done, now) })}${duty.late ? ` · ${t("late")}` : ""}`;
  const due = t("due {time}", { time: moment(duty.due, now) });
  if (!now) return due;
  return duty.late ? `${due} · ${t("overdue by {span}", { span: span(now - duty.due) })}` : `${due} · ${t("{span} left", { span: span(duty.due - now) })}`;
}

async function list() {
  const fields = Object.entries(Object.fromEntries(new FormData(cut))).filter(([, value]) => value);
  const { items } = await get(`/api/accidents?${new URLSearchParams(fields)}`);
  byId("accidents").replaceChildren(...items.map(row));
  byId("none").hidden = items.length > 0;
}

async function show(id) {
  chosen = await get(`/api/accidents/${id}`);
  byId("chosen").hidden = false;
  setText(byId("chosen-title"), `${chosen.id} · ${chosen.title}`);
  byId("grade").replaceChildren(...gradeLine());
  byId("facts").replaceChildren(...facts());
  byId("duties").replaceChildren(...chosen.duties.map(dutyLine));
  byId("versions").replaceChildren(...chosen.versions.map(versionRow));
  byId("file").href = `/api/accidents/${chosen.id}/file`;
  byId("alarms").replaceChildren(...chosen.alarms.map((each) => el("li", {}, mark(each.severity, false), " ", el("a", { href: `/alarms/${encodeURIComponent(each.id)}` }, pick(each.text)), ` · ${moment(each.opened, now)}`)));
  byId("events").replaceChildren(...chosen.events.map(eventLine));
  offer();
  byId("chosen").scrollIntoView({ block: "nearest" });
}

function gradeLine() {
  if (!chosen.grade) return [t("no report yet, so no grade")];
  const feared = chosen.feared && chosen.feared.code !== chosen.grade.code;
  return [
    ...gradeNodes(chosen.grade),
    feared ? el("span", { class: "under" }, t("{grade} if the missing are dead", { grade: pick(chosen.feared.title) })) : null,
    el("span", { class: "under" }, pick(chosen.grade.source_text)),
    chosen.grade.confirmed ? null : doubt(),
  ].filter(Boolean);
}

function facts() {
  const place = [chosen.site_title ? pick(chosen.site_title) : "", district(chosen.district), chosen.place].filter(Boolean).join(" · ");
  const rows = [
    [t("Firm"), chosen.firm], [t("Place"), place], [t("Kind"), pick(chosen.kind_title)],
    [t("Happened"), moment(chosen.occurred, now)], [t("Became known"), moment(chosen.known, now)],
    [t("Casualties count until"), moment(chosen.changes_until, now)], [t("State"), pick(chosen.state_title)],
  ];
  return rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value || "–")]);
}

function dutyLine(duty, place) {
  return el(
    "li",
    { class: duty.late && !duty.done ? "duty-late" : null },
    el("span", {}, String(place + 1)), el("span", {}, pick(duty.title)), el("span", {}, dueWords(duty)),
    el("span", { class: "under" }, pick(duty.source_text), duty.confirmed ? null : doubt()),
  );
}

function versionRow(each) {
  const figures = ["deaths", "missing", "serious", "minor"].map((name) => number(count(each.figures[name])));
  const loss = new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { minimumFractionDigits: 2 }).format(each.figures.loss_cny);
  const papers = [["zh", "中文"], ["en", "English"]].map(([lang, name]) => el("a", { href: `/api/accidents/${chosen.id}/reports/${each.number}?lang=${lang}`, lang, class: "paper" }, name));
  return el(
    "tr",
    {},
    el("td", {}, String(each.number)),
    el("td", {}, pick(each.stage_title), el("span", { class: "under" }, moment(each.time, now))),
    el("td", {}, moment(each.as_of, now)),
    figures,
    number(loss),
    el("td", { class: each.regraded ? "result" : null }, gradeNodes(each.grade), each.late ? el("span", { class: "under" }, t("after the days allowed, not counted")) : null),
    el("td", {}, each.who),
    el("td", {}, papers),
  );
}

function eventLine(event, place) {
  const words = [event.who, STAGES[event.stage], event.duty ? pick(event.duty_title) : "", event.to ? pick(event.to_title) : "", event.text, event.cause, event.measures, event.days ? t("{n} days", { n: event.days }) : "", (event.alarms ?? []).join(", ")];
  return el("li", {}, el("span", {}, String(place + 1)), el("span", {}, ACTS[event.type] ?? event.type), el("span", {}, moment(event.time, now)), el("span", {}, words.filter(Boolean).join(" · ")));
}

// What can be done now; the server has the last word all the same.
function offer() {
  const done = chosen.state === "withdrawn" || !may("sign-report");
  reporting.hidden = done;
  if (done) return;
  const stages = chosen.versions.length === 0 ? ["initial"] : chosen.state === "concluded" ? ["follow-up"] : ["follow-up", "final"];
  byId("stages").replaceChildren(...stages.map((each) => el("option", { value: each }, STAGES[each])));
  const last = chosen.versions.at(-1)?.figures ?? {};
  for (const name of ["deaths", "missing", "serious", "minor", "loss_cny"]) reporting.elements[name].value = last[name] ?? 0;
  const ups = chosen.up.map((each) => button(t("Passed up to {office}", { office: pick(each.title) }), () => ({ path: "pass-up", body: { to: each.to, text: reporting.elements.text.value } })));
  byId("acts").replaceChildren(
    button(t("Sign the report"), report),
    ...ups,
    button(t("No accident of production"), () => ({ path: "withdraw", body: { text: reporting.elements.text.value } }), "quiet"),
  );
}

function button(label, make, kind = null) {
  return el("button", { type: "button", class: kind, onclick: () => attempt(() => act(make())) }, label);
}

function report() {
  const fields = reporting.elements;
  const body = { stage: fields.stage.value, rescue_over: fields.rescue_over.checked };
  for (const name of ["text", "cause", "measures", "prepared"]) body[name] = fields[name].value;
  for (const name of ["deaths", "missing", "serious", "minor", "loss_cny"]) body[name] = Number(fields[name].value);
  if (fields.as_of.value) body.as_of = cityMs(fields.as_of.value);
  return { path: "report", body };
}

async function act({ path, body }) {
  await send("POST", `/api/accidents/${chosen.id}/${path}`, { ...body, who: reporting.elements.who.value });
  reporting.reset();
  await show(chosen.id);
  await list();
}

// What stands in a field is time of the city's zone, wherever the browser is.
function cityMs(text) {
  const guess = Date.parse(`${text}:00Z`);
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(guess);
  const offset = parts.find((each) => each.type === "timeZoneName").value.match(/([+-])(\d\d):(\d\d)/);
  return offset ? guess - Number(`${offset[1]}1`) * (Number(offset[2]) * 60 + Number(offset[3])) * 60_000 : guess;
}

async function open() {
  const body = Object.fromEntries(new FormData(opening));
  body.alarms = body.alarms.split(/\s+/).filter(Boolean);
  for (const name of ["known", "occurred"]) body[name] = body[name] ? cityMs(body[name]) : null;
  if (body.site) for (const name of ["firm", "district"]) delete body[name];
  const made = await send("POST", "/api/accidents", body);
  opening.reset();
  showRegistered();
  byId("opening-fold").open = false;
  await list();
  await show(made.id);
}

function showRegistered() {
  for (const each of document.querySelectorAll(".unregistered")) each.hidden = Boolean(opening.elements.site.value);
}

async function fillForms() {
  const [terms, sites] = await Promise.all([get("/api/accidents/terms"), getSites()]);
  const title = (each) => `${pick(each.title)}${each.confirmed ? "" : ` (${t("not confirmed")})`}`;
  byId("kinds").append(...terms.kinds.map((each) => el("option", { value: each.code }, title(each))));
  byId("grades").append(...terms.grades.map((each) => el("option", { value: each.code }, pick(each.title))));
  byId("sites").append(...sites.items.map((each) => el("option", { value: each.id }, pick(each.title, each.id))));
  byId("districts").append(...districtCentres().map((each) => el("option", { value: each.code }, district(each.code))));
  opening.elements.alarms.value = asked.get("alarm") ?? "";
  opening.elements.site.value = asked.get("site") ?? "";
  byId("opening-fold").open = asked.has("alarm");
  showRegistered();
}

async function attempt(work) {
  try {
    await work();
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

// Whatever is owed is said against the city's time, so the list is whole once that is known.
const told = new Promise((resolve) => {
  startBar({
    wall: (wall) => {
      const first = !now;
      now = wall.city_time ?? 0;
      if (first) resolve(now ? attempt(list) : null);
    },
  });
});
for (const [code, title] of Object.entries(STATES)) byId("states").append(el("option", { value: code }, title));
for (const each of document.querySelectorAll(".who-field")) each.hidden = me.signed_in;
byId("opening-fold").hidden = !may("escalate");
cut.addEventListener("change", () => attempt(list));
opening.addEventListener("change", showRegistered);
opening.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(open);
});
reporting.addEventListener("submit", (event) => event.preventDefault());
const named = asked.get("id") ? attempt(() => show(asked.get("id"))) : null;
showFilled(told, attempt(fillForms), attempt(list), named);
