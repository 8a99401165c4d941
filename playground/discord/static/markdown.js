// Parse Discord's markdown into a tree of plain objects; must not touch the document.
//
// What is read where differs: see the profiles. A node is a string, or {type, children, …}.

import { inline } from "./inline.js";

/** What each part of a message renders. */
export const PROFILES = {
  // content, text displays and embed descriptions
  full: { blocks: true, headings: true, links: true, mentions: true },
  // field values: everything but headings
  field: { blocks: true, headings: false, links: true, mentions: true },
  // titles and field names: inline marks only
  title: { blocks: false, headings: false, links: false, mentions: false },
};

const FENCE = /^```(?:([\w+\-.#]+)\n)?\n*([^\n][\s\S]*?)\n*```/;
const CODE = /^(`+)([\s\S]*?[^`])\1(?!`)/;
const HEADING = /^(#{1,3}) +([^\n]+)(?:\n|$)/;
const SUBTEXT = /^-# +([^\n]+)(?:\n|$)/;
const QUOTE = /^(?:> [^\n]*(?:\n|$))+/;
// A list goes on while its lines have a mark of the same kind, or are indented.
const BULLETS = /^[-*] +[^\n]*(?:\n(?:[-*] +[^\n]*| {2,}[^\n]*))*\n?/;
const NUMBERS = /^\d{1,9}\. +[^\n]*(?:\n(?:\d{1,9}\. +[^\n]*| {2,}[^\n]*))*\n?/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +([\s\S]*)$/;

/** Parse *text* with one of the profiles. */
export function parse(text, profile) {
  return profile.blocks ? blocks(text, profile, false) : inline(text, profile);
}

function blocks(text, profile, isQuoted) {
  const nodes = [];
  let rest = text;
  let plain = "";
  let isLineStart = true;
  const flush = (beforeBlock) => {
    const kept = beforeBlock ? plain.replace(/\n$/, "") : plain;
    if (kept) nodes.push(...inline(kept, profile));
    plain = "";
  };
  while (rest) {
    const found = (isLineStart && lineBlock(rest, profile, isQuoted)) || fence(rest);
    if (found) {
      flush(true);
      nodes.push(found.node);
      rest = rest.slice(found.length);
      isLineStart = true;
      continue;
    }
    const step = stepLength(rest);
    plain += rest.slice(0, step);
    isLineStart = rest[step - 1] === "\n";
    rest = rest.slice(step);
  }
  flush(false);
  return nodes;
}

// How far to go on: over code and over what a backslash protects, else to the next sign.
function stepLength(rest) {
  if (rest[0] === "\\" && rest.length > 1) return 2;
  if (rest[0] === "`") return (CODE.exec(rest) ?? [rest[0]])[0].length;
  if (rest[0] === "\n") return 1;
  return /^[^\\`\n]+/.exec(rest)[0].length;
}

function fence(rest) {
  const match = rest.startsWith("```") && FENCE.exec(rest);
  if (!match) return null;
  const after = rest[match[0].length] === "\n" ? 1 : 0;
  const node = { type: "fence", language: match[1] ?? "", text: match[2] };
  return { node, length: match[0].length + after };
}

function lineBlock(rest, profile, isQuoted) {
  if (!isQuoted && rest.startsWith(">>> ")) {
    const children = blocks(rest.slice(4), profile, true);
    return { node: { type: "quote", children }, length: rest.length };
  }
  let match = !isQuoted && QUOTE.exec(rest);
  if (match) {
    const inner = match[0].replace(/^> /gm, "").replace(/\n$/, "");
    const children = blocks(inner, profile, true);
    return { node: { type: "quote", children }, length: match[0].length };
  }
  if (profile.headings) {
    match = HEADING.exec(rest);
    if (match) {
      const node = { type: "heading", level: match[1].length, children: inline(match[2], profile) };
      return { node, length: match[0].length };
    }
    match = SUBTEXT.exec(rest);
    if (match) {
      const node = { type: "subtext", children: inline(match[1], profile) };
      return { node, length: match[0].length };
    }
  }
  match = BULLETS.exec(rest) ?? NUMBERS.exec(rest);
  return match ? { node: list(match[0], profile), length: match[0].length } : null;
}

// Nest the lines of a list by their indentation; a line that is no item goes on with the last.
function list(text, profile) {
  const root = { type: "list", start: null, indent: 0, children: [] };
  const open = [root];
  for (const line of text.replace(/\n$/, "").split("\n")) {
    const item = ITEM.exec(line);
    let level = open.at(-1);
    if (!item) {
      level.children.at(-1)?.children.push("\n", ...inline(line.trim(), profile));
      continue;
    }
    const [, spaces, mark, content] = item;
    while (open.length > 1 && spaces.length < level.indent) {
      open.pop();
      level = open.at(-1);
    }
    if (level.children.length && spaces.length > level.indent) {
      const inner = { type: "list", start: null, indent: spaces.length, children: [] };
      level.children.at(-1).children.push(inner);
      open.push(inner);
      level = inner;
    }
    if (!level.children.length && /\d/.test(mark)) level.start = Number.parseInt(mark, 10);
    level.children.push({ type: "item", children: inline(content, profile) });
  }
  return root;
}
