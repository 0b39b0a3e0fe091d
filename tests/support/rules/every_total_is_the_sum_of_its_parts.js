// <table data-sum> … <td data-part="150000">1,500.00</td> … <td data-total="150000">1,500.00</td>
// Within data-sum, what is marked data-part adds up to what is marked data-total, in paisa; with
// data-column="paid" on both, each column for itself. Sums may nest: a total that is also a part
// counts in the sum around its own. What is marked shows the same figure to the reader.
const columnOf = (element) => element.dataset.column ?? "";
const sumOf = (element) => element.closest("[data-sum]");

// In paisa, as the reader sees it; nothing and a dash are nil.
const said = (element) => {
  const text = (element.localName === "input" ? element.value : element.textContent).replace(/[\s,]|Rs/g, "");
  if (/^[-–—−]?$/.test(text)) return 0;
  const match = /^([-−]?)(\d+)(?:\.(\d\d))?$/.exec(text);
  return match ? (match[1] ? -1 : 1) * (Number(match[2]) * 100 + Number(match[3] ?? 0)) : null;
};

const rule = () => {
  const found = [];
  const sums = new Map();
  const at = (sum, column) => {
    if (!sums.has(sum)) sums.set(sum, new Map());
    const columns = sums.get(sum);
    if (!columns.has(column)) columns.set(column, { parts: 0, totals: [] });
    return columns.get(column);
  };
  for (const sum of document.querySelectorAll("[data-sum]")) sums.set(sum, new Map());
  for (const element of document.querySelectorAll("[data-part], [data-total]")) {
    const { part, total } = element.dataset;
    for (const [name, value] of [["data-part", part], ["data-total", total]]) {
      if (value === undefined) continue;
      if (!/^-?\d+$/.test(value)) found.push(`${named(element)}: ${name} is no whole number of paisa`);
      else if (said(element) !== Number(value)) found.push(`${named(element)} shows another figure than its ${name} ${value}`);
    }
    const own = sumOf(element);
    const around = total !== undefined && own ? sumOf(own.parentElement) : own;
    if ((total !== undefined && !own) || (part !== undefined && !around)) {
      found.push(`${named(element)} is marked, but stands in no data-sum`);
      continue;
    }
    if (total !== undefined) at(own, columnOf(element)).totals.push(Number(total));
    if (part !== undefined) at(around, columnOf(element)).parts += Number(part);
  }
  for (const [sum, columns] of sums) {
    if (!columns.size) found.push(`${named(sum)} is a sum of nothing`);
    for (const [column, { parts, totals }] of columns) {
      const where = column ? ` in the column ${column}` : "";
      if (totals.length !== 1) found.push(`${named(sum)} has ${totals.length} totals${where}`);
      else if (totals[0] !== parts) found.push(`${named(sum)}: the parts are ${parts} paisa${where}, the total says ${totals[0]}`);
    }
  }
  return found;
};
