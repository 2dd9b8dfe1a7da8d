metadata description = 'Where Azure Resource Manager fetches the compiled stack-instance template from, and the simulation host its release.'

param location string
param tags object
param name string

// The resource manager reads a linked template without credentials of ours. A signed address would be a secret with an
// end date in a setting, and the template holds nothing secret: so it may be read by anyone and written by no key.
resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: true
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2024-01-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: true
    deleteRetentionPolicy: { enabled: true, days: 30 }
  }
}

resource templates 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'templates'
  properties: { publicAccess: 'Blob' }
}

// The host's program is nobody else's business: its VM, which has no identity, gets an address that is signed for a day.
resource releases 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' = {
  parent: blobs
  name: 'releases'
  properties: { publicAccess: 'None' }
}

output name string = account.name
output baseUrl string = '${account.properties.primaryEndpoints.blob}${templates.name}'
