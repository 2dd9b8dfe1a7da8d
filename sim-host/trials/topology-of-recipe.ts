import type { TrialRecipe } from "../../shared/stackkits/trial-recipe.ts";

const link = "lan";
const badLineSeconds = 5;
const megabytesMin = 32;
/** Services of kits are programs for people's homes: almost half a processor starts them in reasonable time. */
const serviceLimits = { cpus: 0.45, pids: 256 };
const visitorMegabytes = 16;
const visitorLimits = { memory: `${visitorMegabytes}MB`, cpus: 0.05, pids: 8 };

const visitorBeside = (services: readonly { readonly name: string }[]): string =>
  ["visitor", "guest", "caller"].find((name) => services.every((service) => service.name !== name)) ?? "onlooker";

const probeOf = (visitor: string, { service, number, http }: TrialRecipe["ports"][number]) => {
  const probe = { from: visitor, to: service, port: number };
  return http === undefined ? { tcp: probe } : { http: { ...probe, ...http } };
};

/** What must be seen of every port: first, after its services were killed and started again, and over a line that is bad. */
const assertionsOf = ({ ports, startSeconds }: TrialRecipe, visitor: string) => {
  const windows = [
    ["answers", 0, startSeconds],
    ["answers again after everything was killed", startSeconds + 1, 2 * startSeconds + 1],
    ["answers over a bad line", 2 * startSeconds + 1, 2 * startSeconds + 1 + badLineSeconds],
  ] as const;
  return windows.flatMap(([what, from, until]) =>
    ports.map((port) => ({
      name: `${port.name} ${what}`,
      ...probeOf(visitor, port),
      ...{ expect: "eventually", from: `${from}s`, until: `${until}s` },
    })),
  );
};

/**
 * The topology in which a version of a kit is tried: its services and a visitor on one link. `images` are the names of the
 * services' images, in their order; `visitorImage` is that of one with `sleep`.
 */
export const topologyOfRecipe = (
  recipe: TrialRecipe,
  { images, visitorImage }: { readonly images: readonly string[]; readonly visitorImage: string },
): string => {
  const { kit, services, startSeconds, memoryMegabytes } = recipe;
  const visitor = visitorBeside(services);
  // The visitor's share is the services': a kit as large as the plan allows still fits.
  const share = Math.floor((memoryMegabytes - visitorMegabytes) / services.length);
  const memory = `${Math.max(megabytesMin, share)}MB`;
  const nodes = services.map(({ name, command, environment }, index): [string, object] => [
    name,
    {
      ...{ image: images[index], environment, limits: { memory, ...serviceLimits } },
      ...(command === undefined ? {} : { command }),
    },
  ]);
  const all = (action: "kill" | "start", seconds: number) =>
    services.map(({ name: node }) => ({ at: `${seconds}s`, node, action }));
  const onlooker = { image: visitorImage, command: ["sleep", "infinity"], limits: visitorLimits };
  return JSON.stringify({
    name: `${kit.name} ${kit.version} on trial`.slice(0, 100),
    nodes: { ...Object.fromEntries(nodes), [visitor]: onlooker },
    links: { [link]: { nodes: [...services.map(({ name }) => name), visitor] } },
    timeline: [
      ...all("kill", startSeconds),
      ...all("start", startSeconds + 1),
      {
        ...{ at: `${2 * startSeconds + 1}s`, link, impair: { delay: "50ms", loss: "10%" } },
        for: `${badLineSeconds}s`,
      },
    ],
    assertions: assertionsOf(recipe, visitor),
  });
};
