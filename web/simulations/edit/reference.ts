import { element } from "../../page/element.ts";
import text from "./reference.yaml";

/** Everything that can be written, as one topology with remarks: to look into while one writes. */
export const reference = (): HTMLElement =>
  element(
    "details",
    { class: "wide" },
    element("summary", {}, "Everything a topology can say"),
    element(
      "pre",
      { class: "sample", tabindex: "0", role: "group", "aria-label": "Everything a topology can say" },
      text,
    ),
  );
