// What Streamlit has no argument for: a landmark around the menu, the page one is on, number keys
// on a phone, and where the focus goes. Set once for the window; idle moments keep it so.
const ROWS = "[class*=st-key-amount-] input";
const REMOVALS = "[class*=st-key-remove-] button";

const all = (selector) => [...document.querySelectorAll(selector)];
const nameOf = (path) => path.split("/").pop();
const shown = (element) => element.offsetParent !== null;

let removed = -1; // which row was just taken away: the focus goes to the one in its place, and again
// where that one is drawn anew, until the user does something else

function tidy() {
  for (const menu of all(".st-key-menu:not([role])")) {
    menu.setAttribute("role", "navigation");
    menu.setAttribute("aria-label", "Pages");
  }
  for (const link of all(".st-key-menu a")) {
    // By the address as written: that of the first page is empty, and would be read as this one's.
    const here = nameOf(link.getAttribute("href").split("?")[0]) === nameOf(location.pathname);
    if (here === link.hasAttribute("aria-current")) continue;
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  for (const field of all("input[type=number]:not([inputmode])")) field.inputMode = "decimal";
  if (removed >= 0 && document.activeElement === document.body) {
    const left = all(REMOVALS);
    (left[Math.min(removed, left.length - 1)] ?? document.querySelector(".st-key-search input"))?.focus();
  }
}

// The answer keeps its room while the services stay the same: what stands below does not
// jump when a line or a question goes.
let services = "";
function keepRoom() {
  const now = all("[class*=st-key-row-]").map((row) => row.className.match(/st-key-row-\S+/)?.[0]).join();
  for (const box of all(".st-key-figures, .st-key-settle")) {
    if (now !== services) box.style.minHeight = "";
    const high = box.offsetHeight;
    if ((parseFloat(box.style.minHeight) || 0) < high) box.style.minHeight = `${high}px`;
  }
  services = now;
}

let asked = false;
function soon() {
  if (asked) return;
  asked = true;
  const run = () => { asked = false; tidy(); keepRoom(); };
  "requestIdleCallback" in window ? requestIdleCallback(run, { timeout: 500 }) : setTimeout(run, 50);
}

// From one line's minutes to the next one's; back with Shift one passes all that is between.
function toNextMinutes(event) {
  if (event.key !== "Tab" || event.shiftKey || !event.target.matches?.(ROWS)) return;
  const fields = all(ROWS).filter(shown);
  const next = fields[fields.indexOf(event.target) + 1];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
}

// A page of the app opened in place, as Back does; with a key held down the browser's own way.
function go(event) {
  const link = event.target.closest?.("a");
  goal = null; // any other click
  if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const ours = link.matches("a.cc-go");
  if (!ours && !link.matches("[data-testid=stPageLink-NavLink]")) return;
  const leaving = { to: link.href, from: document.title };
  const elsewhere = nameOf(link.pathname) !== nameOf(location.pathname);
  if (ours) {
    event.preventDefault();
    open(link.href);
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  }
  if (!elsewhere) return;
  goal = leaving;
  for (const wait of AGAIN) setTimeout(insist, wait, leaving);
}

function open(to) {
  // The address is there already where only what it shows was called back.
  location.href === to ? history.replaceState(null, "", to) : history.pushState(null, "", to);
  dispatchEvent(new PopStateEvent("popstate"));
}

// A run that another input asked for meanwhile names the old page, and the last one asked for wins:
// the page that was clicked is then asked for once more.
const AGAIN = [600, 1500]; // milliseconds
let goal = null;
function insist(leaving) {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  if (goal !== leaving || state !== "notRunning") return;
  goal = null;
  if (document.title === leaving.from) open(leaving.to);
}

// From a count of what is to settle to the first of it.
function toSettle(event) {
  if (!event.target.closest?.("a.cc-to-settle")) return;
  event.preventDefault();
  const list = document.querySelector(".st-key-settle");
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  list?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
  list?.querySelector("button")?.focus({ preventScroll: true });
}

export default function () {
  if (window.chirocalcReach) return soon();
  window.chirocalcReach = true;
  document.addEventListener("keydown", toNextMinutes, true);
  document.addEventListener("click", go);
  addEventListener("popstate", () => { goal = null; }); // Back, or another address opened in place
  document.addEventListener("click", toSettle);
  for (const own of ["keydown", "pointerdown"]) addEventListener(own, () => { removed = -1; }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.(REMOVALS);
    removed = button ? all(REMOVALS).indexOf(button) : -1;
  }, true);
  new MutationObserver(soon).observe(document.body, { subtree: true, childList: true });
  soon();
}
