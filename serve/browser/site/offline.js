// The service worker: waits for it, so that what the first visit loads is kept.

/** Milliseconds that the first visit waits before it goes on without. */
const PATIENCE = 10000;

/** Resolves to a sentence for the reader. */
export async function keepOffline() {
  if (!("serviceWorker" in navigator)) return "This browser keeps nothing for use without a network.";
  try {
    const registration = await navigator.serviceWorker.register(new URL("../service-worker.js", import.meta.url));
    if (registration.waiting && navigator.serviceWorker.controller) await takeOver(registration.waiting);
    await inControl();
    return "Kept in this browser: it works without a network, with what was loaded once.";
  } catch (error) {
    return `Not kept for use without a network (${error.message}).`;
  }
}

/** A newer site was loaded beside this one: from here on it is the site. */
async function takeOver(waiting) {
  const changed = new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done, { once: true }));
  waiting.postMessage("take over");
  await changed;
  location.reload();
  await new Promise(() => {}); // nothing of the older page goes on
}

function inControl() {
  if (navigator.serviceWorker.controller) return undefined;
  return new Promise((done, fail) => {
    navigator.serviceWorker.addEventListener("controllerchange", done, { once: true });
    setTimeout(() => fail(Error("it did not start in time")), PATIENCE);
  });
}
