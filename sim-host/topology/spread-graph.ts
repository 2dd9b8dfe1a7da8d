/** Of a centre. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Things with a distance that they should have from each neighbour; all are connected, and known by their index. */
export interface Graph {
  readonly size: number;
  readonly edges: readonly { readonly ends: readonly [number, number]; readonly length: number }[];
}

interface Spread {
  readonly size: number;
  readonly ways: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

const stepsMax = 6_000_000;
const roundsMax = 200;
/** Less than this from a line is a line. */
const unevenMax = 10;

/** The lengths of the shortest ways between all (Floyd and Warshall), row by row. */
const waysOf = ({ size, edges }: Graph): Float64Array => {
  const ways = new Float64Array(size * size).fill(Number.POSITIVE_INFINITY);
  for (let index = 0; index < size; index += 1) ways[index * size + index] = 0;
  for (const { ends, length } of edges) {
    const [from, to] = ends;
    const least = Math.min(length, ways[from * size + to] ?? length);
    ways[from * size + to] = least;
    ways[to * size + from] = least;
  }
  for (let via = 0; via < size; via += 1) {
    for (let from = 0; from < size; from += 1) {
      const first = ways[from * size + via] ?? 0;
      if (first === Number.POSITIVE_INFINITY) continue;
      for (let to = 0; to < size; to += 1) {
        const length = first + (ways[via * size + to] ?? 0);
        if (length < (ways[from * size + to] ?? 0)) ways[from * size + to] = length;
      }
    }
  }
  return ways;
};

const farthest = (size: number, ways: Float64Array, from: number): number => {
  let best = from;
  for (let to = 0; to < size; to += 1) {
    if ((ways[from * size + to] ?? 0) > (ways[from * size + best] ?? 0)) best = to;
  }
  return best;
};

/** From one end of the graph to the other, left to right; what is equally far is spread around the middle. */
const start = (size: number, ways: Float64Array): { x: Float64Array; y: Float64Array } => {
  const end = farthest(size, ways, farthest(size, ways, 0));
  const x = Float64Array.from({ length: size }, (_, index) => ways[end * size + index] ?? 0);
  const rows = new Map<number, number>();
  const y = Float64Array.from(x, (distance, index) => {
    const count = rows.get(Math.round(distance)) ?? 0;
    rows.set(Math.round(distance), count + 1);
    // What begins in a line stays in it, also what has no place there: so nothing begins quite in a line.
    const off = ((index * 0.618) % 1) - 0.5;
    return (count % 2 === 0 ? 1 : -1) * Math.ceil(count / 2) * 40 + off * 20;
  });
  return { x, y };
};

/** The long side lies flat, for text is wider than high, and that thing is on the left. */
const lieFlat = (x: Float64Array, y: Float64Array, leftmost: number): readonly Point[] => {
  const size = x.length;
  const middle = { x: x.reduce((a, b) => a + b, 0) / size, y: y.reduce((a, b) => a + b, 0) / size };
  let [xx, yy, xy] = [0, 0, 0];
  for (let index = 0; index < size; index += 1) {
    const [dx, dy] = [(x[index] ?? 0) - middle.x, (y[index] ?? 0) - middle.y];
    [xx, yy, xy] = [xx + dx * dx, yy + dy * dy, xy + dx * dy];
  }
  const angle = Math.atan2(2 * xy, xx - yy) / 2;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const turned = Array.from({ length: size }, (_, index) => {
    const [dx, dy] = [(x[index] ?? 0) - middle.x, (y[index] ?? 0) - middle.y];
    return { x: dx * cosine + dy * sine, y: dy * cosine - dx * sine };
  });
  const isMirrored = (turned[leftmost]?.x ?? 0) > 1;
  const isLine = turned.every((point) => Math.abs(point.y) < unevenMax);
  return turned.map((point) => ({ x: isMirrored ? -point.x : point.x, y: isLine ? 0 : point.y }));
};

/** Moves one thing to where all others would have it, the near ones above all. */
const settle = (one: number, { size, ways, x, y }: Spread): void => {
  const atX = x[one] ?? 0;
  const atY = y[one] ?? 0;
  let sumX = 0;
  let sumY = 0;
  let weights = 0;
  for (let other = 0; other < size; other += 1) {
    if (other === one) continue;
    const way = ways[one * size + other] ?? 1;
    const weight = 1 / (way * way);
    const dx = atX - (x[other] ?? 0);
    const dy = atY - (y[other] ?? 0);
    const pull = way / Math.max(1, Math.sqrt(dx * dx + dy * dy)) - 1;
    sumX += weight * (atX + dx * pull);
    sumY += weight * (atY + dy * pull);
    weights += weight;
  }
  if (weights === 0) return;
  x[one] = sumX / weights;
  y[one] = sumY / weights;
};

/**
 * Places for a connected graph, such that distances are as near to the lengths of ways as a plane allows (stress
 * majorisation); the first end of the first edge is on the left. No chance in it: the same graph has the same places.
 */
export const spreadGraph = (graph: Graph): readonly Point[] => {
  const { size } = graph;
  const ways = waysOf(graph);
  const { x, y } = start(size, ways);
  const rounds = Math.min(roundsMax, Math.ceil(stepsMax / (size * size)));
  for (let round = 0; round < rounds; round += 1) {
    for (let one = 0; one < size; one += 1) settle(one, { size, ways, x, y });
  }
  return lieFlat(x, y, graph.edges[0]?.ends[0] ?? 0);
};
