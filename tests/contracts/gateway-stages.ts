import { resolve } from "node:path";
import { startGateway } from "../../local/gateway/gateway.ts";
import { startSimHost, type SimHost } from "./gateway-sim-host.ts";
import {
  audience,
  functionsKey,
  issuer,
  listen,
  simHostKey,
  startIdentityProvider,
  startUpstream,
  type IdentityProvider,
  type Upstream,
} from "./gateway-stage.ts";

const kongConfigFile = resolve(import.meta.dirname, "../../kong/kong.yml");

/** A gateway, and everything it speaks to. */
export interface Stage {
  readonly url: string;
  readonly functions: Upstream;
  readonly stack: Upstream;
  readonly simHost: SimHost;
  readonly identityProvider: IdentityProvider;
  readonly stop: () => Promise<void>;
}

interface Ports {
  readonly functions: number;
  readonly stack: number;
  readonly simHost: number;
  readonly identityProvider: number;
}

const startStubs = async (ports: Ports) => {
  const functions = await startUpstream(ports.functions);
  const stack = await startUpstream(ports.stack);
  const simHost = await startSimHost(ports.simHost);
  const identityProvider = await startIdentityProvider(ports.identityProvider);
  const stopStubs = async () => {
    await Promise.all([functions, stack, simHost, identityProvider].map((each) => each.close()));
  };
  return { functions, stack, simHost, identityProvider, stopStubs };
};

export const startLocal = async (): Promise<Stage> => {
  const { stopStubs, ...stubs } = await startStubs({ functions: 0, stack: 0, simHost: 0, identityProvider: 0 });
  const instances = [{ name: "acme", internalEndpoint: stubs.stack.url }];
  const resourceManager = await listen((_, response) => response.end(JSON.stringify(instances)), 0);
  const gateway = await startGateway({
    port: 0,
    kongConfigFile,
    serviceUrls: {
      functions: stubs.functions.url,
      dashboard: stubs.functions.url,
      "sim-host": stubs.simHost.url,
    },
    stackResolverUrl: resourceManager.url,
    vault: {
      KOMBIFY_FUNCTIONS_KEY: functionsKey,
      KOMBIFY_ISSUER: issuer,
      KOMBIFY_AUDIENCE: audience,
      KOMBIFY_JWKS_URI: `${stubs.identityProvider.url}/oauth/v2/keys`,
      KOMBIFY_STACK_ZONE: "stacks.internal",
      KOMBIFY_SIM_HOST_KEY: simHostKey,
    },
  });
  const stop = async () => {
    await gateway.stop();
    await Promise.all([stopStubs(), resourceManager.close()]);
  };
  return { ...stubs, url: gateway.url, stop };
};

export const kongUrl = process.env["KONG_URL"];
if (kongUrl === undefined) {
  process.stderr.write(
    "Gateway scenarios not run on a real Kong: KONG_URL is not set (kong/README.md, 'Real Kong').\n",
  );
}

/** kong/README.md says how a real Kong is pointed at these ports. */
export const startRealKong = async (): Promise<Stage> => {
  const portOf = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);
  const { stopStubs, ...stubs } = await startStubs({
    functions: portOf("KONG_STUB_FUNCTIONS_PORT", 7071),
    stack: portOf("KONG_STUB_STACK_PORT", 8090),
    simHost: portOf("KONG_STUB_SIM_HOST_PORT", 7080),
    identityProvider: portOf("KONG_STUB_JWKS_PORT", 8900),
  });
  return { ...stubs, url: kongUrl ?? "", stop: stopStubs };
};
