const lengthMax = 63;

/** Letters that Unicode does not take apart into a plain letter and a mark. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  ø: "o",
  œ: "oe",
  đ: "d",
  ł: "l",
  ð: "d",
  þ: "th",
};

/**
 * A slug for a name, to be changed by the person: lower case, a to z, digits and single hyphens, beginning with a letter.
 * May be empty, and need not be allowed (reserved words): the server decides.
 */
export const suggestSlug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[ßæøœđłðþ]/g, (letter) => plainLetters[letter] ?? "")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/['’]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+/, "")
    .slice(0, lengthMax)
    .replace(/-+$/, "");
