// The record of an alarm: log of state changes, findings, warnings with their deliveries and receipts.

import { el } from "./element.js";
import { count, iso, moment, withUnit } from "./figures.js";
import { pick, t } from "./frame.js";
import { levelTitle, mark, stepTitle } from "./levels.js";
import { triesNode } from "./tries.js";
import { wordFor } from "./vocabulary.js";

const nothing = (words) => [el("p", { class: "notice" }, words)];

function actionTitle({ action, severity }, before) {
  const titles = {
    raised: t("raised"),
    changed: severity === before ? t("figures updated") : t("severity updated"),
    cleared: t("went back to normal"),
    acknowledged: t("acknowledged"),
    revised: t("revised by late data"),
    recorded: t("recorded afterwards"),
    "warning-released": t("warning released"),
    delivered: t("warning delivered"),
    "signed-for": t("warning signed for"),
    "delivery-dead": t("delivery given up"),
  };
  return titles[action] ?? wordFor("log", action);
}

// A reason or verdict stands in the note as its code, before what was said.
const CODED = { shelved: "reasons", suppressed: "reasons", "out-of-service": "reasons", judged: "verdicts", closed: "verdicts" };

function noteOf(entry) {
  if (entry.action === "warning-released") return messageType(entry.note);
  if (entry.action === "hidden" || entry.action.startsWith("consequence-")) return "";
  const [code, ...rest] = entry.note.split(": ");
  return CODED[entry.action] ? [wordFor(CODED[entry.action], code), rest.join(": ")].filter(Boolean).join(" · ") : entry.note;
}

// `log`: in order of time. `names`: authorities by code, as the warnings of the same story call them.
export function logNodes(log, names, now) {
  if (log.length === 0) return [el("li", { class: "notice" }, t("Nothing is recorded yet."))];
  return log.map((entry, at) =>
    el(
      "li",
      {},
      el("time", { datetime: iso(entry.time) }, moment(entry.time, now)),
      entry.severity ? mark(entry.severity, false) : el("span", {}),
      el(
        "div",
        {},
        el("strong", {}, [actionTitle(entry, log[at - 1]?.severity), names.get(entry.who) ?? entry.who].filter(Boolean).join(" · ")),
        entry.from !== entry.to ? el("span", { class: "step" }, `${stepTitle(entry.from)} → ${stepTitle(entry.to)}`) : null,
        withdrawn(entry) ? el("span", { class: "step" }, t("the rise in severity withdrew the acknowledgement")) : null,
        entry.rule && !withdrawn(entry) ? el("span", { class: "step" }, t("by rule: {rule}", { rule: wordFor("rules", entry.rule) })) : null,
        noteOf(entry) ? el("q", {}, noteOf(entry)) : null,
      ),
    ),
  );
}

// An acknowledgement covers the severity it was given at (ISA-18.2): a reader must see when it stopped to.
const withdrawn = (entry) => entry.from === "acknowledged" && entry.to === "unacknowledged";

export function findingNodes(findings, now) {
  if (findings.length === 0) return nothing(t("No finding is recorded."));
  const phases = { open: t("opened"), update: t("updated"), close: t("closed") };
  return [
    table(
      [t("Time"), t("Phase"), t("Detector"), t("What"), t("Value"), t("Severity"), t("Origin")],
      findings.map((each) => [
        moment(each.time, now),
        each.late ? `${phases[each.phase] ?? each.phase} · ${t("late data")}` : (phases[each.phase] ?? each.phase),
        `${each.detector} v${each.detector_version ?? "?"}`,
        el("span", {}, pick(each.text, each.subject), ...stepNodes(each.facts ?? {}, now)),
        each.value === null || each.value === undefined ? "" : withUnit(each.value, each.unit),
        levelTitle(each.severity),
        el("span", {}, origin(each.origin, each.subject), " ", evidence(each.id)),
      ]),
    ),
  ];
}

