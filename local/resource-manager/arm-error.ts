/** The codes Azure Resource Manager answers with, as far as we do, and their HTTP statuses. */
const statuses = {
  AuthenticationFailed: 401,
  AuthorizationFailed: 403,
  MissingApiVersionParameter: 400,
  InvalidApiVersionParameter: 400,
  InvalidRequestContent: 400,
  InvalidTemplate: 400,
  InvalidTemplateDeployment: 400,
  InvalidDeploymentName: 400,
  InvalidFilterInQueryString: 400,
  RequestEntityTooLarge: 413,
  ResourceGroupNotFound: 404,
  ResourceNotFound: 404,
  DeploymentNotFound: 404,
  DeploymentActive: 409,
  DeploymentCannotBeCancelled: 409,
  Conflict: 409,
  NotImplemented: 501,
  InternalServerError: 500,
} as const;

export type ArmErrorCode = keyof typeof statuses;

/** A refusal in ARM's shape, `{ error: { code, message } }`. The message is shown to the caller. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  readonly code: ArmErrorCode;
  readonly status: number;
  constructor(code: ArmErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = statuses[code];
  }
}
