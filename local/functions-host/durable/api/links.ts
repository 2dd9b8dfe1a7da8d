/** Where an orchestration is managed by outsiders; all values carry the system key. */
export interface LinkOptions {
  readonly hubName: string;
  readonly systemKey: string;
}

const base = "/runtime/webhooks/durabletask";

/** Replaced by the SDK, once per URL; must not occur anywhere else in one. */
const placeholder = "INSTANCEID";

const queryOf = ({ hubName, systemKey }: LinkOptions): string =>
  `taskHub=${hubName}&connection=Storage&code=${encodeURIComponent(systemKey)}`;

/** Links of one instance, as `createCheckStatusResponse` and the start answers give them (Bindings/BindingHelper.cs). */
export const managementLinks = (origin: string, instanceId: string, options: LinkOptions): Record<string, string> => {
  const at = `${origin}${base}/instances/${instanceId}`;
  const query = queryOf(options);
  return {
    id: instanceId,
    statusQueryGetUri: `${at}?${query}`,
    sendEventPostUri: `${at}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${at}/terminate?reason={text}&${query}`,
    rewindPostUri: `${at}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${at}?${query}`,
    restartPostUri: `${at}/restart?${query}`,
    suspendPostUri: `${at}/suspend?reason={text}&${query}`,
    resumePostUri: `${at}/resume?reason={text}&${query}`,
  };
};

/** The JSON that a `durableClient` input is given. With `rpcBaseUrl` the SDK makes its calls there. */
export const clientBinding = (origin: string, rpcBaseUrl: string, options: LinkOptions): string => {
  const query = queryOf(options);
  const create = `${origin}${base}/orchestrators/{functionName}[/{instanceId}]?code=${encodeURIComponent(options.systemKey)}`;
  return JSON.stringify({
    taskHubName: options.hubName,
    creationUrls: {
      createNewInstancePostUri: create,
      createAndWaitOnNewInstancePostUri: `${create}&timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}`,
    },
    managementUrls: managementLinks(origin, placeholder, options),
    baseUrl: `${origin}${base}`,
    requiredQueryStringParameters: query,
    rpcBaseUrl,
  });
};
