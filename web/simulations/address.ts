/** What an address of this page shows. */
export type Place =
  | { readonly kind: "list" }
  | { readonly kind: "new" }
  | { readonly kind: "nowhere" }
  | { readonly kind: "edit"; readonly id: string }
  | ({ readonly kind: "one"; readonly id: string } & RunPlace);

/** Which run is looked at, and which earlier one it is held against; absent: the newest, and none. */
export interface RunPlace {
  readonly run?: string | undefined;
  readonly compare?: string | undefined;
}

const form = /^\/simulations(?:\/(?<id>[a-z0-9-]+)(?:\/(?<door>edit|runs\/(?<run>[a-z0-9-]+)))?)?\/?$/;

export const readAddress = ({ pathname, search }: Pick<Location, "pathname" | "search">): Place => {
  const groups = form.exec(pathname)?.groups;
  if (groups === undefined) return { kind: "nowhere" };
  const { id, door, run } = groups;
  if (id === undefined) return { kind: "list" };
  if (id === "new") return door === undefined ? { kind: "new" } : { kind: "nowhere" };
  if (door === "edit") return { kind: "edit", id };
  if (run === undefined) return { kind: "one", id };
  return { kind: "one", id, run, compare: new URLSearchParams(search).get("compare") ?? undefined };
};

/** The address of a run, as `readAddress` reads it. */
export const runAddress = (id: string, { run, compare }: RunPlace): string => {
  const own = `/simulations/${id}${run === undefined ? "" : `/runs/${run}`}`;
  return run === undefined || compare === undefined ? own : `${own}?${new URLSearchParams({ compare })}`;
};
