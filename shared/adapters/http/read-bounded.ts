/** The body as text, or undefined if it is larger; what is beyond the bound is never received. */
export const readBounded = async (response: Response, bytesMax: number): Promise<string | undefined> => {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.byteLength;
    // Leaving the loop cancels the stream, which closes the connection.
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
};
