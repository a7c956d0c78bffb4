// The findings as rows to choose one from: a group of radio buttons, so that arrows, Tab and
// screen readers work as everywhere. Rows further down are made when one scrolls to them.
const AT_ONCE = 40

function row(finding, number, name) {
  const label = document.createElement("label")
  label.className = finding.color
  const input = document.createElement("input")
  Object.assign(input, { type: "radio", name, value: number })
  label.append(input)
  for (const part of ["dollars", "code", "text", "about"]) {
    const cell = document.createElement("span")
    cell.className = part
    cell.textContent = finding[part] // never as HTML: a file's words are in it
    label.append(cell)
  }
  return label
}

function more(group, rows) {
  const from = group.children.length
  const next = rows.slice(from, from + AT_ONCE)
  group.append(...next.map((finding, at) => row(finding, from + at, group.id)))
}

export default function ({ data, key, setStateValue, parentElement }) {
  const group = parentElement.querySelector("[role=radiogroup]")
  if (group.dataset.list === data.list) return // a row was chosen: it is marked already
  group.dataset.list = data.list
  group.id = `rows-${key}`
  group.replaceChildren()
  group.scrollTop = 0
  while (group.children.length <= data.row) more(group, data.rows)
  const chosen = group.children[data.row].firstChild
  chosen.checked = true
  if (data.row) chosen.scrollIntoView({ block: "nearest" })
  group.onscroll = () => {
    if (group.scrollTop + 2 * group.clientHeight > group.scrollHeight) more(group, data.rows)
  }
  group.onchange = event => setStateValue("row", `${data.list} ${event.target.value}`)
}
