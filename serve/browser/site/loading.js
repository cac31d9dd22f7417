// Files of this site: loaded with progress, and compared with their digests before anything reads them.

/** A file that is not the one that was written. */
export class BrokenFile extends Error {}

/** @param progress is called with (path, bytes loaded, bytes in all) */
export class Files {
  #listed = null;
  #sums = null;
  #progress;

  constructor(progress) {
    this.#progress = progress;
  }

  /** Reads the two lists of digests: pocketrag-files.json of this site, SHA256SUMS of the bundle. */
  async open() {
    this.#listed = JSON.parse(text(await whole(await asked("pocketrag-files.json", "default")))).files;
    const sums = text(await this.load("bundle/SHA256SUMS"));
    this.#sums = Object.fromEntries(sums.trimEnd().split("\n").map((line) => line.split("  ").reverse()));
  }

  /** The size of a file as it was written. */
  bytes(path) {
    return this.#listed[path]?.bytes ?? 0;
  }

  /** Returns the bytes of a file whose digest is right. A broken copy of the browser's own is thrown away once. */
  async load(path) {
    if (!this.#listed[path]) throw new BrokenFile(`${path}: is not a file of this site`);
    for (const cache of ["default", "reload"]) {
      const bytes = await whole(await asked(path, cache), (loaded) => this.#progress(path, loaded, this.bytes(path)));
      if ((await sha256(bytes)) === this.#digest(path)) return bytes;
    }
    throw new BrokenFile(`${path}: is not the file that was written (its SHA-256 differs); reload the page, or put the site there again`);
  }

  #digest(path) {
    const name = path.startsWith("bundle/") && path !== "bundle/SHA256SUMS" ? path.slice("bundle/".length) : null;
    return name === null ? this.#listed[path].sha256 : this.#sums[name];
  }
}

export const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

async function asked(path, cache) {
  let answer;
  try {
    answer = await fetch(new URL(`../${path}`, import.meta.url), { cache });
  } catch (error) {
    throw new BrokenFile(`${path}: can't be loaded (${error.message})`);
  }
  if (!answer.ok) throw new BrokenFile(`${path}: can't be loaded (the host answered ${answer.status})`);
  return answer;
}

async function whole(answer, told = () => {}) {
  const parts = [], reader = answer.body.getReader();
  let size = 0;
  for (let part; !(part = await reader.read()).done; ) {
    parts.push(part.value);
    told((size += part.value.length));
  }
  const bytes = new Uint8Array(size);
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
