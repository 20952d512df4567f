// On a phone a row of a table is a card of named lines (record.css): each cell must know the head of its column.

const TABLES = ".record .scroll table";

function nameCells(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
  for (const body of table.tBodies) {
    for (const row of body.rows) {
      if (row.cells.length !== heads.length) continue; // a line across all columns
      [...row.cells].forEach((cell, at) => {
        if (cell.dataset.name !== heads[at]) cell.dataset.name = heads[at];
      });
    }
  }
}

// Names the cells that stand in the page, and those that come later.
export function nameTables() {
  const name = () => document.querySelectorAll(TABLES).forEach(nameCells);
  // At once: named a frame later, a card would grow when it is already looked at.
  new MutationObserver(name).observe(document.getElementById("main"), { childList: true, subtree: true });
  name();
}
