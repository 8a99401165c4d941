// Show one message: header, reply, content, attachments, embeds, components.

import { components } from "./component.js";
import { el, having } from "./dom.js";
import { embeds } from "./embed.js";
import { markup } from "./markup.js";
import { say, sayHeader } from "./moment.js";
import { avatar } from "./picture.js";

const EPHEMERAL = 64;
const LOADING = 128;
const SILENT = 4096;
const GROUP_SECONDS = 7 * 60;

/** Tell when a message was written, in seconds since 1970. */
export function writtenAt(message) {
  return Date.parse(message.timestamp) / 1000;
}

/** Tell whether a message goes on under the header of the one before. */
export function continues(message, before) {
  return (
    before !== undefined &&
    before.author.id === message.author.id &&
    !message.message_reference &&
    writtenAt(message) - writtenAt(before) < GROUP_SECONDS &&
    new Date(message.timestamp).getDate() === new Date(before.timestamp).getDate()
  );
}

/** Show a message; *isContinued* leaves its header out. */
export function messageElement(message, isContinued, names, remove) {
  const at = writtenAt(message);
  const gutter = isContinued ? time(at, "gutter-time", say(at, "t")) : avatar(message.author);
  const body = el(
    "div",
    "message-body",
    isContinued ? null : header(message, at),
    content(message, names),
    attachments(message),
    embeds(message, names),
    components(message, names),
    message.flags & EPHEMERAL ? el("div", "ephemeral", "👁 Only you can see this") : null,
  );
  const classes = `message${isContinued ? " continued" : ""}${pings(message) ? " pinging" : ""}`;
  const element = el("li", classes, reply(message, names), gutter, body, tools(message, remove));
  return having(element, { id: `message-${message.id}`, "data-id": message.id });
}

// What would highlight the message for the person who looks.
function pings(message) {
  return message.mention_everyone || message.mentions.length > 0;
}

function header(message, at) {
  const { author } = message;
  const name = el("span", author.bot ? "name bot" : "name", author.global_name ?? author.username);
  const silent = message.flags & SILENT ? having(el("span", "silent", "🔕"), { title: "This was a @silent message" }) : null;
  return el("h3", "message-header", name, author.bot ? badge() : null, time(at, "time", sayHeader(at)), silent);
}

/** Show the badge every bot carries. */
export function badge() {
  return el("span", "badge", "APP");
}

function time(at, classes, text) {
  const element = el("time", classes, text);
  element.dateTime = new Date(at * 1000).toISOString();
  element.title = say(at, "F");
  return element;
}

function content(message, names) {
  if (message.flags & LOADING) {
    return el("div", "thinking", el("i"), el("i"), el("i"), ` ${message.author.username} is thinking…`);
  }
  const edited = message.edited_timestamp
    ? having(el("span", "edited", "(edited)"), { title: say(Date.parse(message.edited_timestamp) / 1000, "F") })
    : null;
  if (!message.content && !edited) return null;
  return el("div", "content markup", markup(message.content, "full", names), message.content && edited ? " " : null, edited);
}

function reply(message, names) {
  if (!message.message_reference) return null;
  const target = message.referenced_message;
  if (!target) return el("div", "reply gone", "Original message was deleted");
  const inside = target.content
    ? el("span", "reply-text", markup(target.content.split("\n")[0], "title", names))
    : el("span", "reply-text", el("em", "", target.embeds[0]?.title ?? "Click to see attachment"));
  const jump = el("button", "reply", avatar(target.author, "reply-avatar"), target.author.bot ? badge() : null, el("span", "reply-name", target.author.username), inside);
  jump.type = "button";
  jump.addEventListener("click", () => flash(target.id));
  return jump;
}

function flash(id) {
  const target = document.getElementById(`message-${id}`);
  if (!target) return;
  target.scrollIntoView({ block: "center", behavior: "smooth" });
  target.classList.remove("flash");
  requestAnimationFrame(() => target.classList.add("flash"));
}

function attachments(message) {
  // Those that an embed or a component shows are not shown a second time.
  const shown = JSON.stringify([message.embeds, message.components]);
  return message.attachments
    .filter((one) => !shown.includes(`attachment://${one.filename}`))
    .map((one) => {
      const path = new URL(one.url).pathname;
      if (/^image\/(png|jpeg|gif|webp)$/.test(one.content_type ?? "")) {
        return having(el("img", "attachment-image"), { src: path, alt: one.description ?? one.filename });
      }
      const name = having(el("a", "", one.filename), { href: path, download: one.filename });
      return el("div", "file", el("span", "file-sign", "📄"), el("span", "file-text", name, el("small", "", size(one.size))));
    });
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${(bytes / 1024).toFixed(2)} KB` : `${(bytes / 1_048_576).toFixed(2)} MB`;
}

function tools(message, remove) {
  const button = having(el("button", "", "🗑"), { title: "Delete as a person does", "aria-label": "Delete message" });
  button.type = "button";
  button.addEventListener("click", () => remove(message.id));
  return el("div", "tools", button);
}
