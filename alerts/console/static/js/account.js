// The own account: who one is, password, sessions, tokens, sign out.

import { attempt, onSubmit, sameTwice, say, when } from "./door.js";
import { el } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);

async function showMe() {
  const [about, known] = await Promise.all([get("/api/session"), get("/api/permissions")]);
  const title = new Map([...known.roles, ...known.acts].map((each) => [each.name, pick(each.title)]));
  const facts = [
    [t("Name"), about.name],
    [t("Roles"), about.roles.map((each) => title.get(each)).join(", ") || "–"],
    [t("Domains"), about.domains ? about.domains.join(", ") || "–" : t("all")],
    [t("Districts"), about.districts ? about.districts.join(", ") || "–" : t("all")],
    [t("May"), about.acts.filter((each) => title.has(each)).map((each) => title.get(each)).join(", ")],
  ];
  byId("me").replaceChildren(...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  const boxes = about.acts
    .filter((each) => title.has(each))
    .map((each) => el("label", {}, el("input", { type: "checkbox", name: "scope", value: each }), title.get(each)));
  byId("scopes").append(...boxes);
}

async function showCredentials() {
  const { items } = await get("/api/account/credentials");
  byId("credentials").replaceChildren(
    ...items.map((each) =>
      el(
        "tr",
        {},
        el("td", {}, each.kind === "token" ? `${t("Token")}: ${each.label}` : each.this ? t("This session") : t("Session")),
        el("td", {}, each.address || "–"),
        el("td", {}, when(each.seen)),
        el("td", {}, when(each.expires)),
        el("td", {}, each.this ? null : el("button", { type: "button", class: "quiet", onclick: () => end(each.id) }, t("End"))),
      ),
    ),
  );
}

const end = (id) =>
  attempt(async () => {
    await send("DELETE", `/api/account/credentials/${id}`);
    await showCredentials();
  });

byId("sign-out").addEventListener("click", () =>
  attempt(async () => {
    await send("DELETE", "/api/session");
    location.replace("/sign-in");
  }),
);

onSubmit(byId("password"), async (fields) => {
  sameTwice(fields, "new");
  await send("PUT", "/api/account/password", { old: fields.old, new: fields.new });
  byId("password").reset();
  say(t("The password is changed; all other sessions have ended."));
  await showCredentials();
});

onSubmit(byId("token"), async ({ label, days }) => {
  const scopes = [...byId("scopes").querySelectorAll(":checked")].map((each) => each.value);
  const made = await send("POST", "/api/account/tokens", { label, scopes, days: Number(days) });
  byId("made").hidden = false;
  byId("made").replaceChildren(t("Copy the token now; it is never shown again."), el("code", {}, made.token));
  byId("token").reset();
  await showCredentials();
});

showFilled(attempt(showMe), attempt(showCredentials));
