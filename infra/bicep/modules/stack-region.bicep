metadata description = 'One region for Stack instances: its network, who may reach it, and the backups of its disks. In the Stacks\' resource group.'

param location string
param tags object

@description('First two numbers of the address space; no other network of ours has them.')
param addressPrefix string

param zone string
param platformNetworkId string

@description('The subnets that may reach instances: the gateway\'s and the Functions app\'s.')
param callerPrefixes array

@allowed(['P7D', 'P14D', 'P30D'])
param backupRetention string

var name = 'stacks-${location}'

resource rules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'platform-in'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefixes: callerPrefixes
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '8090'
        }
      }
      {
        // Above Azure's default that lets a whole network in: instances do not see each other.
        name: 'nothing-else-in'
        properties: {
          priority: 4000
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
      {
        // Packages, images and health reports, which go to the gateway's public address.
        name: 'web-out'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: 'Internet'
          destinationPortRanges: ['80', '443']
        }
      }
      {
        name: 'nothing-else-out'
        properties: {
          priority: 4000
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource outboundAddress 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: '${name}-out'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource outbound 'Microsoft.Network/natGateways@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: {
    publicIpAddresses: [
      { id: outboundAddress.id }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['${addressPrefix}.0.0/16'] }
    subnets: [
      {
        name: 'instances'
        properties: {
          addressPrefix: '${addressPrefix}.0.0/20'
          defaultOutboundAccess: false
          networkSecurityGroup: { id: rules.id }
          natGateway: { id: outbound.id }
        }
      }
    ]
  }

  resource toPlatform 'virtualNetworkPeerings' = {
    name: 'platform'
    properties: {
      remoteVirtualNetwork: { id: platformNetworkId }
      allowVirtualNetworkAccess: true
      allowForwardedTraffic: false
    }
  }
}

resource privateZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: zone
}

resource registration 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: privateZone
  name: name
  location: 'global'
  tags: tags
  properties: {
    virtualNetwork: { id: network.id }
    registrationEnabled: true
  }
}

resource vault 'Microsoft.DataProtection/backupVaults@2024-04-01' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    storageSettings: [
      { datastoreType: 'VaultStore', type: 'LocallyRedundant' }
    ]
  }
}

resource policy 'Microsoft.DataProtection/backupVaults/backupPolicies@2024-04-01' = {
  parent: vault
  name: 'disks'
  properties: {
    objectType: 'BackupPolicy'
    datasourceTypes: ['Microsoft.Compute/disks']
    policyRules: [
      {
        objectType: 'AzureBackupRule'
        name: 'every-4-hours'
        backupParameters: { objectType: 'AzureBackupParams', backupType: 'Incremental' }
        dataStore: { objectType: 'DataStoreInfoBase', dataStoreType: 'OperationalStore' }
        trigger: {
          objectType: 'ScheduleBasedTriggerContext'
          schedule: { repeatingTimeIntervals: ['R/2026-01-01T00:30:00+00:00/PT4H'] }
          taggingCriteria: [
            {
              isDefault: true
              taggingPriority: 99
              tagInfo: { id: 'Default_', tagName: 'Default' }
            }
          ]
        }
      }
      {
        // How long a deleted tenant's data can still be restored, and therefore still exists.
        objectType: 'AzureRetentionRule'
        name: 'Default'
        isDefault: true
        lifecycles: [
          {
            deleteAfter: { objectType: 'AbsoluteDeleteOption', duration: backupRetention }
            sourceDataStore: { objectType: 'DataStoreInfoBase', dataStoreType: 'OperationalStore' }
          }
        ]
      }
    ]
  }
}

var roles = {
  diskBackupReader: '3e5e47e6-65f7-47ef-90b5-e5dd4d455f24'
  diskSnapshotContributor: '7efff54f-a5b4-42b5-a1c5-5411624893ce'
}

// On this resource group: the disks to come are in it.
resource vaultReads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, vault.id, roles.diskBackupReader)
  properties: {
    principalId: vault.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.diskBackupReader)
  }
}

resource vaultSnapshots 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, vault.id, roles.diskSnapshotContributor)
  properties: {
    principalId: vault.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.diskSnapshotContributor)
  }
}

output networkId string = network.id
