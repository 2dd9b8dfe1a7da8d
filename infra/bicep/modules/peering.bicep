metadata description = 'The platform\'s half of the connection to one region of Stack instances.'

param networkName string
param peerName string
param peerNetworkId string

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: networkName
}

resource peering 'Microsoft.Network/virtualNetworks/virtualNetworkPeerings@2024-05-01' = {
  parent: network
  name: peerName
  properties: {
    remoteVirtualNetwork: { id: peerNetworkId }
    allowVirtualNetworkAccess: true
    allowForwardedTraffic: false
  }
}
