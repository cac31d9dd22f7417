// The service worker: waits for it, so that what the first visit loads is kept.

const KEPT = "Kept in this browser: it works without a network, with what was loaded once.";
/** Milliseconds that the first visit waits at most before it goes on without. */
const PATIENCE = 60000;

/**
 * Resolves to a sentence for the reader.
 * @param replaced is called once a newer site has taken the place of the one that this page is of
 */
export async function keepOffline(replaced) {
  const workers = navigator.serviceWorker;
  if (!workers) return "This browser keeps nothing for use without a network.";
  let first = workers.controller === null;
  workers.addEventListener("controllerchange", () => (first ? (first = false) : replaced()));
  try {
    await inControl(await workers.register(new URL("../service-worker.js", import.meta.url)));
    return KEPT;
  } catch (error) {
    return `Not kept for use without a network (${error.message}).`;
  }
}

async function inControl(registration) {
  if (navigator.serviceWorker.controller) return;
  const { installing, waiting, active } = registration;
  const coming = installing ?? waiting ?? (active?.state === "activated" ? null : active);
  // Where the reader asked for everything anew, the worker that is there leaves the page alone.
  if (!coming) throw Error("this page was reloaded past what is kept");
  await new Promise((done, fail) => {
    navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
    coming.addEventListener("statechange", () => coming.state === "redundant" && fail(Error("a file of the page can't be loaded")));
    setTimeout(() => fail(Error("it did not start in time")), PATIENCE);
  });
}
