const create = (tag: string): HTMLElement => document.createElementNS("http://www.w3.org/1999/xhtml", tag);

/** Looks like a style element to who fills and removes it; what it is filled with becomes a sheet that the page adopts. */
const styleElement = (): HTMLElement => {
  const sheet = new CSSStyleSheet();
  const stand = create("span");
  stand.hidden = true;
  document.adoptedStyleSheets.push(sheet);
  const remove = stand.remove.bind(stand);
  return Object.defineProperties(stand, {
    textContent: { set: (css: string): void => sheet.replaceSync(css), get: () => "" },
    remove: {
      value: () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
        remove();
      },
    },
  });
};

/** As `setAttribute`, but writes styles through the CSSOM. */
function setSpanAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

/**
 * xterm writes style elements and `style` attributes, which the page's policy refuses; the same rules through the CSSOM are
 * allowed. Until the returned function is called, elements of these two kinds that scripts make write them that way.
 */
export const beginStrictStyles = (): (() => void) => {
  const strict = (tag: string): HTMLElement => {
    if (tag === "style") return styleElement();
    return tag === "span" ? Object.assign(create(tag), { setAttribute: setSpanAttribute }) : create(tag);
  };
  Object.defineProperty(document, "createElement", { value: strict, configurable: true });
  return () => void Reflect.deleteProperty(document, "createElement");
};
