// Show embeds as Discord lays them out.

import { color, el, having, link } from "./dom.js";
import { markup } from "./markup.js";
import { sayHeader } from "./moment.js";
import { icon, picture } from "./picture.js";

/** Show a message's embeds; of several with one url only the first is shown. */
export function embeds(message, names) {
  if (message.flags & 4) return [];
  const urls = message.embeds.map((one) => one.url);
  const shown = message.embeds.filter((one, index) => !one.url || urls.indexOf(one.url) === index);
  return shown.map((one) => embed(one, message, names));
}

function embed(one, message, names) {
  const body = el(
    "div",
    "embed-body",
    one.author ? author(one.author, message) : null,
    one.title ? title(one, names) : null,
    one.description ? el("div", "embed-description markup", markup(one.description, "full", names)) : null,
    one.fields?.length ? fields(one.fields, names) : null,
    one.image ? picture(one.image.url, message, "embed-image") : null,
    footer(one, message),
  );
  const thumbnail = one.thumbnail ? picture(one.thumbnail.url, message, "embed-thumbnail") : null;
  const element = el("article", "embed", body, thumbnail);
  if (one.color !== undefined && one.color !== null) {
    element.style.setProperty("--bar", color(one.color));
  }
  return element;
}

function author(one, message) {
  const name = one.url ? link(one.url, "", one.name) : one.name;
  const face = one.icon_url ? icon(one.icon_url, message) : null;
  return el("div", "embed-author", face, el("span", "embed-author-name", name));
}

function title(one, names) {
  const text = markup(one.title, "title", names);
  return el("div", "embed-title", one.url ? link(one.url, "", text) : text);
}

// Up to three inline fields share a row; any other has one of its own.
function fields(all, names) {
  const grid = el("div", "embed-fields");
  let row = [];
  const place = () => {
    for (const cell of row) cell.style.gridColumn = `span ${12 / row.length}`;
    row = [];
  };
  for (const one of all) {
    const name = el("div", "embed-field-name", markup(one.name, "title", names));
    const value = el("div", "embed-field-value markup", markup(one.value, "field", names));
    const cell = el("div", "embed-field", name, value);
    grid.append(cell);
    if (!one.inline) place();
    row.push(cell);
    if (!one.inline || row.length === 3) place();
  }
  place();
  return grid;
}

function footer(one, message) {
  if (!one.footer && !one.timestamp) return null;
  const at = one.timestamp ? Date.parse(one.timestamp) / 1000 : null;
  const time = at === null ? null : having(el("time", "", sayHeader(at)), { datetime: one.timestamp });
  const face = one.footer?.icon_url ? icon(one.footer.icon_url, message) : null;
  const dot = one.footer && time ? el("span", "embed-footer-dot", "•") : null;
  const text = one.footer ? el("span", "embed-footer-text", one.footer.text) : null;
  return el("div", "embed-footer", face, el("div", "", text, dot, time));
}
