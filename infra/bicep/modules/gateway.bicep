metadata description = 'Kong without a database, as a container app: the one public door. Its configuration is in the image (gateway/Dockerfile).'

param location string
param tags object
param subnetId string
param workspaceName string
param identityId string
param registryServer string

@description('Image by digest: <registry>/gateway@sha256:...')
param image string

@description('Host name of the Functions app; resolves to its private endpoint from here.')
param functionsHostName string

@secure()
@description('Host key of the Functions app that Kong sends; nobody else knows it.')
param functionsKey string

@secure()
@description('Key that Kong sends to the host of simulations, which must not get the one above.')
param simHostKey string

param oidcIssuer string
param oidcProjectId string
param oidcJwksUri string
param stackZone string

@description('Where the platform\'s ingress connects from, and nobody else can.')
param trustedProxies string

@minValue(1)
param replicasMin int

@minValue(1)
param replicasMax int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' existing = {
  name: workspaceName
}

resource host 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: 'kombify'
  location: location
  tags: tags
  properties: {
    vnetConfiguration: { infrastructureSubnetId: subnetId, internal: false }
    workloadProfiles: [
      { name: 'Consumption', workloadProfileType: 'Consumption' }
    ]
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
  }
}

resource gateway 'Microsoft.App/containerApps@2024-03-01' = {
  name: 'gateway'
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    managedEnvironmentId: host.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: { external: true, targetPort: 8000, transport: 'auto', allowInsecure: false }
      registries: [
        { server: registryServer, identity: identityId }
      ]
      secrets: [
        { name: 'functions-key', value: functionsKey }
        { name: 'sim-host-key', value: simHostKey }
      ]
    }
    template: {
      containers: [
        {
          name: 'kong'
          image: image
          resources: { cpu: json('1.0'), memory: '2Gi' }
          env: [
            { name: 'KOMBIFY_FUNCTIONS_KEY', secretRef: 'functions-key' }
            { name: 'KOMBIFY_FUNCTIONS_URL', value: 'https://${functionsHostName}' }
            { name: 'KOMBIFY_ISSUER', value: oidcIssuer }
            { name: 'KOMBIFY_AUDIENCE', value: oidcProjectId }
            { name: 'KOMBIFY_JWKS_URI', value: oidcJwksUri }
            { name: 'KOMBIFY_STACK_ZONE', value: stackZone }
            { name: 'KOMBIFY_SIM_HOST_KEY', secretRef: 'sim-host-key' }
            // Without these every caller would share the ingress's address, and with it one rate limit.
            { name: 'KONG_TRUSTED_IPS', value: trustedProxies }
            { name: 'KONG_REAL_IP_HEADER', value: 'X-Forwarded-For' }
            { name: 'KONG_REAL_IP_RECURSIVE', value: 'on' }
          ]
          probes: [
            {
              type: 'Readiness'
              httpGet: { port: 8007, path: '/status/ready' }
              periodSeconds: 5
            }
            {
              type: 'Liveness'
              httpGet: { port: 8007, path: '/status' }
              periodSeconds: 15
              failureThreshold: 4
            }
          ]
        }
      ]
      scale: { minReplicas: replicasMin, maxReplicas: replicasMax }
    }
  }
}

output hostName string = gateway.properties.configuration.ingress.fqdn
