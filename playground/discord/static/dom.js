// Build elements. Text only ever becomes text: nothing here, and nothing else, sets markup.

/** Make an element: *classes* as written in HTML, *children* elements, texts or nothing. */
export function el(tag, classes = "", ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set attributes on an element and give it back. */
export function having(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  return element;
}

/** Make a link that leaves the page; anything but http and https stays text. */
export function link(url, classes, ...children) {
  if (!isWeb(url)) return el("span", classes, ...children);
  return having(el("a", classes, ...children), {
    href: url,
    target: "_blank",
    rel: "noopener noreferrer nofollow",
    title: url,
  });
}

/** Tell whether a text is an address of the web. */
export function isWeb(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol);
  } catch {
    return false;
  }
}

/** Write a colour number as CSS does. */
export function color(number) {
  return `#${Number(number).toString(16).padStart(6, "0").slice(-6)}`;
}
