// Copies a text with one click. Where the browser refuses, as at an address without https, the text
// is shown and selected, and it is said how to copy it by hand.
const BY_HAND = "Your browser did not let us copy. The text is selected: press Ctrl+C (⌘C on a Mac), or choose Copy.";

export default function ({ data, parentElement }) {
  const [button, said, text] = [".copy", ".said", "textarea"].map((at) => parentElement.querySelector(at));

  const say = (words) => {
    said.textContent = ""; // the same words once more are said once more
    clearTimeout(said.clearing);
    requestAnimationFrame(() => { said.textContent = words; });
    if (words !== BY_HAND) said.clearing = setTimeout(() => { said.textContent = ""; }, 4000);
  };

  const byCommand = () => {
    text.hidden = false;
    text.focus();
    text.select();
    if (!document.execCommand("copy")) return false;
    text.hidden = true;
    button.focus();
    return true;
  };

  if (text.value !== data.text) [text.value, text.hidden, said.textContent] = [data.text, true, ""];
  text.rows = data.text.split("\n").length + 1;
  button.onclick = async () => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(data.text);
    } catch {
      copied = byCommand();
    }
    say(copied ? "Copied" : BY_HAND);
  };
}
