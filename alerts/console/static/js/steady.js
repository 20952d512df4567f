// While a hand is on a list its rows keep their places: whoever is about to press one must not hit another that slid in.

import { el, setText } from "./element.js";
import { count } from "./figures.js";
import { t } from "./frame.js";

const HAND_MS = 4_000; // a pointer that has not stirred for so long is no hand: what is new must not wait for it

export class Steady {
  #timer = null;
  #at = "";
  #work = () => {};

  // list: whose rows keep their places; released(): the hand has left them.
  constructor(list, released) {
    this.released = released;
    this.note = el("p", { class: "waiting", role: "status", hidden: true });
    list.parentElement.append(this.note);
    for (const type of ["pointermove", "pointerdown", "wheel"]) list.addEventListener(type, (event) => this.#stir(event), { passive: true });
    // A finger leaves the list whenever it is lifted, and comes back.
    list.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && this.release());
  }

  get held() {
    return this.#timer !== null;
  }

  // How many wait to be let in.
  wait(number) {
    this.note.hidden = number === 0;
    setText(this.note, number === 0 ? "" : t("{n} new, shown when the pointer rests or leaves the list", { n: count(number) }));
  }

  // Do what moves the whole list once the hand has left it; of several such works only the last.
  later(work) {
    if (this.held) this.#work = work;
    else work();
  }

  release() {
    if (!this.held) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.wait(0);
    this.#work();
    this.#work = () => {};
    this.released();
  }

  // A list that moves under a pointer at rest makes the browser tell of a move that is none.
  #stir(event) {
    const at = `${event.screenX} ${event.screenY}`;
    if (event.type === "pointermove" && at === this.#at) return;
    this.#at = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.release(), HAND_MS);
  }
}

// Rows as they stood, each with its alarms as they are now (`get(id)`; one that is gone stays as it was).
export function asTheyStood(rows, get) {
  const now = (alarm) => get(alarm.id) ?? alarm;
  return rows.map((row) => ({
    ...row,
    alarms: row.alarms.map(now),
    ...(row.alarm && { alarm: now(row.alarm) }),
    ...(row.consequences && { consequences: row.consequences.map(now) }),
  }));
}
