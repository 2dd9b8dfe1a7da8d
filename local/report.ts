import { styleText } from "node:util";
import type { Account } from "./identity-provider/seed.ts";

/** Where lines for people go: stdout, or stderr when stdout belongs to a script. */
export interface Reporter {
  heading(text: string): void;
  line(text: string): void;
  step(title: string, detail: string, milliseconds: number): void;
}

export const makeReporter = (stream: NodeJS.WriteStream): Reporter => {
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    stream.isTTY ? styleText(format, text) : text;
  const write = (text: string): void => void stream.write(`${text}\n`);
  return {
    heading: (text) => write(`\n${style("bold", text)}`),
    line: (text) => write(`  ${text}`),
    step: (title, detail, milliseconds) =>
      write(`  ${style("green", "ok")} ${title.padEnd(46)} ${style("dim", `${detail}  (${milliseconds} ms)`)}`),
  };
};

/** The table of accounts for people who want to try it in a browser. */
export const accountLines = (accounts: readonly Account[]): readonly string[] =>
  accounts.map(
    ({ email, password, organisation, roles }) =>
      `${email.padEnd(26)} ${password.padEnd(22)} ${organisation.padEnd(9)} ${roles.join(", ")}`,
  );
