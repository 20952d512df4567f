// The alert server's public API, with its answers turned into values or a ServerError that says what happened.

import { me, t } from "./frame.js";

const PATIENCE_MS = 10_000;

export class ServerError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// What only a page of ours can read, and every act of a session must bear.
function mark() {
  const found = document.cookie.split("; ").find((each) => each.startsWith("citybrain_mark="));
  return found ? { "X-CSRF-Token": found.slice(found.indexOf("=") + 1) } : {};
}

export async function ask(path, options = {}, patience = PATIENCE_MS) {
  let response;
  if (options.method) options = { ...options, headers: { ...options.headers, ...mark() } };
  try {
    response = await fetch(path, { ...options, cache: "no-store", signal: AbortSignal.timeout(patience) });
  } catch {
    throw new ServerError(0, t("The server does not answer."));
  }
  let body = null;
  try {
    if (response.status !== 204) body = await response.json();
  } catch {
    if (response.ok) throw new ServerError(response.status, t("The server's answer could not be read."));
  }
  if (response.status === 401 && me.signed_in) location.reload(); // the session is over: the server shows the way in
  if (!response.ok) throw new ServerError(response.status, explain(response.status, body));
  return body;
}

// The server's own sentence where it gave one: {error} of ours, {detail} of the framework's checks.
function explain(status, body) {
  if (typeof body?.error === "string") return body.error;
  if (typeof body?.detail === "string") return body.detail;
  if (Array.isArray(body?.detail)) {
    return body.detail.map((each) => `${(each.loc ?? []).slice(1).join(".")}: ${each.msg}`).join("; ");
  }
  return t("The server answered {status}.", { status });
}

export const getSites = () => ask("/api/sites");
export const getWall = (patience) => ask("/api/wall", {}, patience);
export const getAlarm = (id) => ask(`/api/alarms/${encodeURIComponent(id)}`);
export const getReadings = (id) => ask(`/api/alarms/${encodeURIComponent(id)}/readings`);

export function getAlarms(query) {
  const asked = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return ask(`/api/alarms?${new URLSearchParams(asked)}`);
}

const json = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: body === undefined ? undefined : JSON.stringify(body),
});

export const send = (method, path, body) => ask(path, json(method, body));
export const get = (path) => ask(path);

const alarmPath = (id, rest) => `/api/alarms/${encodeURIComponent(id)}/${rest}`;

// Do something about an alarm; answers with the alarm as it then stands.
export const act = (action, id, body) => send("POST", alarmPath(id, action), body);
export const acknowledgeMany = (ids, body) => send("POST", "/api/alarms/acknowledge", { ...body, ids });
export const getSilences = (id) => get(alarmPath(id, "silences"));
export const getDelivery = (id) => get(`/api/deliveries/${encodeURIComponent(id)}`);
export const getDeskFigures = (desk) => get(`/api/desk-figures?${new URLSearchParams({ desk })}`);
