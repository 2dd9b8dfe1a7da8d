export interface ImageParts {
  /** With the registry where one is named: `ghcr.io/immich-app/immich-server`. */
  readonly name: string;
  readonly tag: string | null;
  readonly digest: string | null;
}

export const imagePartsOf = (image: string): ImageParts => {
  const [reference = "", digest = null] = image.split("@");
  const colon = reference.lastIndexOf(":");
  const hasTag = colon > reference.lastIndexOf("/");
  return {
    name: hasTag ? reference.slice(0, colon) : reference,
    tag: hasTag ? reference.slice(colon + 1) : null,
    digest,
  };
};

/** A tag that names one release: it has a number with at least one dot, or a date. `3` and `latest` move. */
export const isExactTag = (tag: string | null): boolean => tag !== null && /\d+(\.\d+)+|\d{4}-\d{2}-\d{2}/.test(tag);
