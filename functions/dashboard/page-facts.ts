/** What every part of a page may need to know. */
export interface PageFacts {
  readonly nowMilliseconds: number;
  /** Stands in every form; a POST without it is refused. */
  readonly formToken: string;
}
