// Supervision tickets: whose turn it is, what was said, and the answer or decision that is due.

import { startBar } from "./bar.js";
import { el, setText } from "./element.js";
import { language, me, pick, t, zone } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("cut");
const answering = byId("answering");
let chosen = null;

const states = {
  "answer-awaited": t("answer awaited"),
  "review-awaited": t("review awaited"),
  answered: t("answered"),
  verified: t("verified"),
  withdrawn: t("withdrawn"),
};
const sides = { firm: t("firm"), office: t("office") };
const outcomes = { violation: t("violation"), explained: t("explained"), instrument: t("instrument fault"), false: t("no exceedance") };
const acts = {
  issued: t("issued"),
  replied: t("replied"),
  supplement: t("more evidence asked for"),
  verified: t("verified"),
  withdrawn: t("withdrawn"),
  escalated: t("overdue, passed on"),
};

function moment(ms) {
  if (!ms) return "–";
  const shape = { timeZone: zone, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", shape).format(ms);
}

const may = (act) => me.acts === null || me.acts.includes(act);
const about = (key) => key.split("|")[0].split("/").slice(1).join(" ");

function row(each) {
  return el(
    "tr",
    { class: each.overdue ? "is-over" : null, "data-ticket": each.id },
    el("td", {}, pick(each.site_title)),
    el("td", {}, about(each.about), el("span", { class: "under" }, pick(each.text))),
    el("td", { class: "result" }, states[each.state] ?? each.state),
    el("td", {}, sides[each.waiting] ?? "–"),
    el("td", {}, moment(each.issued)),
    el("td", { class: "result" }, moment(each.due), each.overdue ? el("span", { class: "under" }, t("overdue")) : null),
    el("td", {}, el("button", { type: "button", class: "quiet", onclick: () => attempt(() => show(each.id)) }, t("Open"))),
  );
}

async function list() {
  const fields = Object.entries(Object.fromEntries(new FormData(form))).filter(([, value]) => value);
  const [{ items }, sums] = await Promise.all([get(`/api/tickets?${new URLSearchParams(fields)}`), get("/api/tickets/figures")]);
  byId("tickets").replaceChildren(...items.map(row));
  byId("none").hidden = items.length > 0;
  const share = sums.verified_share === null ? "–" : `${sums.verified_share} %`;
  setText(byId("figures"), t("{issued} issued, {verified} verified ({share}), {open} open, {overdue} overdue", { ...sums, share }));
}

function said(ticket, event) {
  const files = (event.files ?? []).map((file) =>
    el("a", { href: `/api/tickets/${ticket.id}/files/${file.sha256}`, class: "under" }, `${file.name} · ${file.size} B`),
  );
  const words = typeof event.text === "string" ? event.text : pick(event.text, event.to ?? "");
  return el(
    "li",
    {},
    el("span", {}, event.step ?? ""),
    el("span", {}, acts[event.type] ?? event.type),
    el("span", {}, moment(event.time)),
    el("span", {}, [event.who, words, outcomes[event.outcome]].filter(Boolean).join(" · "), files),
  );
}

const hours = (ms) => `${(ms / 3_600_000).toFixed(1)} h`;

async function show(id) {
  chosen = await get(`/api/tickets/${id}`);
  byId("chosen").hidden = false;
  setText(byId("chosen-title"), `${pick(chosen.site_title)} · ${about(chosen.about)}`);
  setText(byId("reason"), pick(chosen.text));
  byId("facts").replaceChildren(
    el("dt", {}, t("State")), el("dd", {}, states[chosen.state]),
    el("dt", {}, t("Time the firm took")), el("dd", {}, hours(chosen.used_ms.firm)),
    el("dt", {}, t("Time the office took")), el("dd", {}, hours(chosen.used_ms.office)),
  );
  byId("events").replaceChildren(...chosen.events.map((event) => said(chosen, event)));
  offer();
  byId("chosen").scrollIntoView({ block: "nearest" });
}

function button(label, path, kind) {
  return el("button", { type: "button", onclick: () => attempt(() => act(path, kind)) }, label);
}

function offer() {
  const firm = chosen.waiting === "firm" && may("comment");
  const office = chosen.waiting === "office" && (may("judge") || may("close"));
  answering.hidden = !firm && !office;
  byId("file-field").hidden = !firm;
  byId("outcome-field").hidden = !office;
  answering.elements.who.closest("label").hidden = me.signed_in;
  const buttons = [
    firm && button(t("Reply"), "reply"),
    office && may("judge") && button(t("Ask for more evidence"), "supplement"),
    office && may("close") && button(t("Decide and close"), "verify"),
  ];
  byId("acts").replaceChildren(...buttons.filter(Boolean));
}

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { name: file.name, content: btoa(text) };
}

async function act(path) {
  const fields = answering.elements;
  if (!fields.text.reportValidity()) return;
  const body = { text: fields.text.value, who: fields.who.value };
  if (path === "verify") body.outcome = fields.outcome.value;
  if (path === "reply") body.files = await Promise.all([...fields.file.files].map(encoded));
  await send("POST", `/api/tickets/${chosen.id}/${path}`, body);
  answering.reset();
  await show(chosen.id);
  await list();
}

async function attempt(work) {
  try {
    await work();
    setText(byId("answer"), "");
  } catch (error) {
    setText(byId("answer"), error.message);
  }
}

startBar();
for (const [code, title] of Object.entries(states)) byId("states").append(el("option", { value: code }, title));
for (const [code, title] of Object.entries(outcomes)) byId("outcomes").append(el("option", { value: code }, title));
form.addEventListener("change", () => attempt(list));
answering.addEventListener("submit", (event) => event.preventDefault());
attempt(list);
