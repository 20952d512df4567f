// Firms by risk: colour, points, and every reason with what it takes and where its weight is from.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { district, districtCentres, levels, pick, t } from "./frame.js";
import { mark } from "./levels.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");

const REREAD_MS = 60_000;

function reason(each) {
  const taken = each.direct ? t("at once") : `−${each.points.toFixed(1)}`;
  return el(
    "li",
    { class: each.direct ? "is-direct" : null, "data-term": each.term },
    el("span", { class: "minus" }, taken),
    el("span", {}, pick(each.text), el("span", { class: "under" }, pick(each.source_text)), each.confirmed ? null : el("span", { class: "doubt" }, t("not confirmed"))),
  );
}

function row(each) {
  return el(
    "tr",
    { "data-firm": each.firm },
    el("td", {}, mark(each.colour, true), pick(each.colour_title)),
    el("td", { class: "number" }, each.points.toFixed(1)),
    el("td", {}, each.title, el("span", { class: "under" }, each.firm === each.title ? "" : each.firm)),
    el("td", {}, each.districts.map((code) => district(code)).join(", ") || "–"),
    el("td", {}, el("ul", { class: "reasons" }, each.reasons.map(reason))),
  );
}

async function list() {
  const fields = Object.entries(Object.fromEntries(new FormData(form))).filter(([, value]) => value);
  const query = new URLSearchParams(fields);
  try {
    const { items } = await get(`/api/firm-risk?${query}`);
    byId("firms").replaceChildren(...items.map(row));
    byId("none").hidden = items.length > 0;
    const counts = levels.map((level) => [pick(level.title), items.filter((each) => each.colour === level.code).length]);
    setText(byId("counts"), counts.filter(([, n]) => n > 0).map(([name, n]) => `${name} ${n}`).join(" · "));
    byId("csv").href = `/api/firm-risk?${query}&format=csv`;
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

let read = 0;
startBar({
  wall: (wall) => {
    if (!wall.city_time || Date.now() - read < REREAD_MS) return;
    read = Date.now();
    list();
  },
});
byId("colours").append(...levels.map((each) => el("option", { value: each.code }, pick(each.title))));
byId("districts").append(...districtCentres().map((each) => el("option", { value: each.code }, district(each.code))));
form.addEventListener("change", list);
form.addEventListener("submit", (event) => event.preventDefault());
showFilled(list());
