/**
 * Numbers inside a log line that CloudWatch makes metrics of, without a call and without a right to make one.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const metricNamespace = 'PinpointWebhooks'

/** The names as deploy/aws has them in its alarms. */
export type MetricName = 'DueRuns' | 'OldestDueRunSeconds'

const units: Readonly<Record<MetricName, 'Count' | 'Seconds'>> = {
  DueRuns: 'Count',
  OldestDueRunSeconds: 'Seconds',
}

export function metricLine(
  functionName: string,
  at: Date,
  values: Readonly<Record<MetricName, number>>,
): object {
  const metrics = Object.entries(units).map(([name, unit]) => ({ Name: name, Unit: unit }))
  return {
    _aws: {
      Timestamp: at.getTime(),
      CloudWatchMetrics: [{ Namespace: metricNamespace, Dimensions: [['FunctionName']], Metrics: metrics }],
    },
    FunctionName: functionName,
    ...values,
  }
}
