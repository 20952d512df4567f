// Sampling plans as they were drawn, the visits they made, and the form of a visit's result.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { levelTitle } from "./levels.js";
import { attempt, byId, cells, doubt, fieldOf, may, moment, onSend, options, prepareForms, terms, under, values } from "./safety_parts.js";
import { get, send } from "./server.js";

const result = byId("result");
const outcomes = { clean: t("nothing found"), dangers: t("dangers found"), "not-found": t("nobody met"), stopped: t("the firm stood still") };
let chosen = null;
let known = {};

const stratum = (code) => (code === "ungraded" || !code ? t("not graded") : levelTitle(code));

function plan(each) {
  const sizes = Object.entries(each.sizes).filter(([, count]) => count).map(([code, count]) => `${stratum(code)} ${count}`);
  return el(
    "tr",
    { class: each.late ? "is-over" : null, "data-plan": each.id },
    ...cells([each.title, under(`${each.id} · ${each.by}`)], moment(each.drawn), String(each.seed), sizes.join(", "), moment(each.due), String(each.visits), String(each.done)),
    el("td", { class: "result" }, String(each.late)),
  );
}

function visit(each) {
  const over = each.done !== null || each.cancelled;
  return el(
    "tr",
    { class: each.late ? "is-over" : null, "data-visit": each.id },
    ...cells(pick(each.site_title), each.id, stratum(each.stratum)),
    el("td", { class: "result" }, moment(each.due), each.late ? under(t("overdue")) : null),
    ...cells(each.cancelled ? [t("called off"), under(each.cancelled)] : each.done ? [outcomes[each.outcome], under(moment(each.done))] : "–", each.inspectors.join(", ")),
    el("td", {}, !over && may("judge") ? el("button", { type: "button", class: "quiet", onclick: () => open(each) }, t("Enter the result")) : null),
  );
}

function open(each) {
  chosen = each;
  result.hidden = false;
  setText(byId("result-title"), `${pick(each.site_title)} · ${each.id}`);
  byId("result-acts").replaceChildren(
    el("button", {}, t("Keep the result")),
    may("close") ? el("button", { type: "button", class: "quiet", onclick: () => attempt(cancel) }, t("Call the visit off")) : "",
  );
  result.scrollIntoView({ block: "nearest" });
}

async function cancel() {
  const { text, who } = values(result);
  await send("POST", `/api/safety/visits/${chosen.id}/cancel`, { reason: text ?? "", who: who ?? "" });
  await done();
}

async function done() {
  result.reset();
  result.hidden = true;
  await list();
}

async function keep() {
  const said = values(result);
  const answers = Object.fromEntries([...byId("checks").querySelectorAll("input")].map((each) => [each.name, each.checked]));
  const inspectors = said.inspectors.split(/[,，、]/).map((each) => each.trim()).filter(Boolean);
  await send("POST", `/api/safety/visits/${chosen.id}/result`, { ...said, inspectors, answers });
  await done();
}

async function list() {
  const [plans, visits] = await Promise.all([get("/api/safety/plans"), get("/api/safety/visits")]);
  byId("plans").replaceChildren(...plans.items.map(plan));
  byId("visits").replaceChildren(...visits.items.map(visit));
}

const newSeed = () => Math.floor(Math.random() * 1e9);

async function begin() {
  known = await terms();
  const about = t("Firms are drawn by grade and risk; whoever knows the seed can draw again. Nobody is drawn twice before all of the same grade were. A visit that is not done by its date climbs.");
  byId("about").replaceChildren(about, doubt(known.visit?.confirmed) ?? "");
  const sizes = Object.entries(known.visit?.sizes ?? {});
  byId("sizes").replaceChildren(...sizes.map(([code, count]) => fieldOf(stratum(code), { name: code, type: "number", min: 0, value: count, "data-apart": "1" })));
  byId("checks").replaceChildren(
    ...Object.entries(known.visit?.checks ?? {}).map(([code, title]) => fieldOf(pick(title), { name: code, type: "checkbox", "data-apart": "1" })),
  );
  byId("drawing").elements.seed.value = newSeed();
  await list();
}

startBar();
prepareForms();
byId("outcomes").append(...options(Object.entries(outcomes)));
const drawn = () => ({ sizes: Object.fromEntries([...byId("sizes").querySelectorAll("input")].map((each) => [each.name, Number(each.value)])) });
onSend(byId("drawing"), "/api/safety/plans", async () => {
  byId("drawing").elements.seed.value = newSeed();
  await list();
}, drawn);
result.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(keep);
});
showFilled(attempt(begin));
