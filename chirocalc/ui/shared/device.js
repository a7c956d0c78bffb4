// What the clinic has set, kept in this browser's own store, a part a row: the server has no copy.
const STORE = "chirocalc.";
const VERSION = 1;

const written = window.chirocalcWritten ??= { session: "", number: 0 };

function read() {
  const parts = {};
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith(STORE)) parts[name.slice(STORE.length)] = localStorage.getItem(name);
  }
  return parts;
}

function write(parts) {
  for (const [name, value] of Object.entries(parts)) {
    if (value === null) localStorage.removeItem(STORE + name);
    else localStorage.setItem(STORE + name, JSON.stringify({ version: VERSION, value }));
  }
}

function trouble(error) {
  return error.name === "QuotaExceededError" ? "full" : "blocked";
}

export default function ({ data, setStateValue }) {
  let said = data.trouble;
  const say = (words) => { if (words !== said) setStateValue("trouble", said = words); };
  const tell = () => setStateValue("kept", JSON.stringify(read()));

  if (data.session !== written.session) Object.assign(written, { session: data.session, number: 0 });
  try {
    if (data.number > written.number) {
      written.number = data.number;
      write(data.parts);
      if (data.trouble) say("");
    }
    if (!data.known && Object.keys(read()).length) tell();
  } catch (error) {
    say(trouble(error));
  }

  // What another tab of this browser keeps or forgets is known here too.
  const changed = (event) => {
    if (event.key === null || event.key.startsWith(STORE)) tell();
  };
  addEventListener("storage", changed);
  return () => removeEventListener("storage", changed);
}
