// Say instants as Discord says them, and keep the relative ones ticking.

let ahead = 0; // seconds the stand-in's clock is ahead of this machine's

/** Take over the stand-in's clock. */
export function setNow(seconds) {
  ahead = seconds - Date.now() / 1000;
}

/** Return the stand-in's present instant, in seconds since 1970. */
export function now() {
  return Date.now() / 1000 + ahead;
}

const FORMATS = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};
const formats = Object.fromEntries(
  Object.entries(FORMATS).map(([style, how]) => [style, new Intl.DateTimeFormat(undefined, how)]),
);

/** Say an instant (seconds since 1970) in one of Discord's styles. */
export function say(at, style) {
  return style === "R" ? relative(at - now()) : formats[style].format(at * 1000);
}

/** Say an instant as message headers and footers do: Today at, Yesterday at, or the date. */
export function sayHeader(at) {
  const day = daysAgo(at);
  if (day === 0) return `Today at ${say(at, "t")}`;
  if (day === 1) return `Yesterday at ${say(at, "t")}`;
  return `${say(at, "d")} ${say(at, "t")}`;
}

/** Tell how many midnights lie between an instant and now. */
export function daysAgo(at) {
  const midnight = (seconds) => new Date(seconds * 1000).setHours(0, 0, 0, 0);
  return Math.round((midnight(now()) - midnight(at)) / 86_400_000);
}

/** Make a <time> element that shows *at* in *style*, and ticks if that is relative. */
export function timeElement(at, style) {
  const element = document.createElement("time");
  element.className = "timestamp";
  element.dateTime = new Date(at * 1000).toISOString();
  element.title = say(at, "F");
  element.textContent = say(at, style);
  if (style === "R") element.dataset.at = String(at);
  return element;
}

/** Set all relative times to what they say now. */
export function tick() {
  for (const element of document.querySelectorAll("time[data-at]")) {
    const text = relative(Number(element.dataset.at) - now());
    if (element.textContent !== text) element.textContent = text;
  }
}

const UNITS = [
  [60, 1, "second", "a second"],
  [3600, 60, "minute", "a minute"],
  [86_400, 3600, "hour", "an hour"],
  [2_592_000, 86_400, "day", "a day"],
  [31_536_000, 2_592_000, "month", "a month"],
  [Infinity, 31_536_000, "year", "a year"],
];

function relative(difference) {
  const seconds = Math.round(Math.abs(difference));
  if (seconds === 0) return "now";
  const [, size, unit, one] = UNITS.find(([below]) => seconds < below);
  const count = Math.floor(seconds / size);
  const amount = count === 1 ? one : `${count} ${unit}s`;
  return difference < 0 ? `${amount} ago` : `in ${amount}`;
}
