// The duty desk in figures: one line that is always there, and the rest on demand, each beside what is recommended.

import { el, keyed, setText } from "./element.js";
import { count, hourAndMinute, measure, span } from "./figures.js";
import { pick, t } from "./frame.js";
import { getDeskFigures } from "./server.js";

const REREAD_MS = 15_000;
const REMEMBERED = "citybrain.desk";
const CITY = "city";

export class DeskPanel {
  #desk = localStorage.getItem(REMEMBERED) ?? CITY;
  #read = 0;
  #told = null;

  constructor(container) {
    this.container = container;
    this.line = el("summary", {});
    this.select = el("select", { onchange: () => this.#choose(this.select.value) });
    this.figures = el("div", { class: "desk-figures" });
    this.details = el("details", {}, this.line, el("label", { class: "desk-choice" }, t("Desk"), " ", this.select), this.figures);
    this.told = el("p", { class: "flood-told", role: "status", hidden: true });
    container.replaceChildren(this.details, this.told);
    this.details.addEventListener("toggle", () => this.#show());
  }

  // Whoever sees a part of the city only is shown no desk.
  take(wall) {
    const desks = wall.desks ?? [];
    this.container.hidden = desks.length === 0 && !this.#told;
    this.details.hidden = desks.length === 0;
    if (desks.length === 0) return;
    const desk = desks.find((each) => each.desk === this.#desk) ?? desks[0];
    this.#desk = desk.desk;
    keyed(this.select, desks, (each) => each.desk, (each) => new Option("", each.desk), (option, each) => setText(option, pick(each.title, each.desk)));
    this.select.value = desk.desk;
    this.container.classList.toggle("is-flood", desk.flood.on);
    const stamp = JSON.stringify(desk);
    if (this.line.dataset.stamp !== stamp) {
      this.line.dataset.stamp = stamp;
      this.line.replaceChildren(...lineOf(desk));
    }
    if (this.details.open && Date.now() - this.#read > REREAD_MS) this.#show();
  }

  // In a flood lesser changes are only counted; an event without desks says that it is over.
  flood({ desks = [], changed = 0 }) {
    const flooded = desks.filter((each) => each.since);
    this.#told = flooded.length > 0 ? flooded : null;
    this.told.hidden = !this.#told;
    if (!this.#told) return;
    this.container.hidden = false;
    const names = flooded.map((each) => t("{desk} since {time}", { desk: pick(each.title, each.desk), time: hourAndMinute(each.since) })).join(", ");
    setText(this.told, t("Alarm flood: {desks}. Lesser changes are counted ({n} just now); the list is read anew every few seconds.", { desks: names, n: count(changed) }));
  }

  #choose(desk) {
    this.#desk = desk;
    localStorage.setItem(REMEMBERED, desk);
    this.#show();
  }

  async #show() {
    if (!this.details.open) return;
    this.#read = Date.now();
    const desk = this.#desk;
    try {
      const found = await getDeskFigures(desk);
      if (desk === this.#desk) this.figures.replaceChildren(...figureNodes(found));
    } catch (error) {
      this.figures.replaceChildren(el("p", { class: "error" }, error.message));
    }
  }
}

function lineOf(desk) {
  const parts = [
    [t("In 10 min"), count(desk.now), desk.now > 0],
    [t("Waiting"), count(desk.waiting), desk.waiting > 0],
    [t("Oldest waits"), desk.oldest_waiting_s === null ? "–" : span(desk.oldest_waiting_s * 1000), desk.waiting > 0],
    [t("Chattering"), count(desk.chattering), desk.chattering > 0],
  ];
  const flood = desk.flood.on ? t("flood since {time}", { time: hourAndMinute(desk.flood.since) }) : t("no flood");
  return [
    el("strong", { class: "desk-name" }, pick(desk.title, desk.desk)),
    ...parts.map(([name, value, some]) => el("span", { class: some ? "some" : "" }, `${name} `, el("strong", {}, value))),
    el("span", { class: desk.flood.on ? "flood" : "" }, flood),
  ];
}

function figureNodes(found) {
  const percent = (share) => `${measure(share * 100)} %`;
  const seconds = (s) => (s === null ? "–" : span(s * 1000));
  const peakAt = found.peak.at ? ` (${hourAndMinute(found.peak.at)})` : "";
  const rows = [
    [t("Alarms in a day"), count(found.alarms), t("about 144")],
    [t("Average in 10 min"), measure(found.average.per_10_min), t("about 1")],
    [t("Most in 10 min"), count(found.peak.alarms) + peakAt, t("at most 10")],
    [t("Time in flood"), percent(found.flood.share_of_time), t("under 1 %")],
    [t("Chattering sources"), count(found.chattering.keys), t("none")],
    [t("Fleeting alarms"), count(found.fleeting), t("none")],
    [t("Alarms a point and day"), found.points.alarms_per_point_day === null ? "–" : found.points.alarms_per_point_day.toFixed(4), t("at most 0.010")],
    [t("Online rate"), found.points.online_percent === null ? "–" : `${found.points.online_percent.toFixed(2)} %`, t("at least 99.5 %")],
    [t("Standing over a day"), count(found.stale.now), t("under 5")],
    [t("Answered within (half, 95 of 100)"), `${seconds(found.unacknowledged.p50_s)}, ${seconds(found.unacknowledged.p95_s)}`, ""],
  ];
  const head = [t("Figure"), t("Last 24 h"), t("Recommended")];
  return [
    el("table", {}, el("thead", {}, el("tr", {}, head.map((each) => el("th", { scope: "col" }, each)))), el("tbody", {}, rows.map((cells) => el("tr", {}, el("th", { scope: "row" }, cells[0]), el("td", {}, cells[1]), el("td", {}, cells[2]))))),
    el("div", {}, el("h2", {}, t("Top ten: {share} of all", { share: percent(found.top.share) })), loudest(found.top.keys)),
  ];
}

function loudest(keys) {
  if (keys.length === 0) return el("p", { class: "notice" }, t("No alarm in this stretch."));
  return el(
    "ol",
    { class: "loudest" },
    keys.map((each) => el("li", {}, el("span", {}, [pick(each.site_title, each.site), pick(each.quantity_title, each.quantity)].join(" · ")), el("strong", {}, count(each.alarms)))),
  );
}
