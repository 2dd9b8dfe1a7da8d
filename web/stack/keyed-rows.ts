export interface KeyedRow<T> {
  readonly row: HTMLTableRowElement;
  readonly update: (item: T) => void;
}

/** Keeps one row for each item and changes it in place, so that a focused control in it keeps the focus. */
export const keyedRows = <T extends { readonly id: string }>(
  body: HTMLTableSectionElement,
  makeRow: (item: T) => KeyedRow<T>,
): ((items: readonly T[]) => void) => {
  const rows = new Map<string, KeyedRow<T>>();
  const rowFor = (item: T): HTMLTableRowElement => {
    const known = rows.get(item.id);
    known?.update(item);
    const current = known ?? makeRow(item);
    rows.set(item.id, current);
    return current.row;
  };
  return (items) => {
    const wanted = items.map(rowFor);
    for (const [id, { row }] of rows) {
      if (wanted.includes(row)) continue;
      row.remove();
      rows.delete(id);
    }
    wanted.forEach((row, index) => {
      const place = body.children[index];
      if (place !== row) body.insertBefore(row, place ?? null);
    });
  };
};
