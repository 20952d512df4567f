// The alarms a page knows, filled from the API and kept current by the stream.
//
// The stream may repeat or overtake what was fetched, so an older state of an alarm never replaces a newer one.

import { isQuiet, needsAction } from "./levels.js";
import { getAlarms } from "./server.js";

const PAGE = 200;
const MOST = 1_000; // a browser tab must survive an alarm flood; the rest is said to be there, not drawn

export class Roll {
  #known = new Map();
  #query;
  #paint;
  #failed;
  #due = false;
  #run = 0;

  // query: what to ask the API for; paint(): called at most once per frame; failed(error): a fetch went wrong.
  constructor(query, paint, failed) {
    this.#query = query;
    this.#paint = paint;
    this.#failed = failed;
    this.ready = false;
    this.partial = false;
  }

  alarms() {
    return [...this.#known.values()].filter((alarm) => fits(alarm, this.#query));
  }

  get(id) {
    return this.#known.get(id);
  }

  // Ask for something else: forgets what does not belong and fetches anew.
  ask(query) {
    this.#query = query;
    this.#known.clear();
    this.ready = false;
    this.repaint();
    return this.load();
  }

  // Fetch everything again, as after a lost line. What the stream brings meanwhile is kept if newer.
  async load() {
    const run = (this.#run += 1);
    const started = Date.now();
    const found = new Map();
    try {
      let cursor = null;
      do {
        const page = await getAlarms({ ...serverSide(this.#query), limit: PAGE, cursor });
        if (run !== this.#run) return;
        for (const alarm of page.items) found.set(alarm.id, alarm);
        cursor = page.next;
      } while (cursor && found.size < MOST);
      this.partial = Boolean(cursor);
    } catch (error) {
      if (run === this.#run) this.#failed(error);
      return;
    }
    for (const [id, alarm] of this.#known) {
      const fetched = found.get(id);
      if (alarm.heard >= started && !(fetched && newer(fetched, alarm))) found.set(id, alarm);
    }
    this.#known = found;
    this.ready = true;
    this.#failed(null);
    this.repaint();
  }

  take(alarm) {
    const known = this.#known.get(alarm.id);
    if (known && newer(known, alarm)) return;
    this.#known.set(alarm.id, { ...alarm, heard: Date.now() });
    if (this.#known.size > MOST * 2) this.#dropClosed();
    this.repaint();
  }

  repaint() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#paint();
    });
  }

  #dropClosed() {
    for (const [id, alarm] of this.#known) if (!fits(alarm, this.#query)) this.#known.delete(id);
  }
}

// An alarm's `updated` (city time) never goes back; `revision` counts what late data changed.
const newer = (one, other) =>
  one.updated > other.updated || (one.updated === other.updated && one.revision > other.revision);

// "unacknowledged" and "quiet" are choices of this page; the API knows open, closed and all.
const OURS = new Set(["unacknowledged", "quiet"]);
const serverSide = (query) => ({ ...query, state: OURS.has(query.state) ? "open" : query.state });

function fits(alarm, { state = "all", domain = "", severity = "" }) {
  if (domain && alarm.domain !== domain) return false;
  if (severity && alarm.severity !== severity) return false;
  if (state === "open") return alarm.state !== "normal";
  if (state === "closed") return alarm.state === "normal";
  if (state === "unacknowledged") return needsAction(alarm);
  if (state === "quiet") return isQuiet(alarm);
  return true;
}
