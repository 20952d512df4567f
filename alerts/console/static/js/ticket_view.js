// One ticket: whose turn it is, what was said, and the answer or decision that is due.

import { cityMs, moment } from "./city_moment.js";
import { el, setText } from "./element.js";
import { me, pick, t } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const may = (act) => me.acts === null || me.acts.includes(act);
const hours = (ms) => `${(ms / 3_600_000).toFixed(1)} h`;
const acts = {
  issued: t("issued"),
  replied: t("replied"),
  supplement: t("more evidence asked for"),
  verified: t("verified"),
  withdrawn: t("withdrawn"),
  escalated: t("overdue, passed on"),
};

// What stands before the first stroke of a judgement's key is its subject; other tickets say it all in their text.
export const about = (key) => (key.includes("|") ? key.split("|")[0].split("/").slice(1).join(" ") : "");

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return { name: file.name, content: btoa(text) };
}

// The lower half of a page of tickets. `outcomes` and `states` are its words, `dated`: a supplement bears a date of
// its own, `changed` is called after an act.
export function ticketView({ outcomes, states, dated = false, changed }) {
  const answering = byId("answering");
  let chosen = null;

  function said(event) {
    const files = (event.files ?? []).map((file) =>
      el("a", { href: `/api/tickets/${chosen.id}/files/${file.sha256}`, class: "under" }, `${file.name} · ${file.size} B`),
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

  function button(label, path) {
    return el("button", { type: "button", onclick: () => attempt(() => act(path)) }, label);
  }

  function offer() {
    const firm = chosen.waiting === "firm" && may("comment");
    const office = chosen.waiting === "office" && (may("judge") || may("close"));
    answering.hidden = !firm && !office;
    byId("file-field").hidden = !firm;
    byId("outcome-field").hidden = !office;
    byId("due-field").hidden = !office || !dated;
    answering.elements.who.closest("label").hidden = me.signed_in;
    const buttons = [
      firm && button(t("Reply"), "reply"),
      office && may("judge") && button(dated ? t("Not put right yet") : t("Ask for more evidence"), "supplement"),
      office && may("close") && button(t("Decide and close"), "verify"),
    ];
    byId("acts").replaceChildren(...buttons.filter(Boolean));
  }

  async function act(path) {
    const fields = answering.elements;
    if (!fields.text.reportValidity()) return;
    const body = { text: fields.text.value, who: fields.who.value };
    if (path === "verify") body.outcome = fields.outcome.value;
    if (path === "supplement" && dated && fields.due.value) body.due = cityMs(fields.due.value);
    if (path === "reply") body.files = await Promise.all([...fields.file.files].map(encoded));
    await send("POST", `/api/tickets/${chosen.id}/${path}`, body);
    answering.reset();
    await show(chosen.id);
    await changed();
  }

  async function attempt(work) {
    try {
      await work();
      setText(byId("answer"), "");
    } catch (error) {
      setText(byId("answer"), error.message);
    }
  }

  async function show(id) {
    chosen = await get(`/api/tickets/${id}`);
    byId("chosen").hidden = false;
    setText(byId("chosen-title"), [pick(chosen.site_title), about(chosen.about)].filter(Boolean).join(" · "));
    setText(byId("reason"), pick(chosen.text));
    byId("facts").replaceChildren(
      el("dt", {}, t("State")), el("dd", {}, states[chosen.state]),
      el("dt", {}, t("Time the firm took")), el("dd", {}, hours(chosen.used_ms.firm)),
      el("dt", {}, t("Time the office took")), el("dd", {}, hours(chosen.used_ms.office)),
    );
    byId("events").replaceChildren(...chosen.events.map(said));
    offer();
    byId("chosen").scrollIntoView({ block: "nearest" });
  }

  for (const [code, title] of Object.entries(outcomes)) byId("outcomes").append(el("option", { value: code }, title));
  answering.addEventListener("submit", (event) => event.preventDefault());
  return { show };
}
