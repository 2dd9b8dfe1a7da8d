import { describe, expect, it } from "vitest";
import { armError } from "../../../tests/support/arm-model.ts";
import { innermostReason, isRefusal, reasonOf, retryAfterSecondsOf, unavailable } from "./arm-error.ts";
import { plannedChanges } from "./planned-changes.ts";

const now = new Date("2026-01-01T00:00:00.000Z");

describe("the reason of a failure", () => {
  it("is the innermost one, also where a provider packs it as text", () => {
    const packed = JSON.stringify({ error: { code: "ContainerAppOperationError", message: "No image." } });
    const nested = {
      code: "DeploymentFailed",
      message: "At least one resource deployment operation failed.",
      details: [{ code: "ResourceDeploymentFailure", message: `The operation ended: ${packed}` }],
    };
    expect(innermostReason({ error: nested })).toBe("ContainerAppOperationError: No image.");
    expect(innermostReason(nested)).toBe("ContainerAppOperationError: No image.");
    expect(innermostReason({ error: { code: "A", message: "words with a { brace" } })).toBe("A: words with a { brace");
    expect(innermostReason(undefined)).toBeUndefined();
    expect(innermostReason("garbage")).toBeUndefined();
  });

  it("is the status where a body says nothing", () => {
    expect(reasonOf(armError(429, "TooManyRequests", "Slow down."))).toBe("TooManyRequests: Slow down.");
    expect(reasonOf(Object.assign(new Error("x"), { code: "ECONNREFUSED" }))).toBe("not reached (ECONNREFUSED)");
    expect(reasonOf(new Error("x"))).toBe("not reached");
  });
});

it.each([
  [400, "InvalidTemplate", true],
  [404, "ResourceGroupNotFound", true],
  [409, "QuotaExceeded", true],
  [409, "Conflict", false],
  [401, "ExpiredAuthenticationToken", false],
  [403, "AuthorizationFailed", false],
  [429, "TooManyRequests", false],
  [500, "InternalServerError", false],
])("%d %s: for good %s", (status, code, isForGood) => {
  expect(isRefusal(armError(status, code, "Words."))).toBe(isForGood);
});

it("the wish to wait is read as seconds or as a date, and kept with the trouble", () => {
  expect(retryAfterSecondsOf("7", now)).toBe(7);
  expect(retryAfterSecondsOf("Thu, 01 Jan 2026 00:00:09 GMT", now)).toBe(9);
  for (const header of [undefined, "", "soon", "-1"]) expect(retryAfterSecondsOf(header, now)).toBeUndefined();
  expect(unavailable(armError(429, "A", "B", "12"), now)).toMatchObject({ facts: { retryAfterSeconds: 12 } });
});

it("a plan's changes are the instance's where its tag is, or below", () => {
  const root = "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/containerApps/one";
  const tags = { "kombify-instance": "one" };
  const changes = plannedChanges(
    [
      { resourceId: root, changeType: "Modify", before: { tags } },
      { resourceId: `${root}/providers/Microsoft.Authorization/roleAssignments/r`, changeType: "Modify", before: {} },
      { resourceId: `${root}-other`, changeType: "Modify", before: { tags: { "kombify-instance": "other" } } },
      { resourceId: `${root}-new`, changeType: "Create", after: { tags } },
      { resourceId: `${root}-left`, changeType: "Ignore", before: {} },
      { resourceId: `${root}-gone`, changeType: "Delete", before: {} },
    ],
    "kombify-instance",
    "one",
  );
  expect(changes.map(({ kind, isOurs }) => `${kind} ${isOurs}`)).toEqual([
    ...["modify true", "modify true", "modify false", "create false", "none false", "delete false"],
  ]);
});
