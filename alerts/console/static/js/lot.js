// One lot's whole way: what went into it, every step, what carried it, what became of it, samples and recalls.

import { startBar } from "./bar.js";
import "./by_address.js";
import { first, MOST, recallNotice, sampleWords, shown, stepWord, things } from "./custody.js";
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

function draw(lot) {
  const facts = [
    [t("Goods"), "elements", true],
    [t("Made of"), "made_of", lot.traced],
    [t("Carried in"), "carried_in", lot.traced],
    [t("Became"), "made_of_it", lot.traced],
    [t("Carried by"), "carriers", lot.traced],
  ];
  const said = (name, known) => {
    if (!known) return [t("is being traced")];
    return lot[name].length ? first(lot[name], lot.counts[name]) : ["–"];
  };
  const lines = (name) => [
    ...lot[name].map(line),
    ...(lot.counts[name] > lot[name].length ? [el("li", {}, t("and {n} more", { n: lot.counts[name] - lot[name].length }))] : []),
  ];
  byId("facts").replaceChildren(
    ...facts.flatMap(([title, name, known]) => [el("dt", {}, title), el("dd", {}, ...said(name, known))]),
  );
  byId("alerts").replaceChildren(...lot.recalls.map(recallNotice));
  byId("events").replaceChildren(...lines("events"));
  byId("sources").replaceChildren(...lines("sources"));
  const none = lot.traced ? t("Nothing is told of what went into it.") : t("is being traced");
  setText(byId("no-sources"), lot.sources.length ? "" : none);
  byId("found").hidden = false;
}

// What is known without a trace comes at once: of what very much was made, a trace takes seconds.
async function look(code) {
  byId("code").value = code;
  const path = `/api/lots/${encodeURIComponent(code)}?most=${MOST}`;
  try {
    draw(await get(`${path}&at_once=true`));
    draw(await get(path));
  } catch (error) {
    setText(byId("answer"), error.status === 404 ? t("No lot with this code is known.") : error.message);
  }
}

startBar();
const asked = new URLSearchParams(location.search).get("code");
if (asked) look(asked);
