// The words of the interface that only the server knows: verdicts, reasons, lines of the log, rules.

import { pick } from "./frame.js";
import { get } from "./server.js";

let asked = null;
let known = { verdicts: [], reasons: [], log: [], rules: [] };

// The vocabulary, fetched once; a failure is the caller's to show, and the next call asks again.
export function vocabulary() {
  asked ??= get("/api/vocabulary").then(
    (found) => (known = found),
    (error) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

// What was fetched so far; empty lists before that.
export const knownWords = () => known;

// The title of a code in what was fetched so far; the code itself where it is not known (yet).
export function wordFor(kind, code) {
  return pick(known[kind].find((each) => each.code === code)?.title, code);
}
