// Show the channels at the left and the members at the right.

import { el, having } from "./dom.js";
import { badge } from "./message.js";
import { avatar } from "./picture.js";

const WORDS = { online: "Online", idle: "Idle", dnd: "Do Not Disturb", offline: "Offline" };

/** Show the channels; *open* is called with the id of the one chosen. */
export function channelList(channels, current, unread, open) {
  return channels.map((one) => {
    const classes = `channel${one.id === current ? " current" : ""}${unread.has(one.id) ? " unread" : ""}`;
    const button = el("button", classes, el("span", "hash", "#"), one.name);
    button.type = "button";
    if (one.id === current) button.setAttribute("aria-current", "page");
    button.addEventListener("click", () => open(one.id));
    return el("li", "", button);
  });
}

/** Show the members in two groups, as Discord does without hoisted roles. */
export function memberList(members) {
  const isThere = (one) => one.status !== "offline";
  return [
    group("Online", members.filter(isThere)),
    group("Offline", members.filter((one) => !isThere(one))),
  ];
}

/** Show who looks, at the bottom of the channel list. */
export function viewerPanel(members) {
  const viewer = members.find((one) => one.is_viewer);
  if (!viewer) return [];
  return [face(viewer), el("span", "viewer-text", el("strong", "", viewer.name), el("small", "", "Online"))];
}

function group(title, members) {
  if (!members.length) return null;
  const sorted = [...members].sort((one, other) => one.name.localeCompare(other.name));
  return el("section", "", el("h3", "", `${title} — ${members.length}`), el("ul", "", sorted.map(member)));
}

function member(one) {
  const name = el("span", one.is_bot ? "name bot" : "name", one.name);
  const text = one.text ? having(el("span", "activity", one.text), { title: one.text }) : null;
  const line = el("span", "member-name", name, one.is_bot ? badge() : null);
  const element = el("li", `member ${one.status}`, face(one), el("span", "member-text", line, text));
  return having(element, { "data-id": one.id, "data-status": one.status });
}

function face(one) {
  const dot = having(el("span", `dot ${one.status}`), { role: "img", "aria-label": WORDS[one.status], title: WORDS[one.status] });
  return el("span", "face", avatar(one, "avatar small"), dot);
}
