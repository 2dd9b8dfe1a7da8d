/** Makes one opaque, unguessable id (a UUID in production). An argument, so that tests are repeatable. */
export type NewId = () => string;
