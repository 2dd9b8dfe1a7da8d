import type { Command, CommandContext, CommandGroup } from "./command.ts";
import { CommandFailure, UsageError } from "./failures.ts";

const usageOf = (groups: readonly CommandGroup[]): readonly string[] => [
  "Usage: npx kombify <command> [options]",
  "",
  ...groups.flatMap(({ name, commands }) =>
    commands.flatMap((command) => [`  ${name} ${command.name} ${command.usage}`, `      ${command.summary}`]),
  ),
  "",
  "  KOMBIFY_URL    the platform's address (http://localhost:8000)",
  "  KOMBIFY_TOKEN  an operator's access token",
  "  KOMBIFY_SOURCE_EMAIL, KOMBIFY_SOURCE_PASSWORD  a superuser of the PocketBase that is migrated from",
  "  KOMBIFY_KITS_KEY_FILE, KOMBIFY_KITS_KEY_ID, KOMBIFY_KITS_STORAGE  signing key and store of published kits",
];

/** `parseArgs` refuses what it does not know with a code of this kind. */
const isArgumentError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_"));

const isHelp = (word: string): boolean => ["help", "--help", "-h"].includes(word);

const runCommand = async (command: Command, args: readonly string[], context: CommandContext): Promise<number> => {
  try {
    await command.run(args, context);
    return 0;
  } catch (error) {
    const isArguments = isArgumentError(error);
    if (!isArguments && !(error instanceof CommandFailure)) throw error;
    context.note(error.message);
    if (isArguments) context.note(`Arguments: ${command.usage}`);
    return isArguments ? 2 : 1;
  }
};

/** Runs the command that the arguments name. Answers the exit code: 0 done, 1 it failed, 2 the arguments make no sense. */
export const runCommandLine = async (
  groups: readonly CommandGroup[],
  args: readonly string[],
  context: CommandContext,
): Promise<number> => {
  const [groupName, commandName, ...rest] = args;
  const isHelpWanted = args.some(isHelp);
  const group = groups.find(({ name }) => name === groupName);
  const command = group?.commands.find(({ name }) => name === commandName);
  if (command !== undefined && !isHelpWanted) return runCommand(command, rest, context);
  for (const line of usageOf(groups)) (isHelpWanted ? context.print : context.note)(line);
  return isHelpWanted ? 0 : 2;
};
