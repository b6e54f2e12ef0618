/** What somebody should be told of: failures, throttling, silence, and runs that wait too long. */
import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { FilterPattern } from 'aws-cdk-lib/aws-logs'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Queue } from 'aws-cdk-lib/aws-sqs'
import type { Construct } from 'constructs'

import { type MetricName, metricNamespace } from '../../src/lambda/metric-line.ts'
import type { DeployedFunction } from './functions.ts'

export interface Watched {
  readonly receive: DeployedFunction
  readonly work: DeployedFunction
  readonly failedInvocations: Queue
  readonly email: string | undefined
}

interface AlarmShape {
  readonly metric: IMetric
  /** At this value and above. */
  readonly from: number
  readonly periods?: number
  /** No number at all is a failure too. */
  readonly silenceIsBad?: boolean
  readonly means: string
}

const fiveMinutes = { period: Duration.minutes(5) }

export function addAlarms(scope: Construct, { receive, work, failedInvocations, email }: Watched): void {
  const topic = new Topic(scope, 'Alarms', { enforceSSL: true })
  if (email !== undefined) topic.addSubscription(new EmailSubscription(email))
  const alarms: Readonly<Record<string, AlarmShape>> = {
    ReceiveErrors: {
      metric: receive.lambda.metricErrors(fiveMinutes),
      from: 1,
      means: 'The receive function failed: deliveries were not answered. Pinpoint sends them again.',
    },
    ReceiveRefusals: {
      metric: urlMetric(receive, 'Url5xxCount'),
      from: 1,
      means: 'Deliveries were answered with 5xx, usually because the database could not take them.',
    },
    ReceiveThrottles: {
      metric: receive.lambda.metricThrottles(fiveMinutes),
      from: 1,
      means: 'Deliveries were answered with 429: raise receiveConcurrency, or the account’s limit.',
    },
    WorkErrors: {
      metric: work.lambda.metricErrors(fiveMinutes),
      from: 1,
      means: 'The work function failed or was ended by its time limit. Its runs are taken over.',
    },
    WorkThrottles: {
      metric: work.lambda.metricThrottles(fiveMinutes),
      from: 1,
      // A throttled burst of invocations is harmless; a quarter of an hour of it means too little capacity.
      periods: 3,
      means: 'There is more work than workConcurrency allows at once.',
    },
    OldestDueRun: {
      metric: ownMetric(work, 'OldestDueRunSeconds'),
      from: 900,
      periods: 2,
      silenceIsBad: true,
      means: 'A run that is due has waited for 15 minutes, or the schedule does not reach the work function.',
    },
    FailedInvocations: {
      metric: failedInvocations.metricApproximateNumberOfMessagesVisible(fiveMinutes),
      from: 1,
      means:
        'An invocation of the work function failed for good. Its message tells why; no run is lost by it.',
    },
    ErrorLines: {
      metric: errorLines([receive, work]),
      from: 1,
      means: 'The service logged an error: see the log groups of the functions.',
    },
  }
  for (const [name, shape] of Object.entries(alarms)) addAlarm(scope, name, { ...shape, topic })
}

function addAlarm(scope: Construct, name: string, shape: AlarmShape & { readonly topic: Topic }): void {
  const { metric, from, periods = 1, silenceIsBad = false, means, topic } = shape
  new Alarm(scope, `${name}Alarm`, {
    metric,
    threshold: from,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: periods,
    treatMissingData: silenceIsBad ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    alarmDescription: means,
  }).addAlarmAction(new SnsAction(topic))
}

function ownMetric({ lambda }: DeployedFunction, metricName: MetricName): IMetric {
  return new Metric({
    namespace: metricNamespace,
    metricName,
    dimensionsMap: { FunctionName: lambda.functionName },
    statistic: 'Maximum',
    ...fiveMinutes,
  })
}

function urlMetric({ lambda }: DeployedFunction, metricName: string): IMetric {
  return new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: lambda.functionName },
    statistic: 'Sum',
    ...fiveMinutes,
  })
}

/** Lines of the level `error` and above. */
function errorLines(functions: readonly DeployedFunction[]): IMetric {
  const metricName = 'ErrorLines'
  for (const { lambda, logs } of functions) {
    logs.addMetricFilter(`${lambda.node.id}${metricName}`, {
      filterPattern: FilterPattern.numberValue('$.level', '>=', 50),
      metricNamespace,
      metricName,
      metricValue: '1',
    })
  }
  return new Metric({ namespace: metricNamespace, metricName, statistic: 'Sum', ...fiveMinutes })
}
