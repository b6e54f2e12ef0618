/** How much memory the service takes for itself. The young generation is bounded where Node is started, since nothing else can. */
import { setFlagsFromString } from 'node:v8'

/** Of what is in use: how much more may gather before it is looked through for garbage. Less costs more of the processor. */
const percent = 100

/**
 * V8 lets the heap grow to several times of what is in use, and keeps what it once had: fine for a program that computes, and for a
 * service that waits most of its life memory that others could use. Call it at the start.
 */
export function keepHeapSmall(): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
