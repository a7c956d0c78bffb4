// What the clinic has set, kept in this browser's own store, a part a row: the server has no copy.
// The log of services too: a line a row, in as many pieces as ids have last letters, so that a row
// that changes writes one of them. Of a row that several tabs have changed the later version holds,
// and a deletion before any: as `chirocalc.track.log` has it.
const STORE = "chirocalc.";
const VERSION = 1;
const LOG = `${STORE}log1.`;
const ASIDE = `${STORE}aside.log`;
const ROW = /^([0-9a-z]{4,24})\t([0-9a-z]{1,9})(?=\t|$)/;
const SOON = 80; // milliseconds in which what another tab writes is taken together

const NEW = { session: "", number: 0, log: 0, told: false };
const written = window.chirocalcWritten ??= { ...NEW };

const isPart = (name) => name.startsWith(STORE) && !name.slice(STORE.length).includes(".");

function read() {
  const parts = {};
  for (const name of Object.keys(localStorage)) {
    if (isPart(name)) parts[name.slice(STORE.length)] = localStorage.getItem(name);
  }
  return parts;
}

function write(parts) {
  for (const [name, value] of Object.entries(parts)) {
    if (value === null) localStorage.removeItem(STORE + name);
    else localStorage.setItem(STORE + name, JSON.stringify({ version: VERSION, value }));
  }
}

const pieces = () => Object.keys(localStorage).filter((name) => name.startsWith(LOG));

// By its id each row; a line that is none by itself, so that it stays.
function rowsOf(text) {
  const rows = new Map();
  for (const line of (text ?? "").split("\n")) if (line) put(rows, line);
  return rows;
}

function put(rows, line) {
  const id = line.match(ROW)?.[1] ?? line;
  rows.set(id, later(rows.get(id), line));
}

function later(one, other) {
  if (one === undefined || one === other) return other;
  const [a, b] = [rank(one), rank(other)];
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return a[at] > b[at] ? one : other;
  return one;
}

function rank(line) {
  const found = line.match(ROW);
  return [found[0].length === line.length, parseInt(found[2], 36), line];
}

const join = (rows) => [...rows.values()].join("\n");

// What was asked for since: rows to write, lines that are no rows to set aside, or to forget all.
function act({ rows, aside, forget }) {
  if (forget) for (const name of [...pieces(), ASIDE]) localStorage.removeItem(name);
  if (aside) {
    const out = new Set(aside);
    localStorage.setItem(ASIDE, [localStorage.getItem(ASIDE), ...aside].filter(Boolean).join("\n"));
    for (const name of pieces()) {
      const lines = localStorage.getItem(name).split("\n");
      const kept = lines.filter((line) => !out.has(line));
      if (kept.length < lines.length) localStorage.setItem(name, kept.join("\n"));
    }
  }
  const changed = new Map();
  for (const line of (rows ?? "").split("\n")) {
    if (!line) continue;
    const name = LOG + line.match(ROW)[1].at(-1);
    if (!changed.has(name)) changed.set(name, rowsOf(localStorage.getItem(name)));
    put(changed.get(name), line);
  }
  for (const [name, of] of changed) localStorage.setItem(name, join(of));
}

function logOf(names) {
  const rows = names.map((name) => localStorage.getItem(name)).filter(Boolean).join("\n");
  return { rows, aside: localStorage.getItem(ASIDE) ?? "" };
}

function trouble(error) {
  return error.name === "QuotaExceededError" ? "full" : "blocked";
}

export default function ({ data, setStateValue, setTriggerValue }) {
  let said = data.trouble;
  const say = (words) => { if (words !== said) setStateValue("trouble", said = words); };
  const tell = () => setStateValue("kept", JSON.stringify(read()));

  if (data.session !== written.session) Object.assign(written, NEW, { session: data.session });
  try {
    if (data.number > written.number) {
      written.number = data.number;
      write(data.parts);
      if (data.trouble) say("");
    }
    if (!data.known && Object.keys(read()).length) tell();
    for (const one of data.log.acts) {
      if (one.number <= written.log) continue;
      act(one);
      written.log = one.number;
    }
    if (data.log.acts.length) {
      if (data.trouble) say("");
      setStateValue("logged", written.log);
    }
    if (data.log.wanted && !written.told) {
      written.told = true;
      setTriggerValue("log", JSON.stringify(logOf(pieces())));
    }
  } catch (error) {
    say(trouble(error));
    if (data.log.wanted && !written.told) {
      written.told = true;
      setTriggerValue("log", JSON.stringify({ rows: "", aside: "" }));
    }
  }

  // What another tab of this browser keeps or forgets is known here too.
  const names = new Set();
  let forgot = false, timer;
  const tellLog = () => {
    setTriggerValue("log", JSON.stringify({ ...logOf([...names]), forgot }));
    names.clear();
    forgot = false;
  };
  const changed = (event) => {
    if (event.key === null || isPart(event.key)) tell();
    if (event.key !== null && !event.key.startsWith(LOG)) return;
    if (!data.log.wanted) {
      written.told = false; // it is told when it is wanted
      return;
    }
    if (event.key === null || event.newValue === null) forgot = true;
    else names.add(event.key);
    clearTimeout(timer);
    timer = setTimeout(tellLog, SOON);
  };
  addEventListener("storage", changed);
  return () => {
    removeEventListener("storage", changed);
    if (names.size || forgot) written.told = false;
    clearTimeout(timer);
  };
}
