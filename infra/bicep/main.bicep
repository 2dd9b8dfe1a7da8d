metadata name = 'kombify platform'
metadata description = 'The platform in two resource groups: its own, and the one in which its control plane deploys Stack instances.'

targetScope = 'subscription'

@description('Name of the installation; part of the names of its resource groups.')
@minLength(2)
@maxLength(20)
param environmentName string

@description('Region of the platform itself.')
param location string

@description('Regions for Stack instances, of those in shared/instances/instance.ts.')
@minLength(1)
@maxLength(10)
param stackRegions array

@description('dev: the smallest sizes, one copy of everything. prod: copies in several zones where the service has them.')
@allowed(['dev', 'prod'])
param size string

@description('Where people reach the platform: the gateway\'s own host name, with https and without a slash at the end.')
param publicBaseUrl string

@description('Domain below which every tenant has a host.')
param stackDomain string

@description('Zitadel: exactly as in `iss`.')
param oidcIssuer string
param oidcJwksUri string = '${oidcIssuer}/oauth/v2/keys'
param oidcProjectId string
param oidcConsoleClientId string
param oidcDashboardClientId string

@description('The organisation whose administrators operate the platform.')
param operatorOrgId string

@description('Another instance is started when a pool has fewer free slots than this.')
@minValue(0)
@maxValue(49)
param scaleOutHeadroom int = 5

@description('Where incidents are sent, signed; empty: nowhere.')
param alertWebhookUrl string = ''

@description('Which of Stripe\'s two worlds sells plans: test, live, or nothing without one.')
@allowed(['', 'test', 'live'])
param stripeMode string = ''

@description('Public keys whose signatures on StackKits count, as a JWK set; empty: none yet.')
param stackkitKeys string = ''

@description('Who gets Azure\'s own alerts.')
param alertEmail string

@description('SSH key for emergencies. There is no public way in to use it from.')
param adminPublicKey string

@description('Which compiled template new instances are made from: the first 16 letters of its SHA-256 (docs/azure.md).')
param stackTemplateVersion string

@description('Image of the gateway; empty at first, when there is no registry yet.')
param gatewayImage string = ''

@secure()
@description('Host key `gateway` of the Functions app.')
param gatewayFunctionsKey string = ''

@secure()
@description('What the gateway proves itself with to the host of simulations.')
param gatewaySimHostKey string = ''

@description('Where the ingress of Container Apps connects to Kong from.')
param gatewayTrustedProxies string = '100.64.0.0/10,10.10.2.0/23'

@secure()
@description('Signed address of the simulation host\'s release (docs/azure.md, step 6); empty: no host is made.')
param simHostReleaseUrl string = ''

@description('SHA-256 of that release.')
param simHostReleaseSha256 string = ''

@description('Image of nodes that is there from the beginning, BusyBox, as registry/repository:tag@sha256:digest.')
param simHostToolboxImage string = ''

@secure()
@description('What the host of simulations proves itself with to the Functions app: a service key (docs/contracts.md, C1).')
param simHostServiceKey string = ''

@allowed(['22', '24'])
param nodeVersion string = '22'

var isProd = size == 'prod'
var tags = { product: 'kombify', environment: environmentName }
var platformPrefix = '10.10'
var firstStackNumber = 20
var zone = 'stacks.internal'
// kong.yml and sim-host/config.ts say the same.
var simHostPort = '7080'
var unique = uniqueString(subscription().subscriptionId, environmentName)

resource platformGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-kombify-${environmentName}'
  location: location
  tags: union(tags, { 'azd-env-name': environmentName })
}

// Apart, because the control plane may create and delete here, and only here.
resource stackGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: 'rg-kombify-${environmentName}-stacks'
  location: location
  tags: tags
}

module network 'modules/network.bicep' = {
  name: 'network'
  scope: platformGroup
  params: { location: location, tags: tags, addressPrefix: platformPrefix, simHostPort: simHostPort }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: platformGroup
  params: { location: location, tags: tags, retentionDays: isProd ? 90 : 30, alertEmail: alertEmail }
}

module functionsIdentity 'modules/identity.bicep' = {
  name: 'functions-identity'
  scope: platformGroup
  params: { name: 'kombify-functions', location: location, tags: tags }
}

module gatewayIdentity 'modules/identity.bicep' = {
  name: 'gateway-identity'
  scope: platformGroup
  params: { name: 'kombify-gateway', location: location, tags: tags }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: 'kombify${unique}'
    subnetId: network.outputs.subnetIds.endpoints
    zoneIds: network.outputs.zoneIds
    skuName: isProd ? 'Standard_ZRS' : 'Standard_LRS'
  }
}

module templateStore 'modules/template-store.bicep' = {
  name: 'template-store'
  scope: platformGroup
  params: { location: location, tags: tags, name: 'kombifyt${unique}' }
}

module keyVault 'modules/key-vault.bicep' = {
  name: 'key-vault'
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: 'kombify-${unique}'
    subnetId: network.outputs.subnetIds.endpoints
    zoneId: network.outputs.zoneIds.vault
  }
}

module cosmos 'modules/cosmos.bicep' = {
  name: 'cosmos'
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: 'kombify-${unique}'
    databaseName: 'kombify'
    subnetId: network.outputs.subnetIds.endpoints
    zoneId: network.outputs.zoneIds.documents
    writerPrincipalId: functionsIdentity.outputs.principalId
  }
}

module functionsAccess 'modules/functions-access.bicep' = {
  name: 'functions-access'
  scope: platformGroup
  params: {
    principalId: functionsIdentity.outputs.principalId
    storageName: storage.outputs.name
    vaultName: keyVault.outputs.name
    insightsName: monitoring.outputs.insightsName
  }
}

