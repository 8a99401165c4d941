// Listen to the stand-in, and read everything anew whenever the line was down.

/**
 * Call *load* after every (re)connection, and *hear* for each event after it.
 * Events that come while *load* is under way wait for it, so that none is lost.
 */
export function listen(address, load, hear) {
  const source = new EventSource(address);
  let waiting = null;
  const reload = async () => {
    const mine = (waiting = []);
    try {
      await load();
    } catch {
      // The stand-in went away meanwhile; the next connection loads again.
      return;
    }
    if (waiting !== mine) return;
    waiting = null;
    mine.forEach(take);
  };
  const take = (event) => {
    if (event.kind === "reload") reload();
    else if (waiting) waiting.push(event);
    else hear(event);
  };
  source.addEventListener("open", () => {
    document.body.classList.remove("offline");
    reload();
  });
  source.addEventListener("error", () => document.body.classList.add("offline"));
  source.addEventListener("message", (event) => take(JSON.parse(event.data)));
  return reload;
}

/** Read JSON from the stand-in. */
export async function read(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}
