// What each channel of a group gave to a finding: a row with its share as a bar, the greatest first.

import { el } from "./element.js";
import { moment, withUnit } from "./figures.js";
import { pick, t } from "./frame.js";

// Nodes for the newest of the alarm's findings that says what is odd about a group; none where there is none.
export function channelNodes(findings, now) {
  const told = findings.filter((each) => each.channels?.length);
  const latest = told.findLast((each) => each.phase !== "close") ?? told.at(-1);
  if (!latest) return [];
  const heads = [t("Measured"), t("Share of the score"), t("Value"), t("Expected")];
  const rows = latest.channels.map((each) => {
    const cells = [named(each), bar(each.share), amount(each.value, each.unit), amount(each.expected, each.unit)];
    return el("tr", {}, cells.map((cell, at) => el("td", { "data-name": heads[at] }, cell)));
  });
  return [
    el("p", { class: "notice" }, t("at {time}", { time: moment(latest.time, now) })),
    el("table", {}, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, rows)),
  ];
}

const named = (channel) => el("span", { title: channel.series }, pick(channel.title, channel.series));

// The number stands beside the bar: who cannot see the one reads the other.
const bar = (share) => [
  el("meter", { min: 0, max: 1, value: share, "aria-hidden": "true" }),
  ` ${Math.round(share * 100)} %`,
];

const amount = (value, unit) => (value === null || value === undefined ? "–" : withUnit(value, unit));
