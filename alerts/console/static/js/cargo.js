// Carriers under way: where each was last seen, under which waybill, and what is wrong with it.

import { startBar } from "./bar.js";
import "./by_address.js";
import { drawMap } from "./cargo_map.js";
import { boxLink, tripLink } from "./cargo_words.js";
import { el, keyed, setText } from "./element.js";
import { moment } from "./figures.js";
import { pick, t } from "./frame.js";
import { mark } from "./levels.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const AGAIN_MS = 5_000;
const SHOWN = 3;

function cells(item, now) {
  const { trip, position } = item;
  const boxes = trip?.containers ?? [];
  return [
    el("td", { class: "plate" }, item.carrier, el("span", { class: "under" }, pick(item.title, item.site))),
    el("td", {}, trip ? tripLink(trip.id) : "–"),
    el("td", {}, trip?.un.map((un) => `UN ${un}`).join(", ") || "–", el("span", { class: "under" }, ...boxes.slice(0, SHOWN).flatMap((name) => [boxLink(name), " "]), boxes.length > SHOWN ? "…" : "")),
    el("td", {}, trip ? `${pick(trip.origin_title) || "–"} → ${pick(trip.destination_title) || "–"}` : "–"),
    el("td", {}, position ? moment(position.time, now) : t("never")),
    el("td", { class: "number" }, Number.isFinite(position?.speed_kmh) ? Math.round(position.speed_kmh) : "–"),
    el("td", { class: "told" }, ...item.alarms.map((alarm) => el("a", { href: `/alarms/${alarm.id}`, title: pick(alarm.text) }, mark(alarm.severity, true), el("span", {}, pick(alarm.text))))),
  ];
}

async function list() {
  try {
    const { items, time, areas } = await get("/api/cargo/carriers");
    keyed(byId("carriers"), items, (each) => each.carrier, () => el("tr"), (node, each) => {
      const stamp = JSON.stringify(each);
      if (node.dataset.stamp === stamp) return; // nothing new: selections and readers are left alone
      node.dataset.stamp = stamp;
      node.replaceChildren(...cells(each, time));
    });
    byId("none").hidden = items.length > 0;
    const spots = items.filter((each) => each.position).map((each) => ({
      at: [each.position.lat, each.position.lon],
      kind: each.alarms.length ? "wrong" : each.trip ? "laden" : "idle",
      words: each.carrier,
    }));
    drawMap(byId("map"), { areas, spots }, t("Carriers where they were last seen"), 560, 460, 6_000);
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

startBar();
list();
setInterval(list, AGAIN_MS);
