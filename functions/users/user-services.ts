import type { Clock } from "../../shared/kernel/clock.ts";
import type { Logger } from "../../shared/kernel/logger.ts";
import type { SecretStore } from "../../shared/secrets/secret-store.ts";
import { makeServiceKeys } from "../../shared/secrets/service-keys.ts";
import type { DescribedPerson } from "../../shared/users/describe-user.ts";
import { makeDescribeUser } from "../../shared/users/describe-user.ts";
import type { Tenant } from "../../shared/tenants/tenant.ts";
import { makeRequireService } from "../http/require-service.ts";

interface UserParts {
  readonly findPerson: (sub: string) => Promise<DescribedPerson | undefined>;
  readonly findTenant: (tenantId: string) => Promise<Tenant | undefined>;
  readonly secrets: SecretStore;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The use cases of contract C1, wired once. */
export const buildUserServices = (parts: UserParts) => {
  const serviceKeys = makeServiceKeys(parts);
  return {
    serviceKeys,
    requireService: makeRequireService(serviceKeys),
    describeUser: makeDescribeUser(parts),
  };
};
