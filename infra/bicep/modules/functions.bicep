metadata description = 'The Functions app on Flex Consumption, with its own identity and no key of anything.'

param location string
param tags object
param name string
param identityId string
param identityClientId string
param subnetId string
param endpointSubnetId string

@description('Address of its private endpoint: the rules of the network name it.')
param endpointAddress string

param sitesZoneId string
param storageName string
param packageContainerUrl string
param insightsName string

@description('Node 22 or later: the product uses what came with it.')
@allowed(['22', '24'])
param nodeVersion string

@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@allowed([2048, 4096])
param instanceMemoryMB int

@description('Everything functions/config.ts reads on Azure that other modules know; none of it is secret.')
param settings object

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  // azd finds the app of the service by this tag.
  tags: union(tags, { 'azd-service-name': 'functions' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: subnetId
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      scaleAndConcurrency: { maximumInstanceCount: maximumInstanceCount, instanceMemoryMB: instanceMemoryMB }
      runtime: { name: 'node', version: nodeVersion }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      // The product is reached through the private endpoint, by the gateway. Deployment (scm) stays public: it takes Entra
      // identities only.
      ipSecurityRestrictionsDefaultAction: 'Deny'
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
    }
  }

  resource noDeploymentPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

// The runtime and its version are in functionAppConfig: Flex Consumption refuses FUNCTIONS_WORKER_RUNTIME here.
resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: {
    AzureWebJobsStorage__accountName: storageName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsDisableHomepage: 'true'
    APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'

    PUBLIC_BASE_URL: settings.publicBaseUrl
    STACK_DOMAIN: settings.stackDomain
    OIDC_ISSUER: settings.oidcIssuer
    OIDC_JWKS_URI: settings.oidcJwksUri
    OIDC_PROJECT_ID: settings.oidcProjectId
    OIDC_CONSOLE_CLIENT_ID: settings.oidcConsoleClientId
    OIDC_DASHBOARD_CLIENT_ID: settings.oidcDashboardClientId
    OPERATOR_ORG_ID: settings.operatorOrgId
    DOCUMENTS: 'cosmos'
    COSMOS_ENDPOINT: settings.cosmosEndpoint
    COSMOS_DATABASE: settings.cosmosDatabase
    KEY_VAULT_URL: settings.keyVaultUrl
    QUEUE_SERVICE_URL: settings.queueServiceUrl
    DEFAULT_REGION: settings.defaultRegion
    SCALE_OUT_HEADROOM: string(settings.scaleOutHeadroom)
    ALERT_WEBHOOK_URL: settings.alertWebhookUrl
    STRIPE_MODE: settings.stripeMode
    STACKKIT_KEYS: settings.stackkitKeys
    AZURE_SUBSCRIPTION_ID: subscription().subscriptionId
    AZURE_RESOURCE_GROUP: settings.stackGroupName
    AZURE_MANAGED_IDENTITY_CLIENT_ID: identityClientId
    BICEP_TEMPLATE_URL: settings.templateUrl
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: 'functions-site'
  params: {
    name: '${name}-site'
    location: location
    tags: tags
    subnetId: endpointSubnetId
    serviceId: app.id
    groupId: 'sites'
    zoneId: sitesZoneId
    address: endpointAddress
  }
}

output name string = app.name
output hostName string = app.properties.defaultHostName
