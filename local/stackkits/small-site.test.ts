import { describe, expect, it } from "vitest";
import { packKit } from "../../shared/stackkits/pack-kit.ts";
import { publishedKitOf } from "../../shared/stackkits/published-kit.ts";
import { trialRecipeOf } from "../../shared/stackkits/trial-recipe.ts";
import { smallSite } from "./small-site.ts";

describe("the kit of this machine's own image", () => {
  it("is a kit like any other, of that version", async () => {
    const { id, files } = await smallSite("1.35.0");
    const result = packKit(files, id);
    if (!("packed" in result)) throw new Error(JSON.stringify(result.findings));
    const { kit } = result.packed.manifest;
    const recipe = trialRecipeOf({ version: { ...kit, sha256: "ab" } as never }, publishedKitOf(kit, files), () => "");
    expect(recipe).toMatchObject({
      kit: { id: "small-site", version: "1.35.0" },
      services: [{ image: "kombify/toolbox:1.35.0", command: ["httpd", "-f", "-p", "8080", "-h", "/www"] }],
      ports: [{ number: 8080, http: { path: "/", status: 200 } }],
    });
  });
});
