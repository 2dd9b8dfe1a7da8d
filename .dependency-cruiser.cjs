// The module graph of docs/architecture: arrows point inwards, function -> service -> port <- adapter.
/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        pathNot: "(main|up|[.]test|[.]suite|client|[.]d)[.]ts$|^scripts/|^tests/|^bench/|/fixtures/",
      },
      to: {},
    },
    {
      name: "kernel-imports-nothing",
      severity: "error",
      from: { path: "^shared/kernel/", pathNot: "[.]test[.]ts$" },
      to: { pathNot: "^shared/kernel/", dependencyTypesNot: ["npm"] },
    },
    {
      name: "services-know-no-adapter",
      severity: "error",
      from: { path: "^shared/(?!adapters/)", pathNot: "[.](test|suite)[.]ts$" },
      to: { path: "^(functions|sim-host|cli|local|scripts|bench|tests|shared/adapters)/" },
    },
    {
      name: "services-know-no-sdk",
      severity: "error",
      from: { path: "^shared/(?!adapters/)", pathNot: "[.](test|suite)[.]ts$" },
      to: {
        dependencyTypes: ["npm", "npm-dev", "npm-optional"],
        pathNot: "node_modules/(zod|jose|semver|yaml|fflate)/",
      },
    },
    {
      name: "production-knows-no-local-platform",
      severity: "error",
      from: { path: "^(functions|shared|sim-host)/", pathNot: "[.](test|suite)[.]ts$" },
      to: { path: "^(cli|local|scripts|bench|tests)/" },
    },
    {
      name: "only-the-root-picks-adapters",
      severity: "error",
      from: {
        path: "^functions/",
        pathNot: "^functions/(app|adapters|billing-adapters|kits-adapters)[.]ts$|[.]test[.]ts$",
      },
      to: { path: "^shared/adapters/" },
    },
    {
      name: "adapters-know-no-services",
      severity: "error",
      from: { path: "^shared/adapters/([^/]+)/", pathNot: "[.](test|suite)[.]ts$" },
      to: { path: "^(functions|shared/adapters/(?!$1/))" },
    },
    {
      name: "no-sideways-in-shared",
      severity: "error",
      from: { path: "^shared/(?!adapters/)([^/]+)/", pathNot: "[.](test|suite)[.]ts$" },
      to: {
        path: "^shared/(?!adapters/)([^/]+)/",
        pathNot:
          "^shared/($1|kernel|gateway|documents|secrets|events|yaml)/|^shared/(tenants/(tenant|plan)|instances/instance|operations/operation|stack/stack|health/(health-state|fleet-view))[.]ts$",
      },
    },
    {
      // Its ids go into paths as they are, and its socket is root on the host: one file guards both. Local parts may bring in images.
      name: "one-file-speaks-with-docker",
      severity: "error",
      from: { pathNot: "^sim-host/engine/docker-client[.]ts$|^local/docker/|^(tests|bench)/|[.](test|suite)[.]ts$" },
      to: { path: "node_modules/(@types/)?(dockerode|docker-modem)/" },
    },
    {
      name: "sim-host-services-know-ports-only",
      comment: "API and services speak with engine, links, walls and store through their ports; the root wires them.",
      severity: "error",
      from: {
        path: "^sim-host/(api|simulations|runs|saves|host|control-plane)/",
        pathNot: "[.](test|suite)[.]ts$|/fixtures/",
      },
      to: { path: "^sim-host/(engine|links|walls|store)/", pathNot: "/(ports|names)[.]ts$" },
    },
    {
      name: "sim-host-knows-no-functions",
      severity: "error",
      from: { path: "^(sim-host|functions)/", pathNot: "[.](test|suite)[.]ts$" },
      to: { path: "^(functions|sim-host)/", pathNot: "^$1/" },
    },
    {
      name: "no-sideways-in-functions",
      severity: "error",
      from: { path: "^functions/([^/]+)/", pathNot: "[.]test[.]ts$" },
      to: { path: "^functions/([^/]+)/", pathNot: "^functions/($1|http)/" },
    },
    {
      name: "local-parts-do-not-know-each-other",
      severity: "error",
      from: { path: "^local/([^/]+)/", pathNot: "[.]test[.]ts$" },
      to: { path: "^local/([^/]+)/", pathNot: "^local/($1|process)/" },
    },
    {
      name: "topology-is-pure",
      severity: "error",
      from: { path: "^sim-host/topology/", pathNot: "[.]test[.]ts$|/fixtures/" },
      to: { pathNot: "^(sim-host/topology|shared/(kernel|tenants|yaml))/|node_modules/zod/" },
    },
    {
      name: "no-test-code-in-production",
      severity: "error",
      from: { pathNot: "[.](test|suite)[.]ts$|^(tests|bench)/" },
      to: { path: "[.](test|suite)[.]ts$|^tests/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
