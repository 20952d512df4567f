// The bar on every page: totals, city time with its speed, "simulated", and what happens when the line is cut.

import { count, fullDay, iso, offset, span, timeOfDay } from "./figures.js";
import { setText } from "./element.js";
import { t } from "./frame.js";
import { Feed } from "./feed.js";
import { nameTables } from "./narrow.js";
import { send } from "./server.js";

const STILL_MS = 15_000; // city time that has not moved for so long is said to stand still
const GUESS_MS = 3_000; // how far the page lets the clock run ahead of the last word from the server

const byId = (id) => document.getElementById(id);

// City time now: the server's last word, run on at the stated speed for a moment only.
class CityClock {
  #time = null;
  #speed = 1;
  #moved = Date.now();

  take(wall) {
    if (wall.city_time !== this.#time) this.#moved = Date.now();
    this.#time = wall.city_time || null;
    this.#speed = Number.isFinite(wall.speed) ? wall.speed : 1;
  }

  now() {
    if (this.#time === null) return null;
    return this.#time + Math.min(Date.now() - this.#moved, GUESS_MS) * this.#speed;
  }

  // For how long (wall ms) city time has stood still; 0 while it moves.
  stillFor() {
    const quiet = Date.now() - this.#moved;
    return this.#time !== null && quiet > STILL_MS ? quiet : 0;
  }
}

export const city = new CityClock();

// Start the bar and the live feed. `handlers` as the Feed's, each optional.
export function startBar(handlers = {}) {
  const feed = new Feed({
    alarm: handlers.alarm ?? (() => {}),
    resumed: handlers.resumed ?? (() => {}),
    flood: handlers.flood ?? (() => {}),
    wall: (wall) => {
      city.take(wall);
      showTotals(wall);
      showMode(wall);
      showClock();
      handlers.wall?.(wall);
    },
    state: ({ lost }) => {
      document.body.classList.toggle("is-lost", lost);
      showLine(feed);
    },
  });
  feed.start();
  nameTables();
  byId("sign-out")?.addEventListener("click", signOut);
  setInterval(() => {
    if (!feed.lost) showClock();
    showLine(feed);
    handlers.second?.();
  }, 500);
  return feed;
}

// A failure leaves the page as it is: whoever is still signed in must not read that they are not.
async function signOut() {
  await send("DELETE", "/api/session");
  location.replace("/sign-in");
}

function showTotals(wall) {
  const totals = { ...wall.totals };
  totals.unsigned = (totals.due ?? 0) - (totals.signed_for ?? 0); // `due` is everything owed, signed for or not
  for (const node of document.querySelectorAll("[data-total]")) {
    const value = totals[node.dataset.total];
    setText(node, count(value));
    node.closest("div").classList.toggle("none", !value);
  }
}

function showMode(wall) {
  byId("simulated").hidden = !wall.simulated;
  // The speed is measured, so it wavers: two digits are all that carries meaning, and about 1 is real time.
  const speed = Number.isFinite(wall.speed) ? Number(wall.speed.toPrecision(2)) : 1;
  const real = !wall.simulated && Math.abs(speed - 1) < 0.2;
  setText(byId("speed"), real ? "" : t("speed ×{speed}", { speed }));
}

function showClock() {
  const now = city.now();
  const clock = byId("city-time");
  if (now === null) {
    setText(byId("city-day"), t("not known yet"));
    return;
  }
  setText(clock, timeOfDay(now));
  clock.setAttribute("datetime", iso(now));
  setText(byId("city-day"), `${fullDay(now)} · ${offset(now)}`);
  const still = city.stillFor();
  const mark = byId("still");
  mark.hidden = !still;
  if (still) setText(mark, t("city time stands still for {span}", { span: span(still) }));
}

// The words on the cut line carry the real clock: city time is exactly what we no longer know.
function showLine(feed) {
  const line = byId("lost");
  line.hidden = !feed.lost;
  if (!feed.lost) return;
  const words = t("No connection since {time} (real time), for {span}. Everything below is as it was then.", {
    time: timeOfDay(feed.heard),
    span: span(Date.now() - feed.heard),
  });
  setText(line, words);
}
