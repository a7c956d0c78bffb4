// What is done with a visit. The claim to copy stands in the page: what the minutes change is not
// sent here.
const opened = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  const at = (name) => parentElement.querySelector(`.${name}`);
  const before = opened.get(parentElement);
  opened.set(parentElement, data);

  at("copy").onclick = async () => {
    const claim = document.querySelector(".cc-claim")?.textContent ?? "";
    await navigator.clipboard.writeText(claim.split("; ").join("\n"));
    at("copy").textContent = "Copied";
    setTimeout(() => { at("copy").textContent = "Copy claim"; }, 1500);
  };
  at("print").onclick = () => setTriggerValue("print", true);
  at("next").onclick = () => setTriggerValue("next", true);
  at("undo").hidden = !data.undo;
  at("undo").onclick = () => setTriggerValue("undo", true);

  if (data.sheet) {
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
    requestAnimationFrame(() => document.querySelector(".st-key-answer")?.scrollIntoView());
  }
}
