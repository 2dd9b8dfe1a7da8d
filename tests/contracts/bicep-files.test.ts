import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import { bicepDirectory, bicepFiles, openBicepReader, readBicepFiles } from "./bicep-reader.ts";
import type { BicepFile } from "./bicep-reader.ts";

// No Bicep compiler can be had here. This holds what can be held without one: the grammar, and everything that one file
// says about another.
const files = await readBicepFiles();
const fileAt = (path: string): BicepFile => {
  const file = files.get(path);
  if (file === undefined) throw new Error(`${path} does not exist.`);
  return file;
};

test("the reader tells Bicep from what is not", async () => {
  const read = await openBicepReader();
  expect(read("param a string\noutput b string = a\n", "ok.bicep").faults).toEqual([]);
  expect(read("param a string =\nresource {", "broken.bicep").faults).not.toEqual([]);
});

test("there are files to check", () => {
  expect(bicepFiles.length).toBeGreaterThan(10);
});

test.each(bicepFiles)("%s is Bicep, without an error and without a missing part", (path) => {
  expect(fileAt(path).faults).toEqual([]);
});

test.each(bicepFiles)("%s says what it is for and uses what it declares", (path) => {
  const { metadata, parameters, variables, usedNames, resources } = fileAt(path);
  expect(metadata["description"]).toBeTypeOf("string");
  const existing = resources.filter(({ isExisting }) => isExisting).map(({ symbol }) => symbol);
  const declared = [...parameters.map(({ name }) => name), ...Object.keys(variables), ...existing];
  expect(declared.filter((name) => !usedNames.includes(name))).toEqual([]);
});

/** The functions and decorators of Bicep that are in use here. */
const builtIn = [
  ...["base64", "empty", "environment", "filter", "guid", "items", "join", "json", "map", "replace", "string", "union"],
  ...["loadFileAsBase64", "loadTextContent", "resourceGroup", "resourceId", "subscription", "subscriptionResourceId"],
  ...["tenant", "uniqueString"],
  ...["allowed", "batchSize", "description", "maxLength", "maxValue", "minLength", "minValue", "secure"],
];

test.each(bicepFiles)("%s uses only names that are declared", (path) => {
  const { parameters, variables, resources, modules, usedNames, localNames } = fileAt(path);
  const symbols = [...parameters.map(({ name }) => name), ...[...resources, ...modules].map(({ symbol }) => symbol)];
  const known = new Set([...builtIn, ...symbols, ...Object.keys(variables), ...localNames]);
  expect(usedNames.filter((name) => !known.has(name))).toEqual([]);
});

test.each(bicepFiles)("%s reads only files that exist", (path) => {
  expect(fileAt(path).loadedFiles.filter((loaded) => !existsSync(loaded))).toEqual([]);
});

const uses = [...files.values()].flatMap((file) => file.modules.map((module) => ({ file, module })));

test.each(uses.map(({ file, module }) => ({ from: file.path, symbol: module.symbol, module })))(
  "$from gives module $symbol what it declares and what it needs",
  ({ module }) => {
    const { parameters } = fileAt(module.path);
    const declared = parameters.map(({ name }) => name);
    const required = parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    expect(module.params.filter((name) => !declared.includes(name))).toEqual([]);
    expect(required.filter((name) => !module.params.includes(name))).toEqual([]);
  },
);

test("every module is used, and what is used of its outputs is declared", () => {
  const reached = new Set(uses.map(({ module }) => module.path));
  const roots = [`${bicepDirectory}/main.bicep`, `${bicepDirectory}/stack-instance.bicep`];
  expect(bicepFiles.filter((path) => !reached.has(path) && !roots.includes(path))).toEqual([]);
  const missing = uses.flatMap(({ file, module }) => {
    const outputs = fileAt(module.path).outputs.map(({ name }) => name);
    const read = readFileSync(file.path, "utf8").matchAll(
      new RegExp(`\\b${module.symbol}(?:\\[\\w+\\])?\\.outputs\\.(\\w+)`, "g"),
    );
    return [...read].flatMap(([text, name = ""]) => (outputs.includes(name) ? [] : [`${file.path}: ${text}`]));
  });
  expect(missing).toEqual([]);
});

const secretWord = /secret|password|listkeys|sharedkey|\bkey\b|token|connectionstring/i;

test.each(bicepFiles)("%s gives no secret away and keeps secrets out of plain parameters", (path) => {
  const { outputs, parameters } = fileAt(path);
  const secure = parameters.filter(({ isSecure }) => isSecure).map(({ name }) => name);
  const isLeak = (text: string): boolean =>
    secretWord.test(text) || secure.some((name) => new RegExp(`\\b${name}\\b`).test(text));
  expect(outputs.filter(({ name, value }) => isLeak(`${name} ${JSON.stringify(value)}`))).toEqual([]);
  const looksSecret = parameters.filter(({ name }) => /password|secret|(?<!public)key$/i.test(name));
  expect(looksSecret.filter(({ isSecure }) => !isSecure)).toEqual([]);
});

const parameterFiles = ["main.parameters.json", "parameters/dev.json", "parameters/prod.json"];

test.each(parameterFiles)("%s gives main.bicep what it declares and needs, and no secret", (name) => {
  const raw: unknown = JSON.parse(readFileSync(`${bicepDirectory}/${name}`, "utf8"));
  expect(raw).toHaveProperty("parameters");
  const { parameters: given } = raw as { parameters: Record<string, { value: unknown }> };
  const { parameters } = fileAt(`${bicepDirectory}/main.bicep`);
  const declared = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  expect(Object.keys(given).filter((key) => !declared.has(key))).toEqual([]);
  const required = parameters.filter(({ isRequired }) => isRequired);
  expect(required.filter((parameter) => !(parameter.name in given))).toEqual([]);
  for (const [key, { value }] of Object.entries(given)) {
    const { type, isSecure, allowed } = declared.get(key)!;
    const isVariable = typeof value === "string" && value.startsWith("${");
    if (isSecure) expect(value, key).toMatch(/^\$\{/);
    if (isVariable) continue;
    expect(Array.isArray(value) ? "array" : typeof value, key).toBe(type === "int" ? "number" : type);
    if (allowed.length > 0) expect(allowed).toContain(value);
  }
});

test("azure.yaml names the template and a script that are there", () => {
  const document: unknown = parseYaml(readFileSync("azure.yaml", "utf8"));
  expect(document).toMatchObject({ infra: { path: bicepDirectory, module: "main" } });
  expect(document).toHaveProperty("hooks.prepackage.run", `${bicepDirectory}/scripts/package-functions.sh`);
  expect(existsSync(`${bicepDirectory}/scripts/package-functions.sh`)).toBe(true);
});
