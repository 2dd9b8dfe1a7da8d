import type { Save } from "./ports.ts";
import type { SaveFiles } from "./save-files.ts";
import { tarEnd, tarHeader, tarLength, tarPadding } from "./tar-header.ts";

export interface SaveArchive {
  readonly bytes: number;
  readonly contents: AsyncIterable<Uint8Array>;
}

const describe = ({ simulationId, id, createdAt, nodes }: Save): Buffer =>
  Buffer.from(`${JSON.stringify({ simulation: simulationId, id, createdAt, nodes }, null, 2)}\n`);

/**
 * A save as one tar: `save.json`, and `<node>/data.tar` for each node. The nodes' own archives are passed on as they are:
 * strangers' programs made them, and nothing on the host reads or unpacks one.
 */
export const saveArchive = (save: Save, files: Pick<SaveFiles, "read">): SaveArchive => {
  const description = describe(save);
  const madeAt = new Date(save.createdAt);
  const contents = async function* (): AsyncGenerator<Uint8Array> {
    yield tarHeader("save.json", description.length, madeAt);
    yield description;
    yield tarPadding(description.length);
    for (const { name, bytes } of save.nodes) {
      yield tarHeader(`${name}/data.tar`, bytes, madeAt);
      yield* files.read(save.id, name);
      yield tarPadding(bytes);
    }
    yield tarEnd();
  };
  return { bytes: tarLength([description.length, ...save.nodes.map(({ bytes }) => bytes)]), contents: contents() };
};
