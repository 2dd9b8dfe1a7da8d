/** One archive a machine is configured to install Debian packages from. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of a keyring, when the source names one (an embedded key is not supported and left out). */
  readonly signedBy?: string;
}

const words = (text: string | undefined): readonly string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

const keyring = (value: string | undefined): { signedBy?: string } => {
  const path = value?.trim();
  return path?.startsWith("/") === true && !path.includes("\n") ? { signedBy: path } : {};
};

/** Reads the one-line form: `deb [signed-by=/path] uri suite component...` (sources.list(5)). */
export const parseOneLineSources = (text: string): readonly AptSource[] =>
  text.split("\n").flatMap((line) => {
    const match = /^\s*deb\s+(?:\[(?<options>[^\]]*)\]\s+)?(?<uri>\S+)\s+(?<suite>\S+)(?<components>[^#]*)/.exec(line);
    if (match?.groups === undefined) return [];
    const { options, uri, suite, components } = match.groups;
    if (uri === undefined || suite === undefined) return [];
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options ?? "")?.[1];
    return [{ uri, suites: [suite], components: words(components), ...keyring(signedBy) }];
  });

const parseStanza = (stanza: string): ReadonlyMap<string, string> => {
  const fields = new Map<string, string>();
  let current = "";
  for (const line of stanza.split("\n")) {
    if (line.startsWith("#")) continue;
    const field = /^([A-Za-z-]+):(.*)$/.exec(line);
    if (field !== null) current = (field[1] ?? "").toLowerCase();
    const value = field === null ? line : (field[2] ?? "");
    if (current !== "") fields.set(current, `${fields.get(current) ?? ""}${field === null ? "\n" : ""}${value}`);
  }
  return fields;
};

/** Reads the deb822 form of a `.sources` file (sources.list(5)). */
export const parseDeb822Sources = (text: string): readonly AptSource[] =>
  text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = parseStanza(stanza);
    if (!words(fields.get("types")).includes("deb")) return [];
    if (/^\s*(no|false|0|off|disable)\s*$/i.test(fields.get("enabled") ?? "yes")) return [];
    return words(fields.get("uris")).map((uri) => ({
      uri,
      suites: words(fields.get("suites")),
      components: words(fields.get("components")),
      ...keyring(fields.get("signed-by")),
    }));
  });

const otherReleases = new Set(["stable", "testing", "unstable", "sid"]);

/**
 * The sources that can be Debian's own archive, which carries every suite: those of the machine's release, with `main`.
 * Vendors' archives use suite names of their own or fail apt's signature check later.
 */
export const debianMirrors = (sources: readonly AptSource[], codename: string | undefined): readonly AptSource[] => {
  const isArchive = (source: AptSource): boolean =>
    /^https?:/.test(source.uri) &&
    source.components.includes("main") &&
    source.suites.some((suite) => suite === codename || otherReleases.has(suite));
  const looksLikeDebian = (source: AptSource): number => (/\/debian\/?$/.test(source.uri) ? 0 : 1);
  return sources.filter(isArchive).sort((left, right) => looksLikeDebian(left) - looksLikeDebian(right));
};
