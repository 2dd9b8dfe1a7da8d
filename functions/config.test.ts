import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readSettings, Settings } from "./config.ts";

const Sample = JSON.parse(readFileSync("local.settings.sample.json", "utf8")) as { Values: Record<string, string> };
const hostSettings = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsDisableHomepage"];
const sampleSettings = Object.fromEntries(
  Object.entries(Sample.Values).filter(([name]) => !hostSettings.includes(name)),
);
const local = {
  ...sampleSettings,
  COSMOS_ENDPOINT: "",
  KEY_VAULT_URL: "",
  QUEUE_SERVICE_URL: "",
  ARM_LOCAL_TOKEN: "a-token-of-16-or-more",
};

test("the sample names exactly the settings of the schema", () => {
  expect(Object.keys(sampleSettings).sort()).toEqual(Object.keys(Settings.shape).sort());
});

test("the sample with its placeholders filled in is accepted", () => {
  expect(readSettings(local)).toMatchObject({ DOCUMENTS: "sqlite", PUBLIC_BASE_URL: "http://localhost:8000" });
});

test.each([
  { change: { PUBLIC_BASE_URL: "" }, says: "PUBLIC_BASE_URL" },
  { change: { DOCUMENTS: "cosmos" }, says: "COSMOS_ENDPOINT: is needed when DOCUMENTS is cosmos" },
  { change: { SQLITE_FILE: "" }, says: "SQLITE_FILE: is needed when DOCUMENTS is sqlite" },
  { change: { SECRETS_DIRECTORY: "" }, says: "SECRETS_DIRECTORY: is needed without KEY_VAULT_URL" },
  { change: { AzureWebJobsStorage: "" }, says: "AzureWebJobsStorage: is needed without QUEUE_SERVICE_URL" },
  { change: { SCALE_OUT_HEADROOM: "50" }, says: "SCALE_OUT_HEADROOM" },
  { change: { DEFAULT_REGION: "atlantis" }, says: "DEFAULT_REGION" },
  { change: { ARM_LOCAL_TOKEN: "" }, says: "ARM_LOCAL_TOKEN: is needed with ARM_ENDPOINT" },
  { change: { ARM_ENDPOINT: "https://management.azure.com" }, says: "ARM_ENDPOINT: must be on this machine" },
])("what is wrong is named: $says", ({ change, says }) => {
  expect(() => readSettings({ ...local, ...change })).toThrow(says);
});

test("all findings come at once, and no value is repeated", () => {
  const run = () => readSettings({ ARM_LOCAL_TOKEN: "short-secret" });
  expect(run).toThrow(/PUBLIC_BASE_URL[\s\S]*OIDC_ISSUER[\s\S]*DOCUMENTS/);
  expect(run).not.toThrow(/short-secret/);
});
