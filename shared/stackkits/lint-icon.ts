/** Elements that draw; none of them runs, loads or embeds anything. */
const elements = new Set(
  [
    ...["svg", "g", "defs", "symbol", "use", "title", "desc", "metadata", "clipPath", "mask", "pattern", "marker"],
    ...["path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath"],
    ...["linearGradient", "radialGradient", "stop", "filter"],
  ].map((name) => name.toLowerCase()),
);

const isFilterPrimitive = (name: string): boolean => /^fe[a-z]+$/.test(name) && name !== "feimage";

/** What is neither an element that draws nor a comment, or would lead out of the picture. */
const wrong = [
  /<!(?!--)/,
  /<\?(?!xml\s)/,
  // Written with entities, a name or an address would not be seen here.
  /&#/,
  /[\s/"']on\w+\s*=/i,
  /[\s/"'](?:\w+:)?(?:href|src)\s*=\s*(?!["']#)/i,
  /url\(\s*(?!["']?#)/i,
  /@import|javascript:/i,
];

/** Whether the text is an SVG that draws and does nothing else, in whatever it is shown. */
export const isPlainSvg = (text: string): boolean => {
  if (!/<svg[\s/>]/.test(text) || wrong.some((each) => each.test(text))) return false;
  // The declaration of XML is the only thing in `<?...?>` that `wrong` lets through.
  const drawn = text.replace(/<!--[\s\S]*?-->|<\?xml\s[^>]*\?>/g, "");
  return [...drawn.matchAll(/<\/?([^\s/>]*)/g)].every(([, name = ""]) => {
    const lower = name.toLowerCase();
    return elements.has(lower) || isFilterPrimitive(lower);
  });
};
