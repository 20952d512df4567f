// The rows of the console's list: heads of sections and groups, and one row per alarm.

import { el, setText } from "./element.js";
import { count, hourAndMinute, moment, sentence, span, withUnit } from "./figures.js";
import { district, pick, t } from "./frame.js";
import { level, mark, needsAction, stateTitle } from "./levels.js";

export const idOf = (key) => `row-${key.replaceAll(" ", "-")}`;

// handlers: choose(key), pick(key) and fold(key), each called with the row's key.
export function makeRow(row, handlers) {
  const node = el("li", { id: row.kind === "alarm" ? `alarm-${row.key}` : idOf(row.key), role: "treeitem", class: `row is-${row.kind}` });
  node.addEventListener("click", (event) => {
    if (event.target.closest(".row-tick")) handlers.pick(row.key);
    else if (row.kind !== "alarm" || event.target.closest(".row-fold")) handlers.fold(row.key);
    else handlers.choose(row.key);
  });
  if (row.kind === "alarm") node.append(...alarmCells());
  else node.append(tick(), el("span", { class: "row-mark" }), el("span", { class: "head-title" }), el("span", { class: "head-count" }), el("span", { class: "row-fold" }));
  return node;
}

const tick = () => el("span", { class: "row-tick" }, el("span", { class: "tick" }));

function alarmCells() {
  return [
    tick(),
    el("span", { class: "row-mark" }),
    el("span", { class: "row-time" }, el("time", {}), el("span", { class: "age" })),
    el("span", { class: "row-where" }, el("strong", {}), el("span", {})),
    el("span", { class: "row-text" }, el("span", {}), el("span", { class: "row-fold" })),
    el("span", { class: "row-value number" }, el("strong", {}), el("span", {})),
    el("span", { class: "row-state" }, el("strong", {}), el("span", {})),
  ];
}

// Show the row as it is now. `picked`: how many of its alarms are picked.
export function fillRow(node, row, { now, current, picked }) {
  node.setAttribute("aria-level", row.level);
  node.setAttribute("aria-selected", String(picked > 0 && picked === row.alarms.length));
  node.classList.toggle("is-current", current);
  node.classList.toggle("is-hidden-behind", Boolean(row.hidden));
  if (row.foldable) node.setAttribute("aria-expanded", String(row.open));
  else node.removeAttribute("aria-expanded");
  if (row.kind === "alarm") fillAlarm(node, row, now);
  else fillHead(node, row);
}

function fillHead(node, row) {
  const [, badge, title, number] = node.children;
  const todo = row.alarms.filter(needsAction).length;
  node.classList.toggle("act", todo > 0 && row.kind === "group");
  setText(title, row.kind === "section" ? sectionTitle(row.section) : groupTitle(row.alarms));
  const words = t("{n} alarms", { n: count(row.alarms.length) });
  setText(number, row.kind === "section" ? count(row.alarms.length) : todo > 0 && todo < row.alarms.length ? `${words} · ${t("{n} to acknowledge", { n: count(todo) })}` : words);
  if (row.kind === "section") return;
  const stamp = `${row.alarms[0].severity} ${todo > 0}`;
  if (badge.dataset.stamp === stamp) return;
  badge.dataset.stamp = stamp;
  badge.replaceChildren(mark(row.alarms[0].severity, todo > 0));
}

function sectionTitle(section) {
  const titles = {
    act: t("To acknowledge"),
    taken: t("Taken on"),
    quiet: t("Quiet: shelved, suppressed, out of service, hidden"),
    closed: t("Closed"),
  };
  return titles[section];
}

function groupTitle(alarms) {
  const [first] = alarms;
  const oneSite = alarms.every((alarm) => alarm.site === first.site);
  return [oneSite ? pick(first.site_title, first.site) : pick(first.domain_title, first.domain), oneSite ? district(first.district) : ""].filter(Boolean).join(" · ");
}

function fillAlarm(node, row, now) {
  const { alarm } = row;
  node.dataset.opened = String(alarm.opened);
  node.dataset.closed = String(alarm.closed ?? "");
  node.dataset.state = alarm.state;
  fillAge(node, now);
  const stamp = JSON.stringify([alarm, row.consequences.length, row.open, row.level]);
  if (node.dataset.stamp === stamp) return;
  node.dataset.stamp = stamp;
  node.classList.toggle("act", needsAction(alarm));
  const [, badge, , where, text, value, state] = node.children;
  badge.replaceChildren(mark(alarm.severity, needsAction(alarm), alarm.state === "normal"));
  setText(where.children[0], pick(alarm.site_title, alarm.site));
  setText(where.children[1], [district(alarm.district), pick(alarm.quantity_title, alarm.quantity)].filter(Boolean).join(" · "));
  setText(text.children[0], sentence(alarm.text));
  setText(text.children[1], row.foldable ? t("consequences: {n}", { n: count(row.consequences.length) }) : "");
  setText(value.children[0], alarm.value === null ? "" : withUnit(alarm.value, alarm.unit));
  setText(value.children[1], alarm.expected === null || alarm.expected === undefined ? "" : t("against {value}", { value: withUnit(alarm.expected, "") }));
  setText(state.children[0], row.hidden ? t("consequence") : stateTitle(alarm.state));
  setText(state.children[1], stateNote(alarm));
}

// What a reader must know beside the state: until when, who has it, or that it was worse before.
function stateNote(alarm) {
  const worst = alarm.latched_severity;
  const notes = [];
  if (alarm.shelved_until) notes.push(t("until {time}", { time: hourAndMinute(alarm.shelved_until) }));
  if (alarm.state === "suppressed" && alarm.by_design?.length) notes.push(pick(alarm.by_design[0].title));
  if (alarm.handed_to) notes.push(t("handed to {who}", { who: alarm.handed_to }));
  else if (alarm.acknowledged_by) notes.push(t("by {who}", { who: alarm.acknowledged_by }));
  if (alarm.deadline && needsAction(alarm)) notes.push(t("due {time}", { time: hourAndMinute(alarm.deadline) }));
  if (alarm.escalation) notes.push(t("escalated"));
  if (worst && level(worst).rank > level(alarm.severity).rank) {
    notes.push(t("was {severity}", { severity: pick(level(worst).title, worst) }));
  }
  return notes.join(" · ");
}

function fillAge(node, now) {
  const opened = Number(node.dataset.opened);
  const [time, age] = node.children[2].children;
  setText(time, moment(opened, now));
  const until = node.dataset.closed ? Number(node.dataset.closed) : now;
  setText(age, until ? span(until - opened) : "");
}

export function fillAges(list, now) {
  for (const node of list.querySelectorAll(".is-alarm")) fillAge(node, now);
}
