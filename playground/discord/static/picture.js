// Show pictures that came with the message; others would be a request to the outside.

import { el, having } from "./dom.js";

const COLORS = ["#5865f2", "#57a55d", "#d9943f", "#c75d8b", "#3f9bb0", "#8a67c9"];

/** Show a picture of an embed or a gallery, or a box that says where it is. */
export function picture(url, message, classes, description = "") {
  const own = ownFile(url, message);
  if (own) return having(el("img", classes), { src: own, alt: description, loading: "lazy" });
  const host = url.split("/")[2] ?? url;
  const box = el("div", `${classes} picture-box`, el("span", "picture-sign", "🖼"), el("span", "", host));
  return having(box, { title: url, role: "img", "aria-label": description || `picture at ${url}` });
}

/** Show the small round picture of an author or a footer. */
export function icon(url, message) {
  const own = ownFile(url, message);
  if (own) return having(el("img", "icon"), { src: own, alt: "" });
  const dot = having(el("span", "icon"), { title: url, "aria-hidden": "true" });
  dot.style.backgroundColor = tint(url);
  return dot;
}

/** Show somebody's avatar: the bot's picture, or a person's first letter. */
export function avatar(user, classes = "avatar") {
  if (user.bot || user.is_bot) {
    return having(el("img", classes), { src: "/static/avatar.svg", alt: "" });
  }
  const name = user.username ?? user.name;
  const face = having(el("span", classes, name.slice(0, 1).toUpperCase()), { "aria-hidden": "true" });
  face.style.backgroundColor = tint(name);
  return face;
}

/** Pick a colour that is always the same for a text. */
export function tint(text) {
  let sum = 0;
  for (const sign of text) sum = (sum * 31 + sign.codePointAt(0)) % 9973;
  return COLORS[sum % COLORS.length];
}

// The path of a file the stand-in keeps itself; null for anything else.
function ownFile(url, message) {
  const named = url.startsWith("attachment://")
    ? message.attachments.find((one) => one.filename === url.slice("attachment://".length))?.url
    : url;
  if (!named) return null;
  const { origin, pathname } = URL.canParse(named) ? new URL(named) : {};
  return origin === location.origin && pathname.startsWith("/attachments/") ? pathname : null;
}
