// The public's look at a lot: its steps by day, samples and recalls. The server sends no more than this.

import { recallNotice, sampleWords, shown, stepWord } from "./custody.js";
import { onSubmit, say } from "./door.js";
import { el } from "./element.js";
import { pick, t } from "./frame.js";
import { get } from "./server.js";

const byId = (id) => document.getElementById(id);

async function look(code) {
  byId("found").hidden = true;
  say("");
  let lot;
  try {
    lot = await get(`/api/public/lots/${encodeURIComponent(code)}`);
  } catch (error) {
    say(error.status === 404 ? t("No lot with this code is known.") : error.message, true);
    return;
  }
  byId("alerts").replaceChildren(...lot.recalls.map(recallNotice));
  byId("steps").replaceChildren(
    ...lot.steps.map((each, at) =>
      el(
        "li",
        {},
        el("span", {}, String(at + 1)),
        el("span", {}, shown(each.day, false)),
        el("span", {}, stepWord(each.step)),
        el("span", {}, [pick(each.place), sampleWords(each.sample)].filter(Boolean).join(" · ")),
      ),
    ),
  );
  byId("found").hidden = false;
}

onSubmit(byId("look"), async ({ code }) => look(code.trim()));
const asked = new URLSearchParams(location.search).get("code");
if (asked) {
  byId("code").value = asked;
  look(asked);
}
