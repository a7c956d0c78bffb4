// A sheet as it will be on paper. Printing, saving and copying need no answer of the server.
const WIDE = 816; // a Letter page, in pixels

const parts = new WeakMap();

function say(button, words) {
  button.dataset.words ??= button.textContent;
  button.textContent = words;
  clearTimeout(button.timer);
  button.timer = setTimeout(() => { button.textContent = button.dataset.words; }, 2000);
}

function copying({ label, text }) {
  const button = document.createElement("button");
  button.textContent = label;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(text);
      say(button, "Copied");
    } catch {
      say(button, "Copying is not allowed here");
    }
  };
  return button;
}

export default function ({ data, parentElement }) {
  const at = (name) => parentElement.querySelector(name);
  const sheet = at("iframe"), desk = at(".desk");
  const said = JSON.stringify(data);
  const fit = () => {
    const pages = sheet.contentDocument?.documentElement;
    if (!pages || !desk.clientWidth) return;
    const scale = Math.min(1, desk.clientWidth / WIDE);
    sheet.style.transform = `scale(${scale})`;
    sheet.style.height = `${pages.scrollHeight}px`;
    desk.style.height = `${Math.ceil(pages.scrollHeight * scale)}px`;
  };
  if (parts.get(parentElement) !== said) {
    parts.set(parentElement, said);
    sheet.title = data.title;
    sheet.style.height = "0"; // else a shorter sheet would be as high as the one before
    sheet.onload = fit;
    sheet.srcdoc = data.html;
    const save = at(".save");
    if (save.href) URL.revokeObjectURL(save.href);
    save.href = URL.createObjectURL(new Blob([data.html], { type: "text/html" }));
    save.download = `${data.name}.html`;
    at(".copies").replaceChildren(...data.copies.map(copying));
    at(".print").onclick = () => { sheet.contentWindow.focus(); sheet.contentWindow.print(); };
  }
  const watch = new ResizeObserver(fit);
  watch.observe(desk);
  return () => watch.disconnect();
}
