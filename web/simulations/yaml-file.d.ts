/** The build puts the text of these files into the page's script. */
declare module "*.yaml" {
  const text: string;
  // eslint-disable-next-line no-restricted-exports -- what the build makes of a file is its default
  export default text;
}
