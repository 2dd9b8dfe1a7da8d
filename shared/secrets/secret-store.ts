/** Secrets of the platform by name (kebab-case). Values never appear in logs, errors, documents or orchestrations. */
export interface SecretStore {
  read(name: string): Promise<string | undefined>;
  /** Stores the secret unless the name is taken; returns the value that is stored now, so that racing makers agree. */
  createIfAbsent(name: string, value: string): Promise<string>;
  /** Takes the secret away: nobody reads it afterwards, and the name can be given a new value. Nothing there is fine. */
  remove(name: string): Promise<void>;
}

/** Name of the secret that holds an instance's superuser password. */
export const superuserSecretName = (instanceId: string): string => `stack-superuser-${instanceId}`;

/** Name of the secret an instance signs its health reports with. */
export const reportKeySecretName = (instanceId: string): string => `stack-report-key-${instanceId}`;

/** The superuser's login on every Stack instance; its password is a secret of each instance. */
export const superuserEmail = "control-plane@kombify.internal";
