// Each part of the figure is a button for its region; what is adjusted comes from the page.
export default function ({ data, parentElement, setTriggerValue }) {
  for (const part of parentElement.querySelectorAll("[data-region]")) {
    const region = part.dataset.region;
    const name = data.names[region];
    part.toggleAttribute("hidden", !name);
    if (!name) continue;
    const adjusted = data.adjusted.includes(region);
    part.setAttribute("role", "checkbox");
    part.setAttribute("tabindex", "-1"); // the chips beside it are reached by key
    part.setAttribute("aria-checked", String(adjusted));
    part.setAttribute("aria-label", name);
    part.querySelector("title").textContent = name;
    part.classList.toggle("adjusted", adjusted);
    part.onclick = () => setTriggerValue("region", region);
  }
}
