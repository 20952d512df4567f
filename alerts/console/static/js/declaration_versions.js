// The versions of a declaration: each as it was worded, answered and checked.

import { moment } from "./city_moment.js";
import { states, tables } from "./declaration_words.js";
import { el } from "./element.js";
import { pick, t } from "./frame.js";

export function version(each) {
  const goods = each.form.goods.map((line) => `UN ${line.un} ${line.mass_t} t`).join(", ");
  const reasons = each.reasons.map((reason) => pick(reason.text)).join("; ");
  const said = [each.who, each.why, goods, moment(each.form.operation), reasons].filter(Boolean).join(" · ");
  return el("li", {}, el("span", {}, String(each.number)), el("span", {}, states[each.answer]), el("span", {}, moment(each.time)), el("span", {}, said, checkedBy(each.checked)));
}

// By which lists and rules a version was looked at: who asks in two years finds the files again by their digests.
function checkedBy(checked) {
  if (!checked) return el("span", { class: "under checked" }, t("Checked against which lists: not recorded"));
  return el(
    "details",
    { class: "fold checked" },
    el("summary", {}, t("Checked by the rules of {day}", { day: checked.as_of })),
    el("dl", { class: "facts" }, checked.editions.flatMap(edition)),
  );
}

function edition(each) {
  const said = [pick(each.name_text)];
  if (each.source !== each.name) said.push(`${t("Source")}: ${pick(each.source_text)}`);
  if (!each.confirmed) said.push(t("not confirmed"));
  const digest = el("span", { class: "under digest", title: `SHA-256 ${each.digest}` }, `SHA-256 ${each.digest}`);
  return [el("dt", {}, tables[each.table] ?? each.table), el("dd", {}, said.join(" · "), digest)];
}
