import { z } from "zod";
import { parseInput } from "../../shared/gateway/parse-input.ts";
import { DomainError } from "../../shared/kernel/errors.ts";
import type { DescribeUser } from "../../shared/users/describe-user.ts";
import type { HttpFunction } from "../http/http-function.ts";
import { json } from "../http/http-function.ts";
import type { RequireService } from "../http/require-service.ts";

interface Deps {
  readonly requireService: RequireService;
  readonly describeUser: DescribeUser;
}

const Sub = z.string().regex(/^[\w.@|:-]{1,128}$/);
const Query = z.strictObject({
  organisation: z.string().regex(/^[\w-]{1,64}$/, "must be the id of the organisation that is asked for"),
});

/** RFC 9110, 13.1.2: a list of tags, compared weakly, or `*`. */
const isNoneMatching = (header: string | null, etag: string): boolean =>
  (header ?? "").split(",").some((tag) => ["*", etag].includes(tag.trim().replace(/^W\//, "")));

/**
 * `GET /api/internal/users/{sub}?organisation=<id>` (C1): a person within that organisation, for services of the platform.
 * 304 when `If-None-Match` names what there is; 404 also for somebody of another organisation.
 */
export const getUserHttp = ({ requireService, describeUser }: Deps): HttpFunction => ({
  name: "get-user",
  method: "GET",
  route: "api/internal/users/{sub}",
  access: "service",
  handler: async (request) => {
    await requireService(request);
    const { organisation } = parseInput(Query, Object.fromEntries(request.query));
    const sub = Sub.safeParse(request.params["sub"]);
    if (!sub.success) throw new DomainError("not-found", "There is nobody with this id in the organisation.");
    const { view, etag } = await describeUser(sub.data, organisation);
    // Kept by the caller if it likes, but asked about each time: a person may be locked out at any moment.
    const headers = { etag, "cache-control": "private, no-cache" };
    return isNoneMatching(request.headers.get("if-none-match"), etag)
      ? { status: 304, headers }
      : json(200, view, headers);
  },
});
