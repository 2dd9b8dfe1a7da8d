import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { removalScript, repairScript, tableDrift } from "./firewall-drift.ts";
import { wantedChains } from "./firewall-rules.ts";
import type { TableListing } from "./table-listing.ts";
import { readTableListing, targetOf } from "./table-listing.ts";

const wanted = wantedChains("ipv4", "filter", "10.111.0.0/16");

const ownChains = wanted.flatMap(({ name, rules }) => [`-N ${name}`, ...rules.map((rule) => `-A ${name} ${rule}`)]);

/** The filter table with our chains in place and these lines besides. */
const tableOf = (...lines: readonly string[]): TableListing =>
  readTableListing(["-P INPUT ACCEPT", "-P FORWARD ACCEPT", "-P OUTPUT ACCEPT", ...ownChains, ...lines].join("\n"));

const inputJump = "-A INPUT -j KOMBIFY-SIM-IN";
const forwardJump = "-A FORWARD -j KOMBIFY-SIM-FWD";

describe("no drift is seen", () => {
  test.each([
    ["when our jumps are first", []],
    [
      "when Docker put its chains and accepted its own bridge before ours",
      [
        "-N DOCKER-USER",
        "-N DOCKER-ISOLATION-STAGE-1",
        "-A DOCKER-USER -j RETURN",
        "-A DOCKER-ISOLATION-STAGE-1 ! -s 10.111.0.0/27 -o ksabc -j DROP",
        "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
        "-A FORWARD -j DOCKER-USER",
        "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
        "-A FORWARD -i ksabc -o ksabc -j ACCEPT",
      ],
    ],
    [
      "when what comes before only counts, marks or drops",
      [
        "-A FORWARD -s 10.0.0.0/8",
        '-A FORWARD -j LOG --log-prefix "x -j ACCEPT "',
        "-A FORWARD -i eth0 -j MARK --set-xmark 0x1/0xffffffff",
        "-A FORWARD -j REJECT --reject-with icmp-port-unreachable",
      ],
    ],
  ])("%s", (_what, before) => {
    expect(tableDrift(wanted, tableOf(...before, inputJump, forwardJump, "-A FORWARD -j ACCEPT"))).toEqual([]);
  });
});

describe("drift is seen", () => {
  const past = ["FORWARD may let packets past before it leads to KOMBIFY-SIM-FWD"];
  test.each([
    ["an accepted packet", ["-A FORWARD -j ACCEPT"]],
    ["what returns to the policy", ["-A FORWARD -s 10.111.0.2/32 -j RETURN"]],
    ["a queue that somebody answers", ["-A FORWARD -j NFQUEUE --queue-num 0"]],
    ["a target nobody knows", ["-A FORWARD -j TEE --gateway 10.0.0.1"]],
    ["an accept two chains away", ["-N A", "-N B", "-A A -j B", "-A B -i eth0 -j ACCEPT", "-A FORWARD -j A"]],
    ["a goto, after which the policy decides", ["-N A", "-A A -j DROP", "-A FORWARD -g A"]],
    ["two bridges", ["-A FORWARD -i ksabc -o ksabd -j ACCEPT"]],
    ["a bridge and one whose name begins alike", ["-A FORWARD -i ksabc -o ksabcd -j ACCEPT"]],
    ["all bridges", ["-A FORWARD -i ks+ -o ks+ -j ACCEPT"]],
    ["what a comment hides", ['-A FORWARD -m comment --comment "x \\" -j DROP" -j ACCEPT']],
    ["a bridge in a comment", ['-A FORWARD -m comment --comment "-i a -o a " -j ACCEPT']],
    ["all bridges but one", ["-A FORWARD ! -i ksabc -o ksabc -j ACCEPT"]],
  ])("when something comes before our jump that may accept: %s", (_what, before) => {
    expect(tableDrift(wanted, tableOf(...before, inputJump, forwardJump))).toEqual(past);
  });

  test("when a jump, a rule or a chain is missing, changed, turned round or there twice", () => {
    const drift = (text: string) => tableDrift(wanted, readTableListing(text));
    const whole = ["-N KOMBIFY-SIM-IN", ...ownChains, inputJump, forwardJump];
    expect(drift(whole.join("\n"))).toEqual([]);
    expect(drift(whole.filter((line) => line !== inputJump).join("\n"))).toEqual([
      "INPUT does not lead to KOMBIFY-SIM-IN",
    ]);
    expect(drift([...whole, forwardJump].join("\n"))).toEqual(["FORWARD leads to KOMBIFY-SIM-FWD twice"]);
    expect(drift(whole.join("\n").replaceAll("-A KOMBIFY-SIM-IN -i ks+ -j DROP\n", ""))).toEqual([
      "KOMBIFY-SIM-IN holds other rules",
    ]);
    expect(
      drift(whole.join("\n").replace("-A KOMBIFY-SIM-IN", "-A KOMBIFY-SIM-IN -j ACCEPT\n-A KOMBIFY-SIM-IN")),
    ).toEqual(["KOMBIFY-SIM-IN holds other rules"]);
    expect(drift([inputJump, ...ownChains.toReversed(), forwardJump].join("\n"))).toHaveLength(2);
    expect(drift("-P INPUT ACCEPT")).toEqual([
      "KOMBIFY-SIM-IN is missing",
      "INPUT does not lead to KOMBIFY-SIM-IN",
      "KOMBIFY-SIM-FWD is missing",
      "FORWARD does not lead to KOMBIFY-SIM-FWD",
    ]);
  });
});

