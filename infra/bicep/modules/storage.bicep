metadata description = 'Storage of the Functions host (leases, queues and tables of Durable Functions) and of its packages. Identities only, no keys.'

param location string
param tags object
param name string
param subnetId string
param zoneIds object
param skuName string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: skuName }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Deny' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'app-package'
}

// Published StackKits. Publishers get their own role on it (docs/azure.md); the app only ever reads.
resource stackkits 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'stackkits'
}

// Queues of the product are made by their first sender; the host makes those of Durable Functions.
resource queues 'Microsoft.Storage/storageAccounts/queueServices@2024-01-01' = {
  parent: account
  name: 'default'
}

module endpoints 'private-endpoint.bicep' = [
  for part in ['blob', 'queue', 'table']: {
    name: 'storage-${part}'
    params: {
      name: '${name}-${part}'
      location: location
      tags: tags
      subnetId: subnetId
      serviceId: account.id
      groupId: part
      zoneId: zoneIds[part]
    }
  }
]

output name string = account.name
output queueServiceUrl string = account.properties.primaryEndpoints.queue
output packageContainerUrl string = '${account.properties.primaryEndpoints.blob}${packages.name}'
