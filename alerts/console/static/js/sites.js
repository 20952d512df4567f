// The registered sites with their positions, fetched once and again when an alarm comes from one not known yet.

import { getSites } from "./server.js";

const AGAIN_MS = 30_000;

export class Sites {
  #items = [];
  #ids = new Set();
  #asked = 0;

  // changed(): called when the sites were read anew.
  constructor(changed) {
    this.changed = changed;
  }

  known(alarms) {
    const stranger = alarms.some((alarm) => !this.#ids.has(alarm.site));
    if (stranger && this.#asked && Date.now() - this.#asked > AGAIN_MS) this.load();
    return this.#items;
  }

  // A failure leaves what was known: the line's own state says that the server is away.
  async load() {
    this.#asked = Date.now();
    try {
      this.#items = (await getSites()).items;
    } catch {
      return;
    }
    this.#ids = new Set(this.#items.map((site) => site.id));
    this.changed();
  }
}
