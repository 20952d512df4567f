// The live connection: server-sent events with resume, and an honest answer to "are we still connected?".
//
// A page that shows a quiet city because its own line is cut is the worst failure a wall has. So the
// feed counts as live only while the stream is open AND something was heard lately; when nothing was,
// it asks the server outright. "Lost" carries the moment we last heard anything.

import { getWall } from "./server.js";

const LOOK_EVERY_MS = 1_000;
const QUIET_MS = 6_000; // silence after which the server is asked
const PATIENCE_MS = 3_000; // how long it may take to answer that
const REOPEN_MS = 30_000; // silence after which the stream itself is distrusted
const RECOUNT_MS = 5_000; // in a flood the lists are read again this often at most

export class Feed {
  #source = null;
  #asking = false;
  #streamHeard = 0;
  #recounted = 0;
  #handlers;

  // handlers: alarm(Alarm), wall(Wall), resumed() after every (re)connection,
  // flood(which desks are flooded, what was only counted), state({lost, since}).
  constructor(handlers) {
    this.#handlers = handlers;
    this.heard = Date.now();
    this.lost = false;
  }

  start() {
    this.#open();
    setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #open() {
    this.#source?.close();
    const source = new EventSource("/api/stream");
    this.#source = source;
    this.#streamHeard = Date.now();
    source.addEventListener("open", () => {
      this.#hear(true);
      this.#handlers.resumed();
    });
    source.addEventListener("error", () => this.#ask());
    // More changed than the stream sends: the page must read its list again.
    source.addEventListener("reset", () => this.#handlers.resumed());
    // In a flood lesser alarms come as counts only; the lists hold them all.
    source.addEventListener("flood", (event) => {
      this.#handlers.flood(JSON.parse(event.data));
      this.#recount();
    });
    source.addEventListener("alarm", (event) => this.#take(event, this.#handlers.alarm));
    source.addEventListener("wall", (event) => this.#take(event, this.#handlers.wall));
  }

  #recount() {
    this.#hear(true);
    if (Date.now() - this.#recounted < RECOUNT_MS) return;
    this.#recounted = Date.now();
    this.#handlers.resumed();
  }

  #take(event, handler) {
    this.#hear(true);
    handler(JSON.parse(event.data));
  }

  #hear(fromStream) {
    this.heard = Date.now();
    if (fromStream) this.#streamHeard = this.heard;
    if (this.#source.readyState === EventSource.OPEN) this.#set(false);
  }

  #set(lost) {
    if (this.lost === lost) return;
    this.lost = lost;
    this.#handlers.state({ lost, since: this.heard });
  }

  #look() {
    const now = Date.now();
    if (this.#source.readyState === EventSource.CLOSED || now - this.#streamHeard > REOPEN_MS) this.#open();
    if (this.#source.readyState !== EventSource.OPEN || now - this.heard > QUIET_MS) this.#ask();
  }

  async #ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const wall = await getWall(PATIENCE_MS);
      const open = this.#source.readyState === EventSource.OPEN;
      // Answers without a stream do not make the page live: alarms would be missing from it.
      if (open || !this.lost) this.#handlers.wall(wall);
      if (open) this.#hear(false);
      else if (Date.now() - this.heard > PATIENCE_MS) this.#set(true);
    } catch {
      this.#set(true);
    } finally {
      this.#asking = false;
    }
  }
}
