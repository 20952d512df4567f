// Kitchens under cameras: who is visited next and why, which cameras do not see, what was seen, the list of the week.

import { startBar } from "./bar.js";
import { shown } from "./custody.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { me, pick, t } from "./frame.js";
import { mark } from "./levels.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const may = (act) => me.acts === null || me.acts.includes(act);
const REREAD_MS = 15_000;
const CLASSES = { 1: t("Told at once"), 2: t("Put right by a date"), 3: t("Routine") };
const FAULTS = { "camera-silent": t("silent"), "camera-unseeing": t("does not see") };

let chosen = "";
let read = 0;

function camera(each) {
  return el("span", { class: each.fault ? "under is-blind" : "under", "data-camera": each.camera }, `${each.camera} ${FAULTS[each.fault] ?? t("sees")}`);
}

function kitchen(each) {
  const enter = () => {
    chosen = each.site;
    byId("visit").hidden = false;
    byId("who-field").hidden = me.signed_in;
    setText(byId("visit-title"), t("Visit to {kitchen}", { kitchen: pick(each.title) }));
    byId("visit-form").elements.text.focus();
  };
  return el(
    "tr",
    { "data-kitchen": each.site, class: each.overdue ? "is-over" : null },
    el("td", {}, shown(each.due), each.overdue ? el("span", { class: "under" }, t("late")) : null),
    el("td", {}, pick(each.title)),
    el("td", { class: "number" }, mark(each.colour, true), String(each.score)),
    el("td", {}, each.counts.join(" · ")),
    el("td", {}, each.cameras.map(camera)),
    el("td", {}, shown(each.visited)),
    el("td", {}, may("judge") ? el("button", { type: "button", class: "quiet", onclick: enter }, t("Visited")) : null),
  );
}

function matter(each) {
  return el(
    "tr",
    { "data-what": each.what },
    el("td", {}, shown(each.last)),
    el("td", {}, pick(each.title)),
    el("td", {}, pick(each.what_title), el("span", { class: "under" }, each.cameras.join("  "))),
    el("td", {}, CLASSES[each.kind]),
    el("td", { class: "number" }, String(each.times)),
  );
}

async function list() {
  const found = await get("/api/kitchens");
  byId("kitchens").replaceChildren(...found.kitchens.map(kitchen));
  byId("none").hidden = found.kitchens.length > 0;
  byId("seen").replaceChildren(...(found.matters ?? []).map(matter));
  const doubt = found.confirmed === false ? ` · ${t("not confirmed")}` : "";
  setText(byId("source"), found.source ? `${t("Source")}: ${pick(found.source_text)}${doubt}` : "");
  await week();
}

async function week() {
  const asked = byId("cut").elements.week.value;
  const { items, week: named } = await get(`/api/kitchens/weekly${asked ? `?week=${asked}` : ""}`);
  if (!asked) byId("cut").elements.week.value = named;
  byId("week").replaceChildren(
    ...items.map((each) =>
      el("tr", { "data-week": each.site }, el("td", {}, pick(each.title)), el("td", {}, pick(each.what_title)), el("td", { class: "number" }, String(each.times))),
    ),
  );
  byId("week-none").hidden = items.length > 0;
}

async function attempt(work) {
  try {
    await work();
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

byId("visit-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { who, text } = Object.fromEntries(new FormData(byId("visit-form")));
  attempt(async () => {
    await send("POST", `/api/kitchens/${encodeURIComponent(chosen)}/visits`, { who, text });
    byId("visit").hidden = true;
    byId("visit-form").reset();
    await list();
  });
});
byId("cut").addEventListener("change", () => attempt(week));
startBar({
  wall: (wall) => {
    if (!wall.city_time) return showFilled();
    if (Date.now() - read < REREAD_MS) return;
    read = Date.now();
    showFilled(attempt(list));
  },
});
