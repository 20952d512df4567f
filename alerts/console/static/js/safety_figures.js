// Statistics of safety production: a period beside the one before and the same a year before, plots, districts, firms.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { count, fullDay, hourAndMinute, measure, span } from "./figures.js";
import { showFilled } from "./filling.js";
import { district, districtCentres, language, pick, t, zone } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");
const fields = form.elements;

const PLOTS = ["accidents", "deaths", "alarms", "alarm-rate", "online", "handling", "dangers", "visits", "commitments"];

const percent = (value) => (value === null || value === undefined ? "–" : `${value.toFixed(2)} %`);
const rate = (value) => (value === null || value === undefined ? "–" : value.toFixed(4));
const lasting = (s) => (s === null || s === undefined ? "–" : span(s * 1000));
const money = (value) => new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: 0 }).format(value);
const cell = (text) => el("td", { class: "number" }, text);

// Name, key, how it is written; where a change is a length of time it is written as one.
const FIGURES = [
  [t("Accidents"), "accidents", count],
  [t("Deaths"), "deaths", count],
  [t("Missing"), "missing", count],
  [t("Seriously injured"), "serious", count],
  [t("Direct loss (CNY)"), "loss_cny", money],
  [t("Initial reports late"), "accidents_reported_late", count],
  [t("Alarms"), "alarms", count],
  [t("Alarms a point and day"), "alarms_per_point_day", rate],
  [t("Points"), "points", count],
  [t("Online rate"), "online_percent", percent],
  [t("Offline hours"), "offline_hours", measure],
  [t("Drop-outs"), "drop_outs", count],
  [t("Alarms handled"), "handled", count],
  [t("Alarms still open"), "not_handled", count],
  [t("Handling time, median"), "handling_median_s", lasting],
  [t("Handling time, 90 of 100 within"), "handling_p90_s", lasting],
  [t("Hidden dangers found"), "dangers_found", count],
  [t("Hidden dangers put right"), "dangers_rectified", count],
  [t("Hidden dangers overdue"), "dangers_overdue", count],
  [t("Visits planned"), "visits_planned", count],
  [t("Visits done"), "visits_done", count],
  [t("Commitments not given in time"), "commitments_missing", count],
];
const SPLIT = [0, 1, 6, 7, 9, 14, 15, 16, 17, 18, 19, 20, 21];

function changed(value, write) {
  if (value === null || value === undefined) return "–";
  const size = write(Math.abs(value));
  return Number.parseFloat(size) === 0 ? "0" : `${value > 0 ? "+" : "−"}${size}`;
}

function total(report) {
  const { total: now, before, year_before: year } = report;
  const nested = [
    ...inner(t("Accidents"), "accidents_by_grade", report.titles.grades, report),
    ...inner(t("Accidents"), "accidents_by_kind", report.titles.kinds, report).filter((each) => each.seen),
    ...inner(t("Alarms"), "alarms_by_severity", report.titles.severities, report),
  ];
  const rows = FIGURES.map(([name, key, write]) =>
    el("tr", { "data-figure": key }, el("th", { scope: "row" }, name), cell(write(now[key])), cell(write(before.figures[key])), cell(changed(before.change[key], write)), cell(write(year.figures[key])), cell(changed(year.change[key], write))),
  );
  return [...rows, ...nested.map((each) => each.row)];
}

function inner(name, key, titles, report) {
  return Object.entries(titles).map(([code, title]) => {
    const [now, before, year] = [report.total, report.before.figures, report.year_before.figures].map((each) => each[key][code] ?? 0);
    const row = el("tr", {}, el("th", { scope: "row" }, `${name} · ${pick(title)}`), cell(count(now)), cell(count(before)), cell(changed(now - before, count)), cell(count(year)), cell(changed(now - year, count)));
    return { row, seen: now + before + year > 0 };
  });
}

function split(head, body, name, rows, title) {
  byId(head).replaceChildren(el("th", {}, name), ...SPLIT.map((place) => el("th", { class: "number" }, FIGURES[place][0])));
  byId(body).replaceChildren(...rows.map((each) => el("tr", {}, el("td", {}, title(each)), ...SPLIT.map((place) => cell(FIGURES[place][2](each[FIGURES[place][1]]))))));
}

function asked() {
  const period = fields[fields.unit.value].value;
  if (!period) return null;
  return new URLSearchParams({ period, district: fields.district.value, firm: fields.firm.value });
}

async function show() {
  for (const unit of ["day", "month", "year"]) document.querySelector(`.of-${unit}`).hidden = fields.unit.value !== unit;
  const query = asked();
  if (!query) return;
  try {
    const report = await get(`/api/safety-figures?${query}`);
    setText(byId("now-name"), report.period);
    setText(byId("before-name"), report.before.period);
    setText(byId("year-name"), report.year_before.period);
    setText(byId("span"), spanWords(report));
    // Of a year the one before and the same a year before are one and the same.
    document.querySelector(".compared").classList.toggle("is-once", report.before.period === report.year_before.period);
    byId("totals-of").replaceChildren(...total(report));
    byId("plots").replaceChildren(...PLOTS.map((name) => el("img", { src: `/api/safety-figures/plots/${name}?${query}&lang=${language}`, alt: plotName(name), width: 640, height: 260 })));
    split("district-head", "district-rows", t("District"), report.districts, (each) => district(each.district) || t("district not known"));
    split("firm-head", "firm-rows", t("Firm"), report.firms, (each) => each.title);
    byId("none").hidden = report.firms.length > 0;
    byId("csv").href = `/api/safety-figures?${query}&format=csv`;
    if (!fields.firm.value && !fields.district.value) offerFirms(report.firms);
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

function spanWords(report) {
  if (!report.running) return t("The whole of {period}, beside the whole of the others.", { period: report.period });
  const until = `${fullDay(report.until)} ${hourAndMinute(report.until)}`;
  return t("{period} still runs: up to {time}, beside as much of the others.", { period: report.period, time: until });
}

function plotName(name) {
  const names = {
    accidents: t("Plot: accidents by grade"), deaths: t("Plot: dead, missing, seriously injured"), alarms: t("Plot: alarms by level"),
    "alarm-rate": t("Plot: alarm rate"), online: t("Plot: online rate"), handling: t("Plot: handling time"),
    dangers: t("Plot: hidden dangers"), visits: t("Plot: visits"), commitments: t("Plot: commitments not given in time"),
  };
  return names[name];
}

function offerFirms(firms) {
  const chosen = fields.firm.value;
  byId("firms").replaceChildren(el("option", { value: "" }, t("all")), ...firms.map((each) => el("option", { value: each.firm }, each.title)));
  fields.firm.value = chosen;
}

// A period of the address: a year, a month or a day.
const named = /^(\d{4})(-\d{2})?(-\d{2})?$/.exec(new URLSearchParams(location.search).get("period") ?? "");

// The first time that city time is known its month is shown, or the period that the address names.
startBar({
  wall: (wall) => {
    if (!wall.city_time) return showFilled();
    if (fields.month.value) return;
    const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(wall.city_time);
    const part = (type) => parts.find((each) => each.type === type).value;
    fields.year.value = part("year");
    fields.month.value = `${part("year")}-${part("month")}`;
    fields.day.value = `${fields.month.value}-${part("day")}`;
    if (named) {
      fields.unit.value = named[3] ? "day" : named[2] ? "month" : "year";
      fields[fields.unit.value].value = named[0];
    }
    showFilled(show());
  },
});
byId("districts").append(...districtCentres().map((each) => el("option", { value: each.code }, district(each.code))));
form.addEventListener("change", show);
form.addEventListener("submit", (event) => event.preventDefault());
