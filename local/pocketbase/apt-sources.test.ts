import { describe, expect, it } from "vitest";
import { debianMirrors, parseDeb822Sources, parseOneLineSources } from "./apt-sources.ts";

const deb822 = `# a comment
Types: deb deb-src
URIs: http://mirror.example/debian https://second.example/debian/
Suites: bookworm bookworm-updates
Components: main
 contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: https://vendor.example/node_20.x
Suites: nodistro
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb-src
URIs: http://sources.example/debian
Suites: bookworm
Components: main`;

const oneLine = `# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/apt/keyrings/x.gpg] http://third.example/debian bookworm main non-free # note
deb-src http://third.example/debian bookworm main
deb cdrom:[Debian]/ bookworm main
deb https://vendor.example/apt stable main
`;

describe("apt sources", () => {
  it("reads deb822 stanzas with several URIs, continued lines and embedded keys", () => {
    expect(parseDeb822Sources(deb822)).toEqual([
      {
        uri: "http://mirror.example/debian",
        suites: ["bookworm", "bookworm-updates"],
        components: ["main", "contrib"],
        signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
      },
      {
        uri: "https://second.example/debian/",
        suites: ["bookworm", "bookworm-updates"],
        components: ["main", "contrib"],
        signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
      },
      { uri: "https://vendor.example/node_20.x", suites: ["nodistro"], components: ["main"] },
    ]);
  });

  it("reads one-line entries with options and comments", () => {
    expect(parseOneLineSources(oneLine)[0]).toEqual({
      uri: "http://third.example/debian",
      suites: ["bookworm"],
      components: ["main", "non-free"],
      signedBy: "/etc/apt/keyrings/x.gpg",
    });
  });

  it("takes Debian's archive for a mirror, in front of a vendor's with a Debian-like suite, and no vendor's own", () => {
    const sources = [...parseOneLineSources(oneLine).toReversed(), ...parseDeb822Sources(deb822)];
    expect(debianMirrors(sources, "bookworm").map(({ uri }) => uri)).toEqual([
      "http://third.example/debian",
      "http://mirror.example/debian",
      "https://second.example/debian/",
      "https://vendor.example/apt",
    ]);
  });
});
