/** Ask the server; what it refuses is an Error with its words. */
export async function post(path, body) {
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    throw new Error("The server has ended. Start it again: pocketrag serve BUNDLE");
  }
  const text = await answer.text();
  let said;
  try {
    said = JSON.parse(text);
  } catch {
    throw new Error(text);
  }
  if (!answer.ok) throw new Error(said.error);
  return said;
}
