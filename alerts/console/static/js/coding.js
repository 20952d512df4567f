// First-station coding: what is wrong with which code, and each firm's share of well-formed records.

import { startBar } from "./bar.js";
import { shown } from "./custody.js";
import { el, setText } from "./element.js";
import { pick, t } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");
const DAY_MS = 86_400_000;
const REREAD_MS = 60_000;
const KINDS = { "uncoded-sale": t("Sold without a code"), "broken-link": t("Broken link"), "two-holders": t("One code, two holders") };

let cityTime = 0;
let read = 0;

function fault(each) {
  return el(
    "tr",
    { "data-fault": each.kind },
    el("td", {}, shown(each.time)),
    el("td", {}, KINDS[each.kind]),
    el("td", {}, pick(each.title), each.other_title ? el("span", { class: "under" }, pick(each.other_title)) : null),
    el("td", {}, pick(each.text)),
  );
}

function firm(each, asked, fields) {
  const missing = Object.entries(each.missing).sort((one, other) => other[1] - one[1]);
  return el(
    "tr",
    { "data-firm": each.site, class: each.share < asked ? "is-poor" : null },
    el("td", {}, pick(each.title)),
    el("td", { class: "number" }, String(each.records)),
    el("td", { class: "number" }, String(each.well_formed)),
    el("td", { class: "number share" }, `${(100 * each.share).toFixed(1)} %`),
    el("td", {}, missing.map(([name, count]) => `${fields[name] ? pick(fields[name]) : name} ${count}`).join(" · ")),
  );
}

async function list() {
  const chosen = new FormData(form);
  const query = new URLSearchParams({ since: cityTime - Number(chosen.get("days")) * DAY_MS, until: cityTime + 1 });
  if (chosen.get("kind")) query.set("kind", chosen.get("kind"));
  try {
    const found = await get(`/api/coding?${query}`);
    byId("counts").replaceChildren(
      ...Object.entries(KINDS).flatMap(([kind, words]) => [el("dt", {}, words), el("dd", {}, String(found.counts[kind] ?? 0))]),
    );
    byId("faults").replaceChildren(...found.faults.map(fault));
    byId("none").hidden = found.faults.length > 0;
    byId("firms").replaceChildren(...found.firms.map((each) => firm(each, found.least_share, found.fields)));
    const doubt = found.confirmed === false ? ` · ${t("not confirmed")}` : "";
    setText(byId("source"), found.source ? `${t("Source")}: ${pick(found.source_text)}${doubt}` : "");
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

form.addEventListener("change", list);
startBar({
  wall: (wall) => {
    if (!wall.city_time || Date.now() - read < REREAD_MS) return;
    read = Date.now();
    cityTime = wall.city_time;
    list();
  },
});
