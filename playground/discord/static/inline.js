// Parse Discord's inline marks: emphasis, code, links, mentions, timestamps.

const ESCAPE = /^\\([^0-9A-Za-z\s])/;
const CODE = /^(`+)([\s\S]*?[^`])\1(?!`)/;
const URL_TEXT = /^https?:\/\/[^\s<]+[^<.,:;"'\]\s]/;
const HIDDEN_URL = /^<(https?:\/\/[^\s<>]+)>/;
// As generous as Discord: a label may hold brackets and line ends, and backslashes do not help it.
const MASKED =
  /^\[((?:\[[^\]]*\]|[^[\]]|\](?=[^[]*\]))+)\]\(\s*<?((?:\\\S|\([^()\s]*\)|[^\s()<>\\])+)>?(?:\s+["'][\s\S]*?["'])?\s*\)/;
const TIMESTAMP = /^<t:(-?\d{1,17})(?::([tTdDfFsSR]))?>/;
const USER = /^<@!?(\d{1,20})>/;
const ROLE = /^<@&(\d{1,20})>/;
const CHANNEL = /^<#(\d{1,20})>/;
const COMMAND = /^<\/([-\w ]{1,98}):\d{1,20}>/;
const GUIDE = /^<id:(guide|browse|customize|home)>/;
const EMOJI = /^<a?:(\w{2,32}):\d{1,20}>/;
const EVERYONE = /^@(everyone|here)/;
const PLAIN = /^[\s\S]+?(?=[^0-9A-Za-z\s\u00c0-\uffff]|https?:\/\/|$)/;

const MARKS = [
  ["strong", /^\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/],
  ["underline", /^__((?:\\[\s\S]|[^\\])+?)__(?!_)/],
  ["em", /^_((?:__|\\[\s\S]|[^\\_])+?)_(?!\w)/],
  ["em", /^\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/],
  ["strike", /^~~([\s\S]+?)~~(?!_)/],
  ["spoiler", /^\|\|([\s\S]+?)\|\|/],
];

// Bold in bold says nothing more: deeper nesting than this is text.
const DEEPEST = 12;

/** Parse the inline marks of *text*; *profile* says whether links and mentions are read. */
export function inline(text, profile, depth = 0, isLabel = false) {
  const nodes = [];
  const push = (node) => {
    if (typeof node === "string" && typeof nodes.at(-1) === "string") nodes.push(nodes.pop() + node);
    else nodes.push(node);
  };
  let rest = text;
  while (rest) {
    const [node, length] = next(rest, profile, depth, isLabel);
    push(node);
    rest = rest.slice(length);
  }
  return nodes;
}

function next(rest, profile, depth, isLabel) {
  // Inside a masked link's label a backslash protects nothing (discord-api-docs #6185).
  const escape = !isLabel && ESCAPE.exec(rest);
  if (escape) return [escape[1], 2];
  const code = CODE.exec(rest);
  if (code) return [{ type: "code", text: unpad(code[2]) }, code[0].length];
  if (profile.links && !isLabel) {
    const found = link(rest, profile, depth);
    if (found) return found;
  }
  if (profile.mentions) {
    const found = special(rest);
    if (found) return found;
  }
  if (depth < DEEPEST) {
    for (const [type, pattern] of MARKS) {
      const match = pattern.exec(rest);
      if (match) {
        const children = inline(match[1], profile, depth + 1, isLabel);
        return [{ type, children }, match[0].length];
      }
    }
  }
  const plain = PLAIN.exec(rest);
  const length = plain?.[0].length || 1;
  return [rest.slice(0, length), length];
}

function link(rest, profile, depth) {
  let match = HIDDEN_URL.exec(rest);
  if (match) return [{ type: "link", url: match[1], children: [match[1]] }, match[0].length];
  match = URL_TEXT.exec(rest);
  if (match) {
    const url = balanced(match[0]);
    return [{ type: "link", url, children: [url] }, url.length];
  }
  match = MASKED.exec(rest);
  // A label that looks like an address itself is not let through.
  const url = match?.[2].replace(/\\([^\w\s])/g, "$1");
  if (!match || !/^https?:\/\//i.test(url) || /https?:\/\//.test(match[1])) return null;
  const children = inline(match[1], profile, depth + 1, true);
  return [{ type: "link", url, children }, match[0].length];
}

// A bracket at the end of an address belongs to it only if it was opened in it.
function balanced(url) {
  let kept = url;
  while (kept.endsWith(")") && kept.split(")").length > kept.split("(").length) {
    kept = kept.slice(0, -1);
  }
  return kept;
}

function special(rest) {
  if (rest[0] !== "<" && rest[0] !== "@") return null;
  const time = TIMESTAMP.exec(rest);
  if (time && Math.abs(Number(time[1])) <= 8.64e12) {
    return [{ type: "time", at: Number(time[1]), style: time[2] ?? "f" }, time[0].length];
  }
  for (const [kind, pattern] of [
    ["user", USER],
    ["role", ROLE],
    ["channel", CHANNEL],
    ["command", COMMAND],
    ["guide", GUIDE],
    ["emoji", EMOJI],
    ["everyone", EVERYONE],
  ]) {
    const match = pattern.exec(rest);
    if (match) return [{ type: "mention", kind, id: match[1] }, match[0].length];
  }
  return null;
}

function unpad(code) {
  return /^ .*` $|^ `.* $/s.test(code) ? code.slice(1, -1) : code;
}
