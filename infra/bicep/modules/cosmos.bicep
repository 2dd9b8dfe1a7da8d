metadata description = 'Cosmos DB for NoSQL: one serverless database, one container per ContainerDefinition of the code.'

param location string
param tags object
param name string
param databaseName string
param subnetId string
param zoneId string

@description('Who may read and write documents (not containers): the object id of the Functions app\'s identity.')
param writerPrincipalId string

// As the code declares them (tests/contracts/bicep-platform.test.ts holds the two together). Only what queries may name is
// indexed. Every query orders by one member, so no composite index is needed. `ttlSeconds`: Cosmos deletes what has not
// been written for that long; null where the code alone decides what goes.
var containers = [
  { name: 'tenants', partitionKey: 'tenantId', indexes: ['type', 'status', 'sortKey'], ttlSeconds: null }
  { name: 'users', partitionKey: 'id', indexes: ['seenAt', 'orgId', 'stackState'], ttlSeconds: null }
  { name: 'directory', partitionKey: 'id', indexes: ['kind', 'stackState'], ttlSeconds: null }
  { name: 'instances', partitionKey: 'pool', indexes: ['id', 'status', 'used', 'sortKey'], ttlSeconds: null }
  { name: 'uniques', partitionKey: 'id', indexes: ['expiresAt'], ttlSeconds: null }
  { name: 'operations', partitionKey: 'owner', indexes: ['status', 'kind', 'createdAt', 'leaseUntil'], ttlSeconds: null }
  { name: 'catalog', partitionKey: 'kind', indexes: ['key', 'category'], ttlSeconds: null }
  // Vendors' events; the code sweeps by `expiresAt`, five weeks at most.
  { name: 'events', partitionKey: 'id', indexes: ['state', 'sortKey', 'dueAt', 'expiresAt'], ttlSeconds: null }
  { name: 'stackkits', partitionKey: 'tenantId', indexes: [], ttlSeconds: null }
  { name: 'billing', partitionKey: 'tenantId', indexes: ['customerId', 'checkAt'], ttlSeconds: null }
  // The code sweeps by `expiresAt`, a year at most; 420 days are for what a broken sweep would leave.
  { name: 'health', partitionKey: 'instanceId', indexes: ['kind', 'state', 'sortKey', 'dueAt', 'until', 'expiresAt'], ttlSeconds: 36288000 }
]

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      { name: 'EnableServerless' }
    ]
    // Decisions are made by guarded writes, never by a read alone (docs/decisions/0004-documents.md).
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    locations: [
      { locationName: location, failoverPriority: 0, isZoneRedundant: false }
    ]
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: 'Disabled'
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: { tier: 'Continuous7Days' }
    }
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: databaseName
  tags: tags
  properties: {
    resource: { id: databaseName }
  }
}

@batchSize(1)
resource collections 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = [
  for container in containers: {
    parent: database
    name: container.name
    tags: tags
    properties: {
      resource: union(
        {
          id: container.name
          partitionKey: { kind: 'Hash', version: 2, paths: ['/${container.partitionKey}'] }
          indexingPolicy: {
            indexingMode: 'consistent'
            automatic: true
            // Cosmos indexes `id` by itself, but no other partition key.
            includedPaths: map(
              filter(union([container.partitionKey], container.indexes), member => member != 'id'),
              member => { path: '/${member}/?' }
            )
            excludedPaths: [
              { path: '/*' }
            ]
          }
        },
        container.ttlSeconds == null ? {} : { defaultTtl: container.ttlSeconds }
      )
    }
  }
]

// Documents only: neither keys nor containers can be changed with it.
var dataContributor = '00000000-0000-0000-0000-000000000002'

resource writer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = {
  parent: account
  name: guid(account.id, databaseName, writerPrincipalId, dataContributor)
  properties: {
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    principalId: writerPrincipalId
    scope: '${account.id}/dbs/${databaseName}'
  }
  dependsOn: [database]
}

module endpoint 'private-endpoint.bicep' = {
  name: 'documents'
  params: {
    name: '${name}-documents'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: account.id
    groupId: 'Sql'
    zoneId: zoneId
  }
}

output endpoint string = account.properties.documentEndpoint
output databaseName string = database.name
