metadata name = 'kombify stack-instance'
metadata description = 'One Stack instance: a small VM that runs PocketBase in a container on a managed data disk. Deployed by the control plane.'

// Why a VM and not a Container App: PocketBase keeps its data in SQLite with a write-ahead log, which is safe on a local
// block device only. Container Apps offer Azure Files (SMB or NFS), where locks and shared memory are not, so an
// instance would lose data. A managed disk is a block device, has one writer, survives the VM and can be snapshotted.

@description('Name of the instance: lower-case letters, digits and hyphens. Also the VM, and the host name in the private zone.')
@minLength(1)
@maxLength(63)
param instanceName string

@description('Azure region; its network, backup vault and action group were made by main.bicep.')
param location string

@description('SHARED: up to 50 tenants. DEDICATED: one tenant, on a smaller VM.')
@allowed(['SHARED', 'DEDICATED'])
param deploymentMode string

@description('Login of the control plane on this instance.')
param superuserEmail string

@secure()
@description('Password of the control plane on this instance; kept in Key Vault by the control plane.')
param superuserPassword string

@description('Base URL of the gateway, without a slash at the end.')
param publicBaseUrl string

@description('Where the instance sends its signed health reports; empty: it sends none.')
param reportUrl string = ''

@secure()
@description('Key of the signature of health reports.')
param reportKey string = ''

@description('Tags of every resource; removing an instance removes what carries its tag kombify-instance.')
param tags object

@description('Release of the instance; also the tag of its image.')
param version string = '0.1.0'

@description('Container registry of the Stack resource group; its name is derived the same way in main.bicep.')
param registryName string = 'kombify${uniqueString(resourceGroup().id)}'

@description('Image: listens on 8090, keeps everything in /pb_data, its entry point is PocketBase. Pin by digest in production.')
param image string = '${registryName}.azurecr.io/stack-instance:${version}'

@description('Virtual network of the region, in this resource group.')
param networkName string = 'stacks-${location}'

param subnetName string = 'instances'

@description('Private zone in which a VM of that network finds its name registered.')
param zone string = 'stacks.internal'

@description('Identity that may pull the image and nothing else.')
param identityName string = 'stack-instance'

param actionGroupName string = 'kombify-operators'
param backupVaultName string = 'stacks-${location}'
param backupPolicyName string = 'disks'

@minValue(16)
@maxValue(4095)
param dataDiskSizeGiB int = 64

@description('Sizes with SCSI data disks: the boot script finds the disk by its SCSI slot.')
param vmSize string = deploymentMode == 'DEDICATED' ? 'Standard_B2als_v2' : 'Standard_D2as_v5'

@description('SSH key of the operators (a resource), for an emergency. Password sign-in is off in any case.')
param adminKeyName string = 'kombify-operators'

var port = 8090
// The tag is what removal goes by: it must be there whatever the caller sends.
var allTags = union(tags, { 'kombify-instance': instanceName, 'kombify-mode': deploymentMode })

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: networkName
}

resource subnet 'Microsoft.Network/virtualNetworks/subnets@2024-05-01' existing = {
  parent: network
  name: subnetName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: identityName
}

resource adminKey 'Microsoft.Compute/sshPublicKeys@2024-07-01' existing = {
  name: adminKeyName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: actionGroupName
}

resource backupVault 'Microsoft.DataProtection/backupVaults@2024-04-01' existing = {
  name: backupVaultName
}

resource backupPolicy 'Microsoft.DataProtection/backupVaults/backupPolicies@2024-04-01' existing = {
  parent: backupVault
  name: backupPolicyName
}

resource dataDisk 'Microsoft.Compute/disks@2024-03-02' = {
  name: '${instanceName}-data'
  location: location
  tags: allTags
  sku: { name: 'Premium_LRS' }
  properties: {
    creationData: { createOption: 'Empty' }
    diskSizeGB: dataDiskSizeGiB
    networkAccessPolicy: 'DenyAll'
    publicNetworkAccess: 'Disabled'
  }
}

// No public address: the subnet's security group lets the gateway and the Functions app in, and nobody else.
resource networkInterface 'Microsoft.Network/networkInterfaces@2024-05-01' = {
  name: '${instanceName}-nic'
  location: location
  tags: allTags
  properties: {
    ipConfigurations: [
      {
        name: 'private'
        properties: {
          privateIPAllocationMethod: 'Dynamic'
          subnet: { id: subnet.id }
        }
      }
    ]
  }
}

