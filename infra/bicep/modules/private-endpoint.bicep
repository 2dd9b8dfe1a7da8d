metadata description = 'A private address of one service in the platform network, with its name in the service\'s private zone.'

param name string
param location string
param tags object
param subnetId string
param serviceId string

@description('The part of the service, for example blob.')
param groupId string

@description('Private DNS zone of that part, linked to the network.')
param zoneId string

@description('Address in the subnet, where a rule names it; empty: the next one that is free.')
param address string = ''

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    ipConfigurations: empty(address)
      ? []
      : [
          {
            name: groupId
            properties: { groupId: groupId, memberName: groupId, privateIPAddress: address }
          }
        ]
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: { privateLinkServiceId: serviceId, groupIds: [groupId] }
      }
    ]
  }
}

resource zoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: groupId
        properties: { privateDnsZoneId: zoneId }
      }
    ]
  }
}
