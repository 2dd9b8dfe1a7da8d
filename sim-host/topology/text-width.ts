const widthOf = (character: string): number => {
  if (/[iljtfI.,:;'|! ()[\]]/.test(character)) return 0.34;
  if (/[mwMW%→↔±]/.test(character)) return 0.9;
  if (/[A-Z]/.test(character)) return 0.7;
  return character < "\u0300" ? 0.58 : 1.1;
};

/** How wide a line is at most, about, in a sans-serif font of that size: nothing can be measured where this is drawn. */
export const textWidth = (text: string, fontSize: number): number =>
  Array.from(text).reduce((sum, character) => sum + widthOf(character), 0) * fontSize;
