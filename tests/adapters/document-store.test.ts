import { describeModel } from "./document-model.suite.ts";
import { describeQueries } from "./document-queries.suite.ts";
import { describeCrashes, describeRaces } from "./document-races.suite.ts";
import { describeDocuments } from "./document-store.suite.ts";
import { accountTarget, embeddedCosmosTarget, fileTarget, memoryTarget } from "./fixtures/targets.ts";

const { COSMOS_ENDPOINT: endpoint, COSMOS_KEY: key = "" } = process.env;

describeDocuments("SQLite in memory", memoryTarget);
describeQueries("SQLite in memory", memoryTarget);
describeModel("SQLite in memory", memoryTarget, 150);

describeDocuments("SQLite file", fileTarget);
describeQueries("SQLite file", fileTarget);
describeRaces("SQLite file", fileTarget);
describeCrashes("SQLite file", fileTarget);

describeDocuments("Cosmos, embedded server", embeddedCosmosTarget);
describeQueries("Cosmos, embedded server", embeddedCosmosTarget);
describeModel("Cosmos, embedded server", embeddedCosmosTarget, 30);
describeRaces("Cosmos, embedded server", embeddedCosmosTarget);

if (endpoint !== undefined) {
  const account = accountTarget(endpoint, key);
  describeDocuments("Cosmos account", account);
  describeQueries("Cosmos account", account);
  describeModel("Cosmos account", account, 5);
  describeRaces("Cosmos account", account);
}
