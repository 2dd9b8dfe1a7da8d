metadata description = 'What the Functions app may do in the Stacks\' resource group: deploy and remove stack-instance.bicep, and nothing beside.'

param principalId string

// Contributor would do, and could also delete the networks and the backups, open the subnets and read every key. It has no
// wildcard, and nothing of Microsoft.Authorization: it cannot give itself more.
resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'kombify-stack-deployer')
  properties: {
    roleName: 'kombify stack deployer (${resourceGroup().name})'
    description: 'Deploys and removes Stack instances in one resource group.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: [
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Resources/subscriptions/resourceGroups/resources/read'
          'Microsoft.Resources/deployments/read'
          'Microsoft.Resources/deployments/write'
          // Azure prunes the deployment history in our name.
          'Microsoft.Resources/deployments/delete'
          'Microsoft.Resources/deployments/cancel/action'
          'Microsoft.Resources/deployments/validate/action'
          'Microsoft.Resources/deployments/whatIf/action'
          'Microsoft.Resources/deployments/operations/read'
          'Microsoft.Resources/deployments/operationstatuses/read'

          'Microsoft.Compute/virtualMachines/read'
          'Microsoft.Compute/virtualMachines/write'
          'Microsoft.Compute/virtualMachines/delete'
          'Microsoft.Compute/virtualMachines/extensions/read'
          'Microsoft.Compute/virtualMachines/extensions/write'
          'Microsoft.Compute/virtualMachines/extensions/delete'
          'Microsoft.Compute/disks/read'
          'Microsoft.Compute/disks/write'
          'Microsoft.Compute/disks/delete'
          'Microsoft.Compute/locations/operations/read'
          'Microsoft.Compute/sshPublicKeys/read'

          'Microsoft.Network/networkInterfaces/read'
          'Microsoft.Network/networkInterfaces/write'
          'Microsoft.Network/networkInterfaces/delete'
          'Microsoft.Network/networkInterfaces/join/action'
          'Microsoft.Network/virtualNetworks/read'
          'Microsoft.Network/virtualNetworks/subnets/read'
          'Microsoft.Network/virtualNetworks/subnets/join/action'
          'Microsoft.Network/locations/operations/read'

          'Microsoft.ManagedIdentity/userAssignedIdentities/read'
          'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action'

          'Microsoft.Insights/metricAlerts/read'
          'Microsoft.Insights/metricAlerts/write'
          'Microsoft.Insights/metricAlerts/delete'
          'Microsoft.Insights/actionGroups/read'

          'Microsoft.DataProtection/backupVaults/read'
          'Microsoft.DataProtection/backupVaults/backupPolicies/read'
          'Microsoft.DataProtection/backupVaults/backupInstances/read'
          'Microsoft.DataProtection/backupVaults/backupInstances/write'
          'Microsoft.DataProtection/backupVaults/backupInstances/delete'
          'Microsoft.DataProtection/backupVaults/operationStatus/read'
          'Microsoft.DataProtection/locations/operationStatus/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, principalId, 'kombify-stack-deployer')
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: role.id
  }
}
