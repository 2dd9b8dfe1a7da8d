/** How a timeline is laid out: beside each other what is broad enough for it, and below each other what is not. */
export interface PictureLayout {
  readonly name: "broad" | "slim";
  readonly width: number;
  /** Where the axis begins and ends. */
  readonly left: number;
  readonly right: number;
  readonly ticksMax: number;
  /** What a row's name takes above it; nothing where it stands left of it. */
  readonly labelHeight: number;
  readonly labelCharacters: number;
}

export const broad: PictureLayout = {
  ...{ name: "broad", width: 1_000, left: 215, right: 976, ticksMax: 10 },
  ...{ labelHeight: 0, labelCharacters: 28 },
};

/** For a phone, where the words of the broad one would be too small to be read, or most of it out of sight. */
export const slim: PictureLayout = {
  ...{ name: "slim", width: 340, left: 16, right: 316, ticksMax: 6 },
  ...{ labelHeight: 18, labelCharacters: 46 },
};
