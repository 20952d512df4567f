// Recalls: their clocks, who holds what, who was told and signed, and what came back.

import { startBar } from "./bar.js";
import "./by_address.js";
import { first, refutedWords, shown, things } from "./custody.js";
import { el, setText } from "./element.js";
import { me, pick, t } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const may = (act) => me.acts === null || me.acts.includes(act);
const share = (value) => (value === null ? "–" : `${value} %`);
const SENT = {
  pending: t("being sent"), retrying: t("being sent again"), delivered: t("has arrived"), dead: t("was refused"),
  unaddressed: t("no address is known"), "signed-for": t("has arrived"),
};
// Of a recall that reached thousands: so many holders at a time, and so many of the things of each.
const ROWS = 50;
const MOST = 5;
let chosen = null;
let place = null; // the cursor after the last recall that is drawn

function row(each) {
  return el(
    "tr",
    { class: each.overdue ? "is-over" : null, "data-recall": each.id },
    el("td", { class: "result" }, each.level),
    el("td", {}, ...first(each.of, each.of_count)),
    el("td", {}, pick(each.text), each.refuted ? el("span", { class: "under" }, refutedWords(each)) : null),
    el("td", {}, shown(each.opened)),
    el("td", { class: "result" }, each.started ? t("begun") : shown(each.start_due)),
    el("td", {}, each.closed ? t("closed") : shown(each.finish_due), each.confirmed ? null : el("span", { class: "under" }, t("clock not confirmed"))),
    el("td", {}, `${each.figures.signed} / ${each.figures.notified}`),
    el("td", {}, share(each.figures.found_share)),
    el("td", {}, el("button", { type: "button", class: "quiet", onclick: () => attempt(() => show(each.id)) }, t("Open"))),
  );
}

// As many as are drawn, so that whoever had older ones shown keeps them in sight.
async function list() {
  const rows = Math.min(500, Math.max(ROWS, byId("recalls").rows.length));
  const found = await get(`/api/recalls?limit=${rows}`);
  byId("recalls").replaceChildren();
  addRecalls(found);
}

async function older() {
  const from = place;
  const found = await get(`/api/recalls?${new URLSearchParams({ limit: ROWS, cursor: from })}`);
  if (place === from) addRecalls(found);
}

function addRecalls({ items, next, count }) {
  place = next;
  const table = byId("recalls");
  table.append(...items.map(row));
  byId("none").hidden = count > 0;
  setText(byId("recalls-count"), count ? t("{shown} of {n}", { shown: table.rows.length, n: count }) : "");
  byId("older").hidden = !next;
}

function holder(each) {
  const notice = chosen.notices.filter((one) => one.holder === each.holder).at(-1);
  const stopped = notice && ["dead", "unaddressed"].includes(notice.status) && may("comment") && !chosen.closed;
  const sign = may("comment") && each.elements.length && !each.signed && !chosen.closed;
  return el(
    "tr",
    { "data-holder": each.holder },
    el("td", {}, pick(each.title), el("span", { class: "under" }, ...(each.elements.length ? first(each.elements, each.elements_count) : [t("freed by a correction")]))),
    el("td", {}, chosen.traced ? (each.now ? t("has it now") : t("had it before")) : t("is being traced")),
    el("td", {}, shown(each.told), notice ? el("span", { class: "under", title: notice.error }, SENT[notice.status]) : null),
    el("td", {}, shown(each.signed)),
    el("td", {}, String(each.held)),
    el("td", {}, String(each.found)),
    el("td", {}, String(each.destroyed)),
    el(
      "td",
      {},
      sign ? button(t("Sign for it"), "sign", { holder: each.holder }) : null,
      stopped ? button(t("Send again"), `notices/${notice.number}/send`, {}) : null,
    ),
  );
}

function button(label, path, body) {
  return el("button", { type: "button", class: "quiet", onclick: () => attempt(() => act(path, body)) }, label);
}

// `rows` holders after the one that `cursor` names, as the page's own cut has them.
const part = (rows, cursor = "") => new URLSearchParams({ most: MOST, rows, cursor, stand: byId("stand").value });

// As many as are drawn: what was shown stays in sight when something is done to one of them.
const drawn = () => Math.min(1000, Math.max(ROWS, byId("holders").rows.length));

// What is known without a trace comes at once: one of very many things takes seconds.
async function show(id) {
  draw(await get(`/api/recalls/${id}?${part(ROWS)}&at_once=true`));
  await follow(id);
}

async function follow(id) {
  if (chosen.traced) return;
  const asked = part(drawn());
  const whole = await get(`/api/recalls/${id}?${asked}`);
  if (chosen.id !== id || asked.get("stand") !== byId("stand").value) return;
  if (drawn() > Number(asked.get("rows"))) await follow(id); // more were asked for meanwhile: they stay in sight
  else draw(whole);
}

async function more() {
  const { id, next } = chosen;
  const found = await get(`/api/recalls/${id}?${part(ROWS, next)}&at_once=true`);
  if (chosen.id !== id || chosen.next !== next) return;
  chosen = { ...found, notices: [...chosen.notices, ...found.notices] };
  byId("holders").append(...found.holders.map(holder));
  count();
}

function count() {
  setText(byId("holders-count"), t("{shown} of {n}", { shown: byId("holders").rows.length, n: chosen.holders_count }));
  byId("more").hidden = !chosen.next;
}

function draw(recall) {
  chosen = recall;
  const sums = recall.figures;
  byId("chosen").hidden = false;
  byId("who-field").hidden = me.signed_in;
  setText(byId("chosen-title"), pick(recall.text));
  setText(byId("refuted"), refutedWords(recall));
  byId("refuted").hidden = !recall.refuted;
  byId("facts").replaceChildren(
    el("dt", {}, t("Source")), el("dd", {}, ...things(recall.sources.map((each) => each.name))),
    el("dt", {}, t("Affected goods")), el("dd", {}, ...(recall.traced ? first(recall.affected, recall.affected_count) : [t("is being traced")])),
    el("dt", {}, t("Reached")), el("dd", {}, `${sums.delivered} / ${sums.notified}`),
    el("dt", {}, t("Found")), el("dd", {}, `${sums.found} / ${sums.held} · ${t("Destroyed")} ${sums.destroyed}`),
  );
  byId("acts").replaceChildren(
    ...(recall.closed || recall.started || !may("comment") ? [] : [button(t("The firm has begun"), "start", {})]),
  );
  byId("holders").replaceChildren(...recall.holders.map(holder));
  byId("whole").href = `/api/recalls/${recall.id}`;
  byId("whole").download = `recall-${recall.id}.json`;
  count();
}

async function act(path, body) {
  const after = await send("POST", `/api/recalls/${chosen.id}/${path}?${part(drawn())}`, { ...body, who: byId("who").value });
  draw(after);
  await list();
  await follow(after.id);
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
byId("more").addEventListener("click", () => attempt(more));
byId("older").addEventListener("click", () => attempt(older));
byId("stand").addEventListener("change", () => attempt(() => show(chosen.id)));
attempt(list);
