/** The service on AWS: a function URL that receives, a function that works, a schedule, and alarms. docs/deploy/aws.md */
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib'
import { Rule, Schedule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets'
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

import { addAlarms } from './alarms.ts'
import { databaseAccess, secretNamed } from './database.ts'
import { receiveFunction, workFunction } from './functions.ts'
import type { Settings } from './settings.ts'

export interface ServiceStackProps extends StackProps {
  readonly settings: Settings
  /** The folder that scripts/bundle-lambda.ts makes. */
  readonly bundle: string
}

export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { settings, bundle, ...props }: ServiceStackProps) {
    super(scope, id, props)
    const parts = {
      settings,
      bundle,
      database: databaseAccess(this, settings),
      encryptionKeys: secretNamed(this, 'EncryptionKeys', settings.encryptionKeysSecret),
      workFunctionName: `${this.stackName}-work`,
    }
    const receive = receiveFunction(this, parts)
    const work = workFunction(this, parts)

    // No IAM in front: Pinpoint cannot sign for AWS. It signs each delivery with the tenant's secret instead, and that
    // signature is the authentication; what has none is refused before anything is stored.
    const url = receive.lambda.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })

    const failedInvocations = new Queue(this, 'FailedInvocations', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    // The next minute is the retry. Throttled invocations are kept for an hour, after which they mean too little capacity.
    work.lambda.configureAsyncInvoke({
      retryAttempts: 0,
      maxEventAge: Duration.hours(1),
      onFailure: new SqsDestination(failedInvocations),
    })
    new Rule(this, 'EveryMinute', {
      description:
        'Finds the work of a lost invocation, retries that are due, and runs of a function that was killed',
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [new LambdaTarget(work.lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    })
    addAlarms(this, { receive, work, failedInvocations, email: settings.alarmEmail })

    new CfnOutput(this, 'Url', { value: url.url })
    new CfnOutput(this, 'WorkFunction', { value: work.lambda.functionName })
    new CfnOutput(this, 'ReceiveFunction', { value: receive.lambda.functionName })
  }
}
