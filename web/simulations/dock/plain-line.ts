/** What a program writes to move a cursor or to colour its text. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007]*(?:\u0007|$)|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** A line as a list of lines can show it: without what only terminals understand. */
export const plainLine = (line: string): string => line.replace(controls, "");
