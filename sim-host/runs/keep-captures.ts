import type { Links } from "../links/ports.ts";
import type { Topology } from "../topology/topology.ts";
import { isLinkEvent } from "./link-states.ts";
import { isNodeEvent } from "./node-states.ts";
import type { NodeSights } from "./node-sights.ts";
import type { CaptureFiles } from "./ports.ts";
import type { CaptureReport, Run } from "./run.ts";

const linksMax = 4;
const bytesMax = 1024 * 1024;
const spareSeconds = 60;

/** The ports whose frames are kept: of the first links of the timeline, one each, of a node that the timeline lets run. */
export const portsToCapture = ({
  links,
  timeline,
}: Pick<Topology, "links" | "timeline">): readonly { readonly link: string; readonly node: string }[] => {
  const named = new Set(timeline.filter(isLinkEvent).map(({ link }) => link));
  const hit = new Set(timeline.filter(isNodeEvent).map(({ node }) => node));
  return [...named].slice(0, linksMax).flatMap((name) => {
    const nodes = links.find((link) => link.name === name)?.nodes ?? [];
    const node = nodes.find((candidate) => !hit.has(candidate)) ?? nodes[0];
    return node === undefined ? [] : [{ link: name, node }];
  });
};

interface Deps {
  readonly links: Pick<Links, "capture">;
  readonly files: CaptureFiles;
  readonly sights: NodeSights;
  /** Where a node's port is found on a link. */
  readonly networkOf: (link: string) => string | undefined;
}

export interface Captures {
  /** The files, all of them empty yet. */
  readonly planned: readonly CaptureReport[];

  /** When every capture has begun, or has failed to. */
  readonly begun: Promise<unknown>;
  /** Ends them. */
  end(): Promise<readonly CaptureReport[]>;
}

type Port = ReturnType<typeof portsToCapture>[number];

const pieces = async function* (
  { links, sights, networkOf }: Deps,
  { link, node }: Port,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const container = await sights.look(node);
  const networkId = networkOf(link);
  const macAddress = container?.attachments.find((attachment) => attachment.networkId === networkId)?.macAddress;
  if (container === undefined || macAddress === undefined) throw new Error(`${node} does not run`);
  const { sandboxKey } = container;
  yield* links.capture({ sandboxKey, macAddress }, { bytesMax, secondsMax: seconds + spareSeconds }, signal);
};

interface Listener {
  readonly on: (bytes: number) => void;
  /** The source has nothing more. */
  readonly onOver: () => void;
}

const noticing = async function* (source: AsyncIterable<Uint8Array>, { on, onOver }: Listener) {
  for await (const piece of source) {
    on(piece.length);
    yield piece;
  }
  onOver();
};

/** Keeps what passes the ports of the links that the timeline speaks of, until the run's end. */
export const keepCaptures = (deps: Deps, topology: Topology, { id, durationSeconds }: Run): Captures => {
  const ending = new AbortController();
  const begin = (port: Port) => {
    const name = `${port.link}-${port.node}.pcap`;
    let bytes = 0;
    let isCut = false;
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const source = pieces(deps, port, { seconds: durationSeconds, signal: ending.signal });
    const counted = noticing(source, {
      on(more) {
        bytes += more;
        begun();
      },
      // It was full, or its node has ended.
      onOver: () => (isCut = !ending.signal.aborted),
    });
    const report = (reason?: string): CaptureReport => ({
      ...{ name, ...port, bytes, isCut, ...(reason === undefined ? {} : { reason }) },
    });
    const ended = deps.files
      .write(id, name, counted)
      .then(
        () => report(),
        (error: unknown) => report(error instanceof Error ? error.message : "not an error"),
      )
      .finally(begun);
    return { planned: report(), hasBegun, ended };
  };
  const all = portsToCapture(topology).map(begin);
  return {
    planned: all.map(({ planned }) => planned),
    begun: Promise.all(all.map(({ hasBegun }) => hasBegun)),
    end() {
      ending.abort();
      return Promise.all(all.map(({ ended }) => ended));
    },
  };
};
