// Forms that lead to an address. The pages' policy lets no form send itself, so the address is gone to instead.

for (const form of document.querySelectorAll("form[method=get][action]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const asked = [...new FormData(form)].filter(([, value]) => value !== "");
    location.assign(`${form.getAttribute("action")}?${new URLSearchParams(asked)}`);
  });
}
