// What the server put into the page: language, words, levels, districts, the city's zone.

const frame = JSON.parse(document.getElementById("frame").textContent);

export const language = frame.lang;
export const zone = frame.zone;
export const levels = frame.levels;
// Who looks: {signed_in, shown, acts}; acts is null where nobody is signed in and the desk is open.
export const me = frame.me;

// The word in the page's language; {names} are filled from `values`. The English sentence is the key.
export function t(source, values = {}) {
  const text = frame.words[source] ?? source;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// One side of a {zh, en} pair from the API; never the other language's silence.
export function pick(pair, fallback = "") {
  if (!pair) return fallback;
  return pair[language] || pair.zh || pair.en || fallback;
}

// A district's name where its code is known, else the code itself.
export function district(code) {
  return pick(frame.districts[code], code ?? "");
}

export function districtCentres() {
  return Object.entries(frame.districts).map(([code, each]) => ({ code, ...each }));
}
