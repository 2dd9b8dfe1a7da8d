import type { Container, Database, Item } from "@azure/cosmos";
import { DomainError } from "../../kernel/errors.ts";
import {
  checkDefinition,
  checkQuery,
  DocumentChanged,
  DocumentConflict,
  isDocumentKey,
  toStorable,
  type ContainerDefinition,
  type Document,
  type DocumentContainer,
  type DocumentStore,
  type Stored,
} from "../../documents/document-store.ts";
import { defaultCosmosLimits, openCosmosDatabase, type CosmosAddress, type CosmosLimits } from "./database.ts";
import { isStatus, makeCallCosmos, type CallCosmos, type CosmosOperation } from "./failure.ts";
import { querySpec } from "./query-spec.ts";

/** A document as Cosmos answers with it: our members among its own. */
type Answered = { readonly _etag: string } & Readonly<Record<string, unknown>>;

const withoutSystemMembers = ({ _rid, _self, _etag, _ts, _attachments, ...members }: Answered): unknown => members;

/** An ETag that guards: Cosmos takes `*` for any version, and some targets take an empty one for none. */
const isGuard = (etag: string): boolean => /^[\x21-\x7e]+$/.test(etag) && etag !== "*";

/** Runs a write of one document and says what Cosmos's refusals mean for it. */
const write = async <R>(call: CallCosmos, name: string, operation: CosmosOperation<R>): Promise<R> => {
  try {
    return await call(operation);
  } catch (error) {
    if (isStatus(error, 409)) throw new DocumentConflict(`The id ${name} is taken.`, { cause: error });
    if (isStatus(error, 412) || isStatus(error, 404)) {
      throw new DocumentChanged(`The document ${name} has changed or is gone.`, { cause: error });
    }
    if (isStatus(error, 413)) throw new DomainError("too-large", "The document is too large.", { cause: error });
    throw error;
  }
};

const readAnswered = async (call: CallCosmos, item: Item): Promise<Answered | undefined> => {
  try {
    return await call(async (abortSignal) => {
      const { resource, statusCode, substatus } = await item.read<Answered>({ abortSignal });
      // The SDK answers any 404 as "no resource", also when the container is missing: the substatus tells.
      if (resource === undefined) throw Object.assign(new Error("Not found."), { code: statusCode, substatus });
      return resource;
    });
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
};

const deleteGuarded = async (call: CallCosmos, item: Item, etag: string): Promise<void> => {
  const accessCondition = { type: "IfMatch", condition: isGuard(etag) ? etag : `"none"` };
  await write(call, item.id, async (abortSignal) => {
    try {
      await item.delete({ abortSignal, accessCondition });
    } catch (error) {
      if (!isStatus(error, 404)) throw error;
    }
  });
};

interface Connection {
  readonly open: () => Promise<Database>;
  readonly call: CallCosmos;
}

const cosmosContainer = <T extends Document>(
  { open, call }: Connection,
  definition: ContainerDefinition,
  parse: (raw: unknown) => T,
): DocumentContainer<T> => {
  checkDefinition(definition);
  const container = async (): Promise<Container> => (await open()).container(definition.name);
  const stored = (answered: Answered): Stored<T> => ({
    value: parse(withoutSystemMembers(answered)),
    etag: answered._etag,
  });
  return {
    create: async (document) => {
      const { members } = toStorable(definition, document);
      const value = parse(members);
      const { items } = await container();
      const { etag } = await write(call, document.id, (abortSignal) =>
        items.create(members, { abortSignal, disableAutomaticIdGeneration: true }),
      );
      return { value, etag };
    },
    read: async (partition, id) => {
      if (!isDocumentKey(partition, id)) return undefined;
      const answered = await readAnswered(call, (await container()).item(id, partition));
      return answered === undefined ? undefined : stored(answered);
    },
    replace: async (document, etag) => {
      const { members, partition } = toStorable(definition, document);
      const value = parse(members);
      if (!isGuard(etag)) throw new DocumentChanged(`No version of the document ${document.id} has this ETag.`);
      const item = (await container()).item(document.id, partition);
      const accessCondition = { type: "IfMatch", condition: etag };
      const written = await write(call, document.id, (abortSignal) =>
        item.replace(members, { abortSignal, accessCondition }),
      );
      return { value, etag: written.etag };
    },
    delete: async (partition, id, etag) => {
      if (!isDocumentKey(partition, id)) return;
      await deleteGuarded(call, (await container()).item(id, partition), etag);
    },
    query: async (query) => {
      checkQuery(definition, query);
      const { items } = await container();
      const { resources } = await call((abortSignal) =>
        items
          .query<Answered>(querySpec(definition, query), {
            abortSignal,
            maxItemCount: query.limit,
            ...(query.partition === undefined ? {} : { partitionKey: query.partition }),
          })
          .fetchAll(),
      );
      return resources.map(stored);
    },
  };
};

/**
 * Documents in one database of Cosmos DB for NoSQL; its containers exist already (`createCosmosContainers`, or
 * infrastructure code). Nothing is connected, and the SDK is not loaded, before the first call of a container.
 *
 * A write that fails as `unavailable` may have been applied, and the SDK repeats writes whose answer was lost. So a
 * `DocumentConflict` or `DocumentChanged` can be the echo of the caller's own write: whoever meets one reads again and
 * looks for an id of its own making (claim id, event id) before it takes the write for somebody else's.
 */
export const cosmosDocumentStore = (
  address: CosmosAddress,
  limits: CosmosLimits = defaultCosmosLimits,
): DocumentStore => {
  let opened: Promise<Database> | undefined;
  const open = (): Promise<Database> => (opened ??= openCosmosDatabase(address, limits));
  const call = makeCallCosmos(limits.operationMilliseconds);
  return {
    container: (definition, parse) => cosmosContainer({ open, call }, definition, parse),
    close: async () => {
      (await opened)?.client.dispose();
    },
  };
};
