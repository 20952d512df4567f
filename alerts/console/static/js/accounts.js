// For administrators: accounts, their one-time links, and who did what.

import { attempt, onSubmit, say, when } from "./door.js";
import { el, setText } from "./element.js";
import { showFilled } from "./filling.js";
import { pick, t } from "./frame.js";
import { get, send } from "./server.js";

const byId = (id) => document.getElementById(id);
const form = byId("edit");
const outcomes = { done: t("done"), denied: t("denied"), refused: t("not possible"), failed: t("failed") };
let titles = new Map();
let editing = null;
let next = null;

const words = (text) => text.split(/[\s,]+/).filter(Boolean);
const listed = (names) => (names === null ? t("all") : names.join(", ") || "–");
const orAll = (text) => (words(text).length ? words(text) : null);

async function showAccounts() {
  const { items } = await get("/api/accounts");
  byId("accounts").replaceChildren(...items.map(row));
}

function row(account) {
  const act = (label, work) => el("button", { type: "button", class: "quiet", onclick: () => attempt(work) }, label);
  return el(
    "tr",
    { class: account.disabled ? "is-disabled" : null, "data-account": account.name },
    el("td", {}, account.shown === account.name ? account.name : `${account.shown} (${account.name})`),
    el("td", {}, account.roles.map((each) => titles.get(each) ?? each).join(", ") || "–"),
    el("td", {}, listed(account.domains)),
    el("td", {}, listed(account.districts)),
    el("td", {}, when(account.signed_in)),
    el(
      "td",
      {},
      act(t("Change"), async () => edit(account)),
      act(t("One-time link"), async () => showLink(account, await send("POST", `/api/accounts/${account.id}/link`))),
      act(account.disabled ? t("Enable") : t("Disable"), async () => {
        await send("PATCH", `/api/accounts/${account.id}`, { disabled: !account.disabled });
        await showAccounts();
      }),
    ),
  );
}

function showLink(account, link) {
  const told = t("Give this link to {name}; it works once, until {time}:", { name: account.shown, time: when(link.expires) });
  byId("made").hidden = false;
  byId("made").replaceChildren(told, el("code", {}, location.origin + link.path));
}

function edit(account) {
  editing = account;
  setText(byId("edit-title"), account ? t("Change {name}", { name: account.shown }) : t("New account"));
  byId("cancel").hidden = !account;
  form.reset();
  form.elements.name.disabled = Boolean(account);
  if (!account) return;
  form.elements.name.value = account.name;
  form.elements.shown.value = account.shown;
  form.elements.domains.value = (account.domains ?? []).join(" ");
  form.elements.districts.value = (account.districts ?? []).join(" ");
  for (const box of byId("roles").querySelectorAll("input")) box.checked = account.roles.includes(box.value);
  form.elements.shown.focus();
}

onSubmit(form, async ({ name, shown, domains, districts }) => {
  const roles = [...byId("roles").querySelectorAll(":checked")].map((each) => each.value);
  const body = { shown, roles, domains: orAll(domains), districts: orAll(districts) };
  if (editing) {
    if (!shown) delete body.shown;
    await send("PATCH", `/api/accounts/${editing.id}`, body);
    say(t("Changed."));
  } else {
    const made = await send("POST", "/api/accounts", { name, ...body });
    showLink(made.account, made.link);
  }
  edit(null);
  await showAccounts();
});

byId("cancel").addEventListener("click", () => edit(null));

async function showAudit() {
  const page = await get(`/api/audit?limit=20${next ? `&before=${next}` : ""}`);
  byId("audit").append(
    ...page.items.map((line) =>
      el(
        "li",
        {},
        el("time", {}, when(line.wall)),
        el("span", {}, `${line.who || t("somebody unknown")} · ${titles.get(line.act) ?? line.act}`),
        el("span", { class: `is-${line.outcome}` }, outcomes[line.outcome] ?? line.outcome),
        el("span", { class: "target" }, [line.target, line.address, line.reason].filter(Boolean).join(" · ")),
      ),
    ),
  );
  next = page.next;
  byId("older").hidden = !next;
}

byId("older").addEventListener("click", () => attempt(showAudit));

async function first() {
  const [known, { items }] = await Promise.all([get("/api/permissions"), get("/api/accounts")]);
  titles = new Map([...known.roles, ...known.acts, ...known.noted].map((each) => [each.name, pick(each.title)]));
  byId("accounts").replaceChildren(...items.map(row));
  byId("roles").append(
    ...known.roles.map((role) => el("label", {}, el("input", { type: "checkbox", value: role.name }), pick(role.title))),
  );
}

showFilled(attempt(first)).then(() => showAudit().catch(() => byId("audit").closest("section").remove())); // not every administrator may read it
