/** What is worth saying aloud when it changes: instances, incidents and operations with their state. */
export type Watched = ReadonlyMap<string, { readonly name: string; readonly state: string }>;

export const watchedIn = (root: ParentNode): Watched =>
  new Map(
    [...root.querySelectorAll<HTMLElement>("[data-watched]")].map((element) => {
      const { watched: name = "", state = "" } = element.dataset;
      return [element.id, { name, state }];
    }),
  );

const sentencesMax = 4;

/** Only what changed, in few words; the same state again says nothing. */
export const changesBetween = (before: Watched, after: Watched): string => {
  const sentences = [...after].flatMap(([id, { name, state }]) =>
    before.get(id)?.state === state ? [] : [`${name}: ${state}.`],
  );
  const more = sentences.length - sentencesMax;
  return [...sentences.slice(0, sentencesMax), ...(more > 0 ? [`And ${more} more changes.`] : [])].join(" ");
};
