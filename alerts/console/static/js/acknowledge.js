// The acknowledgement: who and a note, sent to the server, and the server's own answer shown.
//
// Nothing is shown as acknowledged before the server says so: two desks may press at the same time.

import { el, setText } from "./element.js";
import { moment } from "./figures.js";
import { me, t } from "./frame.js";
import { needsAction } from "./levels.js";
import { acknowledge } from "./server.js";

const REMEMBERED = "citybrain.who";

export class AcknowledgeForm {
  #alarm = null;
  #busy = false;

  // done(alarm): called with the alarm as the server gave it back.
  constructor(done) {
    this.done = done;
    this.who = el("input", { name: "who", required: true, maxlength: 80, autocomplete: "name" });
    this.note = el("textarea", { name: "note", rows: 2, maxlength: 1000 });
    this.who.value = me.signed_in ? me.shown : (localStorage.getItem(REMEMBERED) ?? "");
    this.who.readOnly = me.signed_in; // the server takes the name of whoever is signed in
    this.button = el("button", { type: "submit" }, t("Acknowledge"));
    this.answer = el("p", { class: "answer", role: "status" });
    this.form = el(
      "form",
      { class: "acknowledge", onsubmit: (event) => this.#send(event) },
      el("label", {}, t("Your name"), this.who),
      el("label", {}, t("Note"), this.note),
      this.button,
    );
    this.taken = el("p", { class: "taken" });
    this.node = el("div", { class: "acknowledge-box" }, this.taken, this.form, this.answer);
    this.note.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
  }

  show(alarm, now) {
    if (this.#alarm?.id !== alarm.id) {
      setText(this.answer, "");
      this.answer.classList.remove("is-error");
      this.note.value = "";
    }
    this.#alarm = alarm;
    this.form.hidden = !needsAction(alarm);
    this.taken.hidden = !alarm.acknowledged_by;
    if (!alarm.acknowledged_by) return;
    const words = t("Acknowledged by {who} at {time}", {
      who: alarm.acknowledged_by,
      time: moment(alarm.acknowledged_at, now),
    });
    this.taken.replaceChildren(el("strong", {}, words), alarm.note ? el("span", { class: "note" }, alarm.note) : "");
  }

  focus() {
    if (!this.#alarm || this.form.hidden || !this.form.isConnected) return;
    (this.who.value ? this.note : this.who).focus();
  }

  hasFocus() {
    return this.form.contains(document.activeElement);
  }

  async #send(event) {
    event.preventDefault();
    if (this.#busy || !this.#alarm) return;
    const { id } = this.#alarm;
    const who = this.who.value.trim();
    if (!who) return this.who.focus();
    this.#wait(true);
    try {
      const alarm = await acknowledge(id, who, this.note.value.trim());
      if (!me.signed_in) localStorage.setItem(REMEMBERED, who);
      this.done(alarm);
      this.#say(id, t("The server has recorded the acknowledgement."), false);
    } catch (error) {
      this.#say(id, t("Not acknowledged: {error}", { error: error.message }), true);
    } finally {
      this.#wait(false);
    }
  }

  // The answer belongs to the alarm it was asked for; if another is shown by now, it names none.
  #say(id, words, bad) {
    if (this.#alarm?.id !== id) return;
    setText(this.answer, words);
    this.answer.classList.toggle("is-error", bad);
  }

  #wait(busy) {
    this.#busy = busy;
    this.button.disabled = busy;
    setText(this.button, busy ? t("Sending…") : t("Acknowledge"));
  }
}