resource machine 'Microsoft.Compute/virtualMachines@2024-07-01' = {
  name: instanceName
  location: location
  tags: allTags
  // Shared by all instances and made beforehand, so that the control plane needs no right to assign roles.
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
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
        managedDisk: { storageAccountType: 'StandardSSD_LRS' }
      }
      dataDisks: [
        {
          lun: 0
          createOption: 'Attach'
          // Data outlives a VM that was deleted by mistake; removal by tag takes the disk as well.
          deleteOption: 'Detach'
          caching: 'None'
          managedDisk: { id: dataDisk.id }
        }
      ]
    }
    osProfile: {
      computerName: instanceName
      adminUsername: 'kombify'
      // Fixed text: custom data cannot be changed later and is readable on the VM, so nothing of the instance is in it.
      customData: loadFileAsBase64('scripts/stack-instance.cloud-init.yaml')
      linuxConfiguration: {
        disablePasswordAuthentication: true
        ssh: {
          publicKeys: [
            { path: '/home/kombify/.ssh/authorized_keys', keyData: adminKey.properties.publicKey }
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

// `docker run --env-file` takes every line as it is; as base64 no value can reach the shell.
var environmentLines = [
  'KOMBIFY_INSTANCE_NAME=${instanceName}'
  'KOMBIFY_VERSION=${version}'
  'KOMBIFY_REPORT_URL=${reportUrl}'
  'KOMBIFY_REPORT_KEY=${reportKey}'
]
var superuserLines = [
  'KOMBIFY_SUPERUSER_EMAIL=${superuserEmail}'
  'KOMBIFY_SUPERUSER_PASSWORD=${superuserPassword}'
]
var scriptWithSettings = replace(
  replace(loadTextContent('scripts/stack-instance.sh'), '__environment__', base64(join(environmentLines, '\n'))),
  '__superuser__',
  base64(join(superuserLines, '\n'))
)
var scriptWithImage = replace(
  replace(scriptWithSettings, '__image__', base64(image)),
  '__registry__',
  base64('${registryName}.azurecr.io')
)
var startScript = replace(scriptWithImage, '__clientId__', base64(identity.properties.clientId))

// Protected settings are encrypted for the VM and never given back by Azure. The script fails the deployment when the
// instance does not come up, and may run again on every deployment: a new image or key is rolled out by it.
resource start 'Microsoft.Compute/virtualMachines/extensions@2024-07-01' = {
  parent: machine
  name: 'start'
  location: location
  tags: allTags
  properties: {
    publisher: 'Microsoft.Azure.Extensions'
    type: 'CustomScript'
    typeHandlerVersion: '2.1'
    autoUpgradeMinorVersion: true
    protectedSettings: { script: base64(startScript) }
  }
}

// Snapshots of the disk: crash-consistent, which SQLite's write-ahead log recovers from. They outlive the instance until
// the policy's retention has passed.
resource backup 'Microsoft.DataProtection/backupVaults/backupInstances@2024-04-01' = {
  parent: backupVault
  name: '${instanceName}-data'
  // Not the tag that removal goes by: whoever retires an instance by mistake can still restore it.
  tags: { 'kombify-backup-of': instanceName }
  properties: {
    objectType: 'BackupInstance'
    friendlyName: '${instanceName}-data'
    dataSourceInfo: {
      objectType: 'Datasource'
      datasourceType: 'Microsoft.Compute/disks'
      resourceType: 'Microsoft.Compute/disks'
      resourceID: dataDisk.id
      resourceUri: dataDisk.id
      resourceName: dataDisk.name
      resourceLocation: location
    }
    policyInfo: {
      policyId: backupPolicy.id
      policyParameters: {
        dataStoreParametersList: [
          {
            objectType: 'AzureOperationalStoreParameters'
            dataStoreType: 'OperationalStore'
            resourceGroupId: resourceGroup().id
          }
        ]
      }
    }
  }
  // Last, so that an instance that never started leaves no backup behind.
  dependsOn: [start]
}

var alerts = [
  { name: 'unavailable', metric: 'VmAvailabilityMetric', operator: 'LessThan', threshold: 1, minutes: 5, severity: 1 }
  { name: 'cpu', metric: 'Percentage CPU', operator: 'GreaterThan', threshold: 90, minutes: 15, severity: 2 }
  { name: 'disk-operations', metric: 'Data Disk IOPS Consumed Percentage', operator: 'GreaterThan', threshold: 95, minutes: 15, severity: 2 }
]

resource alertRules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts: {
    name: '${instanceName}-${alert.name}'
    location: 'global'
    tags: allTags
    properties: {
      description: 'Stack instance ${instanceName}: ${alert.metric}'
      enabled: true
      severity: alert.severity
      scopes: [machine.id]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT${alert.minutes}M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.name
            metricNamespace: 'Microsoft.Compute/virtualMachines'
            metricName: alert.metric
            operator: alert.operator
            threshold: alert.threshold
            timeAggregation: 'Average'
          }
        ]
      }
      actions: [
        { actionGroupId: actionGroup.id }
      ]
    }
  }
]

@description('How the control plane and the gateway reach the instance.')
output internalEndpoint string = 'http://${instanceName}.${zone}:${port}'

@description('How people reach it.')
output publicEndpoint string = '${publicBaseUrl}/stacks/${instanceName}'

output version string = version
