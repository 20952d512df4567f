// Sign in, and go on to where one wanted to be.

import { onSubmit, say } from "./door.js";
import { t } from "./frame.js";
import { send } from "./server.js";

const asked = new URLSearchParams(location.search);

// A path of ours only: nobody is sent elsewhere by a crafted link.
function onward() {
  const next = asked.get("next") ?? "/";
  const there = new URL(next, location.origin);
  return next.startsWith("/") && there.origin === location.origin ? there.pathname + there.search : "/";
}

const provider = document.getElementById("provider");
if (provider) provider.href = `/api/oidc/start?next=${encodeURIComponent(onward())}`;
if (asked.get("failed")) say(t("Signing in through the provider failed. Try again, or ask an administrator."), true);

onSubmit(document.getElementById("sign-in"), async ({ name, password }) => {
  await send("POST", "/api/session", { name, password });
  location.replace(onward());
});
