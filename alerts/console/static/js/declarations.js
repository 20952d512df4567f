// Declarations of dangerous goods: where each stands, who must answer, the parts of the authorities, and the form.

import { startBar } from "./bar.js";
import { moment } from "./city_moment.js";
import { addLine, fill, filled } from "./declaration_form.js";
import { version } from "./declaration_versions.js";
import { labels, states, words } from "./declaration_words.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { language, me, pick, t } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const cut = byId("cut");
const form = byId("form");
const answering = byId("answering");
const may = (act) => me.acts === null || me.acts.includes(act);
const ROWS = 50;
let chosen = null;
let last = null; // the cursor of the last declaration that is drawn
let amending = null;
let authorities = {};

const titled = (name) => pick(authorities[name]?.title, name);
const place = (at) => (at ? `${at[0]} ${at.slice(1).join("-")}` : "");

function row(each) {
  return el(
    "tr",
    { class: each.overdue ? "is-over" : null, "data-declaration": each.id },
    el("td", {}, each.id, el("span", { class: "under" }, each.container)),
    el("td", {}, pick(each.site_title), el("span", { class: "under" }, each.consignor)),
    el("td", {}, each.un.map((un) => `UN\u00a0${un}`).join(", "), each.doubts ? el("span", { class: "under" }, t("doubts: {count}", { count: each.doubts })) : null),
    el("td", { class: "number" }, String(each.net_t)),
    el("td", { class: "result" }, states[each.state], place(each.place) && ` ${place(each.place)}`, each.unlawful ? el("span", { class: "doubt" }, t("came unaccepted")) : null, lapsed(each), standing(each)),
    el("td", {}, each.awaiting.map(titled).join(language === "zh" ? "、" : ", ") || "–"),
    el("td", { class: "result" }, moment(each.due), each.overdue ? el("span", { class: "under" }, t("overdue")) : null),
    el("td", {}, moment(each.operation)),
    el("td", {}, el("button", { type: "button", class: "quiet", onclick: () => attempt(() => show(each.id)) }, t("Open"))),
  );
}

const lapsed = (each) => (each.answer === "lapsed" ? el("span", { class: "under" }, states.lapsed) : null);

function standing(each) {
  if (each.version === 1) return null;
  const inForce = each.in_force ? t("version {number} in force", { number: each.in_force }) : t("none in force");
  return el("span", { class: "under" }, `${t("version {number}", { number: each.version })} · ${inForce}`);
}

const asked = (more) => {
  const fields = Object.entries(Object.fromEntries(new FormData(cut))).filter(([, value]) => value);
  return get(`/api/declarations?${new URLSearchParams([...fields, ...Object.entries(more)])}`);
};

// As many as are drawn, so that whoever had older ones shown keeps them in sight.
async function list(rows = Math.min(500, Math.max(ROWS, byId("declarations").rows.length))) {
  const [found, sums] = await Promise.all([asked({ limit: rows }), get("/api/declarations/figures")]);
  byId("declarations").replaceChildren();
  add(found);
  setText(byId("figures"), t("{declarations} declarations, {overdue} overdue, {unlawful} boxes came unaccepted", sums));
}

async function older() {
  const from = last;
  const found = await asked({ limit: ROWS, cursor: from });
  if (last === from) add(found);
}

function add({ items, next, count }) {
  last = next;
  const table = byId("declarations");
  table.append(...items.map(row));
  byId("none").hidden = count > 0;
  setText(byId("declarations-count"), count ? t("{shown} of {n}", { shown: table.rows.length, n: count }) : "");
  byId("older").hidden = !next;
}

function facts(fields) {
  const nodes = [];
  for (const [name, value] of Object.entries(fields)) {
    if (name === "goods" || !(name in labels) || value === null || value === "" || value === false) continue;
    const said = name === "site" ? pick(chosen.site_title, value) : name === "operation" ? moment(value) : value === true ? t("yes") : (words[value] ?? String(value));
    nodes.push(el("dt", {}, labels[name]), el("dd", {}, said));
  }
  return el("dl", { class: "facts" }, nodes);
}

function goodsOf(line) {
  const sub = line.subsidiary?.length ? ` (${line.subsidiary.join(", ")})` : "";
  const head = `UN ${line.un}, ${line.name}, ${line.hazard_class}${sub}${line.packing_group ? `, PG ${line.packing_group}` : ""}`;
  return el("div", { class: "goods" }, el("strong", {}, head), facts(line));
}

function part(name, each) {
  const version = chosen.versions.at(-1);
  const signed = version.signed[name];
  const waits = chosen.awaiting.includes(name);
  const buttons = waits && may("close")
    ? [button(t("Accept and sign"), () => answer("sign", name)), button(t("Refuse"), () => answer("refuse", name))]
    : [];
  const said = signed ? `${t("signed by {who}", { who: signed.who })} · ${moment(signed.time)}` : waits ? t("has not answered yet") : chosen.answer === "lapsed" && version.asked.includes(name) ? t("has never answered") : "–";
  return el(
    "div",
    { "data-authority": name },
    el("h3", {}, pick(each.title), el("span", { class: "under" }, said)),
    facts(each.fields),
    each.fields.goods.map(goodsOf),
    buttons.length ? el("div", { class: "acts" }, buttons) : null,
  );
}

const button = (label, work) => el("button", { type: "button", onclick: () => attempt(work) }, label);