// The steps of a sequence of events, in order: when, and a way to where each can be seen.
function stepNodes(facts, now) {
  const steps = [];
  for (let number = 1; facts[`step_${number}_time`]; number += 1) {
    const [time, link] = [moment(facts[`step_${number}_time`], now), String(facts[`step_${number}_link`] ?? "")];
    const page = /^\/(?!\/)/.test(link); // of a finding or an alarm; of a reading it is the place of its record
    const way = page ? el("a", { href: link }, time) : [`${time} `, el("code", { class: "copied" }, `citybrain readings show ${link}`)];
    steps.push(el("li", {}, way));
  }
  return steps.length ? [el("ol", { class: "steps" }, steps)] : [];
}

// All that is known of the finding as one sealed file, for whoever must defend it elsewhere.
const evidence = (id) => el("a", { href: `/api/findings/${encodeURIComponent(id)}/evidence`, download: "" }, t("Evidence pack"));

// The command that shows the readings a finding was made of, to be copied whole: anyone can recompute the finding.
function origin(place, subject) {
  if (!place) return "";
  const span = `${place.first_offset}..${place.last_offset}`;
  const only = subject.split("/").length === 4 ? ` --series ${quoted(subject)}` : ""; // a group or a site is no series
  return el("code", { class: "copied" }, `citybrain readings show ${quoted(place.topic)} ${place.partition} ${span}${only}`);
}

const quoted = (word) => (/^[\w./:@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

export const authorityNames = (warnings) =>
  new Map(warnings.map((warning) => [warning.authority, pick(warning.authority_title, warning.authority)]));

export function warningNodes(warnings, now) {
  if (warnings.length === 0) return nothing(t("No authority had to be told."));
  const names = authorityNames(warnings);
  return warnings.map((warning) =>
    el(
      "div",
      { class: "warning" },
      el(
        "p",
        { class: "warning-head" },
        el("strong", {}, messageType(warning.msg_type)),
        el("span", {}, t("to {authority}", { authority: names.get(warning.authority) })),
        el("span", {}, t("released {time}", { time: moment(warning.released, now) })),
        el("span", { class: "rule" }, t("by rule {rule}", { rule: pick(warning.rule_text, warning.rule) })),
        el("code", {}, warning.identifier),
      ),
      deliveries(warning.deliveries ?? [], names, now),
    ),
  );
}

function messageType(type) {
  const titles = { Alert: t("Warning"), Update: t("Update"), Cancel: t("Cancellation") };
  return titles[type] ?? type;
}

function deliveries(list, names, now) {
  if (list.length === 0) return el("p", { class: "notice" }, t("No delivery was made yet."));
  return table(
    [t("Recipient"), t("Channel"), t("Delivery"), t("Attempts"), t("HTTP answer"), t("Took"), t("Receipt")],
    list.map((each) => [
      names.get(each.recipient) ?? each.recipient,
      each.channel,
      deliveryStatus(each, now),
      each.attempts && each.id ? triesNode(each, now) : count(each.attempts),
      each.http_status ? String(each.http_status) : "–",
      Number.isFinite(each.latency_ms) ? `${count(each.latency_ms)} ms` : "–",
      each.signed_for_by
        ? t("signed for by {who} at {time}", { who: each.signed_for_by, time: moment(each.signed_for_at, now) })
        : t("not yet signed for"),
    ]),
    (row, place) => row.classList.toggle("unsigned", !list[place].signed_for_by),
  );
}

function deliveryStatus(delivery, now) {
  const titles = {
    pending: t("due"),
    retrying: t("due again"),
    delivered: t("delivered"),
    "signed-for": t("signed for"),
    dead: t("given up"),
  };
  const words = [titles[delivery.status] ?? delivery.status];
  if (delivery.next_try) words.push(t("next try {time} (real time)", { time: moment(delivery.next_try, now) }));
  if (delivery.error) words.push(delivery.error);
  return words.join(" · ");
}

// A table that becomes a list of labelled lines on a phone (the labels are in data-name).
function table(heads, rows, each = () => {}) {
  const body = rows.map((cells, place) => {
    const row = el("tr", {}, cells.map((cell, at) => el("td", { "data-name": heads[at] }, cell)));
    each(row, place);
    return row;
  });
  return el("table", {}, el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))), el("tbody", {}, body));
}
