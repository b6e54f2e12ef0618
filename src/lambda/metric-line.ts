/**
 * Numbers in a log line, of which CloudWatch makes metrics: without a call, and without a permission.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { systemClock } from '../base/clock.ts'
import type { Log } from '../observe/log.ts'

export const metricNamespace = 'PinpointWebhooks'

/** The names in the alarms of deploy/aws. */
export type MetricName = 'DueRuns' | 'OldestDueRunSeconds'

const units: Readonly<Record<MetricName, 'Count' | 'Seconds'>> = {
  DueRuns: 'Count',
  OldestDueRunSeconds: 'Seconds',
}

/** `log` must write the level `info`, whatever LOG_LEVEL is: the alarm treats missing lines as silence. */
export function logMetrics(
  log: Log,
  functionName: string,
  values: Readonly<Record<MetricName, number>>,
): void {
  const metrics = Object.entries(units).map(([name, unit]) => ({ Name: name, Unit: unit }))
  write(log, {
    _aws: {
      Timestamp: systemClock.now().getTime(),
      CloudWatchMetrics: [{ Namespace: metricNamespace, Dimensions: [['FunctionName']], Metrics: metrics }],
    },
    FunctionName: functionName,
    ...values,
  })
}

function write(log: Log, fields: object): void {
  log.info(fields, 'metrics for CloudWatch')
}
