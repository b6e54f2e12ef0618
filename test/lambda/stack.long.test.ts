/** The template that CloudFormation gets, for what would hurt if it were otherwise. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { App } from 'aws-cdk-lib'
import { Match, Template } from 'aws-cdk-lib/assertions'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { readSettings } from '../../deploy/aws/settings.ts'
import { ServiceStack } from '../../deploy/aws/stack.ts'

let bundle: string
beforeAll(() => {
  bundle = mkdtempSync(join(tmpdir(), 'pinpoint-webhooks-stack-'))
  writeFileSync(join(bundle, 'placeholder'), '')
})
afterAll(() => rmSync(bundle, { recursive: true, force: true }))

function synthesize(given: Readonly<Record<string, string>> = {}): Template {
  const outdir = join(bundle, '../', `${bundle.split('/').at(-1) ?? ''}-out`)
  const stack = new ServiceStack(new App({ outdir }), 'Test', { settings: readSettings(given), bundle })
  return Template.fromStack(stack)
}

const statementShape = z.object({
  Effect: z.literal('Allow'),
  Action: z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat()),
  Resource: z.unknown(),
})
const policyShape = z.object({
  Properties: z.object({ PolicyDocument: z.object({ Statement: z.array(statementShape) }) }),
})
const functionShape = z.object({
  Properties: z.object({
    Handler: z.string(),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
})

/** What the policies of the functions allow. Of other roles there is none. */
function statements(template: Template) {
  return Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    (resource) => policyShape.parse(resource).Properties.PolicyDocument.Statement,
  )
}

