metadata description = 'A VM with Docker for the simulations. It has no identity: what runs on it must not be able to become anybody.'

param location string
param tags object
param subnetId string
param networkId string
param vmSize string
param adminPublicKey string

@minValue(16)
@maxValue(4095)
param dataDiskSizeGiB int

@secure()
@description('Signed address of the release, a tar.gz of dist/sim-host.')
param releaseUrl string

@description('What the release is known by, whoever serves it.')
param releaseSha256 string

@description('Image of nodes that is there from the beginning, by digest; from a registry that asks nobody who they are.')
param toolboxImage string

@description('Settings of sim-host/config.ts that other modules know; none of them is secret.')
param settings object

@secure()
@description('What the gateway proves itself with.')
param gatewayKey string

@secure()
@description('What the host proves itself with to the Functions app (contract C1).')
param serviceKey string

resource networkInterface 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: 'sim-host-nic'
  location: location
  tags: tags
  properties: {
    ipConfigurations: [
      {
        name: 'private'
        properties: {
          privateIPAllocationMethod: 'Dynamic'
          subnet: { id: subnetId }
        }
      }
    ]
  }
}

// kong.yml names the host so: Kong has no variables in a service's URL.
resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'sim-host.internal'
  location: 'global'
  tags: tags
}

resource zoneLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'kombify'
  location: 'global'
  tags: tags
  properties: {
    virtualNetwork: { id: networkId }
    registrationEnabled: false
  }
}

resource record 'Microsoft.Network/privateDnsZones/A@2024-06-01' = {
  parent: zone
  name: '@'
  properties: {
    ttl: 60
    aRecords: [
      { ipv4Address: networkInterface.properties.ipConfigurations[0].properties.privateIPAddress }
    ]
  }
}

resource dataDisk 'Microsoft.Compute/disks@2024-03-02' = {
  name: 'sim-host-data'
  location: location
  tags: tags
  sku: { name: 'Premium_LRS' }
  properties: {
    creationData: { createOption: 'Empty' }
    diskSizeGB: dataDiskSizeGiB
    networkAccessPolicy: 'DenyAll'
    publicNetworkAccess: 'Disabled'
  }
}

resource machine 'Microsoft.Compute/virtualMachines@2024-07-01' = {
  name: 'sim-host'
  location: location
  tags: tags
  properties: {
    hardwareProfile: { vmSize: vmSize }
    securityProfile: {
      securityType: 'TrustedLaunch'
      uefiSettings: { secureBootEnabled: true, vTpmEnabled: true }
    }
    storageProfile: {
      imageReference: { publisher: 'Canonical', offer: 'ubuntu-24_04-lts', sku: 'server', version: 'latest' }
      osDisk: {
        createOption: 'FromImage'
        deleteOption: 'Delete'
        diskSizeGB: 128
        managedDisk: { storageAccountType: 'Premium_LRS' }
      }
      dataDisks: [
        {
          lun: 0
          createOption: 'Attach'
          // Saves and reports of tenants outlive the VM.
          deleteOption: 'Detach'
          caching: 'None'
          managedDisk: { id: dataDisk.id }
        }
      ]
    }
    osProfile: {
      computerName: 'sim-host'
      adminUsername: 'kombify'
      // Fixed text: custom data cannot be changed later and is readable on the VM, so no setting is in it.
      customData: loadFileAsBase64('../../sim-host/cloud-init.yaml')
      linuxConfiguration: {
        disablePasswordAuthentication: true
        ssh: {
          publicKeys: [
            { path: '/home/kombify/.ssh/authorized_keys', keyData: adminPublicKey }
          ]
        }
        patchSettings: { patchMode: 'AutomaticByPlatform', assessmentMode: 'AutomaticByPlatform' }
      }
    }
    networkProfile: {
      networkInterfaces: [
        {
          id: networkInterface.id
          properties: { deleteOption: 'Delete' }
        }
      ]
    }
    diagnosticsProfile: {
      bootDiagnostics: { enabled: true }
    }
  }
}

// What the machine itself knows (memory, processors) and where the files are is added by the script.
var settingsLines = [
  'SIM_LISTEN_ADDRESS=${networkInterface.properties.ipConfigurations[0].properties.privateIPAddress}'
  'SIM_PORT=${settings.port}'
  'PUBLIC_BASE_URL=${settings.publicBaseUrl}'
  'CONTROL_PLANE_URL=${settings.controlPlaneUrl}'
  'OIDC_ISSUER=${settings.oidcIssuer}'
  'OIDC_JWKS_URI=${settings.oidcJwksUri}'
  'OIDC_PROJECT_ID=${settings.oidcProjectId}'
  'OPERATOR_ORG_ID=${settings.operatorOrgId}'
]
// As base64 no value can reach the shell.
var scriptWithSettings = replace(
  replace(loadTextContent('../scripts/sim-host.sh'), '__settings__', base64(join(settingsLines, '\n'))),
  '__image__',
  base64(toolboxImage)
)
var scriptWithRelease = replace(
  replace(scriptWithSettings, '__releaseUrl__', base64(releaseUrl)),
  '__releaseSha256__',
  base64(releaseSha256)
)
var startScript = replace(
  replace(scriptWithRelease, '__gatewayKey__', base64(gatewayKey)),
  '__serviceKey__',
  base64(serviceKey)
)

// Protected settings are encrypted for the VM and never given back by Azure. The script fails the deployment when the host
// does not become ready, and runs again when a release, a key or a setting is another one.
resource start 'Microsoft.Compute/virtualMachines/extensions@2024-07-01' = {
  parent: machine
  name: 'start'
  location: location
  tags: tags
  properties: {
    publisher: 'Microsoft.Azure.Extensions'
    type: 'CustomScript'
    typeHandlerVersion: '2.1'
    autoUpgradeMinorVersion: true
    protectedSettings: { script: base64(startScript) }
  }
}
