import { DomainError } from "../../shared/kernel/errors.ts";
import { imagePartsOf } from "../../shared/stackkits/image-name.ts";
import type { AllowedImage } from "../engine/image-list.ts";

/** Where an image comes from when nothing is said, as Docker has it. */
const withRegistry = (name: string): string => {
  const [first = "", ...rest] = name.split("/");
  if (rest.length > 0 && (/[.:]/.test(first) || first === "localhost")) return name;
  return rest.length === 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
};

const isSame = (wanted: string, reference: string): boolean => {
  const [one, other] = [imagePartsOf(wanted), imagePartsOf(reference)];
  const isSamePlace = withRegistry(one.name) === withRegistry(other.name) && one.tag === other.tag;
  return isSamePlace && (one.digest === null || one.digest === other.digest);
};

/** The allowed images that services are made from, in their order. @throws DomainError `kit-not-tried` naming what is missing */
export const findImages = (
  wanted: readonly string[],
  allowed: readonly AllowedImage[],
): readonly Pick<AllowedImage, "name" | "imageId">[] => {
  const found = wanted.map((image) => allowed.find(({ reference }) => isSame(image, reference)));
  const missing = wanted.filter((_image, index) => found[index] === undefined);
  if (missing.length === 0) return found.flatMap((image) => image ?? []);
  throw new DomainError(
    "kit-not-tried",
    `The simulation host has not all images of the kit. Its operator can add: ${missing.join(", ")}.`,
    { facts: { missing } },
  );
};
