/** Control and format characters (also those that turn the direction of writing), line separators and half characters. */
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * Whether a line of text shows what it holds. Other characters hide or reorder words where people read them: in logs,
 * terminals and pages.
 */
export const isPlainText = (text: string): boolean => !hidden.test(text);
