import eslint from "@eslint/js";
import { defineConfig } from "eslint/config";
import tseslint from "typescript-eslint";

const domGlobals = ["document", "window", "location", "history", "sessionStorage", "localStorage", "navigator"];

export default defineConfig(
  { ignores: ["dist/", "node_modules/"] },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "no-console": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
      // The compiler knows what each version of the language has, but not how old a browser's own interfaces are.
      "no-restricted-properties": ["error", { object: "URL", property: "canParse", message: "Safari has it from version 17 only." }],
    },
  },
  {
    // The protocol and the state know no page: what they need of the browser is handed to them, so they run in Node.
    files: ["src/protocol/**", "src/state/**", "src/i18n/**"],
    rules: { "no-restricted-globals": ["error", ...domGlobals] },
  },
  {
    // The state stands below everything: the protocol knows its values, the view draws them, and it knows neither.
    files: ["src/state/**"],
    rules: { "no-restricted-imports": ["error", { patterns: [{ regex: "^\\.\\./", message: "The state imports nothing from outside its folder." }] }] },
  },
);
