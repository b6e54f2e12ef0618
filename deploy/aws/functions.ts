/** The two functions: one bundle, two handlers, each with the few rights that it needs and a log group that forgets. */
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  RecursiveLoop,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'

import type { DatabaseAccess } from './database.ts'
import type { Settings } from './settings.ts'

export interface FunctionParts {
  readonly settings: Settings
  readonly database: DatabaseAccess
  readonly encryptionKeys: ISecret
  /** The folder that scripts/bundle-lambda.ts makes. */
  readonly bundle: string
  /** The functions' own names, fixed so that each can be told the other's without a circle. */
  readonly workFunctionName: string
}

export interface DeployedFunction {
  readonly lambda: LambdaFunction
  readonly logs: LogGroup
}

interface Shape {
  readonly handler: 'receive' | 'work'
  readonly functionName: string
  readonly description: string
  readonly timeout: Duration
  readonly memorySize: number
  /** Instances at once; 0 reserves none. */
  readonly concurrency: number
}

export function receiveFunction(scope: Construct, parts: FunctionParts): DeployedFunction {
  return deployedFunction(scope, parts, {
    handler: 'receive',
    functionName: `${Stack.of(scope).stackName}-receive`,
    description: 'Verifies and stores webhooks, and answers within milliseconds',
    // It answers within five seconds or not at all; the rest is for a start without a database.
    timeout: Duration.seconds(10),
    // Processor comes with memory: half of this and a cold start takes twice as long.
    memorySize: 1024,
    concurrency: parts.settings.receiveConcurrency,
  })
}

export function workFunction(scope: Construct, parts: FunctionParts): DeployedFunction {
  return deployedFunction(scope, parts, {
    handler: 'work',
    functionName: parts.workFunctionName,
    description: 'Does the work of stored webhooks: invoked by the receive function, and every minute',
    // It stops taking a minute before, and hands back what is left ten seconds before.
    timeout: Duration.minutes(5),
    memorySize: 512,
    concurrency: parts.settings.workConcurrency,
  })
}

function deployedFunction(scope: Construct, parts: FunctionParts, shape: Shape): DeployedFunction {
  const { settings, database, bundle } = parts
  const id = shape.handler === 'receive' ? 'Receive' : 'Work'
  const logs = new LogGroup(scope, `${id}Logs`, {
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  const role = functionRole(scope, { id, parts, logs, functionName: shape.functionName })
  const lambda = new LambdaFunction(scope, id, {
    functionName: shape.functionName,
    description: shape.description,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(bundle),
    handler: `src/lambda/${shape.handler}.handler`,
    timeout: shape.timeout,
    memorySize: shape.memorySize,
    ...(shape.concurrency === 0 ? {} : { reservedConcurrentExecutions: shape.concurrency }),
    role,
    logGroup: logs,
    tracing: settings.tracing === 'xray' ? Tracing.ACTIVE : Tracing.DISABLED,
    // The work function invokes itself while work is due, which Lambda would take for a loop and stop.
    ...(shape.handler === 'work' ? { recursiveLoop: RecursiveLoop.ALLOW } : {}),
    environment: environmentOf(parts),
  })
  const { network } = database
  const resource = lambda.node.defaultChild
  if (network !== undefined && resource instanceof CfnFunction) {
    resource.vpcConfig = {
      subnetIds: [...network.subnetIds],
      securityGroupIds: [...network.securityGroupIds],
    }
  }
  return { lambda, logs }
}

/** Names of secrets, never what is in them: an environment can be read by whoever may describe the function. */
function environmentOf({ settings, database, workFunctionName }: FunctionParts): Record<string, string> {
  const { encryptionKeysSecret, logLevel, workerConcurrency } = settings
  return {
    DATABASE_URL_SECRET: database.secretId,
    ...(database.host === undefined ? {} : { DATABASE_HOST: database.host }),
    ENCRYPTION_KEYS_SECRET: encryptionKeysSecret,
    WORK_FUNCTION: workFunctionName,
    WORKER_CONCURRENCY: String(workerConcurrency),
    LOG_LEVEL: logLevel,
    // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-certificate-loading
    ...(database.rdsCertificates ? { NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem' } : {}),
    NODE_OPTIONS: '--disable-sigusr1',
  }
}

interface RoleParts {
  readonly id: string
  readonly parts: FunctionParts
  readonly logs: LogGroup
  readonly functionName: string
}

/** Without AWS's managed policies, which allow writing to every log group of the account. */
function functionRole(scope: Construct, { id, parts, logs, functionName }: RoleParts): Role {
  const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  logs.grantWrite(role)
  parts.database.secret.grantRead(role)
  parts.encryptionKeys.grantRead(role)
  const work = functionArn(scope, parts.workFunctionName)
  role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [work] }))
  if (parts.database.network !== undefined) {
    role.addToPolicy(networkInterfaces)
    role.addToPolicy(notByItsCode(functionArn(scope, functionName)))
  }
  return role
}

function functionArn(scope: Construct, functionName: string): string {
  return Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
}

const forInterfaces = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
]

/** Lambda's own way into a VPC; these actions know no resources. */
const networkInterfaces = new PolicyStatement({ actions: forInterfaces, resources: ['*'] })

/**
 * Lambda makes the interfaces before the function runs; its code has the same role, and no use for them. Only calls of the code
 * carry its ARN. https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
 */
function notByItsCode(arn: string): PolicyStatement {
  return new PolicyStatement({
    effect: Effect.DENY,
    actions: forInterfaces,
    resources: ['*'],
    conditions: { ArnEquals: { 'lambda:SourceFunctionArn': arn } },
  })
}
