"""Style and script of the VideoSDK stand-in's page, and the headers that forbid any others."""

import base64
import hashlib

STYLE = """
:root { color-scheme: light dark; --page: #f1f1f5; --card: #fff; --ink: #1b1b22; --soft: #484855;
  --line: #d6d6e0; --go: #3341b5; --stop: #9c122c; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #0e0e13; --card: #1c1c25; --ink: #f2f2f7;
  --soft: #b8b8c7; --line: #363645; --go: #a0aeff; --stop: #ff7a92; --on: #0e0e13; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
main { display: flex; flex-direction: column; gap: 16px; min-height: 100vh; min-height: 100dvh;
  padding: 16px; }
h1 { margin: 0; font-size: 1.25rem; line-height: 1.3; }
p { margin: 0; color: var(--soft); }
header { display: flex; flex-wrap: wrap; gap: 0 12px; align-items: baseline; }
header p { font-size: 0.875rem; }
ul { margin: 0; padding: 0; list-style: none; }
b { display: grid; place-items: center; border-radius: 50%; color: #fff; font-weight: 600; }
.c0 { background: #3340a8; } .c1 { background: #862a70; } .c2 { background: #07535f; }
.c3 { background: #833a0b; } .c4 { background: #1c5a2c; } .c5 { background: #5630a0; }
.lobby { align-items: center; justify-content: center; text-align: center; }
.card { display: grid; gap: 16px; width: min(100%, 400px); padding: clamp(20px, 6vw, 32px);
  background: var(--card); border: 1px solid var(--line); border-radius: 16px; }
.card #people ul { display: flex; flex-wrap: wrap; justify-content: center; gap: 4px 14px;
  margin-top: 8px; }
.card #people li { display: flex; gap: 6px; align-items: center; }
.card #people b { flex: none; width: 28px; height: 28px; font-size: 0.8125rem; }
.card form { display: grid; gap: 12px; text-align: start; }
.room #people { display: grid; flex: 1; }
.room #people ul { display: grid; gap: 12px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 150px), 1fr));
  grid-auto-rows: minmax(132px, 1fr); }
.room #people li { display: grid; place-content: center; justify-items: center; gap: 10px;
  padding: 12px; text-align: center; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px; }
.room #people b { width: 64px; height: 64px; font-size: 1.625rem; }
#notes p { text-align: center; }
#notes strong { color: var(--ink); }
#notes .notice { width: fit-content; margin: 0 auto 4px; padding: 2px 10px; font-size: 0.875rem;
  border: 1px solid var(--stop); border-radius: 99px; color: var(--stop); }
.say { display: flex; flex-wrap: wrap; gap: 12px; align-items: end; justify-content: center; }
.say label { flex: 1 1 200px; max-width: 420px; }
.bar { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; justify-content: center; }
.bar ul { display: flex; flex-wrap: wrap; gap: 6px; justify-content: center; }
.bar li { padding: 2px 10px; border: 1px solid var(--line); border-radius: 99px;
  background: var(--card); font-size: 0.8125rem; }
.bar .off { background: none; color: var(--soft); }
label { font-weight: 600; }
input { display: block; width: 100%; margin-top: 6px; border: 1px solid var(--soft);
  background: var(--page); color: var(--ink); }
input, button { min-height: 44px; padding: 8px 16px; border-radius: 10px; font: inherit; }
button { border: 0; background: var(--go); color: var(--on); font-weight: 700; cursor: pointer; }
button.leave { background: var(--stop); }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
a.action { display: grid; place-items: center; min-height: 44px; padding: 8px 16px;
  border: 1px solid var(--go); border-radius: 10px; color: var(--go); font-weight: 700;
  text-decoration: none; }
.error { color: var(--stop); }
footer { color: var(--soft); font-size: 0.8125rem; text-align: center; }
"""

# Updates who is in and what is said without touching what is being typed, sends what somebody says,
# reports a closed tab, and joins at once if the link says so.
SCRIPT = """
const refresh = async (address, options) => {
  const answer = await fetch(address, options).catch(() => null);
  if (!answer) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = document.querySelector("main"), next = fresh.querySelector("main");
  if (!next) return;
  if (now.className !== next.className || now.dataset.state !== next.dataset.state) {
    now.replaceWith(next);
    return;
  }
  for (const id of ["#people", "#notes"]) {
    const before = now.querySelector(id), after = next.querySelector(id);
    if (before && before.innerHTML !== after.innerHTML) before.replaceChildren(...after.childNodes);
  }
};
setInterval(() => refresh(location.href), 1500);
addEventListener("submit", (event) => {
  const form = event.target;
  if (!("stays" in form.dataset)) return;
  event.preventDefault();
  refresh(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  form.reset();
});
addEventListener("pagehide", () => {
  const leave = document.querySelector("main").dataset.leave;
  if (leave) navigator.sendBeacon(leave);
});
document.querySelector("form[data-at-once]")?.requestSubmit();
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_hash(STYLE)}; "
    f"script-src {_hash(SCRIPT)}; connect-src 'self'; img-src data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors *",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}
