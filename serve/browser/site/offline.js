// The service worker: waits for it, so that what the first visit loads is kept.

const KEPT = "Kept in this browser: it works without a network, with what was loaded once.";
/** Milliseconds that the first visit waits at most before it goes on without. */
const PATIENCE = 60000;
/** The same of a newer site: a worker that is busy is not replaced, and the older site is whole. */
const HANDOVER = 10000;

/** Resolves to a sentence for the reader. */
export async function keepOffline() {
  if (!("serviceWorker" in navigator)) return "This browser keeps nothing for use without a network.";
  try {
    const registration = await navigator.serviceWorker.register(new URL("../service-worker.js", import.meta.url));
    if (registration.waiting && navigator.serviceWorker.controller) await takeOver(registration.waiting);
    await inControl(registration);
    return KEPT;
  } catch (error) {
    return `Not kept for use without a network (${error.message}).`;
  }
}

/** A newer site was loaded beside this one: from here on it is the site. */
async function takeOver(waiting) {
  const changed = new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", () => done(true), { once: true }));
  waiting.postMessage("take over");
  if (!(await Promise.race([changed, late(HANDOVER)]))) return;
  location.reload();
  await new Promise(() => {}); // nothing of the older page goes on
}

function late(milliseconds) {
  return new Promise((done) => setTimeout(() => done(false), milliseconds));
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
