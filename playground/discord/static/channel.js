// The channel's page: read the state, then follow what happens.

import { el } from "./dom.js";
import { continues, messageElement, writtenAt } from "./message.js";
import { say, setNow, tick } from "./moment.js";
import { channelList, memberList, viewerPanel } from "./sidebar.js";
import { listen, read } from "./stream.js";

const MOST_SHOWN = 200;
const BATCH_MS = 30;

const at = (id) => document.getElementById(id);
const [log, scroller] = [at("log"), at("scroller")];
const state = { channelId: new URLSearchParams(location.search).get("channel_id") ?? "" };
const unread = new Set();
let pending = [];

async function load() {
  Object.assign(state, await read(`/view/state?channel_id=${encodeURIComponent(state.channelId)}`));
  setNow(state.now);
  state.channelId = state.channel_id ?? "";
  state.names = {
    user: Object.fromEntries(state.members.map((one) => [one.id, one.name])),
    role: state.roles,
    channel: Object.fromEntries(state.channels.map((one) => [one.id, one.name])),
  };
  pending = [];
  showFrame();
  showMessages();
  scroller.scrollTop = scroller.scrollHeight;
}

function hear(event) {
  if (event.kind === "members") {
    state.members = event.members;
    showMembers();
  } else if (event.kind === "message" || event.kind === "delete") {
    if (!pending.length) setTimeout(applyPending, BATCH_MS);
    pending.push(event);
  }
}

function applyPending() {
  const wasAtEnd = isAtEnd();
  for (const event of pending.splice(0)) {
    if (event.kind === "delete") take(event.id);
    else if (event.message.channel_id === state.channelId) put(event.message);
    else markUnread(event.message.channel_id);
  }
  if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
  at("present").hidden = isAtEnd();
}

function put(message) {
  const { messages } = state;
  const index = messages.findIndex((one) => one.id === message.id);
  const last = messages.at(-1);
  if (index >= 0) {
    messages[index] = message;
    at(`message-${message.id}`)?.replaceWith(elementOf(index));
  } else if (!last || BigInt(message.id) > BigInt(last.id)) {
    messages.push(message);
    log.append(...withDivider(messages.length - 1));
    if (messages.length > MOST_SHOWN) take(messages[0].id);
  } else if (BigInt(message.id) > BigInt(messages[0].id)) {
    messages.push(message);
    messages.sort((one, other) => (BigInt(one.id) < BigInt(other.id) ? -1 : 1));
    showMessages();
  }
}

function take(id) {
  const index = state.messages.findIndex((one) => one.id === id);
  if (index < 0) return;
  state.messages.splice(index, 1);
  showMessages();
}

function elementOf(index) {
  const message = state.messages[index];
  return messageElement(message, continues(message, state.messages[index - 1]), state.names, remove);
}

// A line with the date goes before the first message of each day.
function withDivider(index) {
  const day = (one) => one && say(writtenAt(one), "D");
  const today = day(state.messages[index]);
  const isNew = today !== day(state.messages[index - 1]);
  return [isNew ? el("li", "divider", el("span", "", today)) : null, elementOf(index)].filter(Boolean);
}

function showMessages() {
  log.replaceChildren(...state.messages.flatMap((_, index) => withDivider(index)));
  at("intro").hidden = state.messages.length >= 100;
}

function showFrame() {
  const current = state.channels.find((one) => one.id === state.channelId);
  const name = current?.name ?? "nowhere";
  document.title = `#${name} | ${state.guild.name}`;
  at("guild-name").textContent = state.guild.name;
  at("channel-name").textContent = name;
  at("topic").textContent = current?.topic ?? "";
  at("intro-title").textContent = `Welcome to #${name}!`;
  at("intro-text").textContent = `This is the start of the #${name} channel.`;
  at("draft").placeholder = `Message #${name}`;
  document.body.classList.toggle("one-channel", state.channels.length < 2);
  showChannels();
  showMembers();
}

function showChannels() {
  at("channels").replaceChildren(...channelList(state.channels, state.channelId, unread, open));
}

function showMembers() {
  at("members").replaceChildren(...memberList(state.members).filter(Boolean));
  at("viewer").replaceChildren(...viewerPanel(state.members));
}

function open(channelId) {
  state.channelId = channelId;
  unread.delete(channelId);
  history.replaceState(null, "", `?channel_id=${channelId}`);
  document.body.classList.remove("show-channels");
  reload();
}

function markUnread(channelId) {
  if (unread.has(channelId)) return;
  unread.add(channelId);
  showChannels();
}

function isAtEnd() {
  return scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 60;
}

function remove(id) {
  fetch(`/control/messages/${id}`, { method: "DELETE" });
}

function write(event) {
  event.preventDefault();
  const content = at("draft").value.trim();
  if (!content) return;
  at("draft").value = "";
  const body = JSON.stringify({ channel_id: state.channelId, content });
  fetch("/control/messages", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

function toggle(name, other) {
  document.body.classList.toggle(name);
  document.body.classList.remove(other);
}

at("composer").addEventListener("submit", write);
at("menu").addEventListener("click", () => toggle("show-channels", "show-members"));
at("people").addEventListener("click", () => toggle("show-members", "show-channels"));
at("shade").addEventListener("click", () => document.body.classList.remove("show-members", "show-channels"));
at("present").addEventListener("click", () => (scroller.scrollTop = scroller.scrollHeight));
scroller.addEventListener("scroll", () => (at("present").hidden = isAtEnd()), { passive: true });
setInterval(tick, 1000);
const reload = listen("/view/events", load, hear);