type Fate = "gone" | "alive" | "goes on";

/** Walks as the kernel does, in a chain that FORWARD leads to or FORWARD itself; `matches` says which of the rules match. */
const fateOf = (listing: TableListing, chain: string, matches: () => boolean): Fate => {
  const atEnd: Fate = chain === "FORWARD" ? "alive" : "goes on";
  for (const rule of listing.get(chain) ?? []) {
    const { name, isGoto } = targetOf(rule) ?? { name: "LOG", isGoto: false };
    const isOurs = name.startsWith("KOMBIFY");
    if (!isOurs && (name === "LOG" || !matches())) continue;
    const verdicts: Readonly<Record<string, Fate>> = { DROP: "gone", ACCEPT: "alive", RETURN: atEnd };
    const verdict = verdicts[isOurs ? "DROP" : name];
    if (verdict !== undefined) return verdict;
    const fate = fateOf(listing, name, matches);
    if (fate !== "goes on") return fate;
    if (isGoto) return atEnd;
  }
  return atEnd;
};

const others = ["FORWARD", "A", "B", "C"];

/** Any rules of a chain, which leads to later chains only: the kernel allows no circles. */
const rulesOf = (index: number) => {
  const later = others.slice(index + 1);
  const harmless = ["-j DROP", "-j LOG", ...later.map((name) => `-j ${name}`)];
  const rule = fc.constantFrom(
    ...harmless,
    ...harmless,
    "-j ACCEPT",
    "-j RETURN",
    ...later.map((name) => `-g ${name}`),
  );
  return fc.array(rule, { maxLength: 3 }).map((rules) => rules.map((each) => `-A ${others[index] ?? ""} ${each}`));
};

test("without drift no packet gets past our chain, whatever stands before it and whichever rules match", () => {
  let quiet = 0;
  const lines = fc.tuple(...others.map((_, index) => rulesOf(index))).map((each) => each.flat());
  fc.assert(
    fc.property(lines, fc.infiniteStream(fc.boolean()), (before, bits) => {
      const listing = tableOf("-N A", "-N B", "-N C", ...before, inputJump, forwardJump);
      if (tableDrift(wanted, listing).length > 0) return;
      quiet += 1;
      expect(fateOf(listing, "FORWARD", () => bits.next().value === true)).toBe("gone");
    }),
    { numRuns: 5000 },
  );
  expect(quiet).toBeGreaterThan(500);
});

test("a repair takes away as many of our jumps as there are, and puts one first", () => {
  const script = repairScript("filter", wanted, tableOf(forwardJump, "-A FORWARD -j ACCEPT", forwardJump));
  expect(script.split("\n").filter((line) => /^-[DI]/.test(line))).toEqual([
    "-I INPUT 1 -j KOMBIFY-SIM-IN",
    "-D FORWARD -j KOMBIFY-SIM-FWD",
    "-D FORWARD -j KOMBIFY-SIM-FWD",
    "-I FORWARD 1 -j KOMBIFY-SIM-FWD",
  ]);
});

test("a removal takes away whatever leads to our chains, and nothing when there is nothing", () => {
  const listing = tableOf(inputJump, "-A OUTPUT -o eth9 -j KOMBIFY-SIM-FWD", "-A FORWARD -j ACCEPT");
  expect(removalScript("filter", wanted, listing)?.split("\n")).toEqual([
    "*filter",
    "-D INPUT -j KOMBIFY-SIM-IN",
    "-D OUTPUT -o eth9 -j KOMBIFY-SIM-FWD",
    "-F KOMBIFY-SIM-IN",
    "-X KOMBIFY-SIM-IN",
    "-F KOMBIFY-SIM-FWD",
    "-X KOMBIFY-SIM-FWD",
    "COMMIT",
    "",
  ]);
  expect(removalScript("filter", wanted, readTableListing("-P INPUT ACCEPT\n-A FORWARD -j ACCEPT"))).toBeUndefined();
});
