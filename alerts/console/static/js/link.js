// A one-time link: makes the first administrator, or sets an account's password. Its secret stands behind the #,
// which the browser sends to nobody, and is taken out of the address at once.

import { onSubmit, sameTwice, say } from "./door.js";
import { setText } from "./element.js";
import { t } from "./frame.js";
import { send } from "./server.js";

const secret = location.hash.slice(1) || sessionStorage.getItem("citybrain.link") || "";
sessionStorage.setItem("citybrain.link", secret); // a change of language loads the page again
history.replaceState(null, "", location.pathname + location.search);
const form = document.getElementById("link");

async function open() {
  const about = await send("POST", "/api/link/about", { secret });
  for (const label of form.querySelectorAll("[data-first]")) label.hidden = !about.first;
  form.elements.name.required = about.first;
  const title = about.first ? t("Make an administrator's account") : t("Set the password of {name}", { name: about.shown });
  setText(document.getElementById("link-title"), title);
  form.hidden = false;
}

onSubmit(form, async (fields) => {
  sameTwice(fields, "password");
  const { name, shown, password } = fields;
  await send("POST", "/api/link", { secret, name, shown, password });
  sessionStorage.removeItem("citybrain.link");
  location.replace("/account");
});

open().catch((error) => say(error.message, true));
