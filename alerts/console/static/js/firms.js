// The posts of major hazards and who holds them; the static grade of each firm.

import { startBar } from "./bar.js";
import { el } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { levelTitle, mark } from "./levels.js";
import { attempt, byId, cells, doubt, fieldOf, fillSites, moment, onSend, options, prepareForms, terms, under } from "./safety_parts.js";
import { get } from "./server.js";

const families = {
  limit: t("limit exceeded"),
  quality: t("data quality"),
  anomaly: t("unusual course"),
  model: t("model"),
  hazard: t("instruments and interlocks"),
  "hazard-grade": t("hazard grade"),
  "over-storage": t("over-storage"),
  commitment: t("commitment of the day"),
  "special-work": t("special work"),
  guarantor: t("named guarantors"),
  "static-grade": t("static grade"),
};
let known = {};
let hazards = [];

function post(hazard, each, first) {
  const held = each.holder;
  return el(
    "tr",
    { class: held ? null : "is-over", "data-post": `${hazard.hazard}/${each.role}` },
    ...cells(first ? [hazard.hazard, under(pick(hazard.site_title))] : "", pick(each.title)),
    el("td", { class: "result" }, held ? held.person : t("nobody")),
    ...cells(moment(held?.since), [held?.phone, held?.email].filter(Boolean).join("  ") || "–", each.families.map((name) => families[name] ?? name).join(", ")),
  );
}

function grade(each) {
  const held = each.grade;
  const words = (held?.direct_red ?? []).map((code) => pick(known.grade?.direct_red?.[code], code)).join("; ");
  return el(
    "tr",
    { class: each.expired ? "is-over" : null, "data-site": each.site },
    el("td", {}, pick(each.site_title), under(each.firm)),
    el("td", { class: "result" }, held ? mark(held.grade, false) : null, held ? levelTitle(held.grade) : t("not graded")),
    ...cells(held ? String(held.score) : "–", words, moment(held?.graded), [moment(held?.expires), each.expired ? under(t("has run out")) : null], held?.by ?? ""),
  );
}



async function list() {
  ({ items: hazards } = await get("/api/safety/guarantors"));
  byId("hazards").replaceChildren(...hazards.flatMap((hazard) => hazard.posts.map((each, place) => post(hazard, each, place === 0))));
  byId("hazard-names").replaceChildren(...options(hazards.map((each) => [each.hazard, each.hazard])));
  byId("roles").replaceChildren(...options((hazards[0]?.posts ?? []).map((each) => [each.role, pick(each.title)])));
  byId("grades").replaceChildren(...(await fillSites()).map(grade));
}

async function begin() {
  known = await terms();
  const about = t("Each major hazard has a person of its own for every post; each firm a grade of points that holds for {years} years.", { years: known.grade?.valid_years ?? "–" });
  byId("about").replaceChildren(about, doubt(known.guarantor?.confirmed && known.grade?.confirmed) ?? "");
  byId("direct").replaceChildren(
    ...Object.entries(known.grade?.direct_red ?? {}).map(([code, title]) => fieldOf(pick(title), { name: code, type: "checkbox", "data-apart": "1" })),
  );
  await list();
}

startBar();
prepareForms();
const direct = () => [...byId("direct").querySelectorAll("input:checked")].map((each) => each.name);
onSend(byId("naming"), "/api/safety/guarantors", list);
onSend(byId("grading"), "/api/safety/grades", list, () => ({ direct_red: direct() }));
showFilled(attempt(begin));