function step(each) {
  const said = [place(each.place), each.detail].filter(Boolean).join(" · ");
  return el("li", {}, el("span", {}, ""), el("span", {}, states[each.step]), el("span", {}, moment(each.time)), el("span", {}, said));
}

async function show(id) {
  draw(await get(`/api/declarations/${id}`));
  byId("chosen").scrollIntoView({ block: "nearest" });
}

function draw(declaration) {
  chosen = declaration;
  const newest = chosen.versions.at(-1);
  byId("chosen").hidden = false;
  byId("declaring").hidden = true;
  setText(byId("chosen-title"), `${chosen.id} · ${chosen.container}`);
  const due = chosen.due ? ` · ${t("Due")} ${moment(chosen.due)}` : "";
  const source = chosen.confirmed ? "" : ` · ${t("clock not confirmed")}`;
  const unanswered = chosen.answer === "lapsed" ? ` · ${states.lapsed}` : "";
  setText(byId("standing"), `${states[chosen.state]}${unanswered}${due}${source}`);
  const lines = [...newest.reasons.map((each) => pick(each.text)), ...newest.doubts.map((each) => pick(each))];
  byId("doubts").replaceChildren(
    ...(lines.length ? [el("h3", {}, newest.reasons.length ? t("Reasons and doubts") : t("Doubts")), el("ul", {}, lines.map((each) => el("li", {}, each)))] : []),
  );
  byId("parts").replaceChildren(...Object.entries(chosen.parts).map(([name, each]) => part(name, each)));
  byId("box").replaceChildren(...(chosen.box.length ? chosen.box.map(step) : [el("li", {}, el("span", {}, ""), el("span", {}, t("has not come yet")))]));
  byId("versions").replaceChildren(...chosen.versions.map(version));
  const gone = ["loaded", "gate-out", "cancelled"].includes(chosen.state);
  const offers = may("comment") && !gone ? [button(t("Amend"), amend)] : [];
  if (offers.length && !chosen.came) offers.push(button(t("Take back"), () => answer("cancel")));
  byId("acts").replaceChildren(...offers);
  byId("words-field").hidden = !offers.length && !chosen.awaiting.length;
}

async function answer(path, authority) {
  const fields = answering.elements;
  if (path !== "sign") {
    fields.why.required = true;
    if (!fields.why.reportValidity()) return;
  }
  fields.why.required = false;
  const body = { who: fields.who.value, why: fields.why.value, authority };
  draw(await send("POST", `/api/declarations/${chosen.id}/${path}`, body));
  fields.why.value = "";
  await list();
}

function openForm(title, act, values) {
  byId("declaring").hidden = false;
  byId("chosen").hidden = true;
  byId("why-field").hidden = !amending;
  byId("message-field").hidden = Boolean(amending);
  form.elements.why.required = Boolean(amending);
  setText(byId("declaring-title"), title);
  setText(byId("send"), act);
  fill(values);
  byId("declaring").scrollIntoView({ block: "nearest" });
}

function declare() {
  amending = null;
  openForm(t("Declare goods"), t("Declare"));
}

function amend() {
  amending = chosen.id;
  openForm(t("Amend {number}", { number: chosen.id }), t("Send the amendment"), chosen.form);
}

async function sendForm() {
  const body = { form: filled(), who: form.elements.who.value };
  if (amending) body.why = form.elements.why.value;
  draw(await send("POST", amending ? `/api/declarations/${amending}/amend` : "/api/declarations", body));
  await list();
}

async function sendMessage() {
  const [file] = byId("message").files;
  byId("message").value = "";
  if (!file || !form.elements.site.reportValidity()) return;
  const { items } = await send("POST", "/api/declarations/iftdgn", { message: await file.text(), site: form.elements.site.value, who: form.elements.who.value });
  byId("declaring").hidden = true;
  await list();
  return t("{count} declarations read", { count: items.length });
}

async function attempt(work) {
  try {
    setText(byId("answer"), (await work()) || "");
  } catch (error) {
    setText(byId("answer"), error.message);
    byId("answer").scrollIntoView({ block: "center" });
  }
}

async function start() {
  const terms = await get("/api/declarations/terms");
  authorities = terms.authorities;
  for (const [name, each] of Object.entries(authorities)) byId("awaiting").append(el("option", { value: name }, pick(each.title)));
  // Where there is a choice nobody's yard stands there unchosen.
  if (terms.sites.length > 1) byId("sites").append(el("option", { value: "" }, t("Choose a site")));
  for (const each of terms.sites) byId("sites").append(el("option", { value: each.id }, pick(each.title)));
  byId("begin").hidden = !may("comment") || !terms.sites.length;
  await list();
}

startBar();
// Who has said once who they are need not say it again in the other form.
const names = [form.elements.who, answering.elements.who];
for (const each of names) {
  each.closest("label").hidden = me.signed_in;
  each.addEventListener("input", () => names.forEach((other) => (other.value = each.value)));
}
for (const [code, title] of Object.entries(states)) if (code !== "lapsed") byId("states").append(el("option", { value: code }, title));
cut.addEventListener("change", (event) => event.target.type !== "file" && attempt(() => list(ROWS)));
cut.addEventListener("submit", (event) => event.preventDefault());
answering.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(sendForm);
});
byId("begin").addEventListener("click", declare);
byId("older").addEventListener("click", () => attempt(older));
byId("add").addEventListener("click", () => addLine());
byId("leave").addEventListener("click", () => (byId("declaring").hidden = true));
byId("message").addEventListener("change", () => attempt(sendMessage));
showFilled(attempt(start));
