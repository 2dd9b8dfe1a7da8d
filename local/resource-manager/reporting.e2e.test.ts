import { readFileSync } from "node:fs";
import type { Deployment } from "@azure/arm-resourcesdeployments";
import { expect, it } from "vitest";
import { findPocketBase } from "../pocketbase/find-pocketbase.ts";
import { waitUntil } from "../process/wait-until.ts";
import { collect, quickly, useFleet } from "./test-fleet.ts";
import { deploymentOf, groupName } from "./test-manager.ts";

const { path } = await findPocketBase({ onProgress: (line) => console.error(line) });
const fleet = useFleet(path);

const reporting = (reportKey: string): Deployment => {
  const body = deploymentOf("stack-1", "correct-horse-battery-staple");
  const given = { reportUrl: { value: "http://reports.test/1" }, reportKey: { value: reportKey } };
  return { properties: { ...body.properties, parameters: { ...body.properties.parameters, ...given } } };
};

const deploy = async (body: Deployment): Promise<void> => {
  const deployed = fleet.arm().deployments.deployments.createOrUpdate(groupName, "deploy-stack-1", body, quickly);
  expect(JSON.stringify(await deployed)).not.toContain("report-key-");
};

/** The lines `NAME=value` that the one server was started with. */
const environment = (): readonly string[] =>
  fleet.servers("stack-1").flatMap(({ pid }) => readFileSync(`/proc/${pid}/environ`, "utf8").split("\0"));

it("gives the instance where and with which key to report, again at every restart, until it is gone", async () => {
  await deploy(reporting("report-key-number-one"));
  expect(environment()).toEqual(
    expect.arrayContaining([
      "KOMBIFY_INSTANCE_NAME=stack-1",
      "KOMBIFY_VERSION=0.40.4",
      "KOMBIFY_REPORT_URL=http://reports.test/1",
      "KOMBIFY_REPORT_KEY=report-key-number-one",
    ]),
  );
  const [first] = fleet.servers("stack-1");

  await deploy(reporting("report-key-number-two"));
  expect(environment()).toContain("KOMBIFY_REPORT_KEY=report-key-number-two");
  expect(fleet.servers("stack-1").map(({ pid }) => pid)).not.toContain(first?.pid);

  await fleet.restart("SIGTERM");
  const reportsAgain = (): boolean => environment().includes("KOMBIFY_REPORT_KEY=report-key-number-two");
  expect(await waitUntil(reportsAgain, 20_000)).toBe(true);
  expect(fleet.filesWith("report-key-number-")).toEqual([expect.objectContaining({ mode: 0o600 })]);

  const { resources } = fleet.arm().resources;
  const [{ id = "" } = {}] = await collect(resources.listByResourceGroup(groupName));
  await resources.beginDeleteByIdAndWait(id, "2024-03-01");
  expect(fleet.filesWith("report-key-number-")).toEqual([]);
});

it("takes both away from an instance that is deployed again without them", async () => {
  await deploy(reporting("report-key-number-one"));
  await deploy(deploymentOf("stack-1", "correct-horse-battery-staple"));
  expect(environment().filter((line) => line.startsWith("KOMBIFY_REPORT"))).toEqual([]);
  expect(environment()).toContain("KOMBIFY_INSTANCE_NAME=stack-1");
  expect(fleet.filesWith("report-key-number-")).toEqual([]);
});
