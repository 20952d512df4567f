// A holder's notice of a recall, and its receipt: whoever has the word in the address may read it and sign.

import { shown, things } from "./custody.js";
import { onSubmit, say } from "./door.js";
import { el, setText } from "./element.js";
import { pick, t } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const token = new URLSearchParams(location.search).get("notice") ?? "";
const path = `/api/public/recall-receipts/${encodeURIComponent(token)}`;

function draw(notice) {
  byId("found").hidden = false;
  setText(byId("todo"), pick(notice.what_to_do));
  setText(byId("reason"), pick(notice.reason));
  byId("facts").replaceChildren(
    el("dt", {}, t("Level")), el("dd", {}, notice.level),
    el("dt", {}, t("Holder")), el("dd", {}, pick(notice.title)),
    el("dt", {}, t("Goods")), el("dd", {}, ...things(notice.elements)),
    el("dt", {}, t("Told")), el("dd", {}, shown(notice.time)),
  );
  byId("sign").hidden = notice.signed !== null;
  byId("signed").hidden = notice.signed === null;
  if (notice.signed !== null) setText(byId("signed"), `${t("Signed for")}: ${notice.signed_by} · ${shown(notice.signed)}`);
}

onSubmit(byId("sign"), async (values) => draw(await send("POST", path, { who: values.who })));

try {
  if (token) draw(await get(path));
  else say(t("There is no notice by this word."), true);
} catch (error) {
  say(error.status === 404 || error.status === 422 ? t("There is no notice by this word.") : error.message, true);
}
