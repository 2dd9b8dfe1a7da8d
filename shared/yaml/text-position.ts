/** Lines and columns count from 1; a column is a UTF-16 unit, as editors have it. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** Where offsets are in a text. An offset outside of it is taken for the text's nearest end. */
export const positionsIn = (text: string): ((offset: number) => TextPosition) => {
  let starts: readonly number[] | undefined;
  const lineStarts = (): readonly number[] => {
    const found = [0];
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) found.push(at + 1);
    return found;
  };
  return (offset) => {
    starts ??= lineStarts();
    const wanted = Math.min(Math.max(0, offset), text.length);
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: wanted - (starts[low] ?? 0) + 1 };
  };
};
