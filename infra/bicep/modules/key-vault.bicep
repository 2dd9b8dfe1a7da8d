metadata description = 'Secrets of the control plane: superusers and report keys of the instances, private halves of the launch keys.'

param location string
param tags object
param name string
param subnetId string
param zoneId string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: { bypass: 'None', defaultAction: 'Deny' }
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: 'vault'
  params: {
    name: '${name}-vault'
    location: location
    tags: tags
    subnetId: subnetId
    serviceId: vault.id
    groupId: 'vault'
    zoneId: zoneId
  }
}

output name string = vault.name
output url string = vault.properties.vaultUri
