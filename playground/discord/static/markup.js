// Turn a parsed tree into elements; names of what is mentioned come from the page's state.

import { el, having, link } from "./dom.js";
import { PROFILES, parse } from "./markdown.js";
import { timeElement } from "./moment.js";

const TAGS = { strong: "strong", em: "em", underline: "u", strike: "s", item: "li" };

/** Render *text* as one of the profiles does: a list of nodes to append. */
export function markup(text, profile, names) {
  return parse(String(text ?? ""), PROFILES[profile]).map((node) => render(node, names));
}

function render(node, names) {
  if (typeof node === "string") return node;
  const children = () => node.children.map((child) => render(child, names));
  if (TAGS[node.type]) return el(TAGS[node.type], "", children());
  switch (node.type) {
    case "code":
      return el("code", "inline", node.text);
    case "fence":
      return el("pre", "fence", el("code", "", node.text));
    case "quote":
      return el("blockquote", "", children());
    case "heading":
      return el(`h${node.level}`, "heading", children());
    case "subtext":
      return el("small", "subtext", children());
    case "list":
      return list(node, children());
    case "link":
      return link(node.url, "", children());
    case "spoiler":
      return spoiler(children());
    case "time":
      return timeElement(node.at, node.style);
    default:
      return mention(node, names);
  }
}

function list(node, children) {
  if (node.start === null) return el("ul", "", children);
  return having(el("ol", "", children), { start: node.start });
}

function spoiler(children) {
  const cover = having(el("span", "spoiler", children), { tabindex: "0", role: "button" });
  const open = () => cover.classList.add("open");
  cover.addEventListener("click", open);
  cover.addEventListener("keydown", (event) => event.key === "Enter" && open());
  return cover;
}

function mention(node, names) {
  if (node.kind === "emoji") return el("span", "emoji", `:${node.id}:`);
  if (node.kind === "command") return el("span", "mention", `/${node.id}`);
  if (node.kind === "guide") return el("span", "mention", node.id);
  if (node.kind === "everyone") return el("span", "mention", `@${node.id}`);
  const sign = node.kind === "channel" ? "#" : "@";
  const name = names[node.kind]?.[node.id] ?? { user: "unknown-user", role: "unknown-role", channel: "unknown" }[node.kind];
  return el("span", "mention", name.startsWith("@") ? name : sign + name);
}
