// One container: where it is or was at a moment, with whom, since when, on what evidence, and its whole way.

import { startBar } from "./bar.js";
import "./by_address.js";
import { drawMap } from "./cargo_map.js";
import { facts, goodsWords, handWords, placeWords, proofWord, tripLink } from "./cargo_words.js";
import { el, setText } from "./element.js";
import { moment } from "./figures.js";
import { pick, t } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);

const proofs = (hand, now) => hand.evidence.map((each) => `${proofWord(each.kind)} ${each.id} (${moment(each.time, now)})`).join("; ");

function handLine(hand, at, now) {
  return el(
    "li",
    { "data-kind": hand.kind },
    el("span", {}, String(at + 1)),
    el("span", {}, `${moment(hand.since, now)} –`, el("span", { class: "under" }, hand.until ? moment(hand.until, now) : t("until now"))),
    el("span", {}, handWords(hand)),
    el("span", {}, pick(hand.place_title) || placeWords(hand.position, now), hand.trip ? el("span", {}, " · ", tripLink(hand.trip)) : null, el("span", { class: "under" }, proofs(hand, now))),
  );
}

function show(found) {
  const { now: hand, time, line } = found;
  setText(byId("container-title"), `${t("Container")} ${found.container}`);
  setText(byId("holder"), hand ? found.at ? t("At {time} with {hand}", { time: moment(found.at, 0), hand: handWords(hand) }) : t("Now with {hand}", { hand: handWords(hand) }) : t("Nothing was known of it then."));
  byId("facts").replaceChildren(...facts(hand ? [
    [t("Since"), moment(hand.since, time)],
    ...(hand.place ? [[t("Place"), pick(hand.place_title)]] : []),
    [t("Position"), placeWords(hand.position, time)],
    [t("Waybill"), hand.trip ? tripLink(hand.trip) : "–"],
    [t("Evidence"), proofs(hand, time)],
    [t("Cargo"), goodsWords(found.goods)],
  ] : []));
  const last = line.findLast((each) => each.since === hand?.since); // two hands may begin at one moment
  const spots = line.filter((each) => each.position).map((each) => ({
    at: [each.position.lat, each.position.lon],
    kind: each === last ? "last" : "idle",
    words: each === last ? `${line.indexOf(each) + 1} ${pick(each.title)}` : String(line.indexOf(each) + 1),
  }));
  byId("found").hidden = false; // before it is drawn: the drawing looks at the room it has
  const track = found.track.map((each) => [each[1], each[2]]);
  drawMap(byId("map"), { areas: found.areas, track, spots }, t("Places where the container was last seen in each hand"), 900, 360);
  byId("line").replaceChildren(...line.map((each, at) => handLine(each, at, time)));
  const behind = byId("behind");
  behind.hidden = !found.behind;
  setText(behind, found.behind ? t("The yards are {n} events behind: something may be missing.", { n: found.behind }) : "");
}

async function look(name, at) {
  byId("name").value = name;
  byId("at").value = at ?? "";
  try {
    const asked = at ? `?${new URLSearchParams({ at })}` : "";
    show(await get(`/api/cargo/containers/${encodeURIComponent(name)}${asked}`));
  } catch (error) {
    setText(byId("answer"), error.status === 404 ? t("Nothing is known of this container.") : error.message);
  }
}

startBar();
const search = new URLSearchParams(location.search);
if (search.get("name")) look(search.get("name"), search.get("at"));
