// What is done with a visit. What the buttons copy stands in the page: what the minutes change is
// not sent here.
const opened = new WeakMap();

const KEYS = { k: "copy", j: "record", p: "print", n: "next" };

const SETTLING = [0, 100, 300, 700, 1500]; // milliseconds

const lines = (name) => [...document.querySelectorAll(`.${name} > i`)].map((line) => line.textContent);

// Again while the page is still being drawn, until the user does something.
function toAnswer() {
  const still = new AbortController();
  for (const own of ["pointerdown", "wheel", "keydown"]) {
    addEventListener(own, () => still.abort(), { once: true, signal: still.signal, capture: true });
  }
  for (const wait of SETTLING) {
    setTimeout(() => still.signal.aborted || document.querySelector(".st-key-answer")?.scrollIntoView(), wait);
  }
  setTimeout(() => still.abort(), SETTLING.at(-1));
}

export default function ({ data, parentElement, setTriggerValue }) {
  const at = (name) => parentElement.querySelector(`.${name}`);
  const before = opened.get(parentElement);
  opened.set(parentElement, data);

  const say = (button, words) => {
    button.dataset.words ??= button.textContent;
    button.textContent = words;
    clearTimeout(button.timer);
    button.timer = setTimeout(() => { button.textContent = button.dataset.words; }, 2000);
  };
  const copy = async (button, name) => {
    try {
      await navigator.clipboard.writeText(lines(name).join("\n"));
      const left = lines(name).at(-1)?.match(/^without (.*): denied/)?.[1];
      say(button, left ? `Copied without ${left}` : "Copied");
    } catch {
      say(button, "Copying is not allowed here");
    }
  };
  at("copy").onclick = () => copy(at("copy"), "cc-claim");
  at("record").onclick = () => copy(at("record"), "cc-record");
  at("print").onclick = () => setTriggerValue("print", true);
  at("next").onclick = () => setTriggerValue("next", true);
  for (const button of parentElement.querySelectorAll("button")) button.disabled = false; // from now on
  at("undo").hidden = !data.undo;
  at("undo").onclick = () => setTriggerValue("undo", true);

  if (data.sheet && data.asked !== window.chirocalcPrinted) {
    window.chirocalcPrinted = data.asked;
    const frame = document.createElement("iframe");
    frame.title = "The visit's sheet, to print";
    frame.style.cssText = "position:fixed;width:0;height:0;border:0";
    frame.onload = () => {
      frame.contentWindow.onafterprint = () => frame.remove();
      frame.contentWindow.print();
    };
    frame.srcdoc = data.sheet;
    document.body.append(frame);
  }

  // A link opened on a phone opens on its answer, not on its inputs.
  if (data.shared && !before && matchMedia("(max-width: 640px)").matches) {
    toAnswer();
  }

  // One letter does what a button does, where nothing is being typed; F finds a service.
  const pressed = (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
    const into = event.composedPath()[0];
    if (into.matches?.("input, textarea, select, [contenteditable=true]")) return;
    if (document.querySelector("[role=dialog]")) return;
    if (event.key === "f") {
      event.preventDefault();
      document.querySelector(".st-key-search input")?.focus();
    } else if (KEYS[event.key]) {
      at(KEYS[event.key]).click();
    }
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
