metadata description = 'What all Stack instances share: their zone, registry, identity, SSH key and the people who are told. In their resource group.'

param location string
param tags object
param zone string
param registrySku string
param alertEmail string
param adminPublicKey string

@description('Identity of the gateway, which pulls its image from the same registry.')
param gatewayPrincipalId string

@description('The platform\'s network, from which the names of the instances are looked up.')
param platformNetworkId string

// A VM of a linked network registers its name by itself and loses it when it is deleted: no record is left behind.
resource privateZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zone
  location: 'global'
  tags: tags
}

resource platformLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: privateZone
  name: 'platform'
  location: 'global'
  tags: tags
  properties: {
    virtualNetwork: { id: platformNetworkId }
    registrationEnabled: false
  }
}

// stack-instance.bicep derives the same name.
resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'kombify${uniqueString(resourceGroup().id)}'
  location: location
  tags: tags
  sku: { name: registrySku }
  properties: { adminUserEnabled: false, anonymousPullEnabled: false }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: 'stack-instance'
  location: location
  tags: tags
}

var roles = {
  acrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d'
}

resource instancesPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, identity.id, roles.acrPull)
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

resource gatewayPulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: registry
  name: guid(registry.id, gatewayPrincipalId, roles.acrPull)
  properties: {
    principalId: gatewayPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.acrPull)
  }
}

resource adminKey 'Microsoft.Compute/sshPublicKeys@2024-07-01' = {
  name: 'kombify-operators'
  location: location
  tags: tags
  properties: { publicKey: adminPublicKey }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'kombify-operators'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'stacks'
    emailReceivers: [
      { name: 'operators', emailAddress: alertEmail, useCommonAlertSchema: true }
    ]
  }
}

output registryServer string = registry.properties.loginServer
output registryName string = registry.name
