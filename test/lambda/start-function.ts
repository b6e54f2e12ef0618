/** Starts an instance of one of the two functions, with the environment that deploy/aws gives them. */
import type { FakeAws } from './fake-aws.ts'
import { type Instance, startInstance } from './lambda-instance.ts'

export type FunctionName = 'receive' | 'work'

export function functionStarter({
  program,
  taskRoot,
  aws,
}: {
  readonly program: string
  readonly taskRoot: string
  readonly aws: FakeAws
}): (name: FunctionName, env?: Readonly<Record<string, string>>) => Promise<Instance> {
  return (name, env = {}) =>
    startInstance({
      program,
      taskRoot,
      handler: `src/lambda/${name}.handler`,
      functionName: name,
      env: {
        ...aws.env,
        DATABASE_URL_SECRET: 'arn:database',
        ENCRYPTION_KEYS_SECRET: 'arn:keys',
        WORK_FUNCTION: 'the-work-function',
        DANGEROUS_ALLOW_PRIVATE_NETWORK: 'true',
        WORKER_CONCURRENCY: '4',
        ...env,
      },
    })
}
