import type {
  ContainerDefinition,
  Document,
  DocumentContainer,
  DocumentStore,
} from "../../shared/documents/document-store.ts";

/** The process has died: nothing it still wanted to do happens. */
class Crash extends Error {
  override readonly name = "Crash";
}

/** A document store whose user dies at one write, before it or right after it. */
export interface CrashingStore extends DocumentStore {
  /** Dies at the write with this number (from 1), counted from now. */
  dieAt(write: number, moment: "before" | "after"): void;
  /** The process is started again. True: it had died. */
  revive(): boolean;
  isDead(): boolean;
}

export const crashingStore = (inner: DocumentStore): CrashingStore => {
  let countdown = 0;
  let moment: "before" | "after" = "before";
  let isDead = false;

  const alive = (): void => {
    if (isDead) throw new Crash("the process is dead");
  };
  const write = async <T>(act: () => Promise<T>): Promise<T> => {
    alive();
    if (countdown > 0) countdown -= 1;
    const isLast = countdown === 0 && pending;
    if (isLast && moment === "before") die();
    const result = await act();
    if (isLast) die();
    alive();
    return result;
  };
  let pending = false;
  const die = (): never => {
    isDead = true;
    pending = false;
    throw new Crash("killed");
  };
  const wrap = <T extends Document>(container: DocumentContainer<T>): DocumentContainer<T> => ({
    create: (document) => write(() => container.create(document)),
    replace: (document, etag) => write(() => container.replace(document, etag)),
    delete: (partition, id, etag) => write(() => container.delete(partition, id, etag)),
    read: async (partition, id) => {
      alive();
      return container.read(partition, id);
    },
    query: async (query) => {
      alive();
      return container.query(query);
    },
  });
  return {
    container: <T extends Document>(definition: ContainerDefinition, parse: (raw: unknown) => T) =>
      wrap(inner.container(definition, parse)),
    close: () => inner.close(),
    dieAt: (number, when) => {
      countdown = number;
      moment = when;
      pending = true;
    },
    isDead: () => isDead,
    revive: () => {
      const wasDead = isDead;
      isDead = false;
      pending = false;
      countdown = 0;
      return wasDead;
    },
  };
};
