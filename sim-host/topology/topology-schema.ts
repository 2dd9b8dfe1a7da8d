import { z } from "zod";
import {
  Delay,
  Interval,
  Line,
  Memory,
  members,
  Moment,
  Name,
  Rate,
  ruled,
  Share,
  Span,
  Timeout,
  Word,
} from "./written-values.ts";

/** Where the JSON Schema made of `WrittenTopology` is served; never changes for this generation of the format. */
const schemaId = "https://docs.kombify.io/schemas/simulation/v1.json";

/** How many of each a topology has at most, whatever the plan. A /27 has 29 addresses beside its gateway's. */
export const countsMax = { nodes: 200, links: 100, timeline: 500, assertions: 200, nodesOfLink: 29 } as const;

const Command = z
  .array(Word)
  .min(1)
  .max(64)
  .refine(([first]) => first !== "", { error: "The first word is the program; it cannot be empty." })
  .meta({ description: "A program and its arguments. There is no shell." });

const Environment = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
      error: "The name of a variable has 1 to 128 letters, digits and underscores; no digit first.",
    }),
    Word,
  )
  .refine((entries) => Object.keys(entries).length <= 64, {
    error: "At most 64 variables are allowed.",
    ...ruled("topology/too-many"),
  })
  .meta({ maxProperties: 64 });

const Node = members({
  image: Line.meta({ description: "The name of an image that the host has." }),
  command: Command.optional(),
  environment: Environment.optional(),
  limits: members({
    memory: Memory.prefault("64MB"),
    cpus: z.number().min(0.05).max(16).default(0.25),
    pids: z.int().min(8).max(4_096).default(64),
  }).prefault({}),
  healthcheck: members({
    command: Command,
    interval: Interval.prefault("5s"),
    timeout: Timeout.prefault("2s"),
    retries: z.int().min(1).max(20).default(3),
  }).optional(),
});

const impairments = {
  delay: Delay.optional(),
  jitter: Delay.optional(),
  loss: Share.optional(),
  rate: Rate.optional(),
  corruption: Share.optional(),
};

const Link = members({
  nodes: z.array(Name).min(2).max(countsMax.nodesOfLink).meta({ uniqueItems: true }),
  ...impairments,
  directions: z
    .array(members({ from: Name, to: Name, ...impairments }))
    .max(countsMax.nodesOfLink * (countsMax.nodesOfLink - 1))
    .default([])
    .meta({
      description:
        "What such an entry says counts more than the link's own members; what it does not mention is as there.",
    }),
});

const Event = z.union(
  [
    members({
      at: Moment,
      link: Name,
      from: Name.optional(),
      to: Name.optional(),
      impair: members(impairments),
      for: Span.optional(),
    }),
    members({ at: Moment, link: Name, state: z.enum(["down", "up"]), for: Span.optional() }),
    members({
      at: Moment,
      node: Name,
      action: z.enum(["pause", "resume", "kill", "stop", "start", "restart"]),
      for: Span.optional(),
    }),
  ],
  { error: "An event has: at, and link with impair, link with state, or node with action." },
);

const Port = z.int().min(1).max(65_535);
const window = {
  expect: z.enum(["always", "eventually", "never"]),
  from: Moment.prefault("0s"),
  until: Moment,
};
const Assertion = z.union(
  [
    members({ name: Line, tcp: members({ from: Name, to: Name, port: Port }), ...window }),
    members({
      name: Line,
      http: members({
        from: Name,
        to: Name,
        port: Port,
        path: z
          .string()
          .max(2_000)
          .regex(/^\/[\x21-\x7e]*$/, { error: "A path begins with / and has no spaces; write others as %20." })
          .default("/"),
        status: z.int().min(100).max(599).default(200),
      }),
      ...window,
    }),
  ],
  { error: "An assertion has: name, tcp or http, expect, from, until." },
);

const count = (what: "nodes" | "links", min: number) => (entries: object) => {
  const size = Object.keys(entries).length;
  return size >= min && size <= countsMax[what];
};

/** A topology as its author writes it: the only definition of the format. Quantities come out as numbers. */
export const WrittenTopology = members({
  $schema: z.string().max(200).optional(),
  name: Line,
  seed: z.int().min(0).default(1),
  nodes: z
    .record(Name, Node)
    .refine(count("nodes", 1), { error: `1 to ${countsMax.nodes} nodes are needed.`, ...ruled("topology/too-many") })
    .meta({ minProperties: 1, maxProperties: countsMax.nodes }),
  links: z
    .record(Name, Link)
    .refine(count("links", 0), {
      error: `At most ${countsMax.links} links are allowed.`,
      ...ruled("topology/too-many"),
    })
    .default({})
    .meta({ maxProperties: countsMax.links }),
  timeline: z.array(Event).max(countsMax.timeline).default([]),
  assertions: z.array(Assertion).max(countsMax.assertions).default([]),
});
export type WrittenTopology = z.infer<typeof WrittenTopology>;

/** JSON Schema 2020-12 of a topology as its author writes it. */
export const simulationSchema = (): Readonly<Record<string, unknown>> => ({
  ...z.toJSONSchema(WrittenTopology, { target: "draft-2020-12", io: "input" }),
  $id: schemaId,
  title: "Simulation",
});
