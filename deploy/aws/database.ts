/** Where the database is, who may reach it, and which secret tells how: one that is there, or an Aurora of the stack's own. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { type ISecurityGroup, type IVpc, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2'
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  DatabaseCluster,
  DatabaseClusterEngine,
} from 'aws-cdk-lib/aws-rds'
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

import type { Settings } from './settings.ts'

export interface DatabaseAccess {
  readonly secret: ISecret
  /** What a function passes to Secrets Manager. */
  readonly secretId: string
  /** Instead of the host in the secret. */
  readonly host: string | undefined
  /** Its certificate is signed by the authority of RDS. */
  readonly rdsCertificates: boolean
  /** Undefined: the functions run outside any VPC. */
  readonly network:
    { readonly subnetIds: readonly string[]; readonly securityGroupIds: readonly string[] } | undefined
}

export function databaseAccess(scope: Construct, settings: Settings): DatabaseAccess {
  return settings.database === 'aurora' ? aurora(scope, settings) : existing(scope, settings)
}

/** By name or by ARN. */
export function secretNamed(scope: Construct, id: string, nameOrArn: string): ISecret {
  return nameOrArn.startsWith('arn:')
    ? Secret.fromSecretCompleteArn(scope, id, nameOrArn)
    : Secret.fromSecretNameV2(scope, id, nameOrArn)
}

function existing(scope: Construct, settings: Settings): DatabaseAccess {
  const { databaseSecret, rdsCertificates, subnetIds, securityGroupIds } = settings
  return {
    secret: secretNamed(scope, 'DatabaseUrl', databaseSecret),
    secretId: databaseSecret,
    host: undefined,
    rdsCertificates,
    network: subnetIds === undefined ? undefined : { subnetIds, securityGroupIds: securityGroupIds ?? [] },
  }
}

function aurora(scope: Construct, { rdsProxy, auroraMaxCapacity }: Settings): DatabaseAccess {
  // The functions call HiBob, Pinpoint and AWS, so their subnets need a way out; one NAT gateway, since it costs by the hour.
  // The cast: CDK's own types do not hold under exactOptionalPropertyTypes.
  const vpc = new Vpc(scope, 'Vpc', { maxAzs: 2, natGateways: 1 }) as IVpc
  const functions = new SecurityGroup(scope, 'FunctionsSecurityGroup', { vpc, description: 'The functions' })
  const cluster = new DatabaseCluster(scope, 'Database', {
    engine: DatabaseClusterEngine.auroraPostgres({ version: AuroraPostgresEngineVersion.VER_17_7 }),
    writer: ClusterInstance.serverlessV2('Writer'),
    serverlessV2MinCapacity: 0.5,
    serverlessV2MaxCapacity: auroraMaxCapacity,
    defaultDatabaseName: 'pinpoint_webhooks',
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    storageEncrypted: true,
    backup: { retention: Duration.days(14) },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.SNAPSHOT,
  })
  const { secret } = cluster
  if (secret === undefined) throw new Error('the cluster has no generated credentials')
  const host = rdsProxy ? proxied(scope, { cluster, secret, vpc, functions }) : undefined
  if (!rdsProxy) cluster.connections.allowFrom(functions, Port.tcp(5432), 'The functions')
  return {
    secret,
    secretId: secret.secretArn,
    host,
    // A proxy has a certificate that Node knows.
    rdsCertificates: !rdsProxy,
    network: {
      subnetIds: vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS }).subnetIds,
      securityGroupIds: [functions.securityGroupId],
    },
  }
}

interface Proxied {
  readonly cluster: DatabaseCluster
  readonly secret: ISecret
  readonly vpc: IVpc
  readonly functions: ISecurityGroup
}

function proxied(scope: Construct, { cluster, secret, vpc, functions }: Proxied): string {
  const proxySecurityGroup = new SecurityGroup(scope, 'ProxySecurityGroup', {
    vpc,
    description: 'The database proxy',
  })
  const proxy = cluster.addProxy('Proxy', {
    vpc,
    secrets: [secret],
    securityGroups: [proxySecurityGroup],
    requireTLS: true,
  })
  proxy.connections.allowFrom(functions, Port.tcp(5432), 'The functions')
  return proxy.endpoint
}
