const usersPrefix = "users_";

/** The namespace behind a person's collection `users_<namespace>`; undefined for every other collection. */
export const namespaceOfUsers = (collectionName: string): string | undefined =>
  /^users_[a-z0-9_]+$/.test(collectionName) ? collectionName.slice(usersPrefix.length) : undefined;
