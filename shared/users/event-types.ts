/** Zitadel's events that change who may do what here (security.md 1.3), by what they are about. */
export const eventTypes = {
  person: [
    "user.human.added",
    "user.human.selfregistered",
    "user.human.profile.changed",
    "user.human.email.changed",
    "user.username.changed",
    "user.removed",
    "user.deactivated",
    "user.reactivated",
    "user.locked",
    "user.unlocked",
  ],
  machine: ["user.machine.added"],
  organisation: ["org.added", "org.changed", "org.deactivated", "org.reactivated", "org.removed"],
  grant: [
    "user.grant.added",
    "user.grant.changed",
    "user.grant.cascade.changed",
    "user.grant.removed",
    "user.grant.cascade.removed",
    "user.grant.deactivated",
    "user.grant.reactivated",
  ],
} as const;
export type EventSubject = keyof typeof eventTypes;

const subjectByType: ReadonlyMap<string, EventSubject> = new Map([
  ...eventTypes.person.map((type) => [type, "person"] as const),
  ...eventTypes.machine.map((type) => [type, "machine"] as const),
  ...eventTypes.organisation.map((type) => [type, "organisation"] as const),
  ...eventTypes.grant.map((type) => [type, "grant"] as const),
]);

/** Undefined for a type that nobody here acts on. */
export const subjectOf = (type: string): EventSubject | undefined => subjectByType.get(type);

export const allEventTypes: readonly string[] = [...subjectByType.keys()];

/** Aggregate types of the log behind them. */
export const aggregateTypes = ["user", "org", "usergrant"] as const;
