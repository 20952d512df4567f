// Permits of special work with their faults, and the form to enter one with the signatures its kind needs.

import { startBar } from "./bar.js";
import { el } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { attempt, byId, cells, cityMs, doubt, fieldOf, fillSites, moment, onSend, options, prepareForms, terms, under } from "./safety_parts.js";
import { get } from "./server.js";

const form = byId("entering");
const roleTitles = {
  "unit-head": t("head of the unit"),
  "safety-department": t("safety department"),
  "plant-head": t("head of the plant"),
  "power-department": t("power department"),
};
const levelTitles = { special: t("special"), 1: t("class 1"), 2: t("class 2") };
let known = { works: {} };

const roleTitle = (role) => roleTitles[role] ?? role;
const of = (table, work, level) => table?.[`${work}/${level}`] ?? table?.[work] ?? [];

function row(each, faults) {
  const signed = [...each.signatures].sort((one, other) => one.time - other.time);
  return el(
    "tr",
    { class: faults.length ? "is-over" : null, "data-permit": each.permit },
    ...cells(
      pick(each.site_title),
      each.permit,
      [pick(known.works[each.work]), each.level ? under(levelTitles[each.level] ?? each.level) : null],
      each.place,
      [moment(each.start), under(moment(each.end))],
      each.applicant,
      signed.map((hand) => el("span", { class: "under" }, `${roleTitle(hand.role)} ${hand.who} ${moment(hand.time)}`)),
      each.cancelled ? t("withdrawn") : [moment(each.completed), under(each.completed_by)],
    ),
    el("td", { class: "result" }, faults.map((fault) => el("span", { class: "under" }, pick(fault.text).split(/[:：]\s?/).slice(1).join(": ")))),
  );
}

async function list() {
  const [{ items }, found] = await Promise.all([get("/api/safety/permits"), get("/api/safety/findings?limit=1000")]);
  const faults = found.items.filter((each) => each.detector === "special-work");
  const named = (each, fault) => fault.site === each.site && fault.subject.split("/")[1].split("+").includes(each.permit);
  byId("permits").replaceChildren(...items.map((each) => row(each, faults.filter((fault) => named(each, fault)))));
  byId("none").hidden = items.length > 0;
}

// The signatures that this kind and level need, each with a name and a time.
function signatures() {
  const roles = of(known.permit?.approvals, form.elements.work.value, form.elements.level.value);
  byId("signatures").replaceChildren(
    ...roles.flatMap((role) => [
      fieldOf(roleTitle(role), { "data-role": role, "data-apart": "1", name: `who-${role}`, maxlength: 120 }),
      fieldOf(t("signed at"), { name: `time-${role}`, type: "datetime-local", "data-apart": "1" }),
    ]),
  );
}

function levels() {
  const work = form.elements.work.value;
  const names = Object.keys(known.permit?.approvals ?? {}).filter((key) => key.startsWith(`${work}/`)).map((key) => key.split("/")[1]);
  form.elements.level.replaceChildren(...options([["", "–"], ...names.map((name) => [name, levelTitles[name] ?? name])]));
  signatures();
}

function more() {
  const hands = [...byId("signatures").querySelectorAll("input[data-role]")].map((field) => ({
    role: field.dataset.role,
    who: field.value,
    time: form.elements[`time-${field.dataset.role}`].value,
  }));
  const signed = hands.filter((hand) => hand.who && hand.time).map((hand) => ({ ...hand, time: cityMs(hand.time) }));
  const analysed = form.elements.gas_test.value;
  return { signatures: signed, gas_tests: analysed ? [cityMs(analysed)] : [] };
}

async function begin() {
  known = await terms();
  const about = t("Every permit is held against the order and time of its approvals, its length, the gas analysis, its completion, and works that cross it.");
  byId("about").replaceChildren(about, doubt(known.permit?.confirmed) ?? "");
  byId("work").replaceChildren(...options(Object.entries(known.works).map(([work, title]) => [work, pick(title)])));
  levels();
  await fillSites();
  await list();
}

startBar();
prepareForms();
form.elements.work.addEventListener("change", levels);
form.elements.level.addEventListener("change", signatures);
form.elements.gas_test.dataset.apart = "1";
onSend(form, "/api/safety/permits", list, more);
showFilled(attempt(begin));
