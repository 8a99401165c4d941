// Show buttons, selects and Components V2.

import { color, el, having, link } from "./dom.js";
import { markup } from "./markup.js";
import { picture } from "./picture.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary", 6: "primary" };

/** Show a message's components. */
export function components(message, names) {
  return message.components.map((one) => component(one, message, names));
}

function component(one, message, names) {
  const inner = () => (one.components ?? []).map((child) => component(child, message, names));
  switch (one.type) {
    case 1:
      return el("div", "row", inner());
    case 2:
      return button(one, message);
    case 9:
      return el("div", "section", el("div", "section-text", inner()), component(one.accessory, message, names));
    case 10:
      return el("div", "markup", markup(one.content, "full", names));
    case 11:
      return picture(one.media.url, message, "embed-thumbnail", one.description);
    case 12:
      return el("div", "gallery", one.items.map((item) => picture(item.media.url, message, "embed-image", item.description)));
    case 13:
      return el("div", "file", "📄 ", one.file.url.replace("attachment://", ""));
    case 14:
      return el("hr", `${one.divider === false ? "no-line" : ""} ${one.spacing === 2 ? "wide" : ""}`.trim());
    case 17:
      return container(one, inner());
    default:
      return having(el("div", "select", one.placeholder ?? "Make a selection", el("span", "", "⌄")), { "aria-disabled": "true" });
  }
}

function container(one, children) {
  const element = el("div", "container", children);
  if (one.accent_color !== undefined && one.accent_color !== null) {
    element.style.setProperty("--bar", color(one.accent_color));
  }
  return element;
}

function button(one, message) {
  const face = one.emoji?.name ? `${one.emoji.name} ` : null;
  const classes = `button ${STYLES[one.style] ?? "secondary"}${one.disabled ? " disabled" : ""}`;
  if (one.style === 5 && !one.disabled) {
    return link(one.url, classes, face, one.label ?? "", el("span", "leave", "↗"));
  }
  const element = el("button", classes, face, one.label ?? "");
  element.type = "button";
  element.disabled = Boolean(one.disabled);
  element.title = one.custom_id ? `custom_id: ${one.custom_id}` : "";
  if (one.custom_id && !one.disabled) element.addEventListener("click", () => press(element, one, message));
  return element;
}

// As Discord: the button waits for the first answer, and a failure is told below it.
async function press(element, one, message) {
  const row = element.parentElement;
  row.nextElementSibling?.classList.contains("failed") && row.nextElementSibling.remove();
  element.disabled = true;
  const body = JSON.stringify({ message_id: message.id, custom_id: one.custom_id });
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch("/control/press", { method: "POST", headers, body }).catch(() => null);
  element.disabled = false;
  if (answer?.ok) return;
  const said = await answer?.json().catch(() => null);
  row.after(having(el("div", "failed", "This interaction failed"), { title: said?.problem || said?.detail || "" }));
}
