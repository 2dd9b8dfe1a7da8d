import { element } from "../../page/element.ts";
import { announce } from "../../page/live-region.ts";
import type { Impairment } from "../api/simulation-shapes.ts";
import type { Knob } from "./impairment-scale.ts";
import { knobs, presets, readAmount, settled } from "./impairment-scale.ts";

export interface ImpairmentFields {
  readonly root: HTMLElement;
  /** Shows what is in force, unless somebody is at it just now. */
  readonly show: (impairment: Impairment) => void;
}

interface Dial {
  readonly root: HTMLElement;
  readonly show: (value: number | undefined) => void;
  readonly value: () => number | undefined;
}

const wordsOf = ({ unit, factor }: Knob, value: number | undefined): string =>
  value === undefined ? "none" : `${value / factor} ${unit}`;

/** A slider for the hand and a field for the exact number, of the same thing. */
const makeDial = (knob: Knob, onInput: () => void): Dial => {
  const { member, label, unit, factor, max, valueAt, placeOf } = knob;
  const id = `knob-${member}`;
  const field = element("input", {
    ...{ id, type: "number", min: "0", max: String(max), step: "any", inputmode: "decimal" },
    ...{ placeholder: "none", "aria-describedby": `${id}-error` },
  });
  const error = element("p", { id: `${id}-error`, class: "error", hidden: true });
  const slider = element("input", { type: "range", min: "0", max: "100", "aria-label": `${label}, slider` });
  let value: number | undefined;
  const set = (next: number | undefined): void => {
    value = next;
    slider.value = String(placeOf(next));
    slider.setAttribute("aria-valuetext", wordsOf(knob, next));
  };
  const showProblem = (problem: string | undefined): void => {
    error.textContent = problem ?? "";
    error.hidden = problem === undefined;
    if (problem === undefined) field.removeAttribute("aria-invalid");
    else field.setAttribute("aria-invalid", "true");
  };
  const showNumber = (): void => {
    field.value = value === undefined ? "" : String(value / factor);
    showProblem(undefined);
  };
  field.addEventListener("input", () => {
    const read = readAmount(knob, field.value, !field.validity.badInput);
    showProblem("problem" in read ? read.problem : undefined);
    if ("problem" in read) return;
    set(read.value);
    onInput();
  });
  // Not while it is typed: a number may be out of its bounds on the way to one that is not.
  field.addEventListener("change", () => {
    if (!error.hidden) announce(error.textContent);
  });
  slider.addEventListener("input", () => {
    set(valueAt(Number(slider.value)));
    showNumber();
    onInput();
  });
  const head = element("label", { for: id }, label);
  const box = element("span", { class: "amount" }, field, element("span", { class: "soft small" }, unit));
  set(undefined);
  return {
    root: element("div", { class: "dial" }, head, box, error, slider),
    show: (next) => {
      set(next);
      // Who is at a number that cannot be shall see it, and why, until it is mended or left.
      if (error.hidden || field !== document.activeElement) showNumber();
    },
    value: () => value,
  };
};

/** Sliders and fields of everything a link can do to what passes. `onChange` is told of every move. */
export const impairmentFields = (onChange: (impairment: Impairment) => void): ImpairmentFields => {
  let movedAt = -Infinity;
  const dials = knobs.map((knob) => ({
    member: knob.member,
    dial: makeDial(knob, () => {
      movedAt = performance.now();
      tell(knob.member);
    }),
  }));
  const tell = (moved: Knob["member"]): void => {
    const given = dials.map(({ member, dial }) => [member, dial.value()] as const);
    const impairment = settled(Object.fromEntries(given.filter(([, value]) => value !== undefined)), moved);
    // What somebody is typing stays as it is typed.
    for (const { member, dial } of dials) if (member !== moved) dial.show(impairment[member]);
    onChange(impairment);
  };
  const show = (impairment: Impairment): void => {
    for (const { member, dial } of dials) dial.show(impairment[member]);
  };
  const buttons = presets.map(([name, impairment]) => {
    const button = element("button", { type: "button", class: "quiet chip" }, name);
    button.addEventListener("click", () => {
      show(impairment);
      onChange(impairment);
    });
    return button;
  });
  const quick = element("div", { class: "row chips", role: "group", "aria-label": "Like a line you know" }, ...buttons);
  return {
    root: element("div", { class: "stack wide" }, quick, ...dials.map(({ dial }) => dial.root)),
    show: (impairment) => {
      // What was just set comes back a moment later, as it was on the way; it must not jump under the hand.
      if (performance.now() - movedAt > restMilliseconds) show(impairment);
    },
  };
};

const restMilliseconds = 1_500;
