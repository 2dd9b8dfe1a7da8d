/** A port that was free when it was chosen had another owner when a part wanted to listen on it. */
export class PortTakenError extends Error {}

/** Node's, Go's and libuv's words for it, as parts write them to stderr before they end. */
export const saysPortTaken = (text: string): boolean => /EADDRINUSE|address already in use/i.test(text);
