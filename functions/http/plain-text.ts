import { z } from "zod";
import { isPlainText } from "../../shared/kernel/plain-text.ts";

/** One line that people wrote for people: not empty, and nothing in it is hidden. */
export const plainText = (lengthMax: number, emptyMessage = "must not be empty") =>
  z
    .string()
    .trim()
    .min(1, emptyMessage)
    .max(lengthMax, `must be ${lengthMax} characters long at most`)
    .refine(isPlainText, "must be one line of text without control characters; type it anew instead of pasting it");
