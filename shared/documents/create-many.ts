import type { Document, DocumentContainer } from "./document-store.ts";
import { DocumentConflict } from "./document-store.ts";

/** Side by side: SQLite takes one turn's writes to the disk together, Cosmos DB answers them all in the time of one. */
const atOnceMax = 500;

/**
 * Creates many, each on its own: one whose id is taken keeps no other from being created, and after a failure some of them
 * may be there. For each, whether it was created; false: the id is taken. @throws what `create` throws otherwise
 */
export const createMany = async <T extends Document>(
  container: Pick<DocumentContainer<T>, "create">,
  documents: readonly T[],
): Promise<readonly boolean[]> => {
  const isCreated = async (document: T): Promise<boolean> => {
    try {
      await container.create(document);
      return true;
    } catch (error) {
      if (error instanceof DocumentConflict) return false;
      throw error;
    }
  };
  const created: boolean[] = [];
  for (let begin = 0; begin < documents.length; begin += atOnceMax) {
    created.push(...(await Promise.all(documents.slice(begin, begin + atOnceMax).map(isCreated))));
  }
  return created;
};
