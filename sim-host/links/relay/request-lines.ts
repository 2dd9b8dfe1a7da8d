/** So long may a line be: a port with all its sources. */
const lineBytesMax = 1024 * 1024;

/** Makes lines of the pieces in which they come. @throws Error when a line does not end */
export const makeLineReader = (): ((piece: Buffer) => readonly string[]) => {
  let rest = Buffer.alloc(0);
  return (piece) => {
    const text = Buffer.concat([rest, piece]);
    const end = text.lastIndexOf(10) + 1;
    rest = text.subarray(end);
    if (rest.length > lineBytesMax) throw new Error("a line of the relay's input does not end");
    return text
      .toString("utf8", 0, end)
      .split("\n")
      .filter((line) => line !== "");
  };
};
