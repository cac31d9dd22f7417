/** "source=a.pdf, page=3" as lists of values by key; 3 and "3" are both meant. */
export function filters(text) {
  const found = {};
  for (const part of text.split(",").map(one => one.trim()).filter(Boolean)) {
    const at = part.indexOf("=");
    if (at < 1) throw new Error(`Filter ${part}: write it as key=value.`);
    const value = part.slice(at + 1);
    found[part.slice(0, at)] = [value, ...(/^[0-9]{1,15}$/.test(value) ? [Number(value)] : [])];
  }
  return Object.keys(found).length ? found : null;
}
