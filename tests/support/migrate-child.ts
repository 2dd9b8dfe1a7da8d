import { aCatalog } from "./catalog.ts";
import { loginSecretName } from "../../shared/tools/migration/start-migration.ts";

/** A worker in a process of its own, to be killed: `migrate-child.ts <database> <migration>`. */
const [file = "", id = ""] = process.argv.slice(2);
const { SOURCE_EMAIL: email, SOURCE_PASSWORD: password } = process.env;
const catalog = aCatalog(file);
await catalog.secrets.createIfAbsent(loginSecretName(id), JSON.stringify({ email, password }));
while ((await catalog.workMigration(id)) === "more");
