// One trip: its paper, its track on the declared route, the areas around, and what was found on the way.

import { startBar } from "./bar.js";
import "./by_address.js";
import { drawMap } from "./cargo_map.js";
import { boxLink, facts, goodsWords, ruleWord } from "./cargo_words.js";
import { el, setText } from "./element.js";
import { moment } from "./figures.js";
import { pick, t } from "./frame.js";
import { mark } from "./levels.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);
const AGAIN_MS = 10_000;
let stamp = "";

function findingLine(each, at, now) {
  const until = each.closed ? `${t("until")} ${moment(each.closed, now)}` : t("still so");
  return el(
    "li",
    { "data-detector": each.detector },
    el("span", {}, mark(each.severity, true)),
    el("span", {}, `${at + 1} · ${moment(each.opened, now)}`),
    el("span", {}, pick(each.rule_title) || ruleWord(each.detector), each.late ? el("span", { class: "under" }, t("known only afterwards")) : null),
    el("span", {}, el("a", { href: `/alarms/${each.alarm}` }, pick(each.text)), el("span", { class: "under" }, until)),
  );
}

function legend(trip) {
  const assumed = trip.areas.some((each) => !each.confirmed);
  const rows = [
    ["route", t("declared route")],
    ["track", t("where it went")],
    ["forbidden", t("forbidden area")],
    ["parking", t("parking area")],
    assumed ? ["assumed", t("dashed outline: not confirmed by an authority")] : null,
  ];
  return rows.filter(Boolean).map(([kind, words]) => el("li", { class: `key-${kind}` }, words));
}

function show(trip) {
  const { waybill, time } = trip;
  setText(byId("trip-title"), `${t("Trip")} ${waybill.id}`);
  const boxes = waybill.containers ?? [];
  byId("facts").replaceChildren(...facts([
    [t("Carrier"), `${waybill.carrier} · ${pick(trip.title, waybill.site)}`],
    [t("From, to"), `${pick(trip.origin_title) || "–"} → ${pick(trip.destination_title) || "–"}`],
    [t("Planned departure, arrival"), `${moment(waybill.departs, time)} → ${moment(waybill.arrives, time)}`],
    [t("Ended"), waybill.cancelled ? t("cancelled") : waybill.ended ? moment(waybill.ended, time) : t("under way")],
    [t("Cargo"), goodsWords(waybill.goods ?? [])],
    [t("Container"), boxes.length ? el("span", {}, ...boxes.flatMap((name) => [boxLink(name), " "])) : "–"],
    [t("Driver, escort"), [waybill.driver, waybill.escort].filter(Boolean).join(" · ") || "–"],
  ]));
  const track = trip.track.map((each) => [each[1], each[2]]);
  const spots = track.length ? [{ at: track[0], kind: "first" }, { at: track.at(-1), kind: "last", words: waybill.carrier }] : [];
  const drawn = { areas: trip.areas, route: waybill.route ?? [], track, spots, findings: trip.findings };
  byId("found").hidden = false; // before it is drawn: the drawing looks at the room it has
  drawMap(byId("map"), drawn, t("Track of the trip with the areas around it"));
  byId("legend").replaceChildren(...legend(trip));
  byId("findings").replaceChildren(...trip.findings.map((each, at) => findingLine(each, at, time)));
  byId("quiet").hidden = trip.findings.length > 0;
}

async function look(number) {
  byId("id").value = number;
  try {
    const trip = await get(`/api/cargo/trips/${encodeURIComponent(number)}`);
    const seen = JSON.stringify([trip.waybill, trip.track.at(-1), trip.findings]);
    if (seen !== stamp) show(trip);
    stamp = seen;
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.status === 404 ? t("No trip with this number is known.") : error.message);
  }
}

startBar();
const asked = new URLSearchParams(location.search).get("id");
if (asked) {
  look(asked);
  setInterval(() => look(asked), AGAIN_MS);
}
