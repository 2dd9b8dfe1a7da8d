/** Names of the flags' publication on the outside (task hub, portal, logs). */
export const publishFlagsOrchestrator = "publish-flags";

export const publishFlagsActivity = { apply: "apply-flags-to-instance" } as const;

/** One publication at a time for each revision, whoever asks for it. */
export const publicationIdOf = (revision: number): string => `flags-${revision}`;
