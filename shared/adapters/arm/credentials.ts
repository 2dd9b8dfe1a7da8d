import type { AccessToken, TokenCredential } from "@azure/identity";

/**
 * The app's managed identity and nothing else: a developer's command-line login that happens to be there is not used.
 * The SDK is loaded with the first token, because it is large and local runs never need it.
 */
export const azureCredential = (clientId: string | undefined): TokenCredential => {
  let credential: Promise<TokenCredential> | undefined;
  const load = async (): Promise<TokenCredential> => {
    const { ManagedIdentityCredential } = await import("@azure/identity");
    return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
  };
  return {
    async getToken(scopes, options): Promise<AccessToken | null> {
      credential ??= load();
      return (await credential).getToken(scopes, options);
    },
  };
};

const lifetimeMilliseconds = 60 * 60_000;

/** The token of a resource manager on this machine; `functions/config.ts` refuses any other address for it. */
export const localCredential = (token: string): TokenCredential => ({
  getToken: () => Promise.resolve({ token, expiresOnTimestamp: Date.now() + lifetimeMilliseconds }),
});
