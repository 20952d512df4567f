// One lot's whole way: what went into it, every step, what carried it, what became of it, samples and recalls.

import { startBar } from "./bar.js";
import "./by_address.js";
import { recallNotice, sampleWords, shown, stepWord, things } from "./custody.js";
import { el, setText } from "./element.js";
import { pick, t } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);

function line(each, at) {
  return el(
    "li",
    {},
    el("span", {}, String(at + 1)),
    el("span", {}, shown(each.time)),
    el("span", {}, stepWord(each.step, each.kind)),
    el(
      "span",
      {},
      [pick(each.title, each.holder), sampleWords(each.sample)].filter(Boolean).join(" · "),
      el("span", { class: "under" }, ...things(each.elements)),
    ),
  );
}

async function look(code) {
  byId("code").value = code;
  try {
    const lot = await get(`/api/lots/${encodeURIComponent(code)}`);
    const facts = [
      [t("Goods"), lot.elements],
      [t("Made of"), lot.made_of],
      [t("Became"), lot.made_of_it],
      [t("Carried by"), lot.carriers],
    ];
    byId("facts").replaceChildren(
      ...facts.flatMap(([title, names]) => [el("dt", {}, title), el("dd", {}, ...(names.length ? things(names) : ["–"]))]),
    );
    byId("alerts").replaceChildren(...lot.recalls.map(recallNotice));
    byId("events").replaceChildren(...lot.events.map(line));
    byId("sources").replaceChildren(...lot.sources.map(line));
    byId("found").hidden = false;
  } catch (error) {
    setText(byId("answer"), error.status === 404 ? t("No lot with this code is known.") : error.message);
  }
}

startBar();
const asked = new URLSearchParams(location.search).get("code");
if (asked) look(asked);