module stackDeployer 'modules/stack-deployer.bicep' = {
  name: 'stack-deployer'
  scope: stackGroup
  params: { principalId: functionsIdentity.outputs.principalId }
}

module functionsApp 'modules/functions.bicep' = {
  name: 'functions'
  scope: platformGroup
  params: {
    location: location
    tags: tags
    name: 'kombify-${unique}'
    identityId: functionsIdentity.outputs.id
    identityClientId: functionsIdentity.outputs.clientId
    subnetId: network.outputs.subnetIds.functions
    endpointSubnetId: network.outputs.subnetIds.endpoints
    endpointAddress: network.outputs.appAddress
    sitesZoneId: network.outputs.zoneIds.sites
    storageName: storage.outputs.name
    packageContainerUrl: storage.outputs.packageContainerUrl
    insightsName: monitoring.outputs.insightsName
    nodeVersion: nodeVersion
    maximumInstanceCount: isProd ? 100 : 40
    instanceMemoryMB: 2048
    settings: {
      publicBaseUrl: publicBaseUrl
      stackDomain: stackDomain
      oidcIssuer: oidcIssuer
      oidcJwksUri: oidcJwksUri
      oidcProjectId: oidcProjectId
      oidcConsoleClientId: oidcConsoleClientId
      oidcDashboardClientId: oidcDashboardClientId
      operatorOrgId: operatorOrgId
      cosmosEndpoint: cosmos.outputs.endpoint
      cosmosDatabase: cosmos.outputs.databaseName
      keyVaultUrl: keyVault.outputs.url
      queueServiceUrl: storage.outputs.queueServiceUrl
      defaultRegion: stackRegions[0]
      scaleOutHeadroom: scaleOutHeadroom
      alertWebhookUrl: alertWebhookUrl
      stripeMode: stripeMode
      stackkitKeys: stackkitKeys
      stackGroupName: stackGroup.name
      templateUrl: '${templateStore.outputs.baseUrl}/stack-instance-${stackTemplateVersion}.json'
    }
  }
  // The host's first start needs them.
  dependsOn: [functionsAccess]
}

module stackShared 'modules/stack-group.bicep' = {
  name: 'stack-group'
  scope: stackGroup
  params: {
    location: location
    tags: tags
    zone: zone
    registrySku: isProd ? 'Standard' : 'Basic'
    alertEmail: alertEmail
    adminPublicKey: adminPublicKey
    gatewayPrincipalId: gatewayIdentity.outputs.principalId
    platformNetworkId: network.outputs.networkId
  }
}

// The order of the list gives each region its addresses: append to it, never reorder it.
module regions 'modules/stack-region.bicep' = [
  for (region, index) in stackRegions: {
    name: 'stacks-${region}'
    scope: stackGroup
    params: {
      location: region
      tags: tags
      addressPrefix: '10.${firstStackNumber + index}'
      zone: zone
      platformNetworkId: network.outputs.networkId
      callerPrefixes: [network.outputs.prefixes.gateway, network.outputs.prefixes.functions]
      backupRetention: isProd ? 'P14D' : 'P7D'
    }
    dependsOn: [stackShared]
  }
]

@batchSize(1)
module peerings 'modules/peering.bicep' = [
  for (region, index) in stackRegions: {
    name: 'peering-${region}'
    scope: platformGroup
    params: {
      networkName: network.outputs.networkName
      peerName: 'stacks-${region}'
      peerNetworkId: regions[index].outputs.networkId
    }
  }
]

module gateway 'modules/gateway.bicep' = if (!empty(gatewayImage)) {
  name: 'gateway'
  scope: platformGroup
  params: {
    location: location
    tags: tags
    subnetId: network.outputs.subnetIds.gateway
    workspaceName: monitoring.outputs.workspaceName
    identityId: gatewayIdentity.outputs.id
    registryServer: stackShared.outputs.registryServer
    image: gatewayImage
    functionsHostName: functionsApp.outputs.hostName
    functionsKey: gatewayFunctionsKey
    simHostKey: gatewaySimHostKey
    oidcIssuer: oidcIssuer
    oidcProjectId: oidcProjectId
    oidcJwksUri: oidcJwksUri
    stackZone: zone
    trustedProxies: gatewayTrustedProxies
    replicasMin: isProd ? 2 : 1
    // Rate limits are counted in each copy.
    replicasMax: isProd ? 4 : 1
  }
}

module simHost 'modules/sim-host.bicep' = if (!empty(simHostReleaseUrl)) {
  name: 'sim-host'
  scope: platformGroup
  params: {
    location: location
    tags: tags
    subnetId: network.outputs.subnetIds.simulations
    networkId: network.outputs.networkId
    vmSize: isProd ? 'Standard_D8as_v5' : 'Standard_D2as_v5'
    adminPublicKey: adminPublicKey
    dataDiskSizeGiB: isProd ? 128 : 32
    releaseUrl: simHostReleaseUrl
    releaseSha256: simHostReleaseSha256
    toolboxImage: simHostToolboxImage
    settings: {
      port: simHostPort
      publicBaseUrl: publicBaseUrl
      controlPlaneUrl: 'https://${functionsApp.outputs.hostName}'
      oidcIssuer: oidcIssuer
      oidcJwksUri: oidcJwksUri
      oidcProjectId: oidcProjectId
      operatorOrgId: operatorOrgId
    }
    gatewayKey: gatewaySimHostKey
    serviceKey: simHostServiceKey
  }
}

output platformGroupName string = platformGroup.name
output stackGroupName string = stackGroup.name
output functionsAppName string = functionsApp.outputs.name
output registryName string = stackShared.outputs.registryName
output registryServer string = stackShared.outputs.registryServer
output templateAccountName string = templateStore.outputs.name
