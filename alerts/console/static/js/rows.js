// One row of the console's list.

import { el, setText } from "./element.js";
import { moment, sentence, span, withUnit } from "./figures.js";
import { district, pick, t } from "./frame.js";
import { level, mark, needsAction, stateTitle } from "./levels.js";

export function makeRow(alarm, choose) {
  return el(
    "li",
    { id: `alarm-${alarm.id}`, role: "option", class: "row", onclick: () => choose(alarm.id, false) },
    el("span", { class: "row-mark" }),
    el("span", { class: "row-time" }, el("time", {}), el("span", { class: "age" })),
    el("span", { class: "row-where" }, el("strong", {}), el("span", {})),
    el("span", { class: "row-text" }),
    el("span", { class: "row-value number" }, el("strong", {}), el("span", {})),
    el("span", { class: "row-state" }, el("strong", {}), el("span", {})),
  );
}

export function fillRow(row, alarm, now) {
  row.dataset.opened = String(alarm.opened);
  row.dataset.closed = String(alarm.closed ?? "");
  row.dataset.state = alarm.state;
  fillAge(row, now);
  const stamp = JSON.stringify(alarm);
  if (row.dataset.stamp === stamp) return;
  row.dataset.stamp = stamp;
  row.classList.toggle("act", needsAction(alarm));
  const [badge, , where, text, value, state] = row.children;
  badge.replaceChildren(mark(alarm.severity, needsAction(alarm), alarm.state === "normal"));
  setText(where.children[0], pick(alarm.site_title, alarm.site));
  setText(where.children[1], [district(alarm.district), pick(alarm.quantity_title, alarm.quantity)].filter(Boolean).join(" · "));
  setText(text, sentence(alarm.text));
  setText(value.children[0], alarm.value === null ? "" : withUnit(alarm.value, alarm.unit));
  setText(value.children[1], alarm.expected === null || alarm.expected === undefined ? "" : t("against {value}", { value: withUnit(alarm.expected, "") }));
  setText(state.children[0], stateTitle(alarm.state));
  setText(state.children[1], stateNote(alarm));
}

// What a reader must know beside the state: who has it, or that it was worse before.
function stateNote(alarm) {
  const worst = alarm.latched_severity;
  const notes = [];
  if (alarm.acknowledged_by) notes.push(t("by {who}", { who: alarm.acknowledged_by }));
  if (worst && level(worst).rank > level(alarm.severity).rank) {
    notes.push(t("was {severity}", { severity: pick(level(worst).title, worst) }));
  }
  return notes.join(" · ");
}

function fillAge(row, now) {
  const opened = Number(row.dataset.opened);
  const [time, age] = row.children[1].children;
  setText(time, moment(opened, now));
  const until = row.dataset.closed ? Number(row.dataset.closed) : now;
  setText(age, until ? span(until - opened) : "");
}

export function fillAges(list, now) {
  for (const row of list.children) fillAge(row, now);
}
