/** The API version to delete a resource of each type that `stack-instance.bicep` makes; ARM knows no common one. */
const apiVersions: Readonly<Record<string, string>> = {
  "microsoft.app/containerapps": "2024-03-01",
  "microsoft.app/managedenvironments": "2024-03-01",
  "microsoft.compute/disks": "2024-03-02",
  "microsoft.compute/virtualmachines": "2024-07-01",
  "microsoft.compute/virtualmachines/extensions": "2024-07-01",
  "microsoft.dataprotection/backupvaults/backupinstances": "2024-04-01",
  "microsoft.insights/datacollectionrules": "2023-03-11",
  "microsoft.insights/metricalerts": "2018-03-01",
  "microsoft.insights/scheduledqueryrules": "2023-12-01",
  "microsoft.keyvault/vaults": "2023-07-01",
  "microsoft.managedidentity/userassignedidentities": "2023-01-31",
  "microsoft.network/networkinterfaces": "2024-05-01",
  "microsoft.network/networksecuritygroups": "2023-11-01",
  "microsoft.network/publicipaddresses": "2023-11-01",
  "microsoft.operationalinsights/workspaces": "2023-09-01",
  "microsoft.storage/storageaccounts": "2023-05-01",
};

const fallback = "2024-03-01";

/** The API version for a resource type (`Microsoft.App/containerApps`), in any case. */
export const apiVersionOf = (type: string): string => apiVersions[type.toLowerCase()] ?? fallback;
