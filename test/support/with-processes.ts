/** Services as processes of their own, gone with the test: for tests that run at once. */
import { type ServiceProcess, startServiceProcess } from './service-process.ts'

export type StartProcess = () => Promise<ServiceProcess>

export async function withProcesses(
  env: Readonly<Record<string, string>>,
  play: (start: StartProcess) => Promise<void>,
): Promise<void> {
  const processes: ServiceProcess[] = []
  try {
    await play(async () => {
      const started = await startServiceProcess(env)
      processes.push(started)
      return started
    })
  } finally {
    await Promise.all(processes.map((one) => one.kill()))
  }
}
