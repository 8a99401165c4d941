// The log of requests: newest first, following what happens, each one to be opened.

import { el, having } from "./dom.js";
import { listen, read } from "./stream.js";

const MOST_SHOWN = 500;
const BATCH_MS = 100;

const at = (id) => document.getElementById(id);
const rows = at("requests");
let entries = [];
let counts = {};
let isWaiting = false;
let newest = 0; // the number of the newest entry that is shown

async function load() {
  const state = await read("/view/requests");
  entries = state.requests;
  counts = state.counts;
  showAll();
}

function hear(event) {
  if (event.kind !== "request") return;
  entries.push(event.request);
  counts = event.counts;
  if (entries.length > 2 * MOST_SHOWN) entries = entries.slice(-MOST_SHOWN);
  if (isWaiting || at("paused").checked) return;
  isWaiting = true;
  setTimeout(showNew, BATCH_MS);
}

function showAll() {
  newest = 0;
  rows.replaceChildren();
  showNew();
}

function showNew() {
  isWaiting = false;
  const fresh = entries.filter((one) => one.number > newest && isChosen(one)).slice(-MOST_SHOWN);
  newest = entries.at(-1)?.number ?? 0;
  rows.prepend(...fresh.reverse().map(row));
  while (rows.childElementCount > MOST_SHOWN) rows.lastElementChild.remove();
  at("nothing").hidden = rows.childElementCount > 0;
  at("nothing").textContent = entries.length ? "Nothing is like that." : "Nothing was asked yet.";
  showCounts();
}

function showCounts() {
  const limited = Object.entries(counts.too_many_requests ?? {});
  const shown = [
    ["requests", counts.requests ?? 0, false],
    ["refused payloads", counts.refused_payloads ?? 0, counts.refused_payloads > 0],
    ["429", limited.map(([scope, count]) => `${count} ${scope}`).join(", ") || 0, limited.length > 0],
    ["invalid in ten minutes", counts.invalid_requests_in_ten_minutes ?? 0, false],
  ];
  at("counts").replaceChildren(
    ...shown.map(([name, value, isBad]) =>
      el("div", "", el("dt", "", name), el("dd", isBad ? "bad" : "", String(value))),
    ),
  );
}

function isChosen(entry) {
  if (at("problems").checked && entry.status >= 200 && entry.status < 400 && !entry.fault) return false;
  const words = at("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${entry.method} ${entry.path} ${entry.status} ${entry.fault} ${entry.body}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function row(entry) {
  const summary = el(
    "summary",
    "line",
    el("span", "time", clock(entry.at)),
    having(el("span", "route", el("span", `method ${entry.method}`, entry.method), entry.path.replace("/api/v10", "")), { title: entry.path }),
    status(entry),
    having(el("span", "bucket", entry.bucket.slice(0, 8)), { title: entry.bucket }),
    el("span", "left", entry.remaining === null ? "" : `${entry.remaining}/${entry.limit}`),
    el("span", "took", `${entry.milliseconds.toFixed(1)} ms`),
  );
  const details = having(el("details", "", summary), { "data-number": entry.number });
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(more(entry));
  });
  return el("li", "", details);
}

function status(entry) {
  const kind = entry.status === 429 ? "wait" : entry.status >= 200 && entry.status < 300 ? "fine" : "bad";
  const about = [
    entry.scope && `${entry.scope} ${entry.retry_after} s`,
    entry.scope ? "" : entry.refused,
    entry.fault && `fault: ${entry.fault}`,
  ];
  const text = about.filter(Boolean).join(" · ");
  return having(el("span", `status ${kind}`, String(entry.status || "reset"), el("small", "", text)), { title: text });
}

function more(entry) {
  return el(
    "div",
    "more",
    el("p", "", `${entry.method} ${entry.route}`),
    entry.bucket ? el("p", "", `bucket ${entry.bucket}, full again in ${entry.reset_after} s`) : null,
    entry.message_id ? el("p", "", `message ${entry.message_id}`) : null,
    el("h2", "", "asked"),
    el("pre", "", pretty(entry.body) || "(no body)"),
    entry.answer ? [el("h2", "", "answered"), el("pre", "", pretty(entry.answer))] : null,
  );
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function clock(seconds) {
  const date = new Date(seconds * 1000);
  return `${date.toTimeString().slice(0, 8)}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

at("filter").addEventListener("submit", (event) => event.preventDefault());
at("words").addEventListener("input", showAll);
at("problems").addEventListener("change", showAll);
at("paused").addEventListener("change", () => at("paused").checked || showNew());
listen("/view/events?requests=1", load, hear);
