/** Make an element; what children say is text, never HTML. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter(child => child !== null && child !== ""));
  return made;
}

/** A text whose spans [begin, end] are marked. */
export function marked(text, spans) {
  const parts = document.createDocumentFragment();
  let at = 0;
  for (const [begin, end] of spans) {
    parts.append(text.slice(at, begin), element("mark", {}, text.slice(begin, end)));
    at = end;
  }
  parts.append(text.slice(at));
  return parts;
}
