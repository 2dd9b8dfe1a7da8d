import homeNetwork from "../examples/home-network.yaml";
import threeTiers from "../examples/three-tiers.yaml";
import twoNodes from "../examples/two-nodes.yaml";

export interface Example {
  /** Its file's name, in addresses. */
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
}

/** Homelabs to begin with; `examples/` has them as files. */
export const examples: readonly Example[] = [
  {
    id: "two-nodes",
    title: "Two nodes and a cable",
    summary: "The smallest network there is. Ping from one to the other, then pull the cable.",
    text: twoNodes,
  },
  {
    id: "three-tiers",
    title: "Three tiers over a lossy line",
    summary: "Client, web server and database. A run cuts lines and kills the database, and checks what still works.",
    text: threeTiers,
  },
  {
    id: "home-network",
    title: "A small home network",
    summary: "Four devices on one switch, one of them on bad Wi-Fi, and a slow way out of the house.",
    text: homeNetwork,
  },
];

export const exampleOf = (id: string | null): Example | undefined => examples.find((example) => example.id === id);
