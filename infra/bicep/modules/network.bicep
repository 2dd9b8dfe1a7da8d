metadata description = 'The platform\'s own network: one subnet for each part, and the private zones of the services behind it.'

param location string
param tags object

@description('First two numbers of the address space.')
param addressPrefix string

@description('Where the host of the simulations listens.')
param simHostPort string

var prefixes = {
  functions: '${addressPrefix}.0.0/24'
  gateway: '${addressPrefix}.2.0/23'
  endpoints: '${addressPrefix}.4.0/24'
  simulations: '${addressPrefix}.5.0/24'
}
// Fixed, so that the host of the simulations can be let to the app and to no other endpoint of that subnet.
var appAddress = '${addressPrefix}.4.200'

// Only the gateway talks to the host of the simulations. It talks to the app, the packages and the images, and to nobody else.
resource simulationRules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'kombify-simulations'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'gateway-in'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: prefixes.gateway
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: simHostPort
        }
      }
      {
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
        // It asks who a caller is (contract C1): the app itself, as the gateway has no way there.
        name: 'control-plane-out'
        properties: {
          priority: 100
          direction: 'Outbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '${appAddress}/32'
          destinationPortRange: '443'
        }
      }
      {
        // Packages, images, its own release, and the identity provider's keys.
        name: 'web-out'
        properties: {
          priority: 110
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
        // Simulations are other people's programs. Should one get past the walls, it sees neither the platform nor the Stacks.
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
  name: 'kombify-out'
  location: location
  tags: tags
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

// New networks have no way out of their own.
resource outbound 'Microsoft.Network/natGateways@2024-05-01' = {
  name: 'kombify'
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
  name: 'kombify'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: ['${addressPrefix}.0.0/16'] }
    subnets: [
      {
        name: 'functions'
        properties: {
          addressPrefix: prefixes.functions
          natGateway: { id: outbound.id }
          // Flex Consumption joins a network the way Container Apps do.
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'gateway'
        properties: {
          addressPrefix: prefixes.gateway
          natGateway: { id: outbound.id }
          delegations: [
            {
              name: 'container-apps'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: prefixes.endpoints
          privateEndpointNetworkPolicies: 'Disabled'
        }
      }
      {
        name: 'simulations'
        properties: {
          addressPrefix: prefixes.simulations
          defaultOutboundAccess: false
          networkSecurityGroup: { id: simulationRules.id }
          natGateway: { id: outbound.id }
        }
      }
    ]
  }
}

var storageSuffix = environment().suffixes.storage
var zoneNames = {
  blob: 'privatelink.blob.${storageSuffix}'
  queue: 'privatelink.queue.${storageSuffix}'
  table: 'privatelink.table.${storageSuffix}'
  vault: 'privatelink.vaultcore.azure.net'
  documents: 'privatelink.documents.azure.com'
  sites: 'privatelink.azurewebsites.net'
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in items(zoneNames): {
    name: zone.value
    location: 'global'
    tags: tags
  }
]

resource zoneLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in items(zoneNames): {
    parent: zones[index]
    name: 'kombify'
    location: 'global'
    tags: tags
    properties: {
      virtualNetwork: { id: network.id }
      registrationEnabled: false
    }
  }
]

output networkId string = network.id
output networkName string = network.name
output prefixes object = prefixes
output appAddress string = appAddress
output subnetIds object = {
  functions: '${network.id}/subnets/functions'
  gateway: '${network.id}/subnets/gateway'
  endpoints: '${network.id}/subnets/endpoints'
  simulations: '${network.id}/subnets/simulations'
}
output zoneIds object = {
  blob: resourceId('Microsoft.Network/privateDnsZones', zoneNames.blob)
  queue: resourceId('Microsoft.Network/privateDnsZones', zoneNames.queue)
  table: resourceId('Microsoft.Network/privateDnsZones', zoneNames.table)
  vault: resourceId('Microsoft.Network/privateDnsZones', zoneNames.vault)
  documents: resourceId('Microsoft.Network/privateDnsZones', zoneNames.documents)
  sites: resourceId('Microsoft.Network/privateDnsZones', zoneNames.sites)
}