describe('the stack on AWS', () => {
  it('L13: lets Lambda make network interfaces, and the code of the function none', () => {
    const template = synthesize({
      subnetIds: 'subnet-0123456789abcdef0',
      securityGroupIds: 'sg-0123456789abcdef0',
    })
    for (const name of ['receive', 'work'])
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Allow', Action: Match.arrayWith(['ec2:CreateNetworkInterface']) }),
            Match.objectLike({
              Effect: 'Deny',
              Action: Match.arrayWith(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']),
              Condition: {
                ArnEquals: {
                  'lambda:SourceFunctionArn': {
                    'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp(`:function:Test-${name}$`)])],
                  },
                },
              },
            }),
          ]),
        },
      })
  })

  it('has one receive and one work function, on Node 24 and arm64, and nothing else that runs', () => {
    const template = synthesize()
    template.resourceCountIs('AWS::Lambda::Function', 2)
    for (const handler of ['receive', 'work']) {
      template.hasResourceProperties('AWS::Lambda::Function', {
        Handler: `src/lambda/${handler}.handler`,
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        ReservedConcurrentExecutions: handler === 'receive' ? 20 : 5,
      })
    }
  })

  it('opens the function URL to the world, since the signature is what authenticates, with both permissions it needs', () => {
    const template = synthesize()
    template.resourceCountIs('AWS::Lambda::Url', 1)
    template.hasResourceProperties('AWS::Lambda::Url', { AuthType: 'NONE' })
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunctionUrl',
      FunctionUrlAuthType: 'NONE',
      Principal: '*',
    })
    template.hasResourceProperties('AWS::Lambda::Permission', {
      Action: 'lambda:InvokeFunction',
      InvokedViaFunctionUrl: true,
      Principal: '*',
    })
  })

  it('lets nobody but the function URL and the schedule in', () => {
    const permissions = synthesize().findResources('AWS::Lambda::Permission')
    const open = Object.values(permissions).filter(
      (permission) =>
        z.object({ Properties: z.object({ Principal: z.literal('*') }) }).safeParse(permission).success,
    )
    expect(Object.keys(permissions)).toHaveLength(3)
    expect(open).toHaveLength(2)
  })

  it('calls the work function every minute', () => {
    synthesize().hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [Match.objectLike({ Arn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Work'), 'Arn'] } })],
    })
  })

  it('keeps why an invocation failed for good, and lets the function invoke itself', () => {
    const template = synthesize()
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 0,
      DestinationConfig: {
        OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('^FailedInvocations'), 'Arn'] } },
      },
    })
    template.hasResourceProperties('AWS::Lambda::Function', {
      Handler: 'src/lambda/work.handler',
      RecursiveLoop: 'Allow',
    })
  })

  it('allows each function only what it needs', () => {
    const allowed = statements(synthesize())
    const actions = new Set(allowed.flatMap(({ Action }) => Action))
    expect([...actions].sort()).toEqual([
      'lambda:InvokeFunction',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'secretsmanager:DescribeSecret',
      'secretsmanager:GetSecretValue',
      'sqs:GetQueueAttributes',
      'sqs:GetQueueUrl',
      'sqs:SendMessage',
    ])
    expect(allowed.filter(({ Resource }) => Resource === '*')).toEqual([])
    const invoked = allowed.filter(({ Action }) => Action.includes('lambda:InvokeFunction'))
    expect(invoked.map(({ Resource }) => JSON.stringify(Resource))).toEqual([
      expect.stringContaining(':function:Test-work'),
      expect.stringContaining(':function:Test-work'),
    ])
    synthesize().resourcePropertiesCountIs('AWS::IAM::Role', { ManagedPolicyArns: Match.anyValue() }, 0)
  })

  it.each([
    ['with a database that is there', {}],
    ['with an Aurora of its own', { database: 'aurora', rdsProxy: 'true' }],
  ])('has no secret in any environment, %s', (_what, given) => {
    const functions = synthesize(given).findResources('AWS::Lambda::Function')
    for (const resource of Object.values(functions)) {
      const { Variables } = functionShape.parse(resource).Properties.Environment
      expect(Object.keys(Variables)).not.toContain('DATABASE_URL')
      expect(Object.keys(Variables)).not.toContain('ENCRYPTION_KEYS')
      expect(JSON.stringify(Variables)).not.toMatch(/resolve:secretsmanager|postgres(ql)?:\/\//)
    }
  })

  it.each([
    ['ReceiveErrors', { Namespace: 'AWS/Lambda', MetricName: 'Errors' }],
    ['ReceiveRefusals', { Namespace: 'AWS/Lambda', MetricName: 'Url5xxCount' }],
    ['ReceiveThrottles', { Namespace: 'AWS/Lambda', MetricName: 'Throttles' }],
    ['WorkErrors', { Namespace: 'AWS/Lambda', MetricName: 'Errors' }],
    ['WorkThrottles', { Namespace: 'AWS/Lambda', MetricName: 'Throttles' }],
    // Written by the work function every minute: silence means that nobody looks.
    [
      'OldestDueRun',
      { Namespace: 'PinpointWebhooks', MetricName: 'OldestDueRunSeconds', TreatMissingData: 'breaching' },
    ],
    ['FailedInvocations', { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible' }],
    ['ErrorLines', { Namespace: 'PinpointWebhooks', MetricName: 'ErrorLines' }],
  ])('raises the alarm %s', (name, properties) => {
    const template = synthesize({ alarmEmail: 'ops@example.com' })
    const found = template.findResources('AWS::CloudWatch::Alarm', {
      Properties: { ...properties, AlarmActions: [Match.anyValue()] },
    })
    expect(Object.keys(found).filter((id) => id.startsWith(`${name}Alarm`))).toHaveLength(1)
    template.hasResourceProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    })
  })

  it('forgets logs after the days that were chosen', () => {
    const template = synthesize({ logRetentionDays: '30' })
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 })
    template.resourceCountIs('AWS::Logs::LogGroup', 2)
  })

  it('makes an encrypted Aurora that outlives the stack, reached by the functions only', () => {
    const template = synthesize({ database: 'aurora' })
    template.hasResource('AWS::RDS::DBCluster', {
      DeletionPolicy: 'Snapshot',
      Properties: {
        StorageEncrypted: true,
        DeletionProtection: true,
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
      },
    })
    template.hasResourceProperties('AWS::RDS::DBInstance', { PubliclyAccessible: false })
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 5432,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Functions'), 'GroupId'] },
    })
    template.allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: { SecurityGroupIds: [Match.anyValue()] },
      Environment: { Variables: Match.objectLike({ NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem' }) },
    })
  })

  it('puts a proxy in front of it when asked, over TLS only', () => {
    const template = synthesize({ database: 'aurora', rdsProxy: 'true' })
    template.hasResourceProperties('AWS::RDS::DBProxy', { RequireTLS: true })
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ DATABASE_HOST: Match.anyValue() }) },
    })
  })

  it('goes into a VPC that is there, traces with X-Ray, and reserves no instances, when asked', () => {
    const template = synthesize({
      subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
      securityGroupIds: 'sg-0123456789abcdef0',
      tracing: 'xray',
      receiveConcurrency: '0',
      workConcurrency: '0',
    })
    template.allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: {
        SubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
        SecurityGroupIds: ['sg-0123456789abcdef0'],
      },
      TracingConfig: { Mode: 'Active' },
      ReservedConcurrentExecutions: Match.absent(),
    })
  })
})

describe('the settings of the stack', () => {
  it.each([
    ['a misspelt one', { databseSecret: 'x' }, 'databseSecret'],
    ['a proxy without Aurora', { rdsProxy: 'true' }, 'rdsProxy'],
    ['subnets without security groups', { subnetIds: 'subnet-a' }, 'subnetIds'],
    ['no number', { workConcurrency: 'many' }, 'workConcurrency'],
  ])('refuse %s by its name', (_what, given, name) => {
    expect(() => readSettings(given)).toThrow(name)
  })
})
