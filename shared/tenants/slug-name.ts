/** The name under which a slug is unique in the platform. */
export const slugName = (slug: string): string => `slug:${slug}`;
