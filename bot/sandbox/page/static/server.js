/** Talks to the sandbox's server: state, events and requests. */

const RETRY_MS = 2000;

/**
 * Follows the sandbox's state, and reconnects until the page is closed.
 *
 * Every connection loads the whole state first; events that arrive meanwhile are queued. `on` has a
 * function for each event, and `state(state)` and `connected(yes)`.
 */
export function connect(on) {
  const source = new EventSource("/sandbox/events");
  let waiting = [];
  const deliver = (kind, data) => (waiting ? waiting.push([kind, data]) : on[kind](data));
  for (const kind of ["message", "removed", "exchange", "call", "view", "version"]) {
    source.addEventListener(kind, (event) => deliver(kind, JSON.parse(event.data)));
  }
  source.addEventListener("open", async () => {
    waiting = [];
    const state = await fetchState();
    if (!state) return reconnect();
    const late = waiting;
    waiting = null;
    on.state(state);
    for (const [kind, data] of late) on[kind](data);
    on.connected(true);
  });
  source.addEventListener("error", () => {
    on.connected(false);
    if (source.readyState === EventSource.CLOSED) reconnect();
  });
  const reconnect = () => {
    source.close();
    on.connected(false);
    setTimeout(() => connect(on), RETRY_MS);
  };
}

async function fetchState() {
  try {
    const response = await fetch("/sandbox/state");
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

/** Sends a request to the sandbox; the answer's `refused` is "" or the reason why it failed. */
export async function post(what, body) {
  try {
    const response = await fetch(`/sandbox/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      keepalive: true,
    });
    const answer = await response.json().catch(() => ({}));
    const reason = answer.error || `HTTP ${response.status}`;
    return { ...answer, refused: response.ok ? "" : `Not sent: ${reason}` };
  } catch {
    return { refused: "Not sent: the sandbox does not answer." };
  }
}
