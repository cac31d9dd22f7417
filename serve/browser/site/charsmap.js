// `Precompiled` of the `tokenizers` library: SentencePiece's map of characters, a double array of UTF-8 bytes and the strings it leads to.
// That library looks up whole clusters of up to five bytes, and of these takes the first match alone, whatever follows it in the cluster.

import { clusterEnd } from "./clusters.js";

const LONGEST = 5;
const utf8 = new TextEncoder(), text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the function text -> text of a map's bytes. */
export function charsmap(map) {
  const view = new DataView(map.buffer, map.byteOffset, map.byteLength), size = map.length < 4 ? -1 : view.getUint32(0, true);
  if (size < 4 || size > map.length - 4) throw Error("its map of characters was cut off");
  const units = Uint32Array.from({ length: size / 4 }, (_, at) => view.getUint32(4 + 4 * at, true)), strings = map.subarray(4 + size);
  return (given) => {
    const letters = Array.from(given), points = letters.map((letter) => letter.codePointAt(0)), out = [];
    for (let at = 0; at < letters.length; ) {
      const end = clusterEnd(points, at), bytes = utf8.encode(letters.slice(at, end).join(""));
      const whole = bytes.length <= LONGEST ? found(units, strings, bytes) : null;
      if (whole !== null) out.push(whole);
      else for (let k = at; k < end; k++) out.push(found(units, strings, utf8.encode(letters[k])) ?? letters[k]);
      at = end;
    }
    return out.join("");
  };
}

/** What the shortest entry leads to that the bytes start with, or null. */
function found(units, strings, bytes) {
  let node = offset(units[0]);
  for (const byte of bytes) {
    node ^= byte;
    const unit = units[node] ?? 0;
    if (((unit & 0x800000ff) >>> 0) !== byte) return null;
    node ^= offset(unit);
    if ((unit >>> 8) & 1) return string(strings, (units[node] ?? 0x7fffffff) & 0x7fffffff);
  }
  return null;
}

function string(strings, from) {
  if (from >= strings.length) return null;
  const end = strings.indexOf(0, from);
  return text.decode(strings.subarray(from, end < 0 ? strings.length : end));
}

/** Darts-clone's units: a label, a bit that says it is a leaf, and how far away its children are. */
const offset = (unit) => (unit >>> 10) << ((unit & 0x200) >>> 6);
