// What the pages of accounts share: saying what came of something, moments, and forms that are sent once at a time.

import { setText } from "./element.js";
import { language, t, zone } from "./frame.js";

const byId = (id) => document.getElementById(id);

export function say(words, bad = false) {
  const answer = byId("answer");
  setText(answer, words);
  answer.classList.toggle("is-error", bad);
}

// A moment (ms UTC) in the city's zone, for people.
export function when(ms) {
  if (!ms) return "–";
  const form = { timeZone: zone, dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", form).format(ms);
}

// Send `work(fields)` at a submit; its button waits, and what went wrong is said.
export function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      await work(Object.fromEntries(new FormData(form)));
    } catch (error) {
      say(error.message, true);
    } finally {
      button.disabled = false;
    }
  });
}

export function sameTwice(fields, name) {
  if (fields[name] !== fields.again) throw new Error(t("The two passwords differ."));
}

// Do it, and say what went wrong if it did.
export async function attempt(work) {
  try {
    await work();
  } catch (error) {
    say(error.message, true);
  }
}
