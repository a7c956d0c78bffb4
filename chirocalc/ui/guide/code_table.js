// The table of codes: sorted by a click on a head, a code opened by a click on its row.
// `data.columns` name and form the cells of `data.rows`; null is a value that there is not.

const FORMS = {
  text: value => value,
  whole: value => String(value),
  rvu: value => value.toFixed(2),
  dollars: value => "$" + value.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, ","),
};

const make = (tag, parent, text = "") => {
  const made = parent.appendChild(document.createElement(tag));
  made.textContent = text;
  return made;
};

// What is missing stands last, whichever way the rest is sorted.
const ordered = (rows, sort) =>
  sort ? [...rows].sort((one, two) => {
    const [a, b] = [one[sort.at], two[sort.at]];
    if (a === null || b === null) return (a === null) - (b === null);
    const order = typeof a === "number" ? a - b : a.localeCompare(b);
    return sort.down ? -order : order;
  }) : rows;

// A first click begins with the largest number or the first word, a third has the order as it came.
const clicked = (sort, at, numbers) =>
  sort?.at !== at ? {at, down: numbers} : sort.down === numbers ? {at, down: !numbers} : null;

export default function ({data, parentElement, setTriggerValue}) {
  const region = parentElement.querySelector(".codes");
  const [head, body] = [region.querySelector("thead tr"), region.querySelector("tbody")];

  const drawHead = () => {
    head.replaceChildren();
    data.columns.forEach((column, at) => {
      const cell = make("th", head);
      cell.scope = "col";
      cell.className = `${column.form} ${column.id}`;
      const mine = region.sort?.at === at;
      if (mine) cell.ariaSort = region.sort.down ? "descending" : "ascending";
      const button = make("button", cell, column.name);
      if (mine) make("span", button, region.sort.down ? "▼" : "▲").ariaHidden = "true";
      button.onclick = () => {
        region.sort = clicked(region.sort, at, column.form !== "text");
        draw();
        head.children[at].querySelector("button").focus();
      };
    });
  };

  const drawRow = row => {
    const [line, code] = [document.createElement("tr"), row[0]];
    data.columns.forEach((column, at) => {
      const cell = make(at ? "td" : "th", line);
      cell.className = `${column.form} ${column.id}`;
      const text = row[at] === null ? "–" : FORMS[column.form](row[at]);
      if (at) {
        cell.textContent = text;
      } else {
        cell.scope = "row";
        make("a", cell, text).href = `?code=${encodeURIComponent(code)}`;
      }
    });
    line.onclick = event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // the link in a tab of its own
      event.preventDefault();
      setTriggerValue("opened", code);
    };
    return line;
  };

  const draw = () => {
    drawHead();
    body.replaceChildren(...ordered(data.rows, region.sort).map(drawRow));
  };

  region.ariaLabel = data.label;
  draw();
}
