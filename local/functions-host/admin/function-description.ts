import { hasTrigger } from "../core/bindings.ts";
import type { RegisteredFunction } from "../core/rpc.ts";
import type { HttpRoute } from "../http/route-table.ts";

export interface DescribedFunction {
  readonly registered: RegisteredFunction;
  /** For HTTP functions that are served. */
  readonly route: HttpRoute | undefined;
  readonly isDisabled: boolean;
}

const invokeUrlTemplate = (origin: string, { registered, route }: DescribedFunction): string | undefined => {
  if (!hasTrigger(registered, "httpTrigger")) return undefined;
  return `${origin}/${route?.template ?? registered.name}`.toLowerCase();
};

/** One function as `GET /admin/functions` shows it. Source: azure-functions-host FunctionMetadataExtensions.cs. */
export const describeFunction = (origin: string, described: DescribedFunction): Record<string, unknown> => {
  const { name, bindings } = described.registered;
  const files = `${origin}/admin/vfs/site/wwwroot`;
  return {
    name,
    script_root_path_href: `${files}/${name}/`,
    script_href: `${files}/${name}/`,
    config_href: `${files}/${name}/function.json`,
    test_data_href: `${origin}/admin/vfs/data/Functions/sampledata/${name}.dat`,
    href: `${origin}/admin/functions/${name}`,
    invoke_url_template: invokeUrlTemplate(origin, described),
    language: "node",
    config: { name, bindings: Object.entries(bindings).map(([bindingName, info]) => ({ name: bindingName, ...info })) },
    test_data: "",
    isDisabled: described.isDisabled,
    isDirect: false,
    isProxy: false,
  };
};
