/**
 * Numbers inside a log line that CloudWatch makes metrics of, without a call and without a right to make one.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { systemClock } from '../base/clock.ts'
import type { Log } from '../observe/log.ts'

export const metricNamespace = 'PinpointWebhooks'

/** The names as deploy/aws has them in its alarms. */
export type MetricName = 'DueRuns' | 'OldestDueRunSeconds'

const units: Readonly<Record<MetricName, 'Count' | 'Seconds'>> = {
  DueRuns: 'Count',
  OldestDueRunSeconds: 'Seconds',
}

/** `log` must write lines of the level `info`, whatever LOG_LEVEL says: without them the alarm takes it for silence. */
export function tellMetrics(
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
