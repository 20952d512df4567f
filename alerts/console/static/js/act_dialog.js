// The dialog in which somebody does something about alarms: it asks for what the action needs, sends it, and shows
// the server's own sentence where it refuses. Nothing is shown as done before the server has said so.

import { ACTIONS, actionTitle } from "./actions.js";
import { city } from "./bar.js";
import { el, setText } from "./element.js";
import { sentence } from "./figures.js";
import { FIELDS } from "./act_fields.js";
import { me, pick, t } from "./frame.js";
import { mark, needsAction } from "./levels.js";
import { ServerError, acknowledgeMany, act } from "./server.js";
import { knownWords, vocabulary } from "./vocabulary.js";

const REMEMBERED = "citybrain.who";
const NEED_WORDS = new Set(["reason", "verdict"]);
const NAMED = 4; // alarms named in the dialog; the rest are counted

export class ActDialog {
  #busy = false;

  // taken(alarm): called with each alarm as the server gave it back; said(words): what came of it, in one sentence.
  constructor(taken, said) {
    this.taken = taken;
    this.said = said;
    this.node = el("dialog", { class: "act-dialog", "aria-labelledby": "act-dialog-title" });
    document.body.append(this.node);
  }

  // Opens at once wherever it can: what is typed after the key must land in the dialog.
  async open(name, alarms) {
    if (this.node.open) return;
    try {
      if (ACTIONS[name].fields.some((field) => NEED_WORDS.has(field)) && knownWords().verdicts.length === 0) await vocabulary();
    } catch (error) {
      this.said(error.message);
      return;
    }
    if (this.node.open) return;
    this.#build(name, alarms, knownWords());
    this.node.showModal();
    (this.node.querySelector("[data-first]") ?? this.node.querySelector("button[type=submit]")).focus();
  }

  #build(name, alarms, words) {
    const asked = { alarms, words, now: city.now() };
    const fields = ACTIONS[name].fields.map((field) => FIELDS[field](asked));
    const who = this.#who();
    const first = [who, ...fields].find((field) => field?.first && !(field === who && who.filled));
    first?.first.setAttribute("data-first", "");
    this.error = el("div", { class: "refused", role: "alert" });
    this.button = el("button", { type: "submit" }, this.#label(name, alarms));
    this.form = el(
      "form",
      { onsubmit: (event) => this.#send(event, name, alarms) },
      who && !who.filled ? who.node : null,
      ...fields.map((field) => field.node),
      who?.filled ? who.node : null,
      who ? null : el("p", { class: "as" }, t("as {who}", { who: me.shown })),
      this.error,
      el("div", { class: "dialog-buttons" }, this.button, el("button", { type: "button", class: "quiet", onclick: () => this.#close() }, t("Cancel"))),
    );
    this.form.addEventListener("keydown", (event) => {
      const sends = event.key === "Enter" && event.target.matches("textarea") && !event.shiftKey && !event.isComposing;
      if (!sends) return;
      event.preventDefault();
      this.form.requestSubmit();
    });
    for (const field of fields) field.wire?.(this.form);
    this.node.replaceChildren(el("h2", { id: "act-dialog-title" }, actionTitle(name)), subject(alarms), this.form);
  }

  #who() {
    if (me.signed_in) return null; // the server takes the name of whoever is signed in
    const input = el("input", { name: "who", required: true, maxlength: 80, autocomplete: "name" });
    input.value = localStorage.getItem(REMEMBERED) ?? "";
    return { node: el("label", {}, t("Your name"), input), first: input, filled: Boolean(input.value) };
  }

  #label(name, alarms) {
    return alarms.length > 1 ? t("{action}: {n} alarms", { action: actionTitle(name), n: alarms.length }) : actionTitle(name);
  }

  #close() {
    if (!this.#busy) this.node.close();
  }

  async #send(event, name, alarms) {
    event.preventDefault();
    if (this.#busy) return;
    const body = bodyOf(this.form);
    this.#wait(true, name, alarms);
    this.error.replaceChildren();
    const outcomes = await send(name, alarms, body);
    this.#wait(false, name, alarms);
    const done = outcomes.filter((each) => each.alarm);
    const refused = outcomes.filter((each) => !each.alarm);
    for (const { alarm } of done) this.taken(alarm);
    if (done.length > 0 && body.who) localStorage.setItem(REMEMBERED, body.who);
    if (refused.length === 0) {
      this.node.close();
      this.said(done.length > 1 ? t("Recorded: {action}, {n} alarms.", { action: actionTitle(name), n: done.length }) : t("Recorded: {action}.", { action: actionTitle(name) }));
      return;
    }
    this.#refuse(done, refused);
  }

  // What was done stays done; the sentence of each refusal stands until the dialog is closed.
  #refuse(done, refused) {
    const several = done.length + refused.length > 1;
    const items = refused.map(({ asked, error }) => el("li", {}, several ? `${pick(asked.site_title, asked.site)}: ${error}` : error));
    this.error.replaceChildren(
      el("p", {}, several ? t("{done} recorded, {refused} refused:", { done: done.length, refused: refused.length }) : t("Refused:")),
      el("ul", {}, items),
    );
    if (several) this.button.hidden = true;
  }

  #wait(busy, name, alarms) {
    this.#busy = busy;
    this.button.disabled = busy;
    setText(this.button, busy ? t("Sending…") : this.#label(name, alarms));
  }
}

function subject(alarms) {
  const rows = alarms.slice(0, NAMED).map((alarm) =>
    el(
      "li",
      {},
      mark(alarm.severity, needsAction(alarm)),
      el("span", {}, el("strong", {}, pick(alarm.site_title, alarm.site)), el("span", { class: "sentence" }, sentence(alarm.text))),
    ),
  );
  const more = alarms.length - rows.length;
  return el("ul", { class: "subject" }, rows, more > 0 ? el("li", { class: "more" }, t("and {n} more", { n: more })) : null);
}

// The fields of the form as the interface wants them: empty ones are left out.
function bodyOf(form) {
  const body = {};
  for (const [name, value] of new FormData(form)) {
    const text = value.trim();
    if (name === "hours" && text === "once") body.one_shot = true;
    else if (name === "hours") body.seconds = Number(text);
    else if (text) body[name] = text;
  }
  return body;
}

async function send(name, alarms, body) {
  if (name === "acknowledge" && alarms.length > 1) return sendTogether(alarms, body);
  const outcomes = [];
  for (const asked of alarms) {
    try {
      outcomes.push({ asked, alarm: await act(name, asked.id, body) });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      outcomes.push({ asked, error: error.message });
    }
  }
  return outcomes;
}

async function sendTogether(alarms, body) {
  try {
    const { items } = await acknowledgeMany(alarms.map((alarm) => alarm.id), body);
    return items.map((each, place) => ({ asked: alarms[place], alarm: each.ok ? each.alarm : null, error: each.error }));
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    return [{ asked: alarms[0], error: error.message }];
  }
}
