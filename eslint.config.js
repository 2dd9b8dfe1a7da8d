import eslint from "@eslint/js";
import vitest from "@vitest/eslint-plugin";
import tseslint from "typescript-eslint";

const clockAndChance = [
  { object: "Date", property: "now", message: "Take a Clock as an argument." },
  { object: "Math", property: "random", message: "Take a source of randomness as an argument." },
  { object: "crypto", property: "randomUUID", message: "Take an id maker as an argument." },
];
const environment = { object: "process", property: "env", message: "Only a config file reads the environment." };

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "node_modules/",
      ".kombify/",
      "coverage/",
      "infra/stack-instance/",
      "{cli,scripts}/*.mjs",
      "*.config.js",
      ".dependency-cruiser.cjs",
    ],
  },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/return-await": ["error", "in-try-catch"],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-restricted-properties": ["error", environment, ...clockAndChance],
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "no-console": "error",
      "no-param-reassign": "error",
      eqeqeq: "error",
      "prefer-const": "error",
      "max-lines": ["error", { max: 250 }],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 12],
      "max-params": ["error", 4],
    },
  },
  {
    // Composition roots and adapters hand the clock, chance and environment to everybody else.
    files: [
      "functions/{main,app}.ts",
      "functions/adapters.ts",
      "functions/config.ts",
      "shared/adapters/**",
      "cli/main.ts",
      "sim-host/{main,start-host,build-simulations,build-api,build-walls}.ts",
      "local/**",
      "scripts/**",
      "bench/**",
      "tests/**",
      "**/*.test.ts",
    ],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["**/*.test.ts", "**/*.suite.ts", "tests/**"],
    plugins: { vitest },
    rules: {
      "vitest/no-focused-tests": "error",
      "vitest/no-disabled-tests": "error",
      "vitest/expect-expect": ["error", { assertFunctionNames: ["expect", "expect*", "fc.assert", "assert*"] }],
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["vitest.config.ts", "**/*.config.ts"],
    rules: { "no-restricted-exports": "off", "no-restricted-properties": "off" },
  },
  { files: ["local/**", "scripts/**", "bench/**"], rules: { "no-console": "off" } },
  {
    files: ["eslint.config.js"],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { "no-restricted-exports": "off" },
  },
);
